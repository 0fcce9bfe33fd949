from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders import standing_px
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pose_vocab.errors import OutputError, PoseError
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER, Skeleton

PAIR = Skeleton("pair", ("left_hand", "right_hand"), ((0, 1),), ((0, 1),))


def test_a_joint_with_a_nan_is_missing_as_a_whole() -> None:
    keypoints = np.array([[[1.0, np.nan], [3.0, 4.0]]])
    poses = PoseSequence(keypoints, np.array([[0.9, 0.8]]), 20, PAIR)
    assert np.isnan(poses.keypoints[0, 0]).all()
    assert poses.confidence.tolist() == [[0.0, pytest.approx(0.8)]]
    assert poses.seen.tolist() == [[False, True]]


def test_a_joint_without_confidence_is_missing() -> None:
    poses = PoseSequence(np.zeros((1, 2, 2)), np.array([[0.0, np.nan]]), 20, PAIR)
    assert np.isnan(poses.keypoints).all()
    assert (poses.confidence == 0).all()


@pytest.mark.parametrize(
    ("shape", "confidence", "fps", "says"),
    [
        ((4, 3, 2), (4, 3), 20, r"must be \(frames, 2, 2 or 3\), got \(4, 3, 2\)"),
        ((4, 2, 4), (4, 2), 20, r"got \(4, 2, 4\)"),
        ((4, 2, 2), (4, 3), 20, r"confidence must be \(4, 2\).*got \(4, 3\)"),
        ((4, 2, 2), (4, 2), 0, "frames per second must be positive, got 0"),
        ((4, 2, 2), (4, 2), float("nan"), "got nan"),
    ],
)
def test_what_does_not_fit_is_named(shape: tuple[int, ...], confidence: tuple[int, ...], fps: float, says: str) -> None:
    with pytest.raises(PoseError, match=says):
        PoseSequence(np.zeros(shape), np.ones(confidence), fps, PAIR)


@pytest.mark.parametrize(
    ("value", "says"), [(np.inf, "inf"), (-1e30, "-1e\\+30"), (1e300, "inf"), (1_000_001, "1e\\+06")]
)
def test_coordinates_of_nowhere_are_refused(value: float, says: str) -> None:
    keypoints = np.zeros((1, 2, 2))
    assert PoseSequence.fully_seen(keypoints + 1e6, 20, PAIR).seen.all()
    keypoints[0, 1, 0] = value
    with pytest.raises(PoseError, match=f"{says} is out of range; coordinates lie within 1000000 of 0"):
        PoseSequence.fully_seen(keypoints, 20, PAIR)


def test_a_file_with_such_a_coordinate_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    standing_px().save(path)
    with np.load(path) as saved:
        arrays = dict(saved)
    arrays["keypoints"][3, 4, 1] = 1e30
    np.savez(path, **arrays)
    with pytest.raises(PoseError, match=r"a\.npz: keypoints of .*: 1e\+30 is out of range"):
        PoseSequence.load(path)


def test_sequences_do_not_change() -> None:
    poses = standing_px()
    with pytest.raises(ValueError, match="read-only"):
        poses.keypoints[0, 0] = 0
    source = np.zeros((1, 2, 2), np.float32)
    sequence = PoseSequence.fully_seen(source, 20, PAIR)
    source[:] = 7
    assert (sequence.keypoints == 0).all()


@given(
    keypoints=hnp.arrays(np.float32, (3, 2, 2), elements=st.floats(-1e4, 1e4, width=32) | st.just(np.nan)),
    confidence=hnp.arrays(np.float32, (3, 2), elements=st.floats(0, 1, width=32)),
    fps=st.floats(1, 240),
)
def test_saved_and_loaded_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, keypoints: np.ndarray, confidence: np.ndarray, fps: float
) -> None:
    path = tmp_path_factory.mktemp("poses") / "a.npz"
    saved = PoseSequence(keypoints, confidence, fps, PAIR)
    saved.save(path)
    loaded = PoseSequence.load(path)
    assert np.array_equal(saved.keypoints, loaded.keypoints, equal_nan=True)
    assert np.array_equal(saved.confidence, loaded.confidence)
    assert (saved.fps, saved.skeleton) == (loaded.fps, loaded.skeleton)


def test_what_is_not_a_pose_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(PoseError, match="there is no file"):
        PoseSequence.load(tmp_path / "none.npz")
    (tmp_path / "text.npz").write_text("hello")
    with pytest.raises(PoseError, match="cannot be read as a pose file"):
        PoseSequence.load(tmp_path / "text.npz")
    np.savez(tmp_path / "other.npz", keypoints=np.zeros(3))
    with pytest.raises(PoseError, match="not a pose file of this version"):
        PoseSequence.load(tmp_path / "other.npz")
    np.savez(tmp_path / "code.npz", format=np.array([{"a": 1}], dtype=object))
    with pytest.raises(PoseError, match="cannot be read"):
        PoseSequence.load(tmp_path / "code.npz")


def test_a_good_file_survives_a_failed_write(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    standing_px().save(path)
    before = path.read_bytes()
    with pytest.raises(OutputError, match="does not exist"):
        standing_px().save(tmp_path / "nowhere" / "a.npz")
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_slice_is_a_stretch_of_time() -> None:
    poses = standing_px(frames=40)
    assert len(poses[10:30]) == 20
    assert poses[10:30].duration_s == pytest.approx(1.0)
    assert poses.joint("neck").shape == (40, 2)
    assert poses.skeleton is DANCER


@pytest.mark.parametrize(
    ("frames", "begin_s"),
    [
        (slice(None), 3.0),
        (slice(10, 30), 3.5),
        (slice(None, 5), 3.0),
        (slice(-4, None), 4.8),
        (slice(20, 30, 2), 4.0),
        (slice(99, None), 5.0),
    ],
)
def test_a_slice_says_when_it_begins(frames: slice, begin_s: float) -> None:
    """Of two seconds at 20 fps that were cut out of something longer at its third second."""
    poses = replace(standing_px(frames=40), begin_s=3.0)
    assert poses[frames].begin_s == pytest.approx(begin_s)
    assert poses[frames].with_keypoints(poses[frames].keypoints).begin_s == pytest.approx(begin_s)


def test_a_slice_of_a_slice_is_still_of_the_whole() -> None:
    assert standing_px().begin_s == 0
    assert standing_px(frames=40)[10:][6:20].begin_s == pytest.approx(0.8)
