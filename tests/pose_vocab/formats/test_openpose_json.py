import json
import os
import random
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import moved, random_walk_px, standing_px
from numpy.typing import NDArray
from pose_format.utils.openpose import load_openpose_directory

from pose_vocab.errors import OutputError, PoseError
from pose_vocab.formats import read_as
from pose_vocab.formats.identity_tracking import track_identities
from pose_vocab.formats.interface import PoseInput, PosesRead
from pose_vocab.formats.openpose_json import OpenPoseJson
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import BODY_25, COCO_17, DANCER, MEDIAPIPE, OPENPOSE_15, OPENPOSE_18, Skeleton

OPENPOSE = OpenPoseJson()
AT_20 = PoseInput(fps=20)
BODY_PX = np.array([[10 * k % 60, 7 * k] for k in range(25)], float)
"""One pose, about 170 pixels large."""


def at(body: NDArray[np.float64], x: float, y: float) -> NDArray[np.float64]:
    return body + np.array([x, y])


def person(x: float, y: float = 300, joints: int = 25, key: str = "pose_keypoints_2d", **more: Any) -> dict[str, Any]:
    """The pose moved to (x, y), every joint with confidence 0.9."""
    body = np.concatenate([at(BODY_PX[:joints], x, y), np.full((joints, 1), 0.9)], axis=1)
    return {key: body.ravel().tolist(), **more}


def write_frames(folder: Path, frames: dict[int, list[dict[str, Any]]], name: str = "clip_{:012d}") -> Path:
    folder.mkdir()
    shuffled = list(frames)
    random.Random(3).shuffle(shuffled)
    for frame in shuffled:
        path = folder / (name.format(frame) + "_keypoints.json")
        path.write_text(json.dumps({"version": 1.3, "people": frames[frame]}))
    return folder


def read(path: Path, pose_input: PoseInput = AT_20) -> PosesRead:
    return read_as(OPENPOSE, path, pose_input)


def xs(poses: PoseSequence) -> list[float]:
    """Where the person is, frame by frame; NaN where nobody is seen."""
    return [round(float(x), 3) for x in poses.keypoints[:, 0, 0]]


def test_joints_are_read_in_the_order_of_the_layout(tmp_path: Path) -> None:
    (poses,) = read(write_frames(tmp_path / "a", {0: [person(100)]})).people
    assert (poses.skeleton, poses.fps, poses.dims) == (BODY_25, 20, 2)
    assert poses.keypoints[0] == pytest.approx(at(BODY_PX, 100, 300))
    assert poses.confidence[0] == pytest.approx(np.full(25, 0.9))


@pytest.mark.parametrize("skeleton", [BODY_25, OPENPOSE_18, OPENPOSE_15], ids=lambda skeleton: skeleton.name)
@pytest.mark.parametrize("key", ["pose_keypoints_2d", "pose_keypoints"])
def test_layouts_of_all_versions_are_known_by_their_length(tmp_path: Path, skeleton: Skeleton, key: str) -> None:
    (poses,) = read(write_frames(tmp_path / "a", {0: [person(5, joints=skeleton.n_joints, key=key)]})).people
    assert poses.skeleton == skeleton


def test_frames_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    folder = write_frames(tmp_path / "a", {k: [person(100 + k)] for k in range(8, 12)}, name="frame{}")
    assert np.array_equal(xs(read(folder).people[0]), [np.nan] * 8 + [108, 109, 110, 111], equal_nan=True)


def test_frames_with_nobody_stay_frames(tmp_path: Path) -> None:
    folder = write_frames(tmp_path / "a", {0: [], 1: [person(100)], 2: [], 4: [person(103)], 5: []})
    result = read(folder)
    assert np.array_equal(xs(result.people[0]), [np.nan, 100, np.nan, np.nan, 103, np.nan], equal_nan=True)
    assert any("1 frames have no file" in notice for notice in result.notices)


