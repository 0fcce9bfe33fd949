"""What all formats have in common; what each has of its own stands in its own test."""

import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from acclaim_files import write_amc
from builders import random_walk_px
from rigid_dancer import dancing_m

from pose_vocab.errors import OutputError, PoseError
from pose_vocab.formats import FORMATS, WRITABLE, PoseInput, detect, find_writable, read_people, write_people
from pose_vocab.formats.bvh.load import load_bvh
from pose_vocab.joint_mapping import to_dancer
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import COCO_17, DANCER, MEDIAPIPE, Skeleton

OF_SEVERAL = ("openpose", "pose", "csv", "c3d", "parquet", "movement")
NAMES = {name: "dance" + (row.suffixes[0] if name != "openpose" else "") for name, row in WRITABLE.items()}
IN_SPACE = ("bvh", "glb", "usd", "trc", "c3d")
"""Store poses in metres only."""
WITHOUT_CONFIDENCE = IN_SPACE
CASES = [(name, dims) for name in WRITABLE for dims in (2, 3) if dims == 3 or name not in IN_SPACE]
WITHIN_M = {"bvh": 0.005, "glb": 0.005, "usd": 0.005}
"""A rig has one length for each bone, left and right."""


def crowd(dims: int) -> list[PoseSequence]:
    """Two people: one always there, and beside them one who comes later and whose left hand is hidden for a while."""
    first = random_walk_px(30, seed=1) if dims == 2 else dancing_m(30, fps=20)
    confidence = np.full(first.confidence.shape, 0.75, np.float32)
    confidence[:10] = 0
    confidence[15:20, DANCER.index("left_wrist")] = 0
    beside = first.keypoints[::-1] + np.array([400.0, 0] if dims == 2 else [2.0, 0, 0], np.float32)
    return [first, PoseSequence(beside, confidence, first.fps, DANCER)]


@pytest.mark.parametrize(("name", "dims"), CASES)
def test_what_is_written_is_read_again(name: str, dims: int, tmp_path: Path) -> None:
    written = crowd(dims)[: 2 if name in OF_SEVERAL else 1]
    path = tmp_path / NAMES[name]
    rate = (f"{path} stores no frame rate; read it with --source-fps 20",) if name == "openpose" else ()
    assert write_people(written, path) == rate
    assert detect(path) is FORMATS[name]
    read = read_people(path, PoseInput(fps=20 if name == "openpose" else None)).people
    assert len(read) == len(written)
    for before, after in zip(written, map(to_dancer, read), strict=True):
        assert (after.dims, after.fps, len(after)) == (dims, 20, 30)
        assert np.array_equal(after.seen, before.seen)
        assert np.allclose(after.keypoints, before.keypoints, atol=WITHIN_M.get(name, 1e-4), equal_nan=True)
        if name not in WITHOUT_CONFIDENCE:
            assert np.allclose(after.confidence, before.confidence, atol=1e-5)


@pytest.mark.parametrize("name", WRITABLE)
def test_the_same_people_make_the_same_bytes_and_no_half_file(name: str, tmp_path: Path) -> None:
    people = crowd(3)[:1]
    contents = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        folder.mkdir()
        write_people(people, folder / NAMES[name])
        assert [path.name for path in folder.iterdir()] == [NAMES[name]]
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        contents.append([path.read_bytes() for path in files])
    assert contents[0] == contents[1]
    with pytest.raises(OutputError, match="does not exist"):
        write_people(people, tmp_path / "none" / NAMES[name])


@pytest.mark.parametrize("name", ["pose", "csv"])
@pytest.mark.parametrize("skeleton", [MEDIAPIPE, COCO_17])
def test_a_skeleton_is_kept(name: str, skeleton: Skeleton, tmp_path: Path) -> None:
    keypoints = np.random.default_rng(2).uniform(100, 900, (5, skeleton.n_joints, 2)).astype(np.float32)
    path = tmp_path / NAMES[name]
    write_people([PoseSequence.fully_seen(keypoints, 29.97, skeleton)], path)
    (poses,) = read_people(path).people
    assert (poses.skeleton, poses.fps) == (skeleton, pytest.approx(29.97, rel=1e-9))
    assert np.allclose(poses.keypoints, keypoints, atol=1e-3)


