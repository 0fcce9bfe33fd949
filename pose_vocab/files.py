"""Writing so that no half file ever stands where a good one stood: write beside, then rename."""

import errno
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from pose_vocab.errors import OutputError


@contextmanager
def write_beside(path: str | Path, replaceable: Collection[str] = ()) -> Iterator[Path]:
    """Give a path beside `path` to write to; on success it takes its place, on failure it vanishes.

    The beside path keeps the suffix of `path` (writers choose their format by it). It does not
    exist yet: make a file or a folder there. A folder takes the place only of an empty one, or of
    one in which nothing lies but what `replaceable` names.

    Raises
    ------
    OutputError : the folder does not exist or may not be written to, the disk is full, or a folder
        with other things in it would be lost.
    """
    path = Path(path)
    _refuse_foreign_files(path, replaceable)
    holder = _make_holder(path)
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


def check_writable(path: str | Path) -> None:
    """Find out before long work whether a file can be written where its result is to go.

    Raises
    ------
    OutputError : the folder does not exist or may not be written to, or a folder has that name.
    """
    path = Path(path)
    if path.is_dir():
        raise _output_error(path, IsADirectoryError())
    _make_holder(path).rmdir()


def check_folder_writable(path: str | Path, replaceable: Collection[str]) -> None:
    """The same for a folder, which may take the place of one that holds nothing but `replaceable`.

    Raises
    ------
    OutputError : as `check_writable`; the folder holds other things; a file has that name.
    """
    path = Path(path)
    if path.exists() and not path.is_dir():
        raise OutputError(f"cannot write {path}: it is a file; name a folder")
    _refuse_foreign_files(path, replaceable)
    _make_holder(path).rmdir()


def check_distinct(path: str | Path, *others: str | Path) -> None:
    """Raises OutputError where a result would overwrite a file that it is made from, or another result."""
    for other in others:
        if Path(path).resolve() == Path(other).resolve():
            raise OutputError(f"cannot write {path}: {other} is needed itself; name another file")


def _refuse_foreign_files(path: Path, replaceable: Collection[str]) -> None:
    strange = sorted({inside.name for inside in path.iterdir()} - set(replaceable)) if path.is_dir() else []
    if strange:
        raise OutputError(f"cannot write {path}: it is a folder that holds {strange[0]}; name a new one")


def _make_holder(path: Path) -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    except OSError as error:
        raise _output_error(path, error) from error


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
