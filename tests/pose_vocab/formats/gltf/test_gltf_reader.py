"""Characters of other programs, made of BopBot's own files."""

import contextlib
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rigid_dancer import dancing_m
from scipy.spatial.transform import Rotation, Slerp

from pose_vocab.errors import BopBotError, PoseError
from pose_vocab.formats import read_people, write_people
from pose_vocab.formats.gltf.gltf_writer import write_glb
from pose_vocab.formats.gltf.sampling import sample
from pose_vocab.joint_mapping import to_dancer
from pose_vocab.sequence import PoseSequence

Document = dict[str, Any]
MIXAMO = {
    "hips": "Hips", "spine": "Spine", "chest": "Spine1", "neck": "Neck", "head": "Head", "head_end": "HeadTop_End",
    **{
        f"{side.lower()}{vrm}": f"{side}{bone}"
        for side in ("Left", "Right")
        for vrm, bone in {
            "Shoulder": "Shoulder", "UpperArm": "Arm", "LowerArm": "ForeArm", "Hand": "Hand",
            "UpperLeg": "UpLeg", "LowerLeg": "Leg", "Foot": "Foot", "Toes": "ToeBase", "Toes_end": "Toe_End",
        }.items()
    },
}  # fmt: skip


def rewritten(path: Path, change: Callable[[Document], None]) -> Path:
    """Change the document of a GLB file in place."""
    data = path.read_bytes()
    (size,) = struct.unpack_from("<I", data, 12)
    document = json.loads(data[20 : 20 + size])
    change(document)
    content = json.dumps(document).encode()
    content += b" " * (-len(content) % 4)
    body = struct.pack("<I4s", len(content), b"JSON") + content + data[20 + size :]
    path.write_bytes(struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body)
    return path


@pytest.fixture
def glb(tmp_path: Path) -> Path:
    write_people([dancing_m()], tmp_path / "a.glb")
    return tmp_path / "a.glb"


def off_m(path: Path, dancer: PoseSequence) -> np.ndarray:
    [poses] = read_people(path).people
    return np.linalg.norm(to_dancer(poses).keypoints - dancer.keypoints, axis=2)


def test_several_people_and_the_frame_rate_are_kept(tmp_path: Path) -> None:
    first = dancing_m(50, fps=29.97)
    second = first.with_keypoints(first.keypoints * 0.9 + np.array([1.5, 0, 0], np.float32))
    write_people([first, second], tmp_path / "a.glb")
    read = read_people(tmp_path / "a.glb")
    assert read.notices == ()
    for poses, dancer in zip(read.people, (first, second), strict=True):
        assert (poses.fps, len(poses)) == (29.97, 50)
        assert np.abs(to_dancer(poses).keypoints - dancer.keypoints).max() < 0.005


def test_a_character_of_mixamo_in_centimetres_under_a_scaled_armature(glb: Path) -> None:
    def change(document: Document) -> None:
        document["asset"]["generator"] = "another exporter"
        for node in document["nodes"]:
            node["name"] = f"mixamorig:{MIXAMO.get(node['name'], node['name'])}"
        nose = next(node for node in document["nodes"] if node["name"] == "mixamorig:nose")
        nose["name"] = "mixamorig:cap"
        document["nodes"][0] |= {"scale": [100, 100, 100], "translation": [100, 0, 0], "name": "Armature"}

    read = read_people(rewritten(glb, change))
    [poses] = read.people
    assert "centimetres" in read.notices[0]
    dancer = dancing_m()
    expected = dancer.keypoints + np.array([1, 0, 0])
    found = to_dancer(poses)
    for joint in ("left_wrist", "right_elbow", "left_knee", "right_ankle"):
        assert found.joint(joint) == pytest.approx(expected[:, dancer.skeleton.index(joint)], abs=0.02)
    assert np.linalg.norm(found.joint("nose") - expected[:, 0], axis=1).max() < 0.1


def test_of_several_animations_the_first_is_read(tmp_path: Path) -> None:
    first, second = dancing_m(40), dancing_m(60, turns=-1)
    write_glb({"slow": [first], "fast": [second]}, tmp_path / "a.glb")
    read = read_people(tmp_path / "a.glb")
    assert read.notices == (
        f"{tmp_path / 'a.glb'} has 2 animations, 'slow', 'fast'; the first that moves a character is read",
    )
    assert len(read.people[0]) == 40
    write_glb({"t-pose": [first[:2]], "dance": [second]}, tmp_path / "a.glb")
    assert len(read_people(tmp_path / "a.glb").people[0]) == 60, "a pose is no dance"


