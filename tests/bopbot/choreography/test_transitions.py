from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders import random_walk_px, standing_px
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from bopbot.choreography.transitions import BLEND_S, bend_end, bend_start, large_step, mismatch, step_sizes
from bopbot.codec_presets import find_codec_preset
from bopbot.inputs.clips import clips_of
from pose_vocab.cleaning import Cleaning
from pose_vocab.errors import PoseError
from pose_vocab.formats.bvh.load import load_bvh
from pose_vocab.normalization import Clip, normalize
from pose_vocab.skeletons import DANCER

FPS = 20.0
BLEND = round(BLEND_S * FPS)
WRIST, TOE, NOSE = (DANCER.index(joint) for joint in ("left_wrist", "left_toe", "nose"))


def standing(frames: int, wrist: ArrayLike = 0.0, hips: ArrayLike = 0.0) -> Clip:
    """Who stands with the left wrist so much higher, frame by frame, and the hips so far away: (frames, 2)."""
    clip = normalize(standing_px(frames))
    keypoints = clip.poses.keypoints.copy()
    keypoints[:, WRIST, 1] += np.asarray(wrist, np.float32)
    hip_path = clip.placement.hip_path + np.asarray(hips, np.float32)
    return Clip(clip.poses.with_keypoints(keypoints), replace(clip.placement, hip_path=hip_path))


def with_joints(keypoints: np.ndarray) -> Clip:
    """Who stands on the spot with the joints where they are said to be."""
    still = standing(len(keypoints))
    return Clip(still.poses.with_keypoints(keypoints), still.placement)


def wandering(seed: int, frames: int = 60) -> Clip:
    return normalize(random_walk_px(frames, seed))


def same(first: Clip, second: Clip) -> bool:
    return np.array_equal(first.poses.keypoints, second.poses.keypoints, equal_nan=True) and np.array_equal(
        first.placement.hip_path, second.placement.hip_path
    )


def raised(clip: Clip) -> np.ndarray:
    """How much higher than standing the left wrist is."""
    return clip.poses.keypoints[:, WRIST, 1] - standing(1).poses.keypoints[0, WRIST, 1]


def test_a_difference_fades_out() -> None:
    """Half of it in the middle of the bend, and as much before the middle as is left behind it."""
    bent = raised(bend_start(standing(5, wrist=0.4), standing(30)))
    fading = bent[:BLEND]
    assert (np.diff([0.4, *fading, 0]) < 0).all()
    assert fading + fading[::-1] == pytest.approx(0.4, abs=1e-5)
    assert (bent[BLEND:] == raised(standing(30))[BLEND:]).all()


def test_other_joints_are_left_alone() -> None:
    bent, after = bend_start(standing(5, wrist=0.4), standing(30)), standing(30)
    np.testing.assert_array_equal(
        np.delete(bent.poses.keypoints, WRIST, axis=1), np.delete(after.poses.keypoints, WRIST, axis=1)
    )
    np.testing.assert_array_equal(bent.placement.hip_path, after.placement.hip_path)


def test_a_dance_cut_in_two_comes_out_as_it_was() -> None:
    """With an even motion nothing differs at the seam."""
    wrist, hips = np.arange(40) * 0.03, np.arange(40)[:, None] * [0.02, -0.01]
    dance = standing(40, wrist, hips)
    again = dance[:20].followed_by(bend_start(dance[:20], dance[20:]))
    np.testing.assert_allclose(again.poses.keypoints, dance.poses.keypoints, atol=1e-6)
    np.testing.assert_allclose(again.placement.hip_path, dance.placement.hip_path, atol=1e-6)


def test_a_motion_swings_out_instead_of_stopping() -> None:
    """The wrist rises by 0.1 a frame, and the next dance would have it still where it is now."""
    bent = raised(bend_start(standing(5, wrist=np.arange(-4, 1) * 0.1), standing(30)))
    assert 0.05 < bent[0] < 0.1
    assert bent.max() > bent[0]
    assert (np.abs(np.diff(bent)) < 0.1).all()


def test_hips_go_on_from_where_they_were() -> None:
    before = standing(5, hips=np.arange(5)[:, None] * [0.1, 0.0] + [1.0, 0.2])
    path = bend_start(before, standing(30, hips=[2.0, 0.0])).placement.hip_path - standing(1).placement.hip_path
    assert path[0] == pytest.approx([1.5, 0.2], abs=0.03)
    assert path[BLEND:] == pytest.approx(np.tile([2.0, 0.0], (30 - BLEND, 1)), abs=1e-6)


def test_what_is_missing_at_the_seam_is_left_as_it_is() -> None:
    """The wrist before it, the nose behind it; the toe is seen there, and not just before."""
    before, after = (wandering(seed).poses.keypoints.copy() for seed in range(2))
    before[-1, WRIST] = before[-2, TOE] = after[0, NOSE] = after[5, TOE] = np.nan
    bent = bend_start(with_joints(before), with_joints(after)).poses
    np.testing.assert_array_equal(bent.keypoints[:, [WRIST, NOSE]], after[:, [WRIST, NOSE]])
    assert (
        np.linalg.norm(bent.keypoints[0, TOE] - before[-1, TOE]) < np.linalg.norm(after[0, TOE] - before[-1, TOE]) / 4
    )
    np.testing.assert_array_equal(np.isnan(bent.keypoints), np.isnan(after))