def test_a_rig_becomes_a_dancer_where_its_joints_have_no_place(tmp_path: Path) -> None:
    write_people([dancing_m(20)], tmp_path / "a.bvh")
    rig = load_bvh(tmp_path / "a.bvh")
    (notice,) = write_people([rig], tmp_path / "a.pose")
    assert "the 16 joints of skeleton 'dancer'" in notice
    (poses,) = read_people(tmp_path / "a.pose").people
    assert np.allclose(poses.keypoints, to_dancer(rig).keypoints, atol=1e-6)
    assert write_people([rig], tmp_path / "a.npz") == ()
    assert read_people(tmp_path / "a.npz").people[0].skeleton == rig.skeleton


@pytest.mark.parametrize("name", ["bopbot", "bvh"])
def test_a_file_for_one_refuses_several(name: str, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="stores one person, not 2; choose one"):
        write_people(crowd(3), tmp_path / NAMES[name])
    assert list(tmp_path.iterdir()) == []


def openpose_folder(folder: Path) -> Path:
    write_people(crowd(2), folder / "frames")
    return folder / "frames"


def written(name: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        write_people(crowd(3)[:1], folder / NAMES[name])
        return folder / NAMES[name]

    return write


def text(name: str, content: object) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))
        return folder / name

    return write


