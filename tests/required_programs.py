"""Programs that some tests run: installed by the Makefile where it may, skipped where they are missing, never in CI."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

FOLDERS = ("/usr/sbin", *sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True))
"""Where Debian puts programs that are not on everybody's path: nginx and PostgreSQL, its newest version first."""


def require_program(*names: str, package: str = "") -> str:
    """Return the path of the first of these programs that is installed; else skip the test, or fail it in CI."""
    path = os.pathsep.join((*FOLDERS, os.environ.get("PATH", "")))
    found = next(filter(None, (shutil.which(name, path=path) for name in names)), None)
    if found is None:
        lacks(f"no {' or '.join(names)} found; `make programs` installs {package or names[0]} where it may")
    return found


def lacks(reason: str) -> NoReturn:
    """Skip a test that needs what this machine lacks; fail it where ``CI`` is set, since everything is there."""
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
