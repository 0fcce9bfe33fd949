"""The JSON layouts in which people's scripts write landmarks all give the same poses."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_up_dancer import FPS, FRAMES, HEIGHT, NAMES, WIDTH, dancer_px

from pose_vocab.errors import PoseError
from pose_vocab.formats import PoseInput, read_people
from pose_vocab.formats.body_25 import to_body_25
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import COCO_17, H36M_17, MEDIAPIPE

PX = dancer_px()
IN_COCO = [NAMES.index(name) for name in COCO_17.joint_names]
SHARES = PX / [WIDTH, HEIGHT]
LANDMARKS = [[{"x": x, "y": y, "z": 0, "visibility": 1} for x, y in frame] for frame in SHARES.tolist()]
NORMALIZED = PoseInput(fps=FPS, size_px=(WIDTH, HEIGHT))
COCO_PX = PX[:, IN_COCO].tolist()
LAYOUTS: dict[str, Any] = {
    "by frame": {str(k): frame for k, frame in enumerate(LANDMARKS)},
    "by name of frame": {f"frame_{k}": {"landmarks": frame} for k, frame in enumerate(LANDMARKS)},
    "by picture": {f"{k:05d}.jpg": [frame] for k, frame in enumerate(LANDMARKS)},
    "by name of landmark": [
        {"frame": k, "landmarks": dict(zip(NAMES, frame, strict=True))} for k, frame in enumerate(LANDMARKS)
    ],
    "upper case names": [
        {"frame": k, "pose": {name.upper(): one for name, one in zip(NAMES, frame, strict=True)}}
        for k, frame in enumerate(LANDMARKS)
    ],
    "tfjs": [
        [{"keypoints": [one | {"name": name, "score": 0.9} for name, one in zip(NAMES, frame, strict=True)]}]
        for frame in LANDMARKS
    ],
    "frames of people": {"frames": [{"people": [{"id": 4, "landmarks": frame}]} for frame in LANDMARKS]},
    "names inside": [
        {"landmarks": [one | {"name": name} for name, one in sorted(zip(NAMES, frame, strict=True))]}
        for frame in LANDMARKS
    ],
    "holistic": [{"landmarks": frame + [{"x": 0.5, "y": 0.5, "z": 0}] * 510} for frame in LANDMARKS],
}
COCO_LAYOUTS: dict[str, Any] = {
    "ultralytics": [
        [{"track_id": 1, "keypoints": {"x": [p[0] for p in f], "y": [p[1] for p in f], "visible": [1] * 17}}]
        for f in COCO_PX
    ],
    "posenet": [
        {"poses": [{"score": 0.9, "keypoints": [
            {"part": name, "position": {"x": x, "y": y}, "score": 0.9}
            for name, (x, y) in zip(COCO_17.joint_names, f, strict=True)
        ]}]} for f in COCO_PX
    ],
    "mmpose": {
        "meta_info": {"dataset_name": "coco"},
        "instance_info": [
            {"frame_id": k + 1, "instances": [{"keypoints": f, "keypoint_scores": [0.9] * 17, "bbox": [[0, 0, 9, 9]]}]}
            for k, f in enumerate(COCO_PX)
        ],
    },
    "mmpose, a list a frame": [[{"keypoints": f, "keypoint_scores": [0.9] * 17}] for f in COCO_PX],
    "a line a detection": [{"frame": k, "track_id": 1, "keypoints": f} for k, f in enumerate(COCO_PX)],
    "xyc lists": [{"keypoints": [[*point, 0, 0.9] for point in f]} for f in COCO_PX],
}  # fmt: skip


def poses_of(path: Path, text: str, pose_input: PoseInput) -> PoseSequence:
    path.write_text(text)
    [poses] = read_people(path, pose_input).people
    return poses


@pytest.mark.parametrize("name", LAYOUTS)
def test_landmarks_of_mediapipe(tmp_path: Path, name: str) -> None:
    poses = poses_of(tmp_path / "a.json", json.dumps(LAYOUTS[name]), NORMALIZED)
    assert poses.skeleton == MEDIAPIPE
    assert poses.keypoints == pytest.approx(PX, rel=1e-4)


@pytest.mark.parametrize("name", COCO_LAYOUTS)
def test_keypoints_of_coco(tmp_path: Path, name: str) -> None:
    poses = poses_of(tmp_path / "a.json", json.dumps(COCO_LAYOUTS[name]), PoseInput(fps=FPS))
    assert poses.skeleton == COCO_17
    assert poses.keypoints == pytest.approx(PX[:, IN_COCO], rel=1e-4)


def test_scores_beside_the_landmarks_are_their_confidence(tmp_path: Path) -> None:
    scores = [0.5] * 16 + [0]
    frames = [[{"keypoints": frame, "keypoint_scores": scores}] for frame in COCO_PX]
    poses = poses_of(tmp_path / "a.json", json.dumps(frames), PoseInput(fps=FPS))
    assert poses.confidence == pytest.approx(np.tile(scores, (FRAMES, 1)))


def test_17_points_of_human36m_are_told_by_their_geometry(tmp_path: Path) -> None:
    middle = {"mid_hip": (23, 24), "spine": (11, 12, 23, 24), "neck": (11, 12), "head_top": (2, 5)}
    body = np.stack(
        [
            PX[:, middle[name]].mean(axis=1) if name in middle else PX[:, NAMES.index(name)]
            for name in H36M_17.joint_names
        ],
        axis=1,
    )
    poses = poses_of(
        tmp_path / "a.json", json.dumps([{"keypoints": frame} for frame in body.tolist()]), PoseInput(fps=FPS)
    )
    assert poses.skeleton == H36M_17
    assert poses.joint("left_wrist") == pytest.approx(PX[:, 15])


def test_alphapose_writes_bodies_of_joints(tmp_path: Path) -> None:
    (tmp_path / "frames").mkdir()
    for k, frame in enumerate(PX[:, :18].tolist()):
        body = {"joints": [value for x, y in frame for value in (x, y, 0.9)]}
        (tmp_path / "frames" / f"{k}.json").write_text(json.dumps({"version": "AlphaPose v0.3", "bodies": [body]}))
    [poses] = read_people(tmp_path / "frames", PoseInput(fps=FPS)).people
    assert (len(poses), poses.skeleton.name) == (FRAMES, "openpose-18")


@pytest.mark.parametrize("suffix", [".json", ".jsonl", ".ndjson"])
def test_a_frame_a_line(tmp_path: Path, suffix: str) -> None:
    lines = [json.dumps({"timestamp": k / FPS, "landmarks": frame}) for k, frame in enumerate(LANDMARKS)]
    poses = poses_of(tmp_path / f"a{suffix}", "\n".join(lines), PoseInput(size_px=(WIDTH, HEIGHT)))
    assert (len(poses), poses.fps) == (FRAMES, pytest.approx(FPS))
    cut = "\n".join(lines)[:-40]
    assert len(poses_of(tmp_path / f"a{suffix}", cut, PoseInput(size_px=(WIDTH, HEIGHT)))) == FRAMES - 1


def test_comfyui_writes_openpose_in_a_list_with_the_size(tmp_path: Path) -> None:
    body = to_body_25(PoseSequence.fully_seen(PX, FPS, MEDIAPIPE)).keypoints[:, :18]
    frames = [
        {"people": [{"pose_keypoints_2d": [v for x, y in frame for v in (x / WIDTH, y / HEIGHT, 1.0)]}],
         "canvas_width": WIDTH, "canvas_height": HEIGHT}
        for frame in np.nan_to_num(body).tolist()
    ]  # fmt: skip
    poses = poses_of(tmp_path / "a.json", json.dumps(frames), PoseInput(fps=FPS))
    assert poses.skeleton.name == "openpose-18"
    assert poses.joint("nose") == pytest.approx(PX[:, 0], rel=1e-4)


@pytest.mark.parametrize(
    "pattern", ["cam1_{:06d}.json", "{}.json", "a_{:012d}_keypoints.json", "dance{:03d}_pose.json"]
)
def test_folders_of_any_numbered_names(tmp_path: Path, pattern: str) -> None:
    folder = tmp_path / "frames"
    folder.mkdir()
    for k in range(FRAMES):
        body = [value for x, y in PX[k, :18] for value in (x, y, 0.9)]
        (folder / pattern.format(k)).write_text(json.dumps({"people": [{"pose_keypoints_2d": body}]}))
    (folder / ("._" + pattern.format(0))).write_bytes(b"\0\5\26\7")
    (folder / "notes.txt").write_text("not a frame")
    [poses] = read_people(folder, PoseInput(fps=FPS)).people
    assert len(poses) == FRAMES


def test_json_without_poses_is_no_pose_file(tmp_path: Path) -> None:
    for k in range(3):
        (tmp_path / f"settings{k}.json").write_text(json.dumps({"x": 3, "name": "a"}))
    with pytest.raises(PoseError, match="is a folder without poses"):
        read_people(tmp_path)
