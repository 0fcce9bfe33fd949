"""``.pose`` files, read and written by their own library.

A. Moryossef, M. Müller and R. Fahrni, "pose-format: Library for Viewing, Augmenting, and Handling
.pose Files", 2023.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pose_format import Pose
from pose_format.numpy import NumPyPoseBody
from pose_format.pose_header import PoseHeader, PoseHeaderComponent, PoseHeaderDimensions

from pose_vocab.errors import PoseError
from pose_vocab.files import write_beside
from pose_vocab.formats.detections import Detections, assemble_people
from pose_vocab.formats.interface import PoseInput, PosesRead
from pose_vocab.formats.units import choose_fps
from pose_vocab.sequence import PoseSequence, check_coordinates
from pose_vocab.skeletons import BODY_25, MEDIAPIPE, SKELETONS, Skeleton

VERSION = 0.2
"""Of the files that are written; older ones are read, too."""
OLDER_VERSIONS = (0.0, 0.1)
MEDIAPIPE_BODY, OPENPOSE_BODY = "POSE_LANDMARKS", "pose_keypoints_2d"
"""The bodies of other programs, in pixels, as their own converters in pose-format call them."""
FORMAT_2D, FORMAT_3D = "XYC", "XYZC"
"""What stands for each point: coordinates, and confidence."""
UP_AND_TOWARDS = np.array([1, -1, -1], np.float32)
"""pose-format's axes of metres point down and away from the viewer, ours up and towards them."""
MAX_PICTURE_PX = 65_535
"""Of a picture, as far as the header can say."""
LEFT, RIGHT, MIDDLE = (0, 114, 178), (213, 94, 0), (90, 90, 90)
"""Colours of bones, told apart by colour-blind people (M. Okabe and K. Ito, "Color Universal Design", 2008)."""


class PoseFormatFile:
    """Any number of people: MediaPipe holistic's body, OpenPose's, or one named after a row of `SKELETONS`."""

    name = "pose"
    title = ".pose file of pose-format"
    suffixes = (".pose",)
    several_people = True

    def recognizes(self, path: Path) -> bool:
        """Whether it begins with a version of the format."""
        try:
            with path.open("rb") as file:
                [version] = struct.unpack("<f", file.read(4))
        except (OSError, struct.error):
            return False
        return any(abs(version - known) < 1e-6 for known in (*OLDER_VERSIONS, VERSION))

    def read(self, path: Path, pose_input: PoseInput) -> PosesRead:
        """Read all people; of several bodies in one file our own goes before MediaPipe's and OpenPose's.

        Raises
        ------
        PoseError : no such file, a damaged one, or one without a body that is known or without anybody in it.
        """
        pose = _parsed(path)
        component, skeleton, rename = _body(path, pose.header.components)
        columns = [pose.header.get_point_index(component.name, point) for point in component.points]
        at = {rename(point): column for point, column in zip(component.points, columns, strict=True)}
        joints = [(i, at[name]) for i, name in enumerate(skeleton.joint_names) if name in at]
        ours, theirs = ([pair[side] for pair in joints] for side in (0, 1))

        in_space = component.name in SKELETONS and component.format == FORMAT_3D
        dims = 3 if in_space else 2
        found = pose.body.data.data[:, :, theirs, :dims] * (UP_AND_TOWARDS if in_space else 1)
        check_coordinates(found, str(path))
        n_frames, n_people = found.shape[:2]
        keypoints = np.full((n_frames * n_people, skeleton.n_joints, dims), np.nan, np.float32)
        confidence = np.zeros(keypoints.shape[:-1], np.float32)
        keypoints[:, ours] = found.reshape(len(keypoints), len(theirs), dims)
        confidence[:, ours] = pose.body.confidence[:, :, theirs].reshape(len(keypoints), len(theirs))
        frames, ids = (axis.ravel() for axis in np.indices((n_frames, n_people)))
        fps, notices = choose_fps(pose_input, _shortest_decimal(pose.body.fps), path)
        # Of OpenPose's people each frame has its own order.
        seen = Detections(keypoints, confidence, frames, n_frames, None if component.name == OPENPOSE_BODY else ids)
        return assemble_people(path, seen, fps, skeleton, notices)

    def write(self, people: Sequence[PoseSequence], path: Path) -> None:
        """Write people; the body is named after their skeleton. Raises OutputError where that cannot be."""
        skeleton, dims = people[0].skeleton, people[0].dims
        confidence = np.stack([person.confidence for person in people], axis=1)
        keypoints = np.nan_to_num(np.stack([person.keypoints for person in people], axis=1))
        keypoints *= UP_AND_TOWARDS if dims == 3 else 1
        component = PoseHeaderComponent(
            skeleton.name,
            list(skeleton.joint_names),
            list(skeleton.bones),
            [_colour(skeleton.joint_names[end]) for _, end in skeleton.bones],
            FORMAT_3D if dims == 3 else FORMAT_2D,
        )
        header = PoseHeader(VERSION, PoseHeaderDimensions(*_extent(keypoints)), [component])
        pose = Pose(header, NumPyPoseBody(people[0].fps, keypoints, confidence))
        with write_beside(path) as beside, beside.open("wb") as file:
            pose.write(file)


