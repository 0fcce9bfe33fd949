"""The log of the service holds no ids, which are keys, not even in the traceback of an error."""

import subprocess
import sys

KEY = "Ab-_56789012345678901x"
FAILING = f"""
import logging
from bopbot.service.logs import log_to_stderr
log_to_stderr()
log = logging.getLogger("bopbot.test")
log.warning("the job %s expires", "{KEY}")
try:
    open("/nowhere/jobs/{KEY}/upload")
except OSError:
    log.exception("it failed")
"""


def test_ids_are_taken_out_of_lines_and_tracebacks() -> None:
    said = subprocess.run([sys.executable, "-c", FAILING], check=True, capture_output=True, text=True).stderr
    assert KEY not in said
    assert "WARNING bopbot.test: the job * expires" in said
    assert "ERROR   bopbot.test: it failed\nTraceback" in said
    assert said.endswith("No such file or directory: '/nowhere/jobs/*/upload'\n")
