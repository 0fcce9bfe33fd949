"""Frames as an avatar: what the packets say, put together as Unity does, stands where the dancer stands."""

import socket
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage
from rigid_dancer import dancing_m
from scipy.spatial.transform import Rotation

from bopbot.live.frames import Frame, pose_frames
from bopbot.live.humanoid import DEPTH_DELAY_S
from bopbot.live.osc_sender import LARGEST_BYTES
from bopbot.live.targets import open_target
from pose_vocab.errors import OutputError
from pose_vocab.formats import read_people
from pose_vocab.skeletons import DANCER

TORSO_M = 0.5
PARENTS = {
    "Hips": "", "Spine": "Hips", "Chest": "Spine", "Neck": "Chest", "Head": "Neck",
} | {
    side + bone: (side if parent in LIMBS else "") + parent
    for LIMBS in [("Shoulder", "UpperArm", "LowerArm", "UpperLeg", "LowerLeg", "Foot")]
    for side in ("Left", "Right")
    for bone, parent in {
        "Shoulder": "Chest", "UpperArm": "Shoulder", "LowerArm": "UpperArm", "Hand": "LowerArm",
        "UpperLeg": "Hips", "LowerLeg": "UpperLeg", "Foot": "LowerLeg", "Toes": "Foot",
    }.items()
}  # fmt: skip
"""Unity's humanoid."""
JOINT_OF_BONE = {
    "Neck": "neck", "LeftUpperArm": "left_shoulder", "RightUpperArm": "right_shoulder",
    "LeftLowerArm": "left_elbow", "RightLowerArm": "right_elbow", "LeftHand": "left_wrist", "RightHand": "right_wrist",
    "LeftUpperLeg": "left_hip", "RightUpperLeg": "right_hip", "LeftLowerLeg": "left_knee",
    "RightLowerLeg": "right_knee", "LeftFoot": "left_ankle", "RightFoot": "right_ankle",
}  # fmt: skip
T_POSE = {
    "nose": (0, 3.2, 0.3), "neck": (0, 2.9, 0),
    "left_shoulder": (0.35, 2.9, 0), "left_elbow": (0.9, 2.9, 0), "left_wrist": (1.4, 2.9, 0),
    "left_hip": (0.2, 1.9, 0), "left_knee": (0.2, 1.0, 0), "left_ankle": (0.2, 0.15, 0), "left_toe": (0.2, 0, 0.3),
}  # fmt: skip

Transform = tuple[NDArray[np.float64], NDArray[np.float64]]


class Ear:
    """A receiver of VMC: packets that arrived, a frame at a time."""

    def __init__(self, ear: socket.socket) -> None:
        self._ear = ear
        self.largest_bytes = 0

    def messages(self) -> list[OscMessage]:
        """All messages that have arrived, in their order."""
        found = []
        while True:
            try:
                datagram = self._ear.recv(65_536)
            except BlockingIOError:
                return found
            self.largest_bytes = max(self.largest_bytes, len(datagram))
            found += [message for message in OscBundle(datagram) if isinstance(message, OscMessage)]

    def bones(self) -> dict[str, Transform]:
        """Local position and rotation of each bone that has arrived."""
        rows = [list(m.params) for m in self.messages() if m.address == "/VMC/Ext/Bone/Pos"]
        return {row[0]: (np.array(row[1:4]), np.array(row[4:8])) for row in rows}


@pytest.fixture
def ear() -> Iterator[tuple[Ear, int]]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.setblocking(False)
        yield Ear(receiver), receiver.getsockname()[1]


def in_unity(bones: dict[str, Transform]) -> dict[str, NDArray[np.float64]]:
    """The world positions of the bones, as Unity computes them from local positions and rotations."""
    placed: dict[str, tuple[NDArray[np.float64], Rotation]] = {"": (np.zeros(3), Rotation.identity())}
    for name, parent in PARENTS.items():
        origin, turned = placed[parent]
        position, quaternion = bones[name]
        placed[name] = origin + turned.apply(position), turned * Rotation.from_quat(quaternion)
    return {name: position for name, (position, _) in placed.items()}


def t_pose() -> NDArray[np.float32]:
    mirrored = {name.replace("left", "right"): (-x, y, z) for name, (x, y, z) in T_POSE.items()}
    points = mirrored | T_POSE
    return np.array([points[name] for name in DANCER.joint_names], np.float32)


def test_the_avatar_stands_where_the_dancer_stands(ear: tuple[Ear, int], data: Path) -> None:
    receiver, port = ear
    dancer = read_people(data / "mocap" / "60_01_scaled.bvh").people[:1]
    errors_m = []
    with open_target(f"vmc:127.0.0.1:{port}") as target:
        for frame in islice(pose_frames(dancer, 30), 240):
            assert target.show(frame)
            placed = in_unity(receiver.bones())
            for bone, joint in JOINT_OF_BONE.items():
                expected_m = frame.people[0][DANCER.index(joint)] * TORSO_M * (-1, 1, 1)  # Unity's x is to the right
                errors_m.append(np.linalg.norm(placed[bone] - expected_m))
    assert np.mean(errors_m) < 0.015
    assert np.max(errors_m) < 0.06
    assert receiver.largest_bytes <= LARGEST_BYTES


