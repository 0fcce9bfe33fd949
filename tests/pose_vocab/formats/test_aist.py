import builtins
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pose_vocab.errors import PoseError
from pose_vocab.formats import read_as
from pose_vocab.formats.aist import Aist
from pose_vocab.formats.interface import PoseInput, PosesRead
from pose_vocab.skeletons import COCO_17

AIST = Aist()
RNG = np.random.default_rng(1)
VIEWS = RNG.uniform(100, 900, (9, 6, 17, 3))
VIEWS[..., 2] = RNG.uniform(0.1, 1, VIEWS.shape[:3])
CENTIMETRES = RNG.uniform(-100, 100, (6, 17, 3))
IN_2D = {
    "keypoints2d": VIEWS,
    "det_scores": np.ones((9, 6)),
    "timestamps": np.round(np.arange(6) * 1e6 / 60).astype(np.int64),
}


def read(folder: Path, content: Any, protocol: int = 4) -> PosesRead:
    path = folder / "a.pkl"
    path.write_bytes(content if isinstance(content, bytes) else pickle.dumps(content, protocol))
    return read_as(AIST, path, PoseInput())


@pytest.mark.parametrize("protocol", range(6))
def test_2d_is_the_front_camera_and_says_so(tmp_path: Path, protocol: int) -> None:
    result = read(tmp_path, IN_2D, protocol)
    (poses,) = result.people
    assert (poses.skeleton, poses.fps, poses.dims) == (COCO_17, 60, 2)
    assert poses.keypoints == pytest.approx(VIEWS[0, ..., :2], rel=1e-6)
    assert poses.confidence == pytest.approx(VIEWS[0, ..., 2], rel=1e-6)
    assert any("9 views; the first one, of the front camera, is read" in notice for notice in result.notices)


def test_3d_becomes_metres_and_the_better_one_is_taken(tmp_path: Path) -> None:
    for content in ({"keypoints3d": CENTIMETRES * 2, "keypoints3d_optim": CENTIMETRES}, {"keypoints3d": CENTIMETRES}):
        result = read(tmp_path, content)
        assert result.people[0].keypoints == pytest.approx(CENTIMETRES / 100, rel=1e-6)
        assert (result.people[0].fps, result.notices) == (60, ())


def test_arrays_of_any_make_are_read(tmp_path: Path) -> None:
    for array in (
        CENTIMETRES.astype(np.float32),
        CENTIMETRES.astype(">f8"),
        np.asfortranarray(CENTIMETRES),
        np.round(CENTIMETRES).astype(np.int16),
    ):
        for protocol in (2, 5):
            poses = read(tmp_path, {"keypoints3d": array}, protocol).people[0]
            assert np.array_equal(poses.keypoints, (array.astype(np.float64) / 100).astype(np.float32))


def test_numpy_2_calls_its_parts_otherwise(tmp_path: Path) -> None:
    old = pickle.dumps({"keypoints3d": CENTIMETRES}, 2)
    new = old.replace(b"numpy.core.multiarray", b"numpy._core.multiarray")
    assert new != old
    assert read(tmp_path, new).people[0].keypoints == pytest.approx(CENTIMETRES / 100, rel=1e-6)


def test_what_is_not_seen_is_missing(tmp_path: Path) -> None:
    views = VIEWS.copy()
    views[0, 2] = np.nan
    views[0, 3, 5, 2] = 0
    (poses,) = read(tmp_path, IN_2D | {"keypoints2d": views}).people
    assert poses.seen.sum(axis=1).tolist() == [17, 17, 0, 16, 17, 17]


@pytest.mark.parametrize(("ticks", "fps"), [(1e6, 60), (1e3, 60), (1, 30), (1e6, 25)])
def test_time_stamps_say_the_rate(tmp_path: Path, ticks: float, fps: float) -> None:
    (poses,) = read(tmp_path, IN_2D | {"timestamps": np.arange(6) * ticks / fps}).people
    assert poses.fps == fps


