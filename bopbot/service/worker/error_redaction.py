"""Removal of server paths from errors that clients can read."""

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
"""The folders of an absolute path without spaces."""


@contextmanager
def redact(folder: Path) -> Iterator[None]:
    """In errors raised inside, replace the path of the upload by "the video" and other paths by file names."""
    try:
        yield
    except BopBotError as error:
        message = str(error).replace(str(folder / UPLOAD), "the video")
        for known in (str(folder.parent), tempfile.gettempdir(), sys.prefix):  # these may contain spaces
            message = message.replace(f"{known}/", "/")
        error.args = (FOLDERS.sub("", message),)
        raise