def test_a_t_pose_is_no_rotation_at_all(ear: tuple[Ear, int]) -> None:
    """In Unity's axes the left arm of somebody who looks along z points along minus x."""
    receiver, port = ear
    with open_target(f"vmc:127.0.0.1:{port}") as target:
        target.show(Frame(0, 0.0, (t_pose(),)))
        bones = receiver.bones()
    assert set(bones) == set(PARENTS)
    for name, (_, rotation) in bones.items():
        if not name.endswith(("Foot", "Toes", "Neck", "Head")):
            assert np.abs(rotation[3]) == pytest.approx(1, abs=1e-3), name
    assert in_unity(bones)["LeftHand"] == pytest.approx([-0.7, 1.45, 0], abs=0.01)
    assert in_unity(bones)["Hips"] == pytest.approx([0, 0.95, 0], abs=0.01)


def test_a_raised_left_arm_turns_as_in_unity(ear: tuple[Ear, int]) -> None:
    """From the T-pose up: a quarter turn about z, backwards by the left-hand rule."""
    receiver, port = ear
    raised = t_pose()
    raised[DANCER.index("left_elbow")] = (0.35, 3.45, 0)
    raised[DANCER.index("left_wrist")] = (0.35, 3.95, 0)
    with open_target(f"vmc:127.0.0.1:{port}") as target:
        target.show(Frame(0, 0.0, (raised,)))
        bones = receiver.bones()
    quaternion = bones["LeftUpperArm"][1]
    assert np.sign(quaternion[3]) * quaternion == pytest.approx([0, 0, -np.sqrt(0.5), np.sqrt(0.5)], abs=0.02)
    assert abs(bones["RightUpperArm"][1][3]) == pytest.approx(1, abs=1e-3)


def test_what_the_protocol_asks_for_is_sent_each_frame(ear: tuple[Ear, int]) -> None:
    receiver, port = ear
    with open_target(f"vmc:127.0.0.1:{port}") as target:
        target.show(Frame(3, 0.1, (t_pose(),)))
        first = receiver.messages()
        target.show(Frame(4, 0.15, (np.full((16, 3), np.nan, np.float32),)))
        absent = receiver.messages()
    assert [m.address for m in first[:3]] == ["/VMC/Ext/OK", "/VMC/Ext/T", "/VMC/Ext/Root/Pos"]
    assert [list(m.params) for m in first[:3]] == [[1], [pytest.approx(0.1)], ["root", 0, 0, 0, 0, 0, 0, 1]]
    assert {m.address for m in first[3:]} == {"/VMC/Ext/Bone/Pos"}
    assert [list(m.params) for m in absent] == [[0], [pytest.approx(0.15)]]


def test_a_joint_that_is_missing_keeps_its_place_at_the_body(ear: tuple[Ear, int]) -> None:
    receiver, port = ear
    moved = t_pose() + np.float32([1, 0, 0])
    moved[DANCER.index("left_wrist")] = np.nan
    with open_target(f"vmc:127.0.0.1:{port}") as target:
        target.show(Frame(0, 0.0, (t_pose(),)))
        receiver.messages()
        target.show(Frame(1, 0.05, (moved,)))
        assert in_unity(receiver.bones())["LeftHand"] == pytest.approx([-1.2, 1.45, 0], abs=0.01)


def test_every_dancer_has_a_port() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as second:
        second.bind(("127.0.0.1", 0))
        second.setblocking(False)
        with open_target(f"vmc:127.0.0.1:{second.getsockname()[1] - 1}") as target:
            target.show(Frame(0, 0.0, (t_pose(), t_pose() + np.float32([2, 0, 0]))))
        assert in_unity(Ear(second).bones())["Hips"] == pytest.approx([-1, 0.95, 0], abs=0.01)
    with open_target("vmc:127.0.0.1:65535") as target, pytest.raises(OutputError, match="65536 is above 65535"):
        target.show(Frame(0, 0.0, (t_pose(), t_pose())))


def test_a_dancer_in_2d_gets_depth_and_is_followed_a_little_later(ear: tuple[Ear, int]) -> None:
    """Seen from the front the avatar is the picture, `DEPTH_DELAY_S` ago; its knees bend forward."""
    receiver, port = ear
    dance = dancing_m(frames=120, turns=0.0)
    flat = dance.keypoints[..., :2] / TORSO_M
    errors_m, behind_m = [], []
    with open_target(f"vmc:127.0.0.1:{port}") as target:
        for number, joints in enumerate(flat):
            target.show(Frame(number, number / 30, (joints,)))
            placed = in_unity(receiver.bones())
            if number >= 40:
                shown = flat[number - round(DEPTH_DELAY_S * 30 + 0.5)] * TORSO_M * (-1, 1)
                errors_m += [
                    np.linalg.norm(placed[bone][:2] - shown[DANCER.index(joint)])
                    for bone, joint in JOINT_OF_BONE.items()
                ]
                behind_m.append(placed["LeftLowerLeg"][2] - (placed["LeftUpperLeg"] + placed["LeftFoot"])[2] / 2)
    assert np.mean(errors_m) < 0.03
    assert np.mean(behind_m) > 0.03


def test_bodies_without_legs_are_refused(ear: tuple[Ear, int]) -> None:
    _, port = ear
    upper = t_pose()
    upper[[DANCER.index("left_ankle"), DANCER.index("right_knee")]] = np.nan
    with open_target(f"vmc:127.0.0.1:{port}") as target:
        assert target.show(Frame(0, 0.0, (upper,)))
        with pytest.raises(OutputError, match="never seen: right knee, left ankle; film"):
            target.show(Frame(99, 3.3, (upper,)))