class Runs:
    """Asks to be unpickled by calling something."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple[Any, ...]:
        return self.call


@pytest.mark.parametrize("protocol", range(6))
def test_code_is_named_and_not_run(tmp_path: Path, protocol: int) -> None:
    victim = tmp_path / "victim"
    victim.touch()
    for function in (builtins.eval, builtins.exec):
        code = f"__import__('pathlib').Path({str(victim)!r}).unlink()"
        with pytest.raises(PoseError, match=rf"contains code \((builtins|__builtin__)\.{function.__name__}\)"):
            read(tmp_path, {"keypoints3d": CENTIMETRES, "x": Runs(function, code)}, protocol)
    assert victim.exists()


def test_code_in_old_pickles_is_named(tmp_path: Path) -> None:
    for text, name in (
        (b"cos\nsystem\n(S'true'\ntR.", "os.system"),
        (b"(S'true'\nios\nsystem\n.", "os.system"),
        (b"\x80\x04\x8c\x05numpy\x8c\x04load\x93.", "numpy.load"),
    ):
        with pytest.raises(PoseError, match=rf"contains code \({name}\), which was not run; only arrays"):
            read(tmp_path, text)


def test_the_reader_itself_cannot_be_changed(tmp_path: Path) -> None:
    from pose_vocab.formats.array_pickle import KNOWN

    before = [vars(stand_in).copy() for stand_in in KNOWN.values()]
    for module, name in KNOWN:
        # A pickle that names a part and then sets {"array": 0} on it, as state and as slots.
        for state in (b"}S'array'\nK\x00s", b"(N}S'array'\nK\x00st"):
            with pytest.raises(PoseError, match="not a pickle of arrays"):
                read(tmp_path, f"c{module}\n{name}\n".encode() + state + b"b.")
    assert [vars(stand_in) for stand_in in KNOWN.values()] == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a pickle of arrays"),
        (b"garbage", "not a pickle of arrays"),
        ({"smpl_poses": np.zeros((3, 72)), "smpl_trans": np.zeros((3, 3))}, "read it with --format smpl"),
        ({"boxes": np.zeros(3)}, "contains boxes; expected keypoints2d"),
        ({}, "contains no arrays"),
        ([CENTIMETRES], "not a table of arrays"),
        ({"keypoints3d": np.zeros((6, 16, 3))}, "expected (frames, 17, 3), got (6, 16, 3)"),
        ({"keypoints3d": np.zeros((0, 17, 3))}, "expected (frames, 17, 3)"),
        ({"keypoints2d": CENTIMETRES}, "expected (views, frames, 17, 3), got (6, 17, 3)"),
        ({"keypoints3d": np.full((6, 17, 3), np.nan)}, "nobody is seen in any of 6 frames"),
        ({"keypoints3d": np.full((6, 17, 3), np.inf)}, "inf is out of range"),
        ({"keypoints3d": CENTIMETRES.astype(object)}, "hold object, not numbers"),
        ({"keypoints3d": CENTIMETRES.astype(str)}, "not numbers"),
        ({"keypoints3d": np.zeros((600, 17, 3)).tolist()}, "contains too many objects"),
        (b"\x80\x02}r\xff\xff\xff\x7f.", "contains too many objects"),
    ],
)
def test_bad_input_is_answered(tmp_path: Path, content: Any, message: str) -> None:
    with pytest.raises(PoseError) as caught:
        read(tmp_path, content)
    assert message in str(caught.value)
    assert "a.pkl" in str(caught.value)
    assert "\n" not in str(caught.value)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), st.binary(min_size=1, max_size=3))
def test_damage_anywhere_is_answered(tmp_path_factory: pytest.TempPathFactory, place: int, junk: bytes) -> None:
    whole = pickle.dumps({"keypoints3d": CENTIMETRES[:1]}, 2)
    place %= len(whole)
    folder = tmp_path_factory.mktemp("aist")
    with pytest.raises(PoseError):
        read(folder, whole[:place])
    try:
        poses = read(folder, whole[:place] + junk + whole[place + len(junk) :]).people[0]
    except PoseError:
        return
    assert poses.keypoints.shape == (1, 17, 3)


def test_a_missing_or_enormous_file_is_answered(tmp_path: Path) -> None:
    with pytest.raises(PoseError, match="there is no file"):
        read_as(AIST, tmp_path / "missing.pkl", PoseInput())
    with (tmp_path / "large.pkl").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(PoseError, match="larger than 512 MiB"):
        read_as(AIST, tmp_path / "large.pkl", PoseInput())
    assert not AIST.recognizes(tmp_path)