@settings(max_examples=30, deadline=None)
@given(seeds=st.tuples(st.integers(0, 50), st.integers(51, 100)), lengths=st.tuples(*[st.integers(BLEND, 60)] * 2))
def test_the_step_at_a_seam_is_a_step_of_either_dance(seeds: tuple[int, int], lengths: tuple[int, int]) -> None:
    """Of what the two are apart, the cubic takes 3s^2 - 2s^3 away in its first frame, the 11th part of the bend.

    Backwards in time they are apart by their velocities more or less.
    """
    before, after = (wandering(seed)[:length] for seed, length in zip(seeds, lengths, strict=True))
    after = Clip(after.poses, replace(after.placement, hip_path=after.placement.hip_path + np.float32(0.5)))
    came_from = 2 * after.placed[0] - after.placed[1]
    apart = np.linalg.norm(before.placed[-1] - came_from, axis=1).mean()
    usual = max(step_sizes(before)[-1], step_sizes(after)[0])
    for dance in (before.followed_by(bend_start(before, after)), bend_end(before, after).followed_by(after)):
        assert step_sizes(dance)[len(before) - 1] < usual + 0.0234 * (apart + 2 * usual)


def test_only_the_bent_one_changes_and_only_near_the_seam() -> None:
    before, after = wandering(0), wandering(1)
    assert same(bend_start(before, after)[BLEND:], after[BLEND:])
    assert same(bend_end(before, after)[:-BLEND], before[:-BLEND])
    assert not same(bend_start(before, after)[:BLEND], after[:BLEND])


def test_parts_are_joined_as_they_are() -> None:
    parts = [wandering(0)[:30], wandering(1)[:20], wandering(2)[:10]]
    dance = parts[0].followed_by(*parts[1:])
    assert same(dance[:30], parts[0])
    assert same(dance[30:50], parts[1])
    assert same(dance[50:], parts[2])
    assert (dance.placement.scale, dance.placement.ground) == (parts[0].placement.scale, parts[0].placement.ground)


def test_a_mismatch_is_the_mean_over_the_joints() -> None:
    """One of 16 joints is 0.16 off; all are 0.2 off with the hips; 0.5 on the floor are nothing."""
    assert mismatch(standing(5), standing(5)) == pytest.approx(0, abs=1e-6)
    assert mismatch(standing(5), standing(5, wrist=0.16)) == pytest.approx(0.01)
    assert mismatch(standing(5, hips=[0.5, 0.0]), standing(5, hips=[0.0, 0.2])) == pytest.approx(0.2)


def test_a_mismatch_in_velocity_counts_as_far_as_it_leads() -> None:
    """The wrist goes on from where it was, at 0.016 a frame: 0.08 in a quarter of a second, over 16 joints."""
    assert mismatch(standing(5), standing(5, wrist=np.arange(1, 6) * 0.016)) == pytest.approx(0.005)


def test_what_is_never_seen_cannot_mismatch() -> None:
    nobody = with_joints(np.full_like(standing(5).poses.keypoints, np.nan))
    assert mismatch(standing(5, wrist=1.0), nobody) == 0


def test_steps_are_how_far_joints_go() -> None:
    clip = standing(3, wrist=[0, 0.16, 0.16], hips=[[0, 0], [0, 0], [0.3, 0.4]])
    assert step_sizes(clip) == pytest.approx([0.01, 0.5])


def test_a_large_step_is_larger_than_99_of_100() -> None:
    """101 steps of 0.00, 0.01, ... 1.00 torso lengths."""
    way = np.cumsum([0, *np.arange(101) / 100])
    assert large_step([standing(102, hips=way[:, None] * [1, 0])]) == pytest.approx(0.99, abs=1e-5)


def test_what_cannot_be_joined_is_refused() -> None:
    with pytest.raises(PoseError, match="60 and 1 frames have no velocity"):
        bend_start(wandering(0), wandering(1)[:1])
    with pytest.raises(PoseError, match="of one kind"):
        bend_end(wandering(0), normalize(random_walk_px(60, 1, fps=25)))
    with pytest.raises(PoseError, match="no clip"):
        large_step([])
    with pytest.raises(PoseError, match="no step to measure"):
        large_step([wandering(0)[:1]])


@pytest.mark.slow
def test_no_seam_between_real_dances_is_a_jump(data: Path) -> None:
    kind = find_codec_preset("picture")
    dances = [
        clips_of(load_bvh(data / "mocap" / f"60_{number}_scaled.bvh"), kind, Cleaning())[0] for number in (12, 13, 14)
    ]
    limit = large_step(dances)
    generator = np.random.default_rng(0)
    for _ in range(100):
        before, after = (dances[generator.integers(3)][start:][:40] for start in generator.integers(200, size=2))
        shift = before.placement.hip_path[-1] - after.placement.hip_path[0]
        after = Clip(after.poses, replace(after.placement, hip_path=after.placement.hip_path + shift * [1, 0]))
        for dance in (before.followed_by(bend_start(before, after)), bend_end(before, after).followed_by(after)):
            assert step_sizes(dance)[39] <= max(limit, step_sizes(before)[-1], step_sizes(after)[0])
