"""Writing so that no half file ever stands where a good one stood: write beside, then rename."""

import errno
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pose_vocab.errors import OutputError


@contextmanager
def write_beside(path: str | Path) -> Iterator[Path]:
    """Give a path beside `path` to write to; on success it takes its place, on failure it vanishes.

    The beside path keeps the suffix of `path` (writers choose their format by it). It does not
    exist yet: make a file or a folder there.

    Raises
    ------
    OutputError : the folder does not exist or may not be written to, or the disk is full.
    """
    path = Path(path)
    try:
        holder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    except OSError as error:
        raise _output_error(path, error) from error
    beside = holder / path.name
    try:
        yield beside
        if path.is_dir() and beside.is_dir():
            path.rename(holder / "replaced")
        beside.replace(path)
    except OSError as error:
        raise _output_error(path, error) from error
    finally:
        shutil.rmtree(holder, ignore_errors=True)


def _output_error(path: Path, error: OSError) -> OutputError:
    if isinstance(error, FileNotFoundError):
        return OutputError(f"cannot write {path}: the folder {path.parent} does not exist; make it first")
    if isinstance(error, IsADirectoryError):
        return OutputError(f"cannot write {path}: it is a folder; name a file")
    if isinstance(error, PermissionError):
        return OutputError(f"cannot write {path}: no permission to write in {path.parent}")
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return OutputError(f"cannot write {path}: the disk is full ({error.strerror})")
    return OutputError(f"cannot write {path}: {error.strerror or error}")
