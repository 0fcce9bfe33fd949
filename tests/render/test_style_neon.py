import numpy as np
import pytest
from builders import STANDING
from hypothesis import given, settings
from hypothesis import strategies as st

from pose_vocab.skeletons import DANCER
from render.raster import paint
from render.shapes import Image, Kind, Shapes
from render.stage.stage import StagedClip
from render.styles.neon import TRAIL_S, TRAIL_STEPS, WHITE_HOT, Neon, at_times
from render.theme import THEMES

BODY_PX = 100.0
TRAILS = TRAIL_STEPS * 5
WRIST = DANCER.index("left_wrist")
WALL = (20, 20, 30)


def standing(frames: int, fps: float, reach_px_s: float = 0.0) -> StagedClip:
    """A dancer who stands still while the left hand goes to the right at a constant speed."""
    body = np.array([STANDING[name] for name in DANCER.joint_names], np.float32)
    joints = np.repeat([np.array([200, 220]) + body * [BODY_PX, -BODY_PX]], frames, axis=0).astype(np.float32)
    joints[:, WRIST, 0] += (reach_px_s / fps * np.arange(frames)).astype(np.float32)
    ground = np.full((frames, 2), np.nan, np.float32)
    return StagedClip(joints, None, np.full(frames, BODY_PX, np.float32), ground, fps)


def shapes(clip: StagedClip, frame: int) -> Shapes:
    return Neon(THEMES["dark"]).shapes(clip, np.array([frame]))[0]


def painted(clip: StagedClip, frame: int, *, on: Image | None = None) -> Image:
    picture = np.full((440, 440, 3), WALL, np.uint8) if on is None else on.copy()
    list(Neon(THEMES["dark"]).figures(clip))[frame].paint(picture)
    return picture


def trail_ends(clip: StagedClip, frame: int) -> tuple[float, float]:
    """How far to the left and to the right a trail can be seen; NaN where there is none."""
    rows = shapes(clip, frame)[:TRAILS]
    seen = rows[np.isfinite(rows).all(axis=1) & (rows[:, -1] > 0)]
    if not len(seen):
        return np.nan, np.nan
    xs = seen[:, 1:9:2]
    return float(xs.min()), float(xs.max())


@pytest.mark.parametrize("joint", DANCER.joint_names[2:])
def test_a_joint_is_white_hot_and_its_tube_has_the_colour_of_its_side(joint: str) -> None:
    clip = standing(1, 20.0)
    picture = painted(clip, 0)
    x, y = np.rint(clip.joints[0, DANCER.index(joint)]).astype(int)
    assert tuple(picture[y, x]) == WHITE_HOT
    colour = getattr(THEMES["dark"], joint.split("_")[0])
    assert (picture[y - 6 : y + 7, x - 6 : x + 7] == colour).all(axis=2).any()


def test_a_hand_draws_its_last_half_second() -> None:
    """At 200 pixels a second it was 100 pixels farther to the left."""
    clip = standing(21, 20.0, 200.0)
    now = float(clip.joints[20, WRIST, 0])
    assert trail_ends(clip, 20) == pytest.approx((now - 100, now), abs=0.01)


def test_the_first_frames_have_short_trails() -> None:
    clip = standing(21, 20.0, 200.0)
    start = float(clip.joints[0, WRIST, 0])
    assert np.isnan(trail_ends(clip, 0)).all()
    left, right = trail_ends(clip, 5)
    assert (left, right) == pytest.approx((start, start + 50), abs=0.01)


def test_trails_fade_and_thin_out() -> None:
    rows = shapes(standing(21, 20.0, 200.0), 20)[:TRAILS].reshape(TRAIL_STEPS, 5, -1)[:, 0]
    assert (rows[:, 0] == Kind.HULL).all()
    assert (np.diff(rows[:, -1]) < 0).all()
    thickness = np.abs(rows[:, 2] - rows[:, 4])
    assert (np.diff(thickness) < 0).all()


def test_what_stands_still_leaves_no_trail() -> None:
    assert np.isnan(trail_ends(standing(21, 20.0), 20)).all()


def test_a_gap_breaks_the_trail() -> None:
    """Frame 15 of 20 is missing: what was 4 frames ago is seen, and what was 6 frames ago is not linked with it."""
    clip = standing(21, 20.0, 200.0)
    clip.joints[15, WRIST] = np.nan
    rows = shapes(clip, 20)[:TRAILS].reshape(TRAIL_STEPS, 5, -1)[:, 0]
    seen = np.isfinite(rows).all(axis=1)
    ages = np.arange(TRAIL_STEPS) * TRAIL_S / TRAIL_STEPS * 20.0
    assert seen[ages < 3.3].all()
    assert not seen[(ages > 3.5) & (ages < 5.9)].any()
    assert seen[ages > 6].all()


@settings(max_examples=20, deadline=None)
@given(st.sampled_from([10.0, 20.0, 24.0, 30.0, 50.0, 60.0]), st.floats(50, 400))
def test_trails_do_not_depend_on_the_frame_rate(fps: float, speed: float) -> None:
    """One second into the same motion."""
    slow, fast = (shapes(standing(int(rate) + 1, rate, speed), int(rate))[:TRAILS] for rate in (fps, 100.0))
    np.testing.assert_allclose(slow, fast, atol=0.05)


def test_trails_do_not_depend_on_where_a_chunk_begins() -> None:
    clip = standing(200, 20.0, 1.5)
    clip.joints[:, WRIST, 1] += 40 * np.sin(np.arange(200) / 3).astype(np.float32)
    alone = np.stack([shapes(clip, frame) for frame in range(200)])
    np.testing.assert_array_equal(Neon(THEMES["dark"]).shapes(clip, np.arange(200)), alone)


def test_a_path_is_followed_between_its_frames() -> None:
    """Catmull and Rom's curve goes through the points, and along a parabola between points of one."""
    times = np.arange(8.0)
    path = np.stack([times, times**2], axis=1)[:, None].astype(np.float32)
    places = np.array([1.0, 2.25, 4.5, -0.5])
    between = at_times(path, places)[:, 0]
    np.testing.assert_allclose(between[:3], np.stack([places, places**2], axis=1)[:3], atol=1e-5)
    assert np.isnan(between[3]).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_light_never_darkens(seed: int) -> None:
    clip = standing(1, 20.0)
    source = np.random.default_rng(seed).integers(0, 256, (440, 440, 3), np.uint8)
    lit = source.copy()
    rows = shapes(clip, 0)
    glowing = rows[rows[:, 0] == Kind.GLOW]
    assert np.isfinite(glowing).all(axis=1).sum() > 15
    paint(lit, glowing)
    assert (lit >= source).all()
    assert (lit > source).any()


def test_a_dancer_lights_the_dark_beside_him() -> None:
    clip = standing(1, 20.0)
    x, y = np.rint(clip.joints[0, DANCER.index("left_elbow")]).astype(int)
    lit = painted(clip, 0)[y, x + 9].astype(int)
    assert lit[0] > WALL[0] + 40


def test_a_missing_wrist_takes_the_forearm() -> None:
    clip = standing(1, 20.0)
    elbow, wrist = clip.joints[0, DANCER.index("left_elbow")].copy(), clip.joints[0, WRIST].copy()
    clip.joints[0, WRIST] = np.nan
    x, y = np.rint(0.3 * elbow + 0.7 * wrist).astype(int)
    assert tuple(painted(clip, 0)[y, x]) == WALL


def test_nobody_is_nothing() -> None:
    clip = standing(3, 20.0)
    clip.joints[:] = np.nan
    assert (painted(clip, 2) == WALL).all()
