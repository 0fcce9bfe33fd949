"""The pose sequence: keypoints of one dancer, frame by frame, and BopBot's own pose file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import OutputError, PoseError, named_in_errors
from pose_vocab.files import check_writable, write_beside
from pose_vocab.input_files import ARCHIVE_ERRORS
from pose_vocab.skeletons import Skeleton

FORMAT = "bopbot-poses 1"
"""The version line of a pose file."""
MAX_COORDINATE = 1e6
"""Largest absolute coordinate, in pixels or in metres."""


@dataclass(frozen=True, eq=False)
class PoseSequence:
    """Keypoints of one dancer over time.

    Parameters
    ----------
    keypoints : float32 (frames, joints, 2) in pixels, y down; or (frames, joints, 3) in metres, x to the
        right of the picture, y up, z towards the viewer. A missing joint is NaN.
    confidence : float32 (frames, joints) in 0..1; 0 where the joint is missing.
    fps : frames per second.
    skeleton : the joints' names, in the order of the arrays.
    begin_s : time of the first frame in the source that the motion was cut from.

    Raises
    ------
    PoseError : shapes that do not match, a frame rate that is not positive, coordinates beyond
        `MAX_COORDINATE`. A joint with a NaN coordinate becomes entirely missing, with confidence 0.
    """

    keypoints: NDArray[np.float32]
    confidence: NDArray[np.float32]
    fps: float
    skeleton: Skeleton
    begin_s: float = 0.0

    def __post_init__(self) -> None:
        with np.errstate(over="ignore"):  # values too large become infinite and are rejected below
            keypoints = np.array(self.keypoints, dtype=np.float32)
        confidence = np.array(self.confidence, dtype=np.float32)
        joints = self.skeleton.n_joints
        if keypoints.ndim != 3 or keypoints.shape[1] != joints or keypoints.shape[2] not in (2, 3):
            raise PoseError(
                f"keypoints of {self.skeleton.name!r} must be (frames, {joints}, 2 or 3), got {keypoints.shape}"
            )
        if confidence.shape != keypoints.shape[:2]:
            raise PoseError(f"confidence must be {keypoints.shape[:2]} like the keypoints, got {confidence.shape}")
        if not (np.isfinite(self.fps) and self.fps > 0):
            raise PoseError(f"frames per second must be positive, got {self.fps}")
        check_coordinates(keypoints, f"keypoints of {self.skeleton.name!r}")
        missing = np.isnan(keypoints).any(axis=2) | ~(confidence > 0)
        keypoints[missing] = np.nan
        confidence[missing] = 0
        np.minimum(confidence, 1, out=confidence)
        keypoints.flags.writeable = False
        confidence.flags.writeable = False
        object.__setattr__(self, "keypoints", keypoints)
        object.__setattr__(self, "confidence", confidence)
        object.__setattr__(self, "fps", float(self.fps))

    @classmethod
    def fully_seen(cls, keypoints: NDArray[Any], fps: float, skeleton: Skeleton) -> PoseSequence:
        """Return a sequence whose joints all have confidence 1, except those that are NaN."""
        return cls(keypoints, np.ones(np.shape(keypoints)[:2], np.float32), fps, skeleton)

    def __len__(self) -> int:
        return len(self.keypoints)

    def __getitem__(self, frames: slice) -> PoseSequence:
        begin_s = self.begin_s + frames.indices(len(self))[0] / self.fps
        return replace(self, keypoints=self.keypoints[frames], confidence=self.confidence[frames], begin_s=begin_s)

    @property
    def dims(self) -> int:
        """2 for pixels, 3 for metres."""
        return int(self.keypoints.shape[2])

    @property
    def duration_s(self) -> float:
        """Length of the sequence in seconds."""
        return len(self) / self.fps

    @property
    def seen(self) -> NDArray[np.bool_]:
        """(frames, joints): where a joint is not missing."""
        return np.asarray(self.confidence > 0)

    def joint(self, joint_name: str) -> NDArray[np.float32]:
        """Return the path of one joint, (frames, dims)."""
        return self.keypoints[:, self.skeleton.index(joint_name)]

    def with_keypoints(self, keypoints: NDArray[Any]) -> PoseSequence:
        """Return the same dancer with other coordinates; confidence, fps and skeleton stay."""
        return replace(self, keypoints=np.asarray(keypoints, dtype=np.float32))

    def save(self, path: str | Path) -> None:
        """Write the sequence as one ``.npz`` file; `load` returns the same.

        Raises
        ------
        OutputError : the file cannot be written, or has another suffix.
        """
        skeleton = json.dumps(
            {
                "name": self.skeleton.name,
                "joint_names": self.skeleton.joint_names,
                "bones": self.skeleton.bones,
                "mirror_pairs": self.skeleton.mirror_pairs,
            }
        )
        check_pose_path(path)
        with write_beside(path) as beside, beside.open("wb") as file:
            np.savez_compressed(
                file,
                format=np.array(FORMAT),
                keypoints=self.keypoints,
                confidence=self.confidence,
                fps=np.array(self.fps),
                skeleton=np.array(skeleton),
            )

    @classmethod
    def load(cls, path: str | Path) -> PoseSequence:
        """Read a file that `save` wrote; nothing in it is executed.

        Raises
        ------
        PoseError : no such file, not a pose file of this version, or a damaged one.
        """
        path = Path(path)
        arrays = _read_arrays(path)
        if str(arrays.get("format")) != FORMAT:
            raise PoseError(
                f"{path} is not a pose file of this version: expected {FORMAT!r}, got {arrays.get('format')}"
            )
        try:
            described = json.loads(str(arrays["skeleton"]))
            skeleton = Skeleton(
                described["name"],
                tuple(described["joint_names"]),
                tuple((a, b) for a, b in described["bones"]),
                tuple((a, b) for a, b in described["mirror_pairs"]),
            )
            with named_in_errors(path):
                return cls(arrays["keypoints"], arrays["confidence"], float(arrays["fps"]), skeleton)
        except (KeyError, TypeError, ValueError) as error:
            raise PoseError(f"{path} is a damaged pose file: {error}") from error


def check_coordinates(values: NDArray[np.floating[Any]], where: str) -> None:
    """Raise PoseError, with `where` at its beginning, for a coordinate beyond `MAX_COORDINATE`; NaN is allowed."""
    beyond = values[np.abs(values) > MAX_COORDINATE]
    if beyond.size:
        raise PoseError(
            f"{where}: {beyond[0]:g} is out of range; coordinates lie within {MAX_COORDINATE:.0f} of 0, "
            "and NaN stands for a missing joint"
        )


def check_pose_path(path: str | Path) -> None:
    """Check before long work that a pose file can be written to `path`.

    Raises
    ------
    OutputError : another suffix than ``.npz``, no such folder, no permission.
    """
    if Path(path).suffix.lower() != ".npz":
        raise OutputError(f"cannot write {path}: the name of a pose file must end with .npz")
    check_writable(path)


def _read_arrays(path: Path) -> Mapping[str, NDArray[Any]]:
    """Return the arrays of an ``.npz`` file by name."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            if isinstance(archive, np.ndarray):
                raise PoseError(f"{path} contains a bare array; a pose file also contains its skeleton and fps")
            return {name: archive[name] for name in archive.files}
    except FileNotFoundError:
        raise PoseError(f"there is no file {path}") from None
    except ARCHIVE_ERRORS as error:
        raise PoseError(f"{path} cannot be read as a pose file: {error}") from error
