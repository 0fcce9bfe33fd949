from pathlib import Path

import numpy as np
import pytest
from builders import standing_px
from hypothesis import given
from hypothesis import strategies as st

from pose_vocab.errors import PoseError
from pose_vocab.formats.bvh.load import load_bvh
from pose_vocab.joint_mapping import MAPPINGS, JointMapping, to_dancer
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import BODY_25, COCO_17, DANCER, MEDIAPIPE, OPENPOSE_15, OPENPOSE_18, SKELETONS, Skeleton


def numbered(skeleton: Skeleton, confidence: float = 1.0) -> PoseSequence:
    """One frame in which joint k stands at (k, 10 k)."""
    rows = np.arange(skeleton.n_joints)
    keypoints = np.stack([rows, 10 * rows], axis=1)[None]
    return PoseSequence(keypoints, np.full(keypoints.shape[:2], confidence), 20, skeleton)


@pytest.mark.parametrize("mapping", MAPPINGS, ids=lambda mapping: mapping.name)
def test_every_row_is_sound(mapping: JointMapping) -> None:
    assert set(mapping.joints) <= set(DANCER.joint_names)
    for mix in mapping.joints.values():
        assert sum(weight for _, weight in mix) == pytest.approx(1)


@pytest.mark.parametrize("skeleton", SKELETONS.values(), ids=lambda skeleton: skeleton.name)
def test_a_mirrored_source_gives_a_mirrored_dancer(skeleton: Skeleton) -> None:
    source = numbered(skeleton)
    mirrored = source.with_keypoints(source.keypoints[:, skeleton.mirror_order])
    expected = to_dancer(source).keypoints[:, DANCER.mirror_order]
    assert np.array_equal(to_dancer(mirrored).keypoints, expected, equal_nan=True)


def test_a_dancer_comes_back_as_it_is() -> None:
    poses = standing_px()
    assert to_dancer(poses) is poses


def test_the_neck_of_mediapipe_is_between_the_shoulders() -> None:
    dancer = to_dancer(numbered(MEDIAPIPE))
    assert dancer.skeleton == DANCER
    # left_shoulder is landmark 11 and right_shoulder is 12.
    assert dancer.joint("neck")[0].tolist() == [11.5, 115]
    assert dancer.joint("left_wrist")[0].tolist() == [15, 150]
    assert dancer.joint("right_toe")[0].tolist() == [32, 320]


def test_openpose_has_a_neck_and_big_toes() -> None:
    dancer = to_dancer(numbered(BODY_25))
    assert dancer.joint("neck")[0].tolist() == [1, 10]
    assert dancer.joint("left_toe")[0].tolist() == [19, 190]


def test_coco_has_no_toes_and_none_are_invented() -> None:
    dancer = to_dancer(numbered(COCO_17))
    missing = [name for name, seen in zip(DANCER.joint_names, dancer.seen[0], strict=True) if not seen]
    assert missing == ["left_toe", "right_toe"]


def test_the_older_layouts_of_openpose_have_a_neck_but_no_toes() -> None:
    for skeleton in (OPENPOSE_18, OPENPOSE_15):
        dancer = to_dancer(numbered(skeleton))
        assert dancer.joint("neck")[0].tolist() == [1, 10]
        assert dancer.joint("left_ankle")[0].tolist() == [13, 130]
        assert not dancer.seen[0, DANCER.index("left_toe")]


def test_the_top_of_a_head_is_no_nose() -> None:
    assert not to_dancer(numbered(OPENPOSE_15)).seen[0, DANCER.index("nose")]
    assert to_dancer(numbered(OPENPOSE_18)).joint("nose")[0].tolist() == [0, 0]


def test_confidence_is_the_lowest_of_the_sources() -> None:
    source = numbered(MEDIAPIPE)
    confidence = source.confidence.copy()
    confidence[0, MEDIAPIPE.index("left_shoulder")] = 0.25
    dancer = to_dancer(PoseSequence(source.keypoints, confidence, 20, MEDIAPIPE))
    assert dancer.confidence[0, DANCER.index("neck")] == 0.25
    assert dancer.confidence[0, DANCER.index("right_shoulder")] == 1


def test_what_needs_a_missing_joint_is_missing() -> None:
    source = numbered(MEDIAPIPE)
    confidence = source.confidence.copy()
    confidence[0, MEDIAPIPE.index("left_shoulder")] = 0
    dancer = to_dancer(PoseSequence(source.keypoints, confidence, 20, MEDIAPIPE))
    missing = [name for name, seen in zip(DANCER.joint_names, dancer.seen[0], strict=True) if not seen]
    assert missing == ["neck", "left_shoulder"]


@given(st.floats(-1000, 1000), st.floats(-1000, 1000), st.floats(0.1, 10))
def test_mapping_follows_shift_and_scale(x: float, y: float, scale: float) -> None:
    source = numbered(MEDIAPIPE)
    shift = np.array([x, y], np.float32)
    moved = to_dancer(source.with_keypoints(source.keypoints * np.float32(scale) + shift)).keypoints
    assert np.allclose(moved, to_dancer(source).keypoints * np.float32(scale) + shift, rtol=1e-4, atol=1e-2)


def test_an_unknown_skeleton_is_refused() -> None:
    skeleton = Skeleton("hand", ("thumb", "pinky"), ((0, 1),), ())
    with pytest.raises(PoseError, match=r"skeleton 'hand' .* is unknown: thumb, pinky; write a JSON .* --joints"):
        to_dancer(numbered(skeleton))


@pytest.mark.parametrize("file", ["60_12_scaled.bvh", "61_05_scaled.bvh", "jesse_dance.bvh"])
def test_motion_capture_gets_the_proportions_of_people(data: Path, file: str) -> None:
    dancer = to_dancer(load_bvh(data / "mocap" / file))
    assert dancer.seen.all()
    torso = np.linalg.norm(dancer.joint("neck") - (dancer.joint("left_hip") + dancer.joint("right_hip")) / 2, axis=1)

    def in_torsos(first: str, second: str) -> float:
        return float(np.median(np.linalg.norm(dancer.joint(first) - dancer.joint(second), axis=1) / torso))

    assert in_torsos("left_shoulder", "right_shoulder") == pytest.approx(0.66, abs=0.04)
    assert in_torsos("left_hip", "right_hip") == pytest.approx(0.38, abs=0.03)
    assert in_torsos("left_ankle", "left_toe") == pytest.approx(0.37, abs=0.04)