def test_a_joint_without_confidence_or_at_the_corner_is_missing(tmp_path: Path) -> None:
    one = person(100)
    one["pose_keypoints_2d"][3:6] = [120, 300, 0]
    one["pose_keypoints_2d"][6:9] = [0, 0, 0.5]
    one["pose_keypoints_2d"][9:12] = [None, 4, 0.5]
    (poses,) = read(write_frames(tmp_path / "a", {0: [one]})).people
    assert np.flatnonzero(~poses.seen[0]).tolist() == [1, 2, 3]


def test_two_who_cross_keep_their_identity_though_the_list_turns_round(tmp_path: Path) -> None:
    frames = {k: [person(100 + 8 * k), person(580 - 8 * k)] for k in range(60)}
    folder = write_frames(tmp_path / "a", {k: people[:: 1 if k % 3 else -1] for k, people in frames.items()})
    to_the_right, to_the_left = sorted(read(folder).people, key=lambda poses: xs(poses)[0])
    assert xs(to_the_right) == [100 + 8 * k for k in range(60)]
    assert xs(to_the_left) == [580 - 8 * k for k in range(60)]


def test_who_is_hidden_for_less_than_a_second_comes_back(tmp_path: Path) -> None:
    frames = {k: [person(1000), *([person(100 + 4 * k)] if k not in range(20, 38) else [])] for k in range(60)}
    still, walking = read(write_frames(tmp_path / "a", frames)).people
    assert xs(still) == [1000] * 60
    assert np.flatnonzero(walking.seen.any(axis=1)).tolist() == [*range(20), *range(38, 60)]


def test_who_is_away_for_longer_is_somebody_new(tmp_path: Path) -> None:
    frames = {k: [person(1000), *([person(100)] if k not in range(20, 45) else [])] for k in range(60)}
    assert len(read(write_frames(tmp_path / "a", frames)).people) == 3


def test_a_solo_is_one_person_however_long_the_gap(tmp_path: Path) -> None:
    frames = {0: [person(100)], 100: [person(500)]}
    assert len(read(write_frames(tmp_path / "a", frames)).people) == 1


def test_a_person_who_shows_other_joints_is_followed_by_where_they_would_be() -> None:
    upper, lower = BODY_PX.copy(), BODY_PX.copy()
    upper[12:], lower[:12] = np.nan, np.nan
    bodies = [BODY_PX, at(BODY_PX, 400, 0), at(upper, 8, 0), at(BODY_PX, 400, 0), at(lower, 16, 0), at(BODY_PX, 400, 0)]
    who = track_identities(np.array(bodies, np.float32), np.array([0, 0, 1, 1, 2, 2]), fps=20)
    assert who.tolist() == [0, 1, 0, 1, 0, 1]


def test_given_ids_are_believed(tmp_path: Path) -> None:
    frames = {
        k: [person(100 + 500 * (k % 2), person_id=[7]), person(600 - 500 * (k % 2), person_id=[3])] for k in range(4)
    }
    people = read(write_frames(tmp_path / "a", frames)).people
    assert sorted(xs(poses) for poses in people) == [[100, 600, 100, 600], [600, 100, 600, 100]]


def test_unknown_or_doubled_ids_are_not(tmp_path: Path) -> None:
    for name, ids in (("unknown", (-1, -1)), ("doubled", (1, 1))):
        frames = {k: [person(100, person_id=[ids[0]]), person(600, person_id=[ids[1]])] for k in range(4)}
        result = read(write_frames(tmp_path / name, frames))
        assert [xs(poses) for poses in result.people] == [[100] * 4, [600] * 4]
        assert any("same id" in notice for notice in result.notices) == (name == "doubled")


def test_the_one_in_the_picture_most_comes_first(tmp_path: Path) -> None:
    frames = {k: [person(900)] if k < 3 else [person(900), person(100)] for k in range(10)}
    assert [xs(poses)[-1] for poses in read(write_frames(tmp_path / "a", frames)).people] == [900, 100]


