"""``.pose`` files, read and written by the pose-format library.

A. Moryossef, M. Müller and R. Fahrni, "pose-format: Library for Viewing, Augmenting, and Handling .pose
Files", 2023.
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
from pose_vocab.formats.detections import MAX_NUMBERS
from pose_vocab.formats.interface import FormatNotes, PoseInput
from pose_vocab.formats.parsed import Parsed, Space
from pose_vocab.formats.timeline import MAX_FRAMES
from pose_vocab.input_files import first_bytes
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import BODY_25, MEDIAPIPE, SKELETONS, Skeleton

VERSION = 0.2
"""Version of written files; older ones can be read."""
OLDER_VERSIONS = (0.0, 0.1)
"""Older versions that can be read."""
MEDIAPIPE_BODY, OPENPOSE_BODY = "POSE_LANDMARKS", "pose_keypoints_2d"
"""The bodies of other programs, in pixels, as their converters in pose-format name them."""
FORMAT_2D, FORMAT_3D = "XYC", "XYZC"
"""Values of each point: coordinates and confidence."""
UP_AND_TOWARDS = np.array([1, -1, -1], np.float32)
"""Signs between pose-format's metres (y down, z away from the viewer) and ours (y up, z towards the viewer)."""
MAX_PICTURE_PX = 65_535
"""Largest side of a picture that the header can store."""
LEFT, RIGHT, MIDDLE = (0, 114, 178), (213, 94, 0), (90, 90, 90)
"""Bone colours that colour-blind people can distinguish (M. Okabe and K. Ito, "Color Universal Design", 2008)."""


class PoseFormatFile:
    """Reads any number of people on MediaPipe holistic's body, OpenPose's, or a row of `SKELETONS`. Writes the
    latter.
    """

    name = "pose"
    title = ".pose file of pose-format"
    suffixes = (".pose",)
    notes = FormatNotes(
        reads="people on MediaPipe holistic's body, OpenPose's, or any skeleton of BopBot's",
        writes="any skeleton of BopBot's, in pixels or metres",
    )
    several_people = True
    extra = ""

    def recognizes(self, path: Path) -> bool:
        """Return whether it begins with a version of the format."""
        try:
            [version] = struct.unpack("<f", first_bytes(path, 4))
        except struct.error:
            return False
        return any(abs(version - known) < 1e-6 for known in (*OLDER_VERSIONS, VERSION))

    def parse(self, path: Path, pose_input: PoseInput) -> Parsed:
        """Return all people; if a file contains several bodies, ours takes precedence over MediaPipe's and
        OpenPose's.

        Raises
        ------
        PoseError : no such file, damaged, or no known body.
        """
        pose = _parse(path)
        component, skeleton, rename = _body(path, pose.header.components)
        columns = [pose.header.get_point_index(component.name, point) for point in component.points]
        at = {rename(point): column for point, column in zip(component.points, columns, strict=True)}
        joints = [(i, at[name]) for i, name in enumerate(skeleton.joint_names) if name in at]
        joint_indices, point_indices = ([pair[side] for pair in joints] for side in (0, 1))

        is_ours = component.name in SKELETONS
        dims = 3 if is_ours and component.format == FORMAT_3D else 2
        found = pose.body.data.data[:, :, point_indices, :dims]
        n_frames, n_people = found.shape[:2]
        if n_frames > MAX_FRAMES or n_frames * n_people * skeleton.n_joints * dims > MAX_NUMBERS:
            raise PoseError(f"{path} states {n_people} people in {n_frames} frames, which are too many; split it")
        points = np.full((n_frames * n_people, skeleton.n_joints, dims), np.nan)
        confidence = np.zeros(points.shape[:-1])
        points[:, joint_indices] = found.reshape(len(points), len(point_indices), dims)
        confidence[:, joint_indices] = pose.body.confidence[:, :, point_indices].reshape(
            len(points), len(point_indices)
        )
        frames, ids = (axis.ravel() for axis in np.indices((n_frames, n_people)))
        return Parsed(
            points,
            skeleton,
            Space.WORLD if dims == 3 else Space.PICTURE,
            confidence,
            frames=frames,
            # The order of OpenPose's people differs from frame to frame, so it is no identity.
            ids=None if component.name == OPENPOSE_BODY else ids,
            fps=_shortest_decimal(pose.body.fps),
            metres_per_unit=1.0,
            up="-y",
            has_missing=not is_ours,
        )

    def write(self, people: Sequence[PoseSequence], path: Path) -> None:
        """Write people; the body is named after their skeleton. Raise OutputError if the path is not writable."""
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


