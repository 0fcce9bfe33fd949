import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import moved, random_walk_px, standing_px
from numpy.typing import NDArray

from pose_vocab.errors import OutputError, PoseError
from pose_vocab.formats import read_as
from pose_vocab.formats.coco import Coco
from pose_vocab.formats.interface import PoseInput, PosesRead
from pose_vocab.formats.landmark_csv import LandmarkCsv
from pose_vocab.formats.mediapipe_landmarks import MediaPipeJson
from pose_vocab.formats.openpose_json import OpenPoseJson
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import COCO_17, MEDIAPIPE, SKELETONS, Skeleton

JSON, CSV = MediaPipeJson(), LandmarkCsv()
AT_20 = PoseInput(fps=20)
BODY_PX = np.array([[100 + 10 * k % 60, 300 + 7 * k] for k in range(33)], float)
BODY_M = np.random.default_rng(3).uniform(-0.8, 0.8, (33, 3))
BODY_M[24] = -BODY_M[23]  # the hips, around the origin


def landmarks(body: NDArray[np.float64] = BODY_PX, visibility: float = 0.5) -> list[dict[str, float]]:
    return [{"x": one[0], "y": one[1], "z": 0.1, "visibility": visibility} for one in body.tolist()]


def read(folder: Path, content: Any, pose_input: PoseInput = AT_20) -> PosesRead:
    path = folder / "a.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    assert isinstance(content, str) or JSON.recognizes(path)
    return read_as(JSON, path, pose_input)


def poses_of(folder: Path, content: Any, pose_input: PoseInput = AT_20) -> PoseSequence:
    (poses,) = read(folder, content, pose_input).people
    return poses


# Real files


def test_real_landmarks_in_pixels(data: Path) -> None:
    path = data / "reference" / "pose_squats.full.json"
    assert JSON.recognizes(path)
    (poses,) = read_as(JSON, path, AT_20).people
    assert (poses.skeleton, poses.keypoints.shape) == (MEDIAPIPE, (65, 33, 2))
    assert poses.joint("nose")[0] == pytest.approx([360.1, 238.05], abs=0.01)
    assert poses.seen.all()


def test_real_landmarks_in_metres(data: Path) -> None:
    path = data / "reference" / "pose_squats_3d.full.json"
    assert JSON.recognizes(path)
    result = read_as(JSON, path, AT_20)
    (poses,) = result.people
    assert poses.keypoints.shape == (65, 33, 3)
    assert poses.joint("nose")[0] == pytest.approx([0.0624, 0.6472, 0.1239], abs=1e-4)
    assert (poses.joint("nose")[:, 1] > poses.joint("left_ankle")[:, 1]).all()
    assert "read as world landmarks" in result.notices[0]


# JSON


@pytest.mark.parametrize(
    "frame",
    [
        landmarks(),
        [[*one, 0.1, 0.5] for one in BODY_PX.tolist()],
        [landmarks()],
        {"landmarks": landmarks()},
        {"pose_landmarks": landmarks(), "pose_world_landmarks": landmarks(BODY_M)},
        {"poseLandmarks": [landmarks()], "worldLandmarks": [landmarks(BODY_M)]},
        {"pose_landmarks": {"landmark": landmarks()}},
        {"pose_landmarks": [{"landmarks": landmarks()}]},
    ],
)
def test_all_ways_to_write_a_frame_say_the_same(tmp_path: Path, frame: Any) -> None:
    for content in ([frame, frame], {"frames": [frame, frame]}):
        poses = poses_of(tmp_path, content)
        assert poses.skeleton == MEDIAPIPE
        assert poses.keypoints == pytest.approx(np.stack([BODY_PX, BODY_PX]))
        assert poses.confidence == pytest.approx(np.full((2, 33), 0.5))


def test_one_frame_is_enough(tmp_path: Path) -> None:
    for content in (landmarks(), BODY_PX.tolist(), {"landmarks": landmarks()}, [landmarks()]):
        assert len(poses_of(tmp_path, content)) == 1


def test_without_visibility_everything_is_seen(tmp_path: Path) -> None:
    for frame in (BODY_PX.tolist(), [{"x": x, "y": y, "visibility": None} for x, y in BODY_PX.tolist()]):
        assert (poses_of(tmp_path, [frame]).confidence == 1).all()


