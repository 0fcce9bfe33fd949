"""What every format leaves open, and how it is interpreted: time, missing points, axes, units, people."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_dancer import FPS, FRAMES, HEIGHT, NAMES, WIDTH, dancer_m, dancer_px, wide_table
from numpy.typing import NDArray

from pose_vocab.errors import PoseError
from pose_vocab.formats import PoseInput, PosesRead, read_people
from pose_vocab.formats.pose_format_file import PoseFormatFile
from pose_vocab.joint_mapping import to_dancer
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import BODY_25, BODY_25B, COCO_17, MEDIAPIPE

IN_COCO = [NAMES.index(name) for name in COCO_17.joint_names]
PX = dancer_px()
STAMPS_MS = np.arange(FRAMES) / FPS * 1000
ASIDE = np.array([300.0, 0.0])
IN_SPACE = dancer_m() + np.array([0.0, 0.0, 3.0])
SIZE = PoseInput(fps=FPS, size_px=(WIDTH, HEIGHT))


def csv(folder: Path, points: NDArray[np.float64], pose_input: PoseInput | None = None, **first: object) -> PosesRead:
    path = folder / "a.csv"
    wide_table(points, **first).to_csv(path, index=False)
    return read_people(path, pose_input)


def js(folder: Path, content: Any) -> PosesRead:
    path = folder / "a.json"
    path.write_text(json.dumps(content))
    return read_people(path, PoseInput(fps=FPS))


def npy(folder: Path, points: NDArray[np.float64], **more: Any) -> PosesRead:
    path = folder / "a.npy"
    np.save(path, points)
    return read_people(path, PoseInput(fps=FPS, skeleton="mediapipe", **more))


def result(frame: int, dx: float = 0.0, **more: Any) -> dict[str, Any]:
    """Return a line of COCO results."""
    keypoints = [value for x, y in PX[frame, IN_COCO] for value in (x + dx, y, 0.9)]
    return {"image_id": f"{frame}.jpg", "category_id": 1, "keypoints": keypoints, "score": 2.5, **more}


def seen_frames(poses: PoseSequence) -> list[int]:
    return np.flatnonzero(poses.seen.any(axis=1)).tolist()


# Time


def test_a_file_that_begins_at_frame_40_begins_there(tmp_path: Path) -> None:
    in_table = csv(tmp_path, PX[40:], PoseInput(fps=FPS), frame=np.arange(40, FRAMES)).people[0]
    in_results = js(tmp_path, [result(frame) for frame in range(40, FRAMES)]).people[0]
    in_times = csv(tmp_path, PX[40:], timestamp_ms=STAMPS_MS[40:]).people[0]
    for poses in (in_table, in_results, in_times):
        assert (len(poses), seen_frames(poses)[0], poses.fps) == (FRAMES, 40, FPS)


def test_numbers_of_a_long_film_count_from_the_first_and_say_so(tmp_path: Path) -> None:
    read = csv(tmp_path, PX, PoseInput(fps=FPS), frame=np.arange(FRAMES) + 90_000)
    assert len(read.people[0]) == FRAMES
    assert any("begins at frame 90000" in notice for notice in read.notices)


def test_a_constant_step_is_a_lower_rate(tmp_path: Path) -> None:
    frames = range(0, FRAMES, 5)
    for read in (
        js(tmp_path, [result(frame) for frame in frames]),
        csv(tmp_path, PX[::5], PoseInput(fps=FPS), frame=list(frames)),
    ):
        [notice] = read.notices
        assert "one frame in 5 of 20 frames per second, so it is read at 4" in notice
        assert (read.people[0].fps, len(read.people[0]), seen_frames(read.people[0])) == (4, 20, [*range(20)])


def test_frame_numbers_in_microseconds_are_timestamps(tmp_path: Path) -> None:
    [poses] = csv(tmp_path, PX, frame=np.arange(FRAMES) * 50_000).people
    assert (len(poses), poses.fps) == (FRAMES, FPS)


def test_numbers_and_stamps_that_agree_keep_both(tmp_path: Path) -> None:
    """Every second frame is in the table, with its number and its time: 40 frames a second were filmed."""
    numbers = np.arange(0, 2 * FRAMES, 2)
    read = csv(tmp_path, PX, frame=numbers, timestamp_ms=numbers * 25)
    assert (len(read.people[0]), read.people[0].fps) == (FRAMES, FPS)
    counter = csv(tmp_path, PX, frame=np.arange(FRAMES), timestamp_ms=np.where(STAMPS_MS < 2000, 0, 3000) + STAMPS_MS)
    assert len(counter.people[0]) == FRAMES + 60, "a counter of rows knows nothing of the gap in the stamps"


def test_a_gap_in_time_stays_a_gap(tmp_path: Path) -> None:
    kept = (STAMPS_MS < 1500) | (STAMPS_MS >= 3500)
    read = csv(tmp_path, PX[kept], timestamp_ms=STAMPS_MS[kept])
    [poses] = read.people
    assert (len(poses), poses.fps) == (FRAMES, FPS)
    assert seen_frames(poses) == np.flatnonzero(kept).tolist()
    assert poses.keypoints[kept] == pytest.approx(PX[kept])


def test_a_varying_rate_is_resampled(tmp_path: Path) -> None:
    at_30 = np.arange(50) / 30
    times_s = np.concatenate([at_30, at_30[-1] + 1 / 30 + np.arange(50) / 10])
    moving = PX[:1] + times_s[:, None, None] * 30.0
    read = csv(tmp_path, moving, timestamp_ms=times_s * 1000)
    [poses] = read.people
    assert poses.fps == pytest.approx(30, abs=1e-6)
    assert poses.keypoints == pytest.approx(PX[:1] + (np.arange(len(poses)) / 30)[:, None, None] * 30.0, abs=0.05)
    assert poses.seen.all()
    assert any("varying frame rate" in notice for notice in read.notices)


def test_an_absence_in_a_varying_rate_stays_an_absence(tmp_path: Path) -> None:
    times_s = np.concatenate([np.arange(30) / 30, 3 + np.arange(30) / 10])
    [poses] = csv(tmp_path, PX[:60], timestamp_ms=times_s * 1000).people
    shown = np.array(seen_frames(poses)) / 30
    assert not ((shown > 1.0) & (shown < 2.95)).any()
    assert (shown > 3).any()


@pytest.mark.parametrize(
    ("column", "stamps"),
    [
        ("timestamp_ms", np.where(np.arange(FRAMES) % 10 == 9, np.arange(FRAMES) - 1, np.arange(FRAMES)) * 50),
        ("timestamp", np.arange(FRAMES) // FPS),
        ("time_s", np.round(np.arange(FRAMES) / 60, 1)),
    ],
    ids=["doubled", "whole seconds", "tenths"],
)
def test_equal_stamps_of_one_dancer_make_no_people(tmp_path: Path, column: str, stamps: NDArray[np.float64]) -> None:
    read = csv(tmp_path, PX, **{column: stamps})
    assert [len(seen_frames(poses)) for poses in read.people] == [FRAMES]
    assert any("have the timestamp of the frame before" in notice for notice in read.notices)
    rate = 60 if column == "time_s" else FPS
    assert read.people[0].fps == pytest.approx(rate, rel=0.03)


def test_equal_stamps_of_two_dancers_are_two_people(tmp_path: Path) -> None:
    both = np.stack([PX, PX[::-1] + ASIDE], axis=1).reshape(-1, *PX.shape[1:])
    people = csv(tmp_path, both, timestamp_ms=np.repeat(STAMPS_MS, 2)).people
    assert [len(seen_frames(poses)) for poses in people] == [FRAMES, FRAMES]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(6, 240), st.floats(0, 0.15))
def test_jitter_costs_no_frame(seed: int, fps: float, jitter: float) -> None:
    from pose_vocab.formats.timestamps import even_times

    rng = np.random.default_rng(seed)
    times_s = (np.arange(200) + rng.uniform(-jitter, jitter, 200)) / fps
    even = even_times(times_s)
    assert even.fps == pytest.approx(fps, rel=0.01)
    if even.frames is not None:
        assert even.frames.tolist() == list(range(200))


@pytest.mark.parametrize(
    "times",
    [
        [f"00:00:{k / FPS:06.3f}" for k in range(FRAMES)],
        [f"0:00:0{k / FPS:.3f}".replace(".", ",") for k in range(FRAMES)],
        [f"2026-11-30 23:59:{55 + k / FPS:06.3f}" for k in range(FRAMES)],
    ],
    ids=["clock", "comma", "date"],
)
def test_clock_times_and_dates(tmp_path: Path, times: list[str]) -> None:
    [poses] = csv(tmp_path, PX, timestamp=times).people
    assert (len(poses), poses.fps) == (FRAMES, pytest.approx(FPS))


def test_stamps_that_run_backwards_give_way_to_frame_numbers(tmp_path: Path) -> None:
    read = csv(tmp_path, PX, PoseInput(fps=FPS), frame=np.arange(FRAMES), timestamp_ms=STAMPS_MS[::-1])
    assert len(read.people[0]) == FRAMES
    assert any("timestamps run backwards" in notice for notice in read.notices)


def test_a_rate_nobody_films_at_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.pose"
    PoseFormatFile().write([PoseSequence.fully_seen(PX, 1000, MEDIAPIPE)], path)
    [notice] = read_people(path).notices
    assert "states 1000 frames per second, which nobody films at; --source-fps" in notice
    assert read_people(path, PoseInput(fps=25)).notices == ()


# Missing points


@pytest.mark.parametrize("mark", [0.0, -1.0, np.nan])
def test_marks_of_what_was_not_found_are_missing_in_every_format(tmp_path: Path, mark: float) -> None:
    points = PX.copy()
    points[30:50] = mark
    listed = [[{"x": x, "y": y} for x, y in frame] for frame in np.where(np.isnan(points), None, points).tolist()]
    for read in (csv(tmp_path, points, PoseInput(fps=FPS)), npy(tmp_path, points), js(tmp_path, listed)):
        [poses] = read.people
        assert seen_frames(poses) == [*range(30), *range(50, FRAMES)]


def test_a_point_at_the_origin_is_missing_whatever_its_confidence(tmp_path: Path) -> None:
    results = [result(frame) for frame in range(FRAMES)]
    for one in results:
        one["keypoints"][3 * 9 : 3 * 9 + 3] = [0, 0, 0.31]
    [poses] = js(tmp_path, results).people
    assert not poses.joint("left_wrist")[np.isfinite(poses.joint("left_wrist"))].size
    assert poses.seen.any(axis=0).sum() == 16


# Axes and units


@pytest.mark.parametrize(
    ("turned", "axis"),
    [
        (lambda p: p, "y"),
        (lambda p: np.stack([p[..., 0], -p[..., 2], p[..., 1]], -1), "z"),
        (lambda p: p * [1, -1, -1], "-y"),
        (lambda p: np.stack([p[..., 1], -p[..., 0], p[..., 2]], -1), "x"),
        (lambda p: np.stack([p[..., 0], p[..., 2], -p[..., 1]], -1), "-z"),
    ],
)
@pytest.mark.parametrize(
    ("per_metre", "unit"), [(1, ""), (100, "centimetres"), (1000, "millimetres"), (39.37, "inches")]
)
def test_up_and_unit_follow_from_the_body(tmp_path: Path, turned: Any, axis: str, per_metre: float, unit: str) -> None:
    points = IN_SPACE
    read = npy(tmp_path, turned(points) * per_metre)
    assert read.people[0].keypoints == pytest.approx(points, abs=1e-3)
    assert any(f"{axis} points up, judged by the people in it" in notice for notice in read.notices) == (axis != "y")
    assert any(f"is read as {unit}, judged by" in notice for notice in read.notices) == bool(unit)


def test_left_handed_axes_are_told_by_noses_and_toes(tmp_path: Path) -> None:
    points = IN_SPACE
    read = npy(tmp_path, points * [1, 1, -1])
    assert read.people[0].keypoints == pytest.approx(points, abs=1e-6)
    assert any("left-handed" in notice for notice in read.notices)


def test_a_body_of_no_unit_is_scaled_and_that_is_said(tmp_path: Path) -> None:
    read = npy(tmp_path, (IN_SPACE) * 7)
    assert any("is in no known unit; scaled to 1.5 m" in notice for notice in read.notices)
    nose, ankle = (read.people[0].joint(name) for name in ("nose", "left_ankle"))
    assert 1.2 < np.median((nose - ankle)[:, 1]) < 1.6


def test_a_dancer_who_lies_as_often_as_stands_needs_the_option(tmp_path: Path) -> None:
    standing = IN_SPACE
    lying = np.stack([standing[..., 0], standing[..., 2], standing[..., 1]], axis=-1)
    points = np.concatenate([standing, lying])
    with pytest.raises(PoseError, match=r"which axis points up cannot be told, .* --up y"):
        npy(tmp_path, points)
    assert npy(tmp_path, points, up="y").people[0].keypoints[:FRAMES] == pytest.approx(standing, abs=1e-5)
    turned = npy(tmp_path, points, up="z").people[0].keypoints
    assert turned[:FRAMES, :, 2] == pytest.approx(-standing[..., 1], abs=1e-5)


def test_pictures_with_y_up_are_turned_and_that_is_said(tmp_path: Path) -> None:
    points = PX.copy()
    points[..., 1] = HEIGHT - points[..., 1]
    read = csv(tmp_path, points, SIZE)
    assert read.people[0].keypoints == pytest.approx(PX)
    assert any("heads are below feet, so y points up" in notice for notice in read.notices)
    half = np.concatenate([points, PX[:60]])
    with pytest.raises(PoseError, match="--up y, or --up -y"):
        csv(tmp_path, half, SIZE)
    assert csv(tmp_path, half, PoseInput(fps=FPS, up="-y")).people[0].keypoints == pytest.approx(half)
    with pytest.raises(PoseError, match="z cannot point up"):
        csv(tmp_path, PX, PoseInput(fps=FPS, up="z"))


@pytest.mark.parametrize("key", ["pose_world_landmarks", "landmarks"])
def test_world_landmarks_with_y_up_stand(tmp_path: Path, key: str) -> None:
    points = dancer_m()
    points -= points[:, [NAMES.index("left_hip"), NAMES.index("right_hip")]].mean(axis=1, keepdims=True)
    frames = [{key: [dict(zip("xyz", point, strict=True)) for point in frame]} for frame in points.tolist()]
    [poses] = js(tmp_path, frames).people
    assert poses.keypoints == pytest.approx(points, abs=1e-5)
    flipped = [
        {key: [dict(zip("xyz", point, strict=True)) for point in frame]} for frame in (points * [1, -1, -1]).tolist()
    ]
    assert js(tmp_path, flipped).people[0].keypoints == pytest.approx(points, abs=1e-5)


def test_three_coordinates_stay_three_and_relative_depth_goes(tmp_path: Path) -> None:
    assert csv(tmp_path, dancer_m(), PoseInput(fps=FPS)).people[0].dims == 3
    depth = np.random.default_rng(0).normal(0, 20, (*PX.shape[:2], 1))
    read = csv(tmp_path, np.concatenate([PX, depth], axis=2), PoseInput(fps=FPS))
    assert read.people[0].keypoints == pytest.approx(PX)
    assert any("third value of each joint is no coordinate in space" in notice for notice in read.notices)
    confidence = np.full((*PX.shape[:2], 1), 0.5)
    confidence[3, 7], confidence[4, 8] = 0, 0.9
    read = npy(tmp_path, np.concatenate([PX, confidence], axis=2))
    assert np.argwhere(~read.people[0].seen).tolist() == [[3, 7]]


# People and points


@pytest.mark.parametrize("key", ["idx", "track_id", "person_id", "id"])
def test_the_ids_of_a_file_tell_who_is_who(tmp_path: Path, key: str) -> None:
    """The second dancer comes back after two seconds, far from where she left."""
    lines = [
        result(frame, dx, **{key: who})
        for frame in range(FRAMES)
        for who, dx in ((1, 0.0), (2, 300.0 if frame < 20 else 600.0))
        if who == 1 or frame < 20 or frame >= 60
    ]
    people = js(tmp_path, lines).people
    assert sorted(len(seen_frames(poses)) for poses in people) == [60, FRAMES]


def test_a_running_number_is_no_id(tmp_path: Path) -> None:
    lines = [result(frame, id=frame) for frame in range(FRAMES)]
    assert len(js(tmp_path, lines).people) == 1
    assert len(csv(tmp_path, PX, PoseInput(fps=FPS), id=np.arange(FRAMES)).people) == 1


def test_several_videos_in_one_table_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PoseError, match=r"2 videos by its column 'video' \(a, b, ...\)"):
        csv(tmp_path, PX, video=["a"] * 50 + ["b"] * 50, frame=[*range(50), *range(50)])
    lines = [result(frame) | {"image_id": f"{clip}/{frame}.jpg"} for clip in "ab" for frame in range(5)]
    with pytest.raises(PoseError, match="results of 2 videos"):
        js(tmp_path, lines)


def test_body_25_and_25b_are_told_apart_by_their_geometry(tmp_path: Path) -> None:
    rename = {"left_big_toe": "left_foot_index", "right_big_toe": "right_foot_index"}
    rename |= {f"{side}_small_toe": f"{side}_foot_index" for side in ("left", "right")}
    for skeleton in (BODY_25, BODY_25B):
        folder = tmp_path / skeleton.name
        folder.mkdir()
        for frame, points in enumerate(PX[:20]):
            at = {
                name: points[NAMES.index(rename.get(name, name))]
                for name in skeleton.joint_names
                if rename.get(name, name) in NAMES
            }
            at["neck"] = at["upper_neck"] = points[[11, 12]].mean(axis=0)
            at["mid_hip"], at["head_top"] = points[[23, 24]].mean(axis=0), points[0] - [0, 30]
            body = [value for name in skeleton.joint_names for value in (*at[name], 0.9)]
            (folder / f"c_{frame:012d}_keypoints.json").write_text(
                json.dumps({"people": [{"pose_keypoints_2d": body}]})
            )
        read = read_people(folder, PoseInput(fps=FPS))
        assert read.people[0].skeleton == skeleton
        assert read.people[0].joint("right_shoulder") == pytest.approx(PX[:20, 12])
        assert any("openpose-25b" in notice for notice in read.notices) == (skeleton == BODY_25B)


@pytest.mark.parametrize(("count", "name"), [(17, "coco-17"), (26, "halpe-26"), (136, "halpe-26"), (133, "coco-23")])
def test_more_points_than_a_body_give_the_body(tmp_path: Path, count: int, name: str) -> None:
    lines = [result(frame) for frame in range(FRAMES)]
    for one in lines:
        one["keypoints"] += [200.0, 200.0, 0.5] * (count - 17)
    read = js(tmp_path, lines)
    assert read.people[0].skeleton.name == name
    assert read.people[0].joint("left_wrist") == pytest.approx(PX[:, 15])
    assert any("of the body are read" in notice for notice in read.notices) == (count > 26)


def test_holistic_landmarks_give_their_body(tmp_path: Path) -> None:
    extra = np.full((FRAMES, 468, 2), 0.5)
    points = np.concatenate([PX / [WIDTH, HEIGHT], extra], axis=1)
    table = pd.DataFrame({f"{axis}{k + 1}": points[:, k, i] for k in range(501) for i, axis in enumerate("xy")})
    table.to_csv(tmp_path / "a.csv", index=False)
    read = read_people(tmp_path / "a.csv", SIZE)
    assert read.people[0].keypoints == pytest.approx(PX, rel=1e-5)
    assert any("501 landmarks; the 33 of the body are read" in notice for notice in read.notices)
    with pytest.raises(PoseError, match="--source-size"):
        read_people(tmp_path / "a.csv", PoseInput(fps=FPS))


@pytest.mark.parametrize("words", ["{joint}", "pose_{joint}", "{JOINT}", "{Title}"])
def test_names_of_landmarks_in_other_words(tmp_path: Path, words: str) -> None:
    columns = {}
    for joint, name in enumerate(NAMES):
        label = words.format(joint=name, JOINT=name.upper(), Title=name.title().replace("_", ""))
        columns |= {f"{label}_x": PX[:, joint, 0], f"{label}_y": PX[:, joint, 1]}
    pd.DataFrame(columns).to_csv(tmp_path / "a.csv", index=False)
    [poses] = read_people(tmp_path / "a.csv", PoseInput(fps=FPS)).people
    assert poses.skeleton == MEDIAPIPE
    assert poses.keypoints == pytest.approx(PX)


def test_tables_of_deeplabcut_and_decimal_commas(tmp_path: Path) -> None:
    values = np.concatenate([PX[:, IN_COCO], np.full((FRAMES, 17, 1), 0.9)], axis=2).reshape(FRAMES, -1)
    header = ["network", "individuals", "bodyparts", "coords"]
    for levels in (["scorer", "bodyparts", "coords"], ["scorer", *header[1:]]):
        parts = {
            "scorer": ["network"],
            "individuals": ["one"],
            "bodyparts": COCO_17.joint_names,
            "coords": ["x", "y", "likelihood"],
        }
        columns = pd.MultiIndex.from_product([list(parts[level]) for level in levels], names=levels)
        pd.DataFrame(values, columns=columns).to_csv(tmp_path / "a.csv")
        [poses] = read_people(tmp_path / "a.csv", PoseInput(fps=FPS)).people
        assert poses.keypoints == pytest.approx(PX[:, IN_COCO])
    wide_table(PX).to_csv(tmp_path / "b.csv", sep=";", decimal=",", index=False)
    [poses] = read_people(tmp_path / "b.csv", PoseInput(fps=FPS)).people
    assert to_dancer(poses).keypoints.shape == (FRAMES, 16, 2)
    assert poses.keypoints == pytest.approx(PX)