def _parse(path: Path) -> Pose:
    """Return the parsed file; raise PoseError if that fails."""
    try:
        data = path.read_bytes()
        if not data:
            raise PoseError(f"{path} is empty; export it again")
        return Pose.read(data)
    except FileNotFoundError:
        raise PoseError(f"there is no file {path}") from None
    except OSError as error:
        raise PoseError(f"{path} cannot be read: {error.strerror or error}") from error
    except (struct.error, ValueError, TypeError, IndexError, ArithmeticError, NotImplementedError) as error:
        raise PoseError(f"{path} is not a .pose file, or is damaged; export it again") from error


def _body(
    path: Path, components: Sequence[PoseHeaderComponent]
) -> tuple[PoseHeaderComponent, Skeleton, Callable[[str], str]]:
    """Return the component to read, its skeleton, and the function that maps the component's point names to joints."""
    at = {component.name: component for component in components}
    for name, skeleton in SKELETONS.items():
        if name in at:
            return at[name], skeleton, str
    if MEDIAPIPE_BODY in at:
        return at[MEDIAPIPE_BODY], MEDIAPIPE, _as_mediapipe
    if OPENPOSE_BODY in at:
        return at[OPENPOSE_BODY], _openpose_skeleton(at[OPENPOSE_BODY].points), _as_openpose
    raise PoseError(
        f"{path} contains {', '.join(at) or 'nothing'}; "
        f"known bodies are {MEDIAPIPE_BODY}, {OPENPOSE_BODY}, {', '.join(SKELETONS)}"
    )


def _as_mediapipe(point: str) -> str:
    """Return LEFT_EYE_INNER as left_eye_inner, and MOUTH_LEFT as left_mouth."""
    return re.sub(r"^(\w+)_(left|right)$", r"\2_\1", point.lower())


def _as_openpose(point: str) -> str:
    """Return RBigToe as right_big_toe, and MidHip as mid_hip."""
    words = re.findall(r"[A-Z][a-z]*", point)
    return "_".join({"R": "right", "L": "left"}.get(word, word.lower()) for word in words)


def _openpose_skeleton(points: Sequence[str]) -> Skeleton:
    """Return the smallest of OpenPose's skeletons that has all of the points."""
    names = set(map(_as_openpose, points))
    fitting = [skeleton for skeleton in SKELETONS.values() if names <= set(skeleton.joint_names)]
    return min(fitting, key=lambda skeleton: skeleton.n_joints, default=BODY_25)


def _shortest_decimal(fps: float) -> float:
    """Return the shortest decimal of a frame rate stored in single precision: 29.97, not 29.969999."""
    return float(str(np.float32(fps)))


def _extent(keypoints: NDArray[np.float32]) -> list[int]:
    """Return the size of a picture that contains all points, as far as the header can store it."""
    reach = np.ceil(keypoints.reshape(-1, keypoints.shape[-1]).max(axis=0, initial=1))
    return [int(side) for side in np.minimum(reach, MAX_PICTURE_PX)]


def _colour(joint_name: str) -> tuple[int, int, int]:
    """Return a bone's colour by the side of its joint."""
    return LEFT if joint_name.startswith("left") else RIGHT if joint_name.startswith("right") else MIDDLE