def array(name: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        keypoints = crowd(2)[0].keypoints
        np.save(folder / name, keypoints) if name.endswith("npy") else np.savez(folder / name, keypoints=keypoints)
        return folder / name

    return write


def aist_pickle(folder: Path) -> Path:
    path = folder / "a.pkl"
    path.write_bytes(pickle.dumps({"keypoints3d": np.random.default_rng(1).uniform(-90, 90, (6, 17, 3))}))
    return path


def smpl_pickle(folder: Path) -> Path:
    path = folder / "a.pkl"
    path.write_bytes(pickle.dumps({"smpl_poses": np.zeros((6, 72)), "smpl_trans": np.zeros((6, 3))}))
    return path


COCO = {
    "images": [{"id": 1, "file_name": "a.jpg"}],
    "annotations": [{"image_id": 1, "category_id": 1, "keypoints": [100, 200, 2] * 17}],
    "categories": [{"id": 1, "name": "person", "keypoints": list(COCO_17.joint_names)}],
}
MEDIAPIPE_FRAMES = [[{"x": 100 + i, "y": 50 * i, "z": 0, "visibility": 1} for i in range(33)]] * 2
EXAMPLES = {
    "bopbot": written("bopbot"),
    "bvh": written("bvh"),
    "glb": written("glb"),
    "trc": written("trc"),
    "c3d": written("c3d"),
    "parquet": written("parquet"),
    "movement": written("movement"),
    "usd": written("usd"),
    "openpose": openpose_folder,
    "pose": written("pose"),
    "csv": written("csv"),
    "coco": text("a.json", COCO),
    "smpl": smpl_pickle,
    "aist": aist_pickle,
    "amc": write_amc,
    "mediapipe-json": text("a.json", MEDIAPIPE_FRAMES),
    "numpy": array("a.npy"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_is_read_in_the_format_that_it_has_or_that_is_told(name: str, tmp_path: Path) -> None:
    path = EXAMPLES[name](tmp_path)
    skeleton = "dancer" if name == "numpy" else None
    assert detect(path) is FORMATS[name]
    found = read_people(path, PoseInput(fps=25, skeleton=skeleton)).people
    forced = read_people(path, PoseInput(fps=25, skeleton=skeleton, format=name)).people
    assert [one.fps for one in found] == [25] * len(forced)
    assert all(np.array_equal(a.keypoints, b.keypoints, equal_nan=True) for a, b in zip(found, forced, strict=True))


def test_frames_of_openpose_and_an_archive_of_arrays_are_told_from_their_likes(tmp_path: Path) -> None:
    frame = sorted(openpose_folder(tmp_path).iterdir())[0]
    assert detect(frame) is FORMATS["openpose"]
    assert detect(array("b.npz")(tmp_path)) is FORMATS["numpy"]


def test_a_told_format_goes_before_what_is_recognized(tmp_path: Path) -> None:
    path = text("a.json", COCO)(tmp_path)
    with pytest.raises(PoseError, match=r"a\.json"):
        read_people(path, PoseInput(format="openpose", fps=20))
    renamed = path.rename(tmp_path / "poses.txt")
    assert len(read_people(renamed, PoseInput(format="coco", fps=20)).people) == 1
    with pytest.raises(PoseError, match=r"there is no format 'cocoa'; --format takes bopbot, bvh, openpose"):
        detect(renamed, PoseInput(format="cocoa"))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.txt", "dance", r"expected \.npz, \.bvh, .* or a folder, got '\.txt'"),
        ("a", "dance", "got ''"),
        ("a.json", '{"version": 3}', "a.json is damaged or not one of: OpenPose JSON"),
        ("a.npz", "dance", "a.npz is damaged or not one of: BopBot's own pose file, NumPy array"),
        ("a.bvh", "dance", "line 1: expected 'HIERARCHY', got 'dance'"),
        ("a.pose", "dance", "a.pose is not a .pose file, or is damaged"),
    ],
)
def test_what_holds_no_poses_is_named(name: str, content: str, says: str, tmp_path: Path) -> None:
    path = text(name, content)(tmp_path)
    with pytest.raises(PoseError, match=says) as caught:
        read_people(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_without_poses_and_nothing_at_all(tmp_path: Path) -> None:
    with pytest.raises(PoseError, match="is a folder without poses; expected OpenPose JSON"):
        detect(tmp_path)
    with pytest.raises(PoseError, match="there is no file or folder"):
        detect(tmp_path / "none.bvh")


@pytest.mark.parametrize("name", FORMATS)
def test_a_look_is_never_an_error(name: str, tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "zeros").write_bytes(bytes(1000))
    (tmp_path / "folder").mkdir()
    assert {FORMATS[name].recognizes(tmp_path / damaged) for damaged in ("empty", "zeros")} <= {True, False}
    assert not FORMATS[name].recognizes(tmp_path / "folder")
    assert not FORMATS[name].recognizes(tmp_path / "none")


@pytest.mark.parametrize("name", ["coco", "mediapipe-json", "openpose"])
def test_a_look_at_any_json_ends_soon(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    for content in ("[" * 65_536, '{"frames":' + "[" * 65_536, '{"frames":[' * 6_000, "[" + "null," * 13_000):
        path.write_text(content)
        assert not FORMATS[name].recognizes(path)


def test_bopbots_own_file_may_hold_shares_of_a_picture_too(tmp_path: Path) -> None:
    pixels = random_walk_px(20, seed=1)
    path = tmp_path / "a.npz"
    write_people([pixels.with_keypoints(pixels.keypoints / 1000)], path)
    with pytest.raises(PoseError, match=r"has normalized coordinates; .*--source-size 1280x720"):
        read_people(path)
    read = read_people(path, PoseInput(size_px=(1000, 1000)))
    assert np.allclose(read.people[0].keypoints, pixels.keypoints, atol=1e-3)
    assert read.notices == (f"{path} has normalized coordinates; read as a picture of 1000x1000 pixels",)
    for poses in (pixels, dancing_m(5)):
        write_people([poses], path)
        read = read_people(path, PoseInput(size_px=(1000, 1000)))
        assert np.array_equal(read.people[0].keypoints, poses.keypoints)
        assert read.notices == ()


@pytest.mark.parametrize("name", ["a.mp4", "a.json", "a.npy"])
def test_a_suffix_that_nobody_writes(name: str, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"\.npz, .*\.csv, \.glb, \.trc, \.c3d, .*, or none to write a folder"):
        find_writable(tmp_path / name)


def test_told_frames_a_second_go_before_the_files_own(tmp_path: Path) -> None:
    for name in ("bopbot", "bvh", "pose"):
        path = EXAMPLES[name](tmp_path)
        assert read_people(path, PoseInput(fps=12.5)).people[0].fps == 12.5
        path.unlink()


def test_infinite_and_zero_rates_are_refused(tmp_path: Path) -> None:
    poses = crowd(2)[0]
    write_people([replace(poses, fps=1e-50)], tmp_path / "a.pose")
    with pytest.raises(PoseError, match="frames per second must be positive"):
        read_people(tmp_path / "a.pose")
