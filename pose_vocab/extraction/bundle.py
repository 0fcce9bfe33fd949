"""The pose model file: MediaPipe's own networks, bundled as its Tasks API expects."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import tempfile
import threading
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pose_vocab.errors import ModelError, OutputError
from pose_vocab.extraction.native_stderr import suppressed_stderr
from pose_vocab.files import write_beside

_PARTS = {
    "pose_detector.tflite": ("modules/pose_detection/pose_detection.tflite", 127.5, 127.5),
    "pose_landmarks_detector.tflite": ("modules/pose_landmark/pose_landmark_full.tflite", 0.0, 255.0),
}
"""Name in the bundle -> (file in the mediapipe package, mean and standard deviation of its input pixels)."""

_assembling = threading.Lock()


@contextmanager
def pose_bundle(pose_model: str | Path | None = None) -> Iterator[Path]:
    """Yield the path of a PoseLandmarker ``.task`` bundle, valid inside the ``with`` block.

    Without `pose_model` the bundle is built from the networks in the mediapipe package, once per version,
    and kept in the user's cache (``$XDG_CACHE_HOME``, else ``~/.cache``). If the cache is not writable, a
    temporary file is used.

    Raises
    ------
    ModelError : `pose_model` is not a file, or the installed mediapipe contains no pose networks.
    """
    if pose_model is not None:
        if not Path(pose_model).is_file():
            raise ModelError(f"there is no pose model {pose_model}; give the path of a pose_landmarker .task file")
        yield Path(pose_model)
        return
    name = f"pose_landmarker_full-mediapipe-{importlib.metadata.version('mediapipe')}.task"
    cached = _cache_folder() / name
    if zipfile.is_zipfile(cached) or _try_to_write(cached):
        yield cached
        return
    with tempfile.TemporaryDirectory(prefix="bopbot-") as folder:
        temporary = Path(folder) / name
        _assemble(temporary)
        yield temporary


def _cache_folder() -> Path:
    """Return BopBot's folder in the user's cache."""
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    # The XDG specification says to ignore a relative path.
    return (named if named.is_absolute() else Path("~/.cache").expanduser()) / "bopbot"


def _try_to_write(path: Path) -> bool:
    """Build the bundle at `path`; return whether that worked."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with write_beside(path) as beside:
            _assemble(beside)
    except (OSError, OutputError):
        return False
    return True


def _assemble(path: Path) -> None:
    """Write the bundle: an uncompressed zip of the networks, each with its input normalization as metadata."""
    package = importlib.util.find_spec("mediapipe")
    assert package is not None
    assert package.submodule_search_locations is not None
    folder = Path(package.submodule_search_locations[0])
    if not all((folder / file).is_file() for file, _, _ in _PARTS.values()):
        raise ModelError(
            f"mediapipe {importlib.metadata.version('mediapipe')} contains no pose model; "
            "install mediapipe 0.10.21 or give the path of a pose_landmarker .task file"
        )
    # Warning filters are shared by all threads of a process, so only one thread may change them at a time.
    with _assembling, suppressed_stderr(), warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # MediaPipe's writer leaves files open.
        from mediapipe.tasks.python.metadata.metadata_writers.model_asset_bundle_utils import create_model_asset_bundle

        networks = {
            name: _with_input_normalization((folder / file).read_bytes(), *how) for name, (file, *how) in _PARTS.items()
        }
        create_model_asset_bundle(networks, str(path))


def _with_input_normalization(network: bytes, mean: float, deviation: float) -> bytes:
    """Return the network with the mean and standard deviation of its input pixels as metadata."""
    from mediapipe.tasks.python.metadata.metadata_writers.metadata_writer import MetadataWriter

    writer = MetadataWriter.create(bytearray(network))
    writer.add_image_input([mean], [deviation])
    return bytes(writer.populate()[0])