def _parsed(path: Path) -> Pose:
    try:
        data = path.read_bytes()
        if not data:
            raise PoseError(f"{path} is empty; write it anew")
        return Pose.read(data)
    except FileNotFoundError:
        raise PoseError(f"there is no file {path}") from None
    except OSError as error:
        raise PoseError(f"{path} cannot be read: {error.strerror or error}") from error
    except (struct.error, ValueError, TypeError, IndexError, ArithmeticError, NotImplementedError) as error:
        raise PoseError(f"{path} is no .pose file, or a damaged one; write it anew") from error


def _body(
    path: Path, components: Sequence[PoseHeaderComponent]
) -> tuple[PoseHeaderComponent, Skeleton, Callable[[str], str]]:
    """The component that is read, its skeleton, and what that calls the component's points."""
    at = {component.name: component for component in components}
    for name, skeleton in SKELETONS.items():
        if name in at:
            return at[name], skeleton, str
    if MEDIAPIPE_BODY in at:
        return at[MEDIAPIPE_BODY], MEDIAPIPE, _as_mediapipe
    if OPENPOSE_BODY in at:
        return at[OPENPOSE_BODY], _openpose_skeleton(at[OPENPOSE_BODY].points), _as_openpose
    raise PoseError(
        f"{path} holds {', '.join(at) or 'nothing'}; "
        f"known bodies are {MEDIAPIPE_BODY}, {OPENPOSE_BODY}, {', '.join(SKELETONS)}"
    )


def _as_mediapipe(point: str) -> str:
    """LEFT_EYE_INNER as left_eye_inner, and MOUTH_LEFT as left_mouth."""
    return re.sub(r"^(\w+)_(left|right)$", r"\2_\1", point.lower())


def _as_openpose(point: str) -> str:
    """RBigToe as right_big_toe, and MidHip as mid_hip."""
    words = re.findall(r"[A-Z][a-z]*", point)
    return "_".join({"R": "right", "L": "left"}.get(word, word.lower()) for word in words)


def _openpose_skeleton(points: Sequence[str]) -> Skeleton:
    """The smallest of OpenPose's skeletons that has all of the points."""
    names = set(map(_as_openpose, points))
    fitting = [skeleton for skeleton in SKELETONS.values() if names <= set(skeleton.joint_names)]
    return min(fitting, key=lambda skeleton: skeleton.n_joints, default=BODY_25)


def _shortest_decimal(fps: float) -> float:
    """Frames a second are kept in single precision: 29.97, not 29.969999."""
    return float(str(np.float32(fps)))


def _extent(keypoints: NDArray[np.float32]) -> list[int]:
    """The picture that holds all points, as far as the header can say."""
    reach = np.ceil(keypoints.reshape(-1, keypoints.shape[-1]).max(axis=0, initial=1))
    return [int(side) for side in np.minimum(reach, MAX_PICTURE_PX)]


def _colour(joint_name: str) -> tuple[int, int, int]:
    return LEFT if joint_name.startswith("left") else RIGHT if joint_name.startswith("right") else MIDDLE