def test_a_file_without_a_skin_and_nodes_with_matrices(glb: Path) -> None:
    def change(document: Document) -> None:
        del document["skins"]
        for node in document["nodes"]:
            node.pop("skin", None)
        holder = document["nodes"][0]
        holder["matrix"] = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]

    assert off_m(rewritten(glb, change), dancing_m()).max() < 0.005


def test_the_three_interpolations() -> None:
    keys_s, at_s = np.array([0.0, 1.0, 3.0]), np.array([-1.0, 0.5, 1.0, 2.0, 9.0])
    values = np.array([[0.0], [4.0], [8.0]])
    assert sample(keys_s, values, at_s, "LINEAR", is_rotation=False)[:, 0].tolist() == [0, 2, 4, 6, 8]
    assert sample(keys_s, values, at_s, "STEP", is_rotation=False)[:, 0].tolist() == [0, 0, 4, 4, 8]
    slopes = np.array([[4.0], [3.0], [2.0]])
    spline = np.stack([slopes, values, slopes], axis=1).reshape(-1, 1)
    cubic = sample(keys_s, spline, at_s, "CUBICSPLINE", is_rotation=False)[:, 0]
    assert cubic.tolist() == pytest.approx([0, 2 + (4 - 3) / 8, 4, 6 + 2 * (3 - 2) / 8, 8])
    turns = Rotation.from_euler("y", [[0.0], [80.0], [-100.0]], degrees=True)
    found = sample(keys_s, turns.as_quat() * [[1], [-1], [1]], at_s[1:4], "LINEAR", is_rotation=True)
    expected = Slerp(keys_s, turns)(at_s[1:4])
    assert (Rotation.from_quat(found) * expected.inv()).magnitude() == pytest.approx(0, abs=1e-6)
    assert sample(keys_s[:1], values[:1], at_s, "LINEAR", is_rotation=False)[:, 0].tolist() == [0] * 5


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda d: d.pop("animations"), "has no animation; export it with the animation"),
        (lambda d: d["accessors"].pop(), "damaged GLB file, or not supported"),
        (lambda d: d["nodes"][1]["children"].append(0), "nodes contain each other"),
        (lambda d: d["accessors"][-1].update(count=10**9), "lies outside the file"),
        (lambda d: d.update(extensionsRequired=["EXT_meshopt_compression"]), "export it without compression"),
        (lambda d: d["buffers"][0].update(uri="a.bin"), "its data lies in another file"),
        (lambda d: d["asset"].clear() or d.pop("nodes"), "damaged"),
    ],
)
def test_what_cannot_be_read_is_named(glb: Path, change: Callable[[Document], object], why: str) -> None:
    with pytest.raises(PoseError, match=why):
        read_people(rewritten(glb, change))  # type: ignore[arg-type]


def test_too_many_frames_are_refused_before_they_take_memory(glb: Path) -> None:
    def change(document: Document) -> None:
        times = document["accessors"][document["animations"][0]["samplers"][0]["input"]]
        times["count"] = 2
        for sampler in document["animations"][0]["samplers"]:
            document["accessors"][sampler["output"]]["count"] = 2

    path = rewritten(glb, change)
    data = path.read_bytes()
    at = data.index(np.arange(3).astype(np.float32).__truediv__(np.float32(30)).tobytes())
    path.write_bytes(data[:at] + struct.pack("<ff", 0, 1e-3) + data[at + 8 :])
    assert len(read_people(path).people[0]) == 2
    with pytest.raises(PoseError, match="transforms can be read, so split the animation"):
        read_people(rewritten(path, lambda document: document["nodes"].extend([{}] * 3_000_000)))


def test_damaged_files_are_refused(glb: Path, tmp_path: Path) -> None:
    data = glb.read_bytes()
    rng = np.random.default_rng(0)
    bad = tmp_path / "b.glb"
    for content in (b"", b"glTF", data[:19], data[:4000], b"glTF" + struct.pack("<II", 1, 12), b"{}" * 20):
        bad.write_bytes(content)
        with pytest.raises(PoseError):
            read_people(bad)
    for _ in range(60):
        changed = bytearray(data[:20000] + data[-200:])
        changed[8:12] = struct.pack("<I", len(changed))
        for at in rng.integers(12, 15000, 4):
            changed[at] = rng.integers(256)
        bad.write_bytes(bytes(changed))
        with contextlib.suppress(BopBotError):
            read_people(bad)
