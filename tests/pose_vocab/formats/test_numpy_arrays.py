from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import random_walk_px, standing_px
from numpy.typing import NDArray
from rigid_dancer import dancing_m

from pose_vocab.errors import PoseError
from pose_vocab.formats import read_as
from pose_vocab.formats.interface import PoseInput, PosesRead
from pose_vocab.formats.numpy_arrays import NumpyArrays
from pose_vocab.skeletons import DANCER, MEDIAPIPE

NUMPY = NumpyArrays()
DANCERS = PoseInput(fps=20, skeleton="dancer")
POSES = random_walk_px(20, seed=4)


def read_npy(folder: Path, array: Any, pose_input: PoseInput = DANCERS) -> PosesRead:
    path = folder / "a.npy"
    np.save(path, array)
    return read_as(NUMPY, path, pose_input)


def read_npz(folder: Path, pose_input: PoseInput = PoseInput(), **arrays: Any) -> PosesRead:  # noqa: B008
    path = folder / "a.npz"
    np.savez(path, **arrays)
    return read_as(NUMPY, path, pose_input)


def test_a_bare_array_needs_a_skeleton_and_is_one_person(tmp_path: Path) -> None:
    (poses,) = read_npy(tmp_path, POSES.keypoints).people
    assert (poses.skeleton, poses.fps) == (DANCER, 20)
    assert np.array_equal(poses.keypoints, POSES.keypoints)
    with pytest.raises(PoseError, match=r"--skeleton dancer \(dancer, mediapipe, coco-17"):
        read_npy(tmp_path, POSES.keypoints, PoseInput())
    with pytest.raises(PoseError, match="there is no skeleton 'cat'"):
        read_npy(tmp_path, POSES.keypoints, PoseInput(skeleton="cat"))


def test_several_people_come_the_one_seen_most_first(tmp_path: Path) -> None:
    hidden = POSES.keypoints + np.float32(300)
    hidden[5:] = np.nan
    first, second = read_npy(tmp_path, np.stack([hidden, POSES.keypoints])).people
    assert np.array_equal(first.keypoints, POSES.keypoints)
    assert second.seen.any(axis=1).tolist() == [True] * 5 + [False] * 15


def test_three_coordinates_are_metres_never_confidence(tmp_path: Path) -> None:
    metres = dancing_m(20)
    result = read_npy(tmp_path, metres.keypoints)
    assert np.array_equal(result.people[0].keypoints, metres.keypoints)
    assert result.notices == (f"{tmp_path / 'a.npy'} has three coordinates; read as positions in space",)
    with_confidence = np.concatenate([POSES.keypoints, np.ones((20, 16, 1))], axis=2)
    with_confidence[:15] = np.nan
    assert read_npy(tmp_path, with_confidence).people[0].dims == 2


def test_an_archive_says_it_itself(tmp_path: Path) -> None:
    confidence = np.full((20, 16), 0.5)
    confidence[3, 2] = 0
    arrays = {"keypoints": POSES.keypoints, "confidence": confidence, "fps": 25, "skeleton": "dancer"}
    (poses,) = read_npz(tmp_path, **arrays).people
    assert (poses.fps, poses.skeleton) == (25, DANCER)
    assert np.array_equal(poses.confidence, confidence)
    assert read_npz(tmp_path, PoseInput(fps=50), **arrays).people[0].fps == 50


def test_shares_of_a_picture_need_its_size(tmp_path: Path) -> None:
    shares = POSES.keypoints / 1000
    with pytest.raises(PoseError, match="--source-size"):
        read_npy(tmp_path, shares)
    (poses,) = read_npy(tmp_path, shares, PoseInput(20, skeleton="dancer", size_px=(1000, 1000))).people
    assert poses.keypoints == pytest.approx(POSES.keypoints, rel=1e-4)


def on_mediapipe(body: NDArray[np.float32]) -> NDArray[np.float32]:
    """A dancer's nose, hips and ankles as MediaPipe's; all other landmarks are missing."""
    landmarks = np.full((len(body), 33, 3), np.nan, np.float32)
    for name in ("nose", "left_hip", "right_hip", "left_ankle", "right_ankle"):
        landmarks[:, MEDIAPIPE.index(name)] = body[:, DANCER.index(name)]
    return landmarks


def test_shares_with_a_depth_are_never_metres_upside_down(tmp_path: Path) -> None:
    depth = np.linspace(-0.3, 0.3, 16)[None, :, None].repeat(20, axis=0)
    shares = on_mediapipe(np.concatenate([POSES.keypoints / 1000, depth], axis=2))
    shares[:, MEDIAPIPE.index("left_ankle"), 1] = 1.8
    with pytest.raises(PoseError, match=r"normalized coordinates; .*--source-size 1280x720"):
        read_npy(tmp_path, shares, PoseInput(20, skeleton="mediapipe"))
    result = read_npy(tmp_path, shares, PoseInput(fps=20, skeleton="mediapipe", size_px=(2000, 1000)))
    assert result.people[0].joint("nose") == pytest.approx(POSES.joint("nose") * [2, 1], rel=1e-4)
    assert "read as a picture of 2000x1000 pixels" in result.notices[0]
    assert "third value of each joint is no coordinate in space" in result.notices[1]