def test_one_file_is_one_frame(tmp_path: Path) -> None:
    folder = write_frames(tmp_path / "a", {41: [person(100)], 42: [person(200)]})
    (poses,) = read(folder / "clip_000000000042_keypoints.json").people
    assert xs(poses) == [200]


@pytest.mark.parametrize(("per_metre", "unit"), [(1, None), (100, "centimetres"), (1000, "millimetres")])
def test_3d_comes_in_metres_and_our_axes(tmp_path: Path, per_metre: float, unit: str | None) -> None:
    metres = np.concatenate([BODY_PX / 100, np.full((25, 1), 2.0)], axis=1)
    values = np.concatenate([metres * per_metre, np.ones((25, 1))], axis=1).ravel().tolist()
    result = read(write_frames(tmp_path / "a", {0: [{"pose_keypoints_2d": [], "pose_keypoints_3d": values}]}))
    assert result.people[0].keypoints[0] == pytest.approx(metres * [1, -1, -1], abs=1e-5)
    assert [notice for notice in result.notices if "is read as" in notice] == (
        [f"{tmp_path / 'a'} is read as {unit}, judged by the size of the people in it"] if unit else []
    )


def test_shares_of_a_picture_need_its_size(tmp_path: Path) -> None:
    one = person(0, 0)
    body = np.array(one["pose_keypoints_2d"]).reshape(25, 3)
    body[:, :2] /= 1000
    folder = write_frames(tmp_path / "a", {0: [{"pose_keypoints_2d": body.ravel().tolist()}]})
    with pytest.raises(PoseError, match="--source-size"):
        read(folder)
    (poses,) = read(folder, PoseInput(fps=20, size_px=(1000, 500))).people
    assert poses.keypoints[0, 1:] == pytest.approx(BODY_PX[1:] * [1, 0.5], abs=1e-3)


def test_without_a_rate_30_frames_a_second_are_said(tmp_path: Path) -> None:
    result = read(write_frames(tmp_path / "a", {0: [person(100)]}), PoseInput())
    assert result.people[0].fps == 30
    assert "30 frames per second" in result.notices[0]


# Writing


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    people = [moved(random_walk_px(20, seed), np.full((20, 2), 300.0 * seed)) for seed in (0, 1)]
    OPENPOSE.write(people, tmp_path / "dance")
    back = sorted(read(tmp_path / "dance").people, key=lambda poses: float(poses.joint("nose")[0, 0]))
    for before, after in zip(people, back, strict=True):
        assert after.skeleton == BODY_25
        for ours, theirs in {"nose": "nose", "left_wrist": "left_wrist", "right_toe": "right_big_toe"}.items():
            assert after.joint(theirs) == pytest.approx(before.joint(ours), abs=1e-4)
        hips = (before.joint("left_hip") + before.joint("right_hip")) / 2
        assert after.joint("mid_hip") == pytest.approx(hips, abs=1e-3)
        assert np.isnan(after.joint("left_heel")).all()


def test_frames_with_nobody_and_missing_joints_are_written(tmp_path: Path) -> None:
    keypoints = standing_px(6).keypoints.copy()
    keypoints[[0, 3, 5]] = np.nan
    keypoints[1, DANCER.index("nose")] = np.nan
    OPENPOSE.write([PoseSequence.fully_seen(keypoints, 20, DANCER)], tmp_path / "dance")
    names = sorted(path.name for path in (tmp_path / "dance").iterdir())
    assert names == [f"dance_{k:012d}_keypoints.json" for k in range(6)]
    assert json.loads((tmp_path / "dance" / names[3]).read_text()) == {"version": 1.3, "people": []}
    (back,) = read(tmp_path / "dance").people
    assert back.seen.any(axis=1).tolist() == [False, True, True, False, True, False]
    assert np.isnan(back.joint("nose")[1]).all()


