"""GLB files, evaluated by code of this test, by the Khronos validator, and by three.js in a browser."""

import importlib.util
import json
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from javascript_packages import require_package
from numpy.typing import NDArray
from playwright.sync_api import Browser
from required_programs import require_program
from rigid_dancer import dancing_m
from scipy.spatial.transform import Rotation, Slerp
from three_js import open_in_three_js

from pose_vocab.errors import OutputError
from pose_vocab.formats import write_people
from pose_vocab.formats.bvh.load import load_bvh
from pose_vocab.formats.gltf.gltf_writer import write_glb
from pose_vocab.joint_mapping import to_dancer
from pose_vocab.sequence import PoseSequence

JOINTS = {
    "left_wrist": "leftHand",
    "right_wrist": "rightHand",
    "left_elbow": "leftLowerArm",
    "right_knee": "rightLowerLeg",
    "left_ankle": "leftFoot",
    "right_hip": "rightUpperLeg",
    "right_shoulder": "rightUpperArm",
    "neck": "neck",
}
REQUIRED_BY_VRM = set(
    "hips spine chest neck head".split()
    + [
        f"{side}{bone}"
        for side in ("left", "right")
        for bone in "UpperArm LowerArm Hand UpperLeg LowerLeg Foot Toes Shoulder".split()
    ]
)
Floats = NDArray[np.float64]


class Read:
    """A GLB file as the specification says, independent of BopBot's own reader."""

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        magic, version, length = struct.unpack_from("<4sII", data)
        assert (magic, version, length) == (b"glTF", 2, len(data))
        size, kind = struct.unpack_from("<I4s", data, 12)
        assert (kind, size % 4) == (b"JSON", 0)
        self.document: dict[str, Any] = json.loads(data[20 : 20 + size])
        binary_size, kind = struct.unpack_from("<I4s", data, 20 + size)
        assert (kind, binary_size % 4, 28 + size + binary_size) == (b"BIN\0", 0, length)
        self.binary = data[28 + size :]
        self.nodes: list[dict[str, Any]] = self.document["nodes"]
        self.parent = {child: i for i, node in enumerate(self.nodes) for child in node.get("children", [])}

    def array(self, accessor: int) -> NDArray[Any]:
        described = self.document["accessors"][accessor]
        view = self.document["bufferViews"][described["bufferView"]]
        width = {"SCALAR": 1, "VEC3": 3, "VEC4": 4, "MAT4": 16}[described["type"]]
        dtype = {5121: "u1", 5123: "<u2", 5126: "<f4"}[described["componentType"]]
        return np.frombuffer(self.binary, dtype, described["count"] * width, view["byteOffset"]).reshape(-1, width)

    def node(self, name: str, skin: int = 0) -> int:
        joints: list[int] = self.document["skins"][skin]["joints"]
        return next(joint for joint in joints if self.nodes[joint]["name"] == name)

    def moves(self, animation: int, time_s: float) -> dict[int, dict[str, Floats]]:
        """What an animation sets at a time, by node and path."""
        described = self.document["animations"][animation]
        found: dict[int, dict[str, Floats]] = {}
        for channel in described["channels"]:
            sampler = described["samplers"][channel["sampler"]]
            times, values = self.array(sampler["input"])[:, 0], self.array(sampler["output"]).astype(float)
            target = channel["target"]
            if target["path"] == "rotation":
                value = Slerp(times, Rotation.from_quat(values))([time_s]).as_quat()[0]
            else:
                value = np.array([np.interp(time_s, times, column) for column in values.T])
            found.setdefault(target["node"], {})[target["path"]] = value
        return found

    def world(self, node: int, moves: Mapping[int, Mapping[str, Floats]]) -> Floats:
        matrix = np.eye(4)
        while node is not None:
            local = np.eye(4)
            values = {**self.nodes[node], **moves.get(node, {})}
            local[:3, :3] = Rotation.from_quat(values.get("rotation", (0, 0, 0, 1))).as_matrix()
            local[:3, 3] = values.get("translation", (0, 0, 0))
            matrix = local @ matrix
            node = self.parent.get(node)  # type: ignore[assignment]
        return matrix

    def skinned(self, skin: int, moves: Mapping[int, Mapping[str, Floats]]) -> Floats:
        """The vertices of a mesh where its skin puts them."""
        [mesh] = [node["mesh"] for node in self.nodes if node.get("skin") == skin]
        attributes = self.document["meshes"][mesh]["primitives"][0]["attributes"]
        described = self.document["skins"][skin]
        back = self.array(described["inverseBindMatrices"]).reshape(-1, 4, 4).swapaxes(1, 2)
        matrices = np.stack([self.world(joint, moves) for joint in described["joints"]]) @ back
        points = np.column_stack([self.array(attributes["POSITION"]), np.ones(len(self.array(attributes["POSITION"])))])
        joints, weights = self.array(attributes["JOINTS_0"]), self.array(attributes["WEIGHTS_0"])
        mixed = np.einsum("vi,viab->vab", weights, matrices[joints])
        return np.einsum("vab,vb->va", mixed, points)[:, :3]


