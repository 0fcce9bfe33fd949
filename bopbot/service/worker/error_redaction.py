"""Errors as a client may read them: nobody outside learns where on the server a file lies."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bopbot.service.store.file_names import UPLOAD
from pose_vocab.errors import BopBotError

FOLDERS = re.compile(r"(?<![\w.])(/[^\s/]+)+/")
"""Where an absolute path without spaces leads through."""


@contextmanager
def redact(folder: Path) -> Iterator[None]:
    """Inside, errors speak of "the video" instead of its path in a job's folder, and of other files by their names."""
    try:
        yield
    except BopBotError as error:
        said = str(error).replace(str(folder / UPLOAD), "the video")
        for known in (str(folder.parent), tempfile.gettempdir(), sys.prefix):  # there may be spaces in them
            said = said.replace(f"{known}/", "/")
        error.args = (FOLDERS.sub("", said),)
        raise