def test_3d_is_written_in_metres_and_read_back(tmp_path: Path) -> None:
    metres = np.random.default_rng(0).uniform(-1, 1, (3, 33, 3))
    OPENPOSE.write([PoseSequence.fully_seen(metres, 20, MEDIAPIPE)], tmp_path / "dance")
    (back,) = read(tmp_path / "dance").people
    assert back.dims == 3
    for ours, theirs in {
        "left_wrist": "left_wrist",
        "left_foot_index": "left_big_toe",
        "right_heel": "right_heel",
    }.items():
        assert back.joint(theirs) == pytest.approx(metres[:, MEDIAPIPE.index(ours)], abs=1e-4)


@pytest.mark.parametrize("skeleton", [COCO_17, OPENPOSE_18, OPENPOSE_15], ids=lambda skeleton: skeleton.name)
def test_any_known_skeleton_is_written(tmp_path: Path, skeleton: Skeleton) -> None:
    poses = PoseSequence.fully_seen(np.full((2, skeleton.n_joints, 2), 50.0), 20, skeleton)
    OPENPOSE.write([poses], tmp_path / "dance")
    seen = {
        name for name, seen in zip(BODY_25.joint_names, read(tmp_path / "dance").people[0].seen[0], strict=True) if seen
    }
    assert seen == (set(skeleton.joint_names) | {"neck", "mid_hip"}) - {"head", "chest"}


def test_an_unknown_skeleton_cannot_be_written(tmp_path: Path) -> None:
    hand = PoseSequence.fully_seen(np.zeros((1, 1, 2)), 20, Skeleton("hand", ("thumb",), (), ()))
    with pytest.raises(OutputError, match="'hand' are the dancer's is unknown"):
        OPENPOSE.write([hand], tmp_path / "dance")
    assert not (tmp_path / "dance").exists()


def test_only_a_new_or_empty_folder_is_written(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "photo.jpg").touch()
    (tmp_path / "file").touch()
    for name in ("full", "file", "missing/dance", "dance.json"):
        with pytest.raises(OutputError):
            OPENPOSE.write([standing_px(2)], tmp_path / name)
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["photo.jpg"]
    (tmp_path / "empty").mkdir()
    OPENPOSE.write([standing_px(2)], tmp_path / "empty")
    assert len(list((tmp_path / "empty").iterdir())) == 2


def test_an_earlier_folder_of_openpose_is_replaced_and_no_other(tmp_path: Path) -> None:
    folder = tmp_path / "dance"
    OPENPOSE.write([standing_px(5)], folder)
    OPENPOSE.write([standing_px(2)], folder)
    assert sorted(path.name for path in folder.iterdir()) == [f"dance_{k:012d}_keypoints.json" for k in range(2)]
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"a folder that contains notes\.txt; name a new one"):
        OPENPOSE.write([standing_px(3)], folder)
    assert len(list(folder.iterdir())) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["dance"]


@pytest.mark.parametrize(("fps", "said"), [(100, "100"), (30000 / 1001, "29.97003"), (20, "20")])
def test_the_rate_that_the_files_do_not_hold_is_said(tmp_path: Path, fps: float, said: str) -> None:
    poses = replace(standing_px(3), fps=fps)
    assert OPENPOSE.write([poses], tmp_path / "dance") == (
        f"{tmp_path / 'dance'} stores no frame rate; read it with --source-fps {said}",
    )
    assert read(tmp_path / "dance", PoseInput(fps=float(said))).people[0].fps == pytest.approx(fps)


def test_the_same_dance_gives_the_same_bytes(tmp_path: Path) -> None:
    for parent in ("one", "two"):
        (tmp_path / parent).mkdir()
        OPENPOSE.write([random_walk_px(15, seed=1)], tmp_path / parent / "dance")
    for path in (tmp_path / "one" / "dance").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / "dance" / path.name).read_bytes()