@pytest.mark.parametrize("nobody", [None, [], {}, {"landmarks": []}, {"pose_landmarks": None}])
def test_frames_with_nobody_stay_frames(tmp_path: Path, nobody: Any) -> None:
    poses = poses_of(tmp_path, [nobody, landmarks(), nobody, landmarks(), nobody])
    assert poses.seen.any(axis=1).tolist() == [False, True, False, True, False]


def test_frames_that_say_their_number_lie_there(tmp_path: Path) -> None:
    poses = poses_of(tmp_path, [{"frame": k, "landmarks": landmarks()} for k in (5, 3, 6)])
    assert poses.seen.any(axis=1).tolist() == [False, False, False, True, False, True, True]


def test_several_people_keep_their_identity(tmp_path: Path) -> None:
    frames = [[landmarks(BODY_PX), landmarks(BODY_PX + 500)][:: 1 if k % 2 else -1] for k in range(6)]
    people = read(tmp_path, frames).people
    assert sorted(poses.keypoints[:, 0, 0].tolist() for poses in people) == [[100] * 6, [600] * 6]


def test_world_landmarks_alone_are_metres_in_our_axes(tmp_path: Path) -> None:
    points = [{"x": x, "y": y, "z": z} for x, y, z in BODY_M.tolist()]
    for content in ([{"worldLandmarks": points}], [{"pose_world_landmarks": [points]}], [points], [BODY_M.tolist()]):
        assert poses_of(tmp_path, content).keypoints[0] == pytest.approx(BODY_M * [1, -1, -1], abs=1e-6)


def test_shares_of_the_picture_need_its_size(tmp_path: Path) -> None:
    frames = [landmarks(BODY_PX / 1000)]
    with pytest.raises(PoseError, match="--source-size 1280x720"):
        read(tmp_path, frames)
    poses = poses_of(tmp_path, frames, PoseInput(fps=20, size_px=(2000, 1000)))
    assert poses.keypoints[0] == pytest.approx(BODY_PX * [2, 1])
    own = {"frames": frames, "width": 1000, "height": 500, "fps": 25}
    assert poses_of(tmp_path, own, PoseInput()).keypoints[0] == pytest.approx(BODY_PX * [1, 0.5])
    assert poses_of(tmp_path, own, PoseInput()).fps == 25
    assert poses_of(tmp_path, own, PoseInput(fps=50, size_px=(1000, 1000))).keypoints[0] == pytest.approx(BODY_PX)


