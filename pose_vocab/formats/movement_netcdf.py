"""netCDF files with a dataset of poses, as the ``movement`` package stores them.

N. Sirmpilatze et al., "movement: a Python toolbox for analysing motion tracking data". Dimensions are named as in its
version 0.15.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import PoseError
from pose_vocab.files import write_beside
from pose_vocab.formats.csv_columns import match_skeleton, normalize_landmark
from pose_vocab.formats.extras import load_extra
from pose_vocab.formats.interface import FormatNotes, PoseInput
from pose_vocab.formats.parsed import Parsed, Space
from pose_vocab.input_files import first_bytes
from pose_vocab.sequence import PoseSequence

MAGICS = (b"\x89HDF", b"CDF")
EXTRA = "movement"
GENERATOR = "BopBot"
DIMENSIONS = ("time", "space", "keypoints", "individuals")
SINGULAR = {"keypoint": "keypoints", "individual": "individuals"}
"""Names of dimensions that other versions use."""
MAX_FRAME_NUMBER = 2**31
UNITS = {2: "pixels", 3: "metres"}
"""Value of the attribute ``space_unit`` by the number of coordinates."""


class MovementNetcdf:
    """Reads and writes several people on any known skeleton, in 2D or 3D."""

    name = "movement"
    title = "movement dataset, netCDF"
    suffixes = (".nc",)
    notes = FormatNotes(
        reads="datasets of poses on any known skeleton",
        writes="dimensions time, space, keypoints and individuals, in pixels or metres; needs "
        "`pip install 'bopbot[movement]'`",
    )
    several_people = True
    extra = EXTRA

    def recognizes(self, path: Path) -> bool:
        """Return whether it begins like a netCDF file."""
        return first_bytes(path, 4).startswith(MAGICS)

    def parse(self, path: Path, pose_input: PoseInput) -> Parsed:
        """Return all individuals.

        Raises
        ------
        PoseError : no such file, a damaged one, no dataset of poses, unknown joints, or xarray is not installed.
        """
        dataset = _load(path)
        if dataset.attrs.get("ds_type", "poses") != "poses" or "position" not in dataset:
            variables = ", ".join(map(str, dataset.data_vars)) or "nothing"
            raise PoseError(f"{path} is no dataset of poses: expected 'position' and 'confidence', got {variables}")
        dataset = dataset.rename({old: new for old, new in SINGULAR.items() if old in dataset.dims})
        if "individuals" not in dataset.dims:
            dataset = dataset.expand_dims("individuals")
        if set(dataset["position"].dims) != set(DIMENSIONS):
            raise PoseError(f"{path}: expected dimensions {', '.join(DIMENSIONS)}, got {dataset['position'].dims}")
        position = dataset["position"].transpose("individuals", "time", "keypoints", "space").to_numpy()
        people, frames, _, dims = position.shape
        if dims not in UNITS:
            raise PoseError(f"{path}: positions have {dims} coordinates, expected 2 or 3")
        names = [normalize_landmark(str(name)) for name in dataset["keypoints"].to_numpy()]
        skeleton, joint_of, notices = match_skeleton(names, pose_input.skeleton, path)
        known = [(joint_of[name], column) for column, name in enumerate(names) if name in joint_of]
        joints, columns = map(list, zip(*known, strict=True))
        points = np.full((people * frames, skeleton.n_joints, dims), np.nan)
        points[:, joints] = position[:, :, columns].reshape(people * frames, len(columns), dims)
        confidence = None
        if "confidence" in dataset:
            given = dataset["confidence"].transpose("individuals", "time", "keypoints").to_numpy()[:, :, columns]
            confidence = np.zeros(points.shape[:2])
            # movement's confidence is NaN where the source states none.
            confidence[:, joints] = np.where(np.isnan(given), 1, given).reshape(people * frames, len(columns))
        fps, numbers = _frames(dataset, path)
        is_ours = dataset.attrs.get("source_software") == GENERATOR
        return Parsed(
            points,
            skeleton,
            Space.WORLD if dims == 3 else Space.PIXELS if is_ours else Space.PICTURE,
            confidence,
            frames=np.tile(numbers, people),
            ids=np.repeat(np.arange(people), frames),
            fps=fps,
            metres_per_unit=1.0 if is_ours and dims == 3 else None,
            up="y" if is_ours and dims == 3 else None,
            has_missing=not is_ours,
            notices=notices,
        )

    def write(self, people: Sequence[PoseSequence], path: Path) -> None:
        """Write people as the individuals ``id_0``, ``id_1``, ...

        Raises
        ------
        OutputError : the file cannot be written, or xarray or h5netcdf is not installed.
        """
        xarray = load_extra(EXTRA, path)
        skeleton, dims, fps = people[0].skeleton, people[0].dims, people[0].fps
        position = np.stack([one.keypoints.swapaxes(1, 2) for one in people], axis=3)
        confidence = np.stack([one.confidence for one in people], axis=2)
        dataset = xarray.Dataset(
            {"position": (DIMENSIONS, position), "confidence": (("time", *DIMENSIONS[2:]), confidence)},
            {
                "time": np.arange(len(position)) / fps,
                "space": list("xyz"[:dims]),
                "keypoints": list(skeleton.joint_names),
                "individuals": [f"id_{number}" for number in range(len(people))],
            },
            {
                "ds_type": "poses",
                "fps": fps,
                "time_unit": "seconds",
                "source_software": GENERATOR,
                "space_unit": UNITS[dims],
            },
        )
        with write_beside(path) as beside:
            dataset.to_netcdf(beside, engine="h5netcdf")


def _load(path: Path) -> Any:
    """Return the dataset of a file."""
    xarray = load_extra(EXTRA, path, PoseError)
    if not path.is_file():
        raise PoseError(f"there is no file {path}")
    try:
        with xarray.open_dataset(path, decode_times=False) as dataset:
            return dataset.load()
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, MemoryError) as error:
        reason = str(error).splitlines()[0][:80] if str(error) else type(error).__name__
        raise PoseError(f"{path} is damaged or no netCDF file: {reason}; export it again") from error


def _frames(dataset: Any, path: Path) -> tuple[float | None, NDArray[np.intp]]:
    """Return the frame rate, if it is stated, and the number of each frame."""
    times = dataset["time"].to_numpy().astype(np.float64)
    try:
        fps = float(dataset.attrs.get("fps", "nan"))
    except (TypeError, ValueError):
        fps = np.nan
    has_rate = bool(np.isfinite(fps) and fps > 0)
    in_seconds = has_rate and str(dataset.attrs.get("time_unit", "seconds")).startswith("sec")
    numbers = np.rint(times * fps if in_seconds else times)
    if not (np.abs(numbers) < MAX_FRAME_NUMBER).all():  # NaN is not
        raise PoseError(f"{path}: the coordinate 'time' has values that are no times")
    return fps if has_rate else None, numbers.astype(np.intp)