def test_pose_format_reads_the_same_out_of_our_folder(tmp_path: Path) -> None:
    keypoints = random_walk_px(15, seed=2).keypoints.copy()
    keypoints[4] = np.nan
    keypoints[6, DANCER.index("left_wrist")] = np.nan
    OPENPOSE.write([PoseSequence.fully_seen(keypoints, 20, DANCER)], tmp_path / "dance")
    (ours,) = read(tmp_path / "dance").people
    theirs = load_openpose_directory(str(tmp_path / "dance"), fps=20)
    assert theirs.header.components[0].name == "pose_keypoints_2d"
    assert np.array_equal(ours.confidence, theirs.body.confidence[:, 0, :25])
    positions = theirs.body.data.filled(np.nan)[:, 0, :25]
    assert np.allclose(ours.keypoints, positions, equal_nan=True)


# Recognizing, and bad input


def test_it_knows_its_own(tmp_path: Path) -> None:
    folder = write_frames(tmp_path / "a", {0: [person(100)], 1: []})
    assert OPENPOSE.recognizes(folder)
    assert all(OPENPOSE.recognizes(path) for path in folder.iterdir())
    (tmp_path / "b.json").write_text('{"images": [], "annotations": []}')
    assert not OPENPOSE.recognizes(tmp_path / "b.json")
    assert not OPENPOSE.recognizes(tmp_path)
    assert not OPENPOSE.recognizes(tmp_path / "missing")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1, column 1: damaged JSON"),
        ('{"people": [\n{"pose_key', "line 2, column 2: damaged JSON"),
        ("[1, 2]", 'no list of "people"'),
        ('{"people": 3}', 'no list of "people"'),
        ('{"people": [3]}', "person 0: expected an object"),
        ('{"people": [{"pose_keypoints_2d": [1, 2, 3]}]}', "3 values; a person has 75 (openpose-25)"),
        ('{"people": [{"pose_keypoints_2d": ["1", 2, 3]}]}', 'expected numbers, got "1"'),
        ('{"people": [{"pose_keypoints_2d": [[1], [2, 3]]}]}', "different lengths"),
        ('{"people": [{"pose_keypoints_2d": [1e999, 2, 3]}]}', "out of range"),
        ('{"people": [{"pose_keypoints_2d": {"x": 1}}]}', "expected numbers"),
        ('{"people": []}', "nobody is seen in any of 1 frames"),
        ("[" * 100_000, "cannot be read as JSON"),
        ('{"people": [' + "9" * 5000 + "]}", "cannot be read as JSON"),
    ],
)
def test_damage_is_named_with_its_file(tmp_path: Path, text: str, message: str) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "a_0_keypoints.json").write_text(text)
    with pytest.raises(PoseError) as caught:
        read(folder)
    assert message in str(caught.value)
    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_mixed_layouts_and_clips_are_refused(tmp_path: Path) -> None:
    mixed = write_frames(tmp_path / "mixed", {0: [person(1)], 1: [person(1, joints=18)]})
    with pytest.raises(PoseError, match="people of 18 and 25 points; use one layout"):
        read(mixed)
    clips = write_frames(tmp_path / "clips", {0: [person(1)]}, name="a_{}")
    (clips / "b_1_keypoints.json").write_text("{}")
    with pytest.raises(PoseError, match="several clips"):
        read(clips)


def test_wild_frame_numbers_rates_and_places_are_refused(tmp_path: Path) -> None:
    wild = write_frames(tmp_path / "wild", {0: [person(1)], 10**15: [person(1)]})
    with pytest.raises(PoseError, match="more than 1000000 frames"):
        read(wild)
    for fps in (0, -1, float("nan")):
        with pytest.raises(PoseError, match="must be positive"):
            read(wild, PoseInput(fps=fps))
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(PoseError):
            read(path)


@pytest.mark.slow
def test_ten_thousand_frames_of_two_people_take_seconds(tmp_path: Path) -> None:
    text = {k: json.dumps({"people": [person(100 + k % 50), person(600)]}) for k in range(50)}
    for k in range(10_000):
        with open(os.path.join(tmp_path, f"a_{k}_keypoints.json"), "w") as file:  # noqa: PTH118, PTH123
            file.write(text[k % 50])
    started = time.perf_counter()
    result = read(tmp_path)
    assert time.perf_counter() - started < 20
    assert [len(poses) for poses in result.people] == [10_000, 10_000]