@pytest.mark.parametrize("frame", [0, 7, 44, 89])
def test_joints_are_where_the_dancers_are(tmp_path: Path, frame: int) -> None:
    dancer = dancing_m()
    assert write_people([dancer], tmp_path / "a.glb") == ()
    read = Read(tmp_path / "a.glb")
    moves = read.moves(0, frame / dancer.fps)
    for joint, name in JOINTS.items():
        at = read.world(read.node(name), moves)[:3, 3]
        assert np.linalg.norm(at - dancer.joint(joint)[frame]) < 0.005, joint


def test_real_motion(data: Path, tmp_path: Path) -> None:
    """Bones of motion capture are not quite constant: 1 cm in the median is far more than what is lost."""
    dancer = to_dancer(load_bvh(data / "mocap" / "60_12_scaled.bvh"))[1000:1600]
    write_people([dancer], tmp_path / "a.glb")
    read = Read(tmp_path / "a.glb")
    off = []
    for frame in range(0, 600, 60):
        moves = read.moves(0, frame / dancer.fps)
        off += [
            np.linalg.norm(read.world(read.node(name), moves)[:3, 3] - dancer.joint(joint)[frame])
            for joint, name in JOINTS.items()
        ]
    assert np.median(off) < 0.002
    assert np.percentile(off, 95) < 0.01


def test_the_rig_is_a_vrm_humanoid_in_a_t_pose_on_the_ground(tmp_path: Path) -> None:
    write_people([dancing_m()], tmp_path / "a.glb")
    read = Read(tmp_path / "a.glb")
    assert read.document["asset"] == {"version": "2.0", "generator": "BopBot"}
    names = [read.nodes[joint]["name"] for joint in read.document["skins"][0]["joints"]]
    assert set(names) >= REQUIRED_BY_VRM
    rest = {name: read.world(read.node(name), {}) for name in names}
    assert all(np.array_equal(matrix[:3, :3], np.eye(3)) for matrix in rest.values())
    at = {name: matrix[:3, 3] for name, matrix in rest.items()}
    for bone in ("leftLowerArm", "leftHand", "rightHand"):
        assert at[bone][1:] == pytest.approx(at["leftUpperArm"][1:])
    assert at["leftHand"][0] > 0.5 > -0.5 > at["rightHand"][0], "the left hand is at +x, so the dancer faces +z"
    assert at["leftToes"][2] > at["leftFoot"][2]
    vertices = read.skinned(0, {})
    assert vertices[:, 1].min() == pytest.approx(0, abs=1e-3)
    assert 1.6 < vertices[:, 1].max() < 1.9


def test_the_skin_moves_with_the_bones(tmp_path: Path) -> None:
    dancer = dancing_m()
    write_people([dancer], tmp_path / "a.glb")
    read = Read(tmp_path / "a.glb")
    rest = read.skinned(0, {})
    for frame in (0, 30, 60):
        moves = read.moves(0, frame / dancer.fps)
        moved = read.skinned(0, moves)
        for name in ("leftHand", "rightFoot", "head"):
            matrix = read.world(read.node(name), moves)
            near = np.linalg.norm(rest - read.world(read.node(name), {})[:3, 3], axis=1).argsort()[:20]
            off = np.linalg.norm(moved[near] - matrix[:3, 3], axis=1)
            assert off.max() < 0.13, f"the nearest skin of {name} stays around it"
        assert moved[:, 1].max() < 2
    attributes = read.document["meshes"][0]["primitives"][0]["attributes"]
    assert read.array(attributes["WEIGHTS_0"]).sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert np.linalg.norm(read.array(attributes["NORMAL"]), axis=1) == pytest.approx(1, abs=1e-5)


