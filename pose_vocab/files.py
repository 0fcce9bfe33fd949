"""Atomic writing: a file is written beside its target and then renamed, so no partial file replaces a good one."""

import errno
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from pose_vocab.errors import OutputError


@contextmanager
def write_beside(path: str | Path, replaceable: Collection[str] = ()) -> Iterator[Path]:
    """Yield a path beside `path` to write to; on success it replaces `path`, on failure it is removed.

    The temporary path keeps the suffix of `path`, because writers choose their format by it. It does not
    exist yet: create a file or a folder there. A folder replaces only an empty folder, or one that contains
    nothing but the names in `replaceable`.

    Raises
    ------
    OutputError : the folder does not exist or is not writable, the disk is full, or a folder with other
        files would be lost.
    """
    path = Path(path)
    _refuse_foreign_files(path, replaceable)
    temporary = _make_holder(path)
    beside = temporary / path.name
    try:
        yield beside
        if path.is_dir() and beside.is_dir():
            path.rename(temporary / "replaced")
        beside.replace(path)
    except OSError as error:
        raise _output_error(path, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def check_writable(path: str | Path) -> None:
    """Check before long work that a file can be written to `path`.

    Raises
    ------
    OutputError : the folder does not exist or is not writable, or `path` is a folder.
    """
    path = Path(path)
    if path.is_dir():
        raise _output_error(path, IsADirectoryError())
    _make_holder(path).rmdir()


def check_folder_writable(path: str | Path, replaceable: Collection[str]) -> None:
    """Check before long work that a folder can be written to `path`; it may replace one with only
    `replaceable` in it.

    Raises
    ------
    OutputError : as `check_writable`; the folder contains other files; `path` is a file.
    """
    path = Path(path)
    if path.exists() and not path.is_dir():
        raise OutputError(f"cannot write {path}: it is a file; name a folder")
    _refuse_foreign_files(path, replaceable)
    _make_holder(path).rmdir()


def check_distinct(path: str | Path, *others: str | Path) -> None:
    """Raise OutputError if a result would overwrite one of its sources or another result."""
    for other in others:
        if Path(path).resolve() == Path(other).resolve():
            raise OutputError(f"cannot write {path}: {other} is also an input or another output; name another file")


def _refuse_foreign_files(path: Path, replaceable: Collection[str]) -> None:
    """Raise OutputError if `path` is a folder with other names in it than `replaceable`."""
    foreign = sorted({inside.name for inside in path.iterdir()} - set(replaceable)) if path.is_dir() else []
    if foreign:
        raise OutputError(f"cannot write {path}: it is a folder that contains {foreign[0]}; name a new one")


def _make_holder(path: Path) -> Path:
    """Create a temporary folder beside `path`."""
    try:
        return Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    except OSError as error:
        raise _output_error(path, error) from error


def _output_error(path: Path, error: OSError) -> OutputError:
    """Return the OutputError that explains an operating system error."""
    if isinstance(error, FileNotFoundError):
        return OutputError(f"cannot write {path}: the folder {path.parent} does not exist; create it first")
    if isinstance(error, IsADirectoryError):
        return OutputError(f"cannot write {path}: it is a folder; name a file")
    if isinstance(error, PermissionError):
        return OutputError(f"cannot write {path}: no permission to write in {path.parent}")
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return OutputError(f"cannot write {path}: the disk is full ({error.strerror})")
    return OutputError(f"cannot write {path}: {error.strerror or error}")