def test_json_of_others_is_told_apart(tmp_path: Path) -> None:
    contents = {
        JSON: [landmarks()],
        OpenPoseJson(): {"version": 1.3, "people": [{"pose_keypoints_2d": [1] * 75}]},
        Coco(): [{"image_id": 1, "category_id": 1, "keypoints": [1] * 51, "score": 1}],
    }
    path = tmp_path / "a.json"
    for owner, content in contents.items():
        path.write_text(json.dumps(content, indent=2))
        assert [row for row in contents if row.recognizes(path)] == [owner]
    for content in ({"images": [], "annotations": [], "categories": []}, {"a": 1}, [], 3, "text"):
        path.write_text(json.dumps(content))
        assert not JSON.recognizes(path)
    assert not JSON.recognizes(tmp_path / "missing.json")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "damaged JSON"),
        ('[[{"x": 1, "y"', "line 1, column 15: damaged JSON"),
        ("[]", "contains no frames"),
        ("3", "contains no frames"),
        ('{"frames": 3}', "contains no frames"),
        ("[[], null]", "nobody is seen in any of 2 frames"),
        (json.dumps([landmarks(), landmarks()[:32]]), "frame 1: 32 landmarks; a person has 33"),
        (json.dumps([[*landmarks()[:32], {"x": "left", "y": 1}]]), 'frame 0: expected numbers, got "left"'),
        (json.dumps([[*landmarks()[:32], [1, 2]]]), "frame 0"),
        (json.dumps([[[1, 2], *BODY_M.tolist()[1:]]]), "frame 0: the lists of numbers are of different lengths"),
        (json.dumps([[{"x": None, "y": None}] * 33]), "nobody is seen"),
        (json.dumps([[{"x": 1e30, "y": 1}] * 33]), "1e+30 is out of range"),
        ("[3]", "frame 0: expected a list of landmarks, got '3'"),
        (json.dumps({"frames": [landmarks()], "fps": "fast"}), "expected a number as 'fps', got 'fast'"),
        ("[" * 900 + "]" * 900, "frame 0"),
        (
            json.dumps([{"frame": k, "landmarks": landmarks()} for k in (0, 10**9)]),
            "more than 1000000 frames",
        ),
    ],
)
def test_bad_json_is_answered(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(PoseError) as caught:
        read(tmp_path, content, PoseInput())
    assert message in str(caught.value)
    assert "a.json" in str(caught.value)
    assert "\n" not in str(caught.value)


# CSV


def table(folder: Path, frame: pd.DataFrame | str, separator: str = ",") -> Path:
    path = folder / "a.csv"
    path.write_text(frame if isinstance(frame, str) else frame.to_csv(index=False, sep=separator))
    return path


def wide(names: list[str], body: NDArray[np.float64] = BODY_PX, **more: Any) -> pd.DataFrame:
    """Two frames of a table whose column names are made by filling in axis and joint, as ``{joint}_{axis}``."""
    return pd.DataFrame({**more, **{name: [value] * 2 for name, value in zip(names, body.ravel(), strict=True)}})


@pytest.mark.parametrize(
    "pattern", ["{axis}{k}", "{axis}_{k}", "{joint}_{axis}", "{JOINT}_{axis}", "landmark_{k}_{axis}", "{k}.{axis}"]
)
def test_wide_tables(tmp_path: Path, pattern: str) -> None:
    names = [
        pattern.format(axis=axis, k=k, joint=joint, JOINT=joint.upper())
        for k, joint in enumerate(MEDIAPIPE.joint_names)
        for axis in "xy"
    ]
    path = table(tmp_path, wide(names))
    assert CSV.recognizes(path)
    (poses,) = read_as(CSV, path, AT_20).people
    assert poses.skeleton == MEDIAPIPE
    assert poses.keypoints == pytest.approx(np.stack([BODY_PX, BODY_PX]))


def test_numbers_from_1_and_visibility_and_official_names(tmp_path: Path) -> None:
    body = np.concatenate([BODY_PX, np.full((33, 1), 0.25)], axis=1)
    names = [f"{axis}{k}" for k in range(1, 34) for axis in "xyv"]
    (poses,) = read_as(CSV, table(tmp_path, wide(names, body)), AT_20).people
    assert poses.keypoints[0] == pytest.approx(BODY_PX)
    assert (poses.confidence == 0.25).all()
    official = [
        name.upper().replace("LEFT_MOUTH", "MOUTH_LEFT").replace("RIGHT_MOUTH", "MOUTH_RIGHT")
        for name in MEDIAPIPE.joint_names
    ]
    names = [f"{name}_{axis}" for name in official for axis in ("x", "y", "visibility")]
    (poses,) = read_as(CSV, table(tmp_path, wide(names, body)), AT_20).people
    assert poses.joint("left_mouth")[0] == pytest.approx(BODY_PX[9])


def test_other_columns_of_a_wide_table_are_left_alone(tmp_path: Path) -> None:
    names = [f"{axis}{k}" for k in range(33) for axis in "xy"]
    more = {"index": [0, 1], "name": ["a.mp4", "a.mp4"], "video_score": ["good", "bad"]}
    (poses,) = read_as(CSV, table(tmp_path, wide(names, **more)), AT_20).people
    assert poses.keypoints[1] == pytest.approx(BODY_PX)


def test_long_tables(tmp_path: Path) -> None:
    rows = [
        {"frame": frame, "landmark": joint, "x": x + frame, "y": y, "visibility": 0.5}
        for frame in (4, 2)
        for joint, (x, y) in enumerate(BODY_PX.tolist())
    ]
    for separator in ",;\t":
        path = table(tmp_path, pd.DataFrame(rows), separator)
        assert CSV.recognizes(path)
        (poses,) = read_as(CSV, path, AT_20).people
        assert np.array_equal(poses.keypoints[:, 0, 0], [np.nan, np.nan, 102, np.nan, 104], equal_nan=True)
    named = pd.DataFrame(rows)
    named["landmark"] = [MEDIAPIPE.joint_names[k] for k in named["landmark"]]
    (poses,) = read_as(CSV, table(tmp_path, named.sample(frac=1, random_state=0)), AT_20).people
    assert poses.keypoints[2] == pytest.approx(BODY_PX + np.array([2, 0]))


def test_a_column_of_people_says_who_is_who(tmp_path: Path) -> None:
    rows = [
        {"frame": frame, "person": 7 - who, "landmark": joint, "x": x + 500 * ((who + frame) % 2), "y": y}
        for frame in range(3)
        for who in range(2)
        for joint, (x, y) in enumerate(BODY_PX.tolist())
    ]
    people = read_as(CSV, table(tmp_path, pd.DataFrame(rows)), AT_20).people
    assert sorted(poses.keypoints[:, 0, 0].tolist() for poses in people) == [[100, 600, 100], [600, 100, 600]]
    with pytest.raises(PoseError, match="line 35: 0 occurs twice in one frame; add a column 'person'"):
        read_as(CSV, table(tmp_path, pd.DataFrame(rows).drop(columns="person")), AT_20)


@pytest.mark.parametrize(
    ("column", "times", "fps"),
    [
        ("time_s", [0.0, 0.04], 25),
        ("timestamp_ms", [80, 120], 25),
        ("timestamp", [0, 40], 25),
        ("timestamp_ms", [1.7e12, 1.7e12 + 40], 25),
        ("time", [0, 0.04], 25),
    ],
)
def test_times_say_the_rate(tmp_path: Path, column: str, times: list[float], fps: float) -> None:
    names = [f"{axis}{k}" for k in range(33) for axis in "xy"]
    (poses,) = read_as(CSV, table(tmp_path, wide(names, **{column: times})), PoseInput()).people
    assert poses.fps == fps
    (poses,) = read_as(CSV, table(tmp_path, wide(names, frame=[0, 2], **{column: times})), PoseInput()).people
    assert (poses.fps, len(poses)) == (2 * fps, 3)


def test_shares_and_world_landmarks_in_tables(tmp_path: Path) -> None:
    names = [f"{axis}{k}" for k in range(33) for axis in "xy"]
    path = table(tmp_path, wide(names, BODY_PX / 1000))
    with pytest.raises(PoseError, match="--source-size"):
        read_as(CSV, path, AT_20)
    (poses,) = read_as(CSV, path, PoseInput(fps=20, size_px=(1000, 2000))).people
    assert poses.keypoints[0] == pytest.approx(BODY_PX * [1, 2])
    names = [f"{axis}{k}" for k in range(33) for axis in "xyz"]
    (poses,) = read_as(CSV, table(tmp_path, wide(names, BODY_M)), AT_20).people
    assert poses.keypoints[0] == pytest.approx(BODY_M * [1, -1, -1])


@pytest.mark.parametrize("skeleton", SKELETONS.values(), ids=SKELETONS)
@pytest.mark.parametrize("dims", [2, 3])
def test_what_is_written_is_read_back(tmp_path: Path, skeleton: Skeleton, dims: int) -> None:
    keypoints = np.random.default_rng(6).uniform(-1, 1, (7, skeleton.n_joints, dims)).astype(np.float32)
    confidence = np.random.default_rng(7).uniform(0.1, 1, keypoints.shape[:2]).astype(np.float32)
    keypoints[0], confidence[2, 1], keypoints[6] = np.nan, 0, np.nan
    poses = PoseSequence(keypoints, confidence, 30000 / 1001, skeleton)
    CSV.write([poses], tmp_path / "a.csv")
    assert CSV.recognizes(tmp_path / "a.csv")
    result = read_as(CSV, tmp_path / "a.csv", PoseInput())
    (back,) = result.people
    assert back.skeleton == skeleton
    assert back.fps == pytest.approx(poses.fps, rel=1e-9)
    assert np.array_equal(back.keypoints, poses.keypoints, equal_nan=True)
    assert np.array_equal(back.confidence, poses.confidence)
    assert result.notices == ()


def test_several_people_of_a_long_dance_are_written_and_read_back(tmp_path: Path) -> None:
    people = [random_walk_px(1100, seed=1), moved(random_walk_px(1100, seed=2), np.full((1100, 2), 50.0))]
    CSV.write(people, tmp_path / "a.csv")
    back = read_as(CSV, tmp_path / "a.csv", PoseInput()).people
    back = sorted(back, key=lambda poses: float(poses.keypoints[0, 0, 0]))
    for before, after in zip(sorted(people, key=lambda one: float(one.keypoints[0, 0, 0])), back, strict=True):
        assert np.array_equal(before.keypoints, after.keypoints)
        assert after.fps == 20


def test_a_table_cannot_be_written_into_nowhere(tmp_path: Path) -> None:
    for name in ("missing/a.csv", "."):
        with pytest.raises(OutputError):
            CSV.write([standing_px(2)], tmp_path / name)


def test_a_told_skeleton_may_be_there_in_parts(tmp_path: Path) -> None:
    path = table(tmp_path, "nose_x,nose_y,left_hip_x,left_hip_y\n10,20,30,40\n")
    with pytest.raises(PoseError, match=r"no known skeleton; name .*--skeleton"):
        read_as(CSV, path, AT_20)
    (poses,) = read_as(CSV, path, PoseInput(fps=20, skeleton="coco-17")).people
    assert poses.skeleton == COCO_17
    assert poses.seen[0].nonzero()[0].tolist() == [0, 11]
    with pytest.raises(PoseError, match="'openpose-15' has no joint 'nose'"):
        read_as(CSV, path, PoseInput(fps=20, skeleton="openpose-15"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not a CSV table"),
        ("nose_x,nose_y\n", "has a header but no rows"),
        ("a,b\n1,2\n", "has no landmark columns"),
        ("nose_x,nose_x,nose_X\n1,2,3\n", "two columns 'nose_x'"),
        ("x0,y0\n1,2\n", "1 numbered landmarks; name their skeleton"),
        ("nose_x,nose_y\n1,2\n1,two\n", "line 3: expected a number as nose_y, got 'two'"),
        ("nose_x,nose_y\n1,inf\n", "line 2: expected a number as nose_y"),
        ("nose_x,nose_y\n,\n,\n", "nobody is seen in any of 2 frames"),
        ("frame,nose_x,nose_y\n0.5,1,2\n", "line 2: expected a whole number as frame, got 0.5"),
        ("frame,nose_x,nose_y\n1e300,1,2\n", "line 2: expected a whole number as frame, got 1e+300"),
        ("nose_x,nose_y\n1,1e30\n", "1e+30 is out of range"),
        ("frame,nose_x,nose_y\n,1,2\n", "line 2: expected a whole number as frame"),
        ("frame,nose_x,nose_y\n0,1,2\n9999999,1,2\n", "more than 1000000 frames"),
        ("landmark,x,y\nnose,1,2\n", "no column 'frame'"),
        ("frame,landmark,x,y\n0,nose,1,2\n0,tail,1,2\n", "no joint 'tail'"),
        ('nose_x,nose_y\n"1,2\n', "is not a CSV table"),
        ("\x00\x01\x02", "a.csv"),
    ],
)
def test_bad_tables_are_answered(tmp_path: Path, text: str, message: str) -> None:
    path = table(tmp_path, text)
    with pytest.raises(PoseError) as caught:
        read_as(CSV, path, PoseInput(fps=20, skeleton=None if text.startswith("x0") else "dancer"))
    assert message in str(caught.value)
    assert "a.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_other_tables_and_files_are_not_taken(tmp_path: Path) -> None:
    for text in ("a,b\n1,2\n", "", "\xff\xfe"):
        assert not CSV.recognizes(table(tmp_path, text))
    (tmp_path / "a.csv").write_bytes(np.random.default_rng(0).bytes(5000))
    assert not CSV.recognizes(tmp_path / "a.csv")
    with pytest.raises(PoseError, match="is not a CSV table"):
        read_as(CSV, tmp_path / "a.csv", AT_20)
    assert not CSV.recognizes(tmp_path)
    with pytest.raises(PoseError, match="there is no file"):
        read_as(CSV, tmp_path / "missing.csv", AT_20)