def test_the_mesh_is_closed_and_faces_outwards(tmp_path: Path) -> None:
    write_people([dancing_m()], tmp_path / "a.glb")
    read = Read(tmp_path / "a.glb")
    primitives = read.document["meshes"][0]["primitives"]
    triangles = np.concatenate([read.array(each["indices"]).reshape(-1, 3) for each in primitives])
    assert 3000 < len(triangles) < 10500
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    assert len(np.unique(edges, axis=0)) == len(edges), "no edge runs twice in one direction"
    assert {tuple(edge) for edge in edges} == {tuple(edge[::-1]) for edge in edges}
    corners = read.array(primitives[0]["attributes"]["POSITION"]).astype(float)[triangles]
    volume_m3 = np.einsum("ti,ti->t", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum() / 6
    assert 0.03 < volume_m3 < 0.12, "a person of 1.75 m weighs 70 kg"


def test_buffers_are_as_the_specification_says(tmp_path: Path) -> None:
    write_people([dancing_m(), dancing_m(turns=2)], tmp_path / "a.glb")
    read = Read(tmp_path / "a.glb")
    assert [buffer["byteLength"] for buffer in read.document["buffers"]] == [len(read.binary)]
    end = 0
    for view in read.document["bufferViews"]:
        assert view["byteOffset"] % 4 == 0
        assert end <= view["byteOffset"] <= end + 3
        end = view["byteOffset"] + view["byteLength"]
    assert end <= len(read.binary)
    for accessor, described in enumerate(read.document["accessors"]):
        values = read.array(accessor)
        assert np.isfinite(values).all()
        if "min" in described:
            assert values.min(axis=0).tolist() == described["min"]
            assert values.max(axis=0).tolist() == described["max"]
    for animation in read.document["animations"]:
        for channel in animation["channels"]:
            sampler = animation["samplers"][channel["sampler"]]
            values = read.array(sampler["output"]).astype(float)
            assert sampler["interpolation"] == "LINEAR"
            assert {"min", "max"} <= read.document["accessors"][sampler["input"]].keys()
            if channel["target"]["path"] == "rotation":
                assert np.linalg.norm(values, axis=1) == pytest.approx(1, abs=1e-6)
                assert ((values[1:] * values[:-1]).sum(axis=1) > 0).all(), "neighbours are on one side"


def test_several_dancers_are_several_skins_and_several_takes_several_animations(tmp_path: Path) -> None:
    first = dancing_m(60)
    second = first.with_keypoints(first.keypoints * 0.9 + np.array([1.5, 0.1, 0], np.float32))
    again = dancing_m(40, turns=-1)
    takes = {"slow": [first, second], "fast": [again, again]}
    write_glb(takes, tmp_path / "a.glb")
    read = Read(tmp_path / "a.glb")
    assert [animation["name"] for animation in read.document["animations"]] == ["slow", "fast"]
    assert [skin["name"] for skin in read.document["skins"]] == ["dancer 1", "dancer 2"]
    for number, dancer in enumerate(takes["fast"]):
        at = read.world(read.node("leftHand", number), read.moves(1, 0.5))[:3, 3]
        # One rig dances all takes, with the bones of all of them in the mean.
        assert np.linalg.norm(at - dancer.joint("left_wrist")[15]) < 0.15
    with pytest.raises(OutputError, match="takes need the same people in each, not 1 and 2"):
        write_glb({"a": [first], "b": [first, second]}, tmp_path / "b.glb")


def test_people_in_a_picture_keep_their_places(tmp_path: Path, in_picture: Callable[[float], PoseSequence]) -> None:
    notices = write_people([in_picture(0), in_picture(300)], tmp_path / "a.glb")
    assert "depth is estimated" in notices[0]
    read = Read(tmp_path / "a.glb")
    left, right = (read.world(read.node("hips", skin), read.moves(0, 0))[:3, 3] for skin in (0, 1))
    torso_px = 90
    assert right[0] - left[0] == pytest.approx(300 / torso_px * 0.5, rel=0.2)


def test_a_dancer_in_the_air_is_put_on_the_ground(tmp_path: Path) -> None:
    dancer = dancing_m()
    floating = dancer.with_keypoints(dancer.keypoints + np.array([0, 1, 0], np.float32))
    (notice,) = write_people([floating], tmp_path / "a.glb")
    assert "moved down by 0.9" in notice or "moved down by 1.0" in notice
    read = Read(tmp_path / "a.glb")
    assert min(read.skinned(0, read.moves(0, t / 10))[:, 1].min() for t in range(30)) == pytest.approx(0, abs=0.1)


@pytest.fixture
def in_picture() -> Callable[[float], PoseSequence]:
    def project(shift_px: float) -> PoseSequence:
        dancer = dancing_m()
        x, y = dancer.keypoints[..., 0], dancer.keypoints[..., 1]
        return PoseSequence.fully_seen(
            np.stack([400 + shift_px + 180 * x, 500 - 180 * y], axis=2), dancer.fps, dancer.skeleton
        )

    return project


def test_the_validator_of_khronos_finds_nothing(tmp_path: Path) -> None:
    node, validator = require_program("node", package="nodejs"), require_package("gltf-validator")
    write_glb({"one": [dancing_m(), dancing_m()], "two": [dancing_m(30), dancing_m(30)]}, tmp_path / "a.glb")
    script = (
        f"const v = require({json.dumps(str(validator))}), fs = require('fs');"
        f"v.validateBytes(new Uint8Array(fs.readFileSync({json.dumps(str(tmp_path / 'a.glb'))})))"
        ".then(r => console.log(JSON.stringify(r.issues)))"
    )
    issues = json.loads(subprocess.run([node, "-e", script], capture_output=True, text=True, check=True).stdout)
    assert (issues["numErrors"], issues["numWarnings"], issues["messages"]) == (0, 0, [])


@pytest.mark.slow
def test_three_js_dances_it(browser: Browser, tmp_path: Path) -> None:
    dancer = dancing_m()
    write_people([dancer], tmp_path / "a.glb")
    page, errors = open_in_three_js(browser, tmp_path / "a.glb", "GLTFLoader")
    [(name, duration_s)] = page.evaluate("window.clips")
    assert (name, duration_s) == ("dance", pytest.approx(89 / 30))
    assert page.evaluate("window.meshes") == [27, 27, 27]
    for frame in (0, 20, 70):
        at = page.evaluate("seconds => window.at(seconds)", frame / 30)
        for joint, bone in JOINTS.items():
            assert np.linalg.norm(np.array(at[bone]) - dancer.joint(joint)[frame]) < 0.005, joint
    assert errors == []
    page.close()


IN_BLENDER = """
import bpy, json, sys
bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.import_scene.gltf(filepath=sys.argv[-1])
armature = next(each for each in bpy.data.objects if each.type == "ARMATURE")
scene, found = bpy.context.scene, {}
for frame in (0, 20, 70):
    at = frame / 30 * scene.render.fps
    scene.frame_set(int(at), subframe=at - int(at))
    bones = armature.pose.bones
    found[frame] = {bone.name: list((armature.matrix_world @ bone.matrix).translation) for bone in bones}
print("found" + json.dumps([[action.name for action in bpy.data.actions], found]))
"""


@pytest.mark.slow
def test_blender_dances_it(tmp_path: Path) -> None:
    blender = shutil.which("blender")
    if blender is None and importlib.util.find_spec("bpy") is None:
        pytest.skip("neither blender nor its package bpy is installed; it is 300 MB large")
    dancer = dancing_m()
    write_people([dancer], tmp_path / "a.glb")
    (tmp_path / "script.py").write_text(IN_BLENDER)
    run = [sys.executable] if blender is None else [blender, "--background", "--python"]
    more = [] if blender is None else ["--"]
    answer = subprocess.run(
        [*run, tmp_path / "script.py", *more, tmp_path / "a.glb"], capture_output=True, text=True, check=True
    )
    actions, found = json.loads(next(line[5:] for line in answer.stdout.splitlines() if line.startswith("found")))
    assert actions == ["dance"]
    for frame, bones in found.items():
        for joint, bone in JOINTS.items():
            x, y, z = bones[bone]
            assert np.linalg.norm(np.array([x, z, -y]) - dancer.joint(joint)[int(frame)]) < 0.005, joint