def test_shares_with_a_confidence_lose_the_joints_that_have_none(tmp_path: Path) -> None:
    shares = np.concatenate([POSES.keypoints / 1000, np.full((20, 16, 1), 0.9)], axis=2)
    shares[3, DANCER.index("left_wrist")] = 0
    with pytest.raises(PoseError, match="--source-size"):
        read_npy(tmp_path, shares)
    (poses,) = read_npy(tmp_path, shares, PoseInput(fps=20, skeleton="dancer", size_px=(1000, 1000))).people
    assert np.argwhere(~poses.seen).tolist() == [[3, DANCER.index("left_wrist")]]
    assert poses.keypoints[5] == pytest.approx(POSES.keypoints[5], rel=1e-4)


def test_metres_with_y_down_are_refused_and_the_told_size_of_a_picture_makes_no_shares_of_them(tmp_path: Path) -> None:
    body = dancing_m(20).keypoints
    around_hips = body - body[:, [DANCER.index("left_hip"), DANCER.index("right_hip")]].mean(axis=1, keepdims=True)
    for pose_input in (DANCERS, PoseInput(fps=20, skeleton="dancer", size_px=(1000, 1000))):
        turned = read_npy(tmp_path, around_hips * [1, -1, -1], pose_input)
        seen = turned.people[0].seen  # hips exactly at the origin count as missing
        assert seen.mean() > 0.99
        assert turned.people[0].keypoints[seen] == pytest.approx(around_hips[seen], abs=1e-6)
        assert any("-y points up, judged by the people in it" in notice for notice in turned.notices)
        assert np.array_equal(read_npy(tmp_path, body, pose_input).people[0].keypoints, body)
    hips_up = on_mediapipe(body * [1, -1, -1])
    hips_up[:, MEDIAPIPE.index("left_ankle")] = np.nan
    with pytest.raises(PoseError, match="normalized coordinates"):
        read_npy(tmp_path, hips_up, PoseInput(fps=20, skeleton="mediapipe"))


def test_it_knows_its_own_but_not_bopbots(tmp_path: Path) -> None:
    standing_px(2).save(tmp_path / "own.npz")
    np.savez(tmp_path / "arrays.npz", keypoints=POSES.keypoints)
    np.savez(tmp_path / "others.npz", boxes=POSES.keypoints)
    np.save(tmp_path / "bare.npy", POSES.keypoints)
    (tmp_path / "garbage.npy").write_bytes(b"garbage")
    known = {path.name for path in tmp_path.iterdir() if NUMPY.recognizes(path)}
    assert known == {"arrays.npz", "bare.npy"}
    assert not NUMPY.recognizes(tmp_path)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((3, 17, 2)), "keypoints of 'dancer' are ([people,] frames, 16, 2 or 3)"),
        (np.zeros((3, 16, 4)), "got (3, 16, 4)"),
        (np.zeros(3), "got (3,)"),
        (np.zeros((0, 16, 2)), "expected numbers, got float64 of shape (0, 16, 2)"),
        (np.full((3, 16, 2), "1"), "expected numbers, got <U1"),
        (np.zeros((3, 16, 2), complex), "expected numbers, got complex128"),
        (np.full((3, 16, 2), np.inf), "keypoints: inf is out of range; coordinates lie within 1000000 of 0"),
        (np.full((3, 16, 2), np.nan), "nobody is seen in any of 3 frames"),
    ],
)
def test_bad_arrays_are_answered(tmp_path: Path, array: Any, message: str) -> None:
    with pytest.raises(PoseError) as caught:
        read_npy(tmp_path, array)
    assert message in str(caught.value)
    assert "a.npy" in str(caught.value)


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([{}], object), allow_pickle=True)
    np.savez(tmp_path / "a.npz", keypoints=np.array([{}], object))
    for name in ("a.npy", "a.npz"):
        with pytest.raises(PoseError, match="Python objects, which may be code"):
            read_as(NUMPY, tmp_path / name, DANCERS)


def test_bad_archives_are_answered(tmp_path: Path) -> None:
    for arrays, message in (
        ({"boxes": np.zeros(3)}, "contains boxes; expected an array 'keypoints'"),
        ({"keypoints": POSES.keypoints}, "names no skeleton"),
        ({"keypoints": POSES.keypoints, "skeleton": "cat"}, "there is no skeleton 'cat'"),
        ({"keypoints": POSES.keypoints, "skeleton": "dancer", "confidence": np.ones((20, 15))}, "confidence must be"),
        ({"keypoints": POSES.keypoints, "skeleton": "dancer", "fps": 0}, "must be positive"),
        ({"keypoints": POSES.keypoints, "skeleton": "dancer", "fps": "fast"}, "fps: expected numbers"),
    ):
        with pytest.raises(PoseError, match=message):
            read_npz(tmp_path, **arrays)


@pytest.mark.parametrize("suffix", [".npy", ".npz"])
def test_damaged_files_are_answered(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    with path.open("wb") as file:
        np.save(file, POSES.keypoints) if suffix == ".npy" else np.savez(file, keypoints=POSES.keypoints)
    whole = path.read_bytes()
    for damaged in (b"", b"garbage", whole[:9], whole[:100], whole[:-20]):
        path.write_bytes(damaged)
        with pytest.raises(PoseError):
            read_as(NUMPY, path, DANCERS)
    with pytest.raises(PoseError, match="there is no file"):
        read_as(NUMPY, tmp_path / f"missing{suffix}", DANCERS)


def test_an_archive_that_unpacks_to_gigabytes_is_refused(tmp_path: Path) -> None:
    header = np.lib.format.header_data_from_array_1_0(np.zeros((1, 16, 2)))
    with (tmp_path / "a.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header | {"shape": (10**9, 16, 2)})
    with pytest.raises(PoseError, match="cannot be read as arrays"):
        read_as(NUMPY, tmp_path / "a.npy", DANCERS)
