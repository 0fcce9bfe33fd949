"""The robot: what it looks like where, when it blinks, and how it gives way to the motion."""

import numpy as np
import pytest
from builders import STANDING, moved, standing_px
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray

from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER
from render.shapes import Colour, Kind
from render.stage.layout import lay_out
from render.stage.stage import StagedClip
from render.styles import STYLES
from render.styles.bopbot import BopBot
from render.styles.robot.parts import EYE, GLASSES, LAMP, LID, METAL, NAVY, SHINE
from render.styles.robot.secondary_motion import (
    BLINK_EVERY_S,
    BLINK_S,
    MOST_STRETCH,
    SecondaryMotion,
    eyelids,
    spring_offset,
)
from render.theme import THEMES

SIZE = (720, 720)
FPS = 30.0
Picture = NDArray[np.uint8]


def standing_m(frames: int = 1) -> PoseSequence:
    """A dancer in metres, facing the viewer, nose and toes in front."""
    body = np.array([(*STANDING[name], 0.0) for name in DANCER.joint_names]) * 0.5
    body[DANCER.index("nose")] = (0, 0.66, 0.14)
    body[[DANCER.index("left_toe"), DANCER.index("right_toe")], 2] = 0.17
    return PoseSequence.fully_seen(np.repeat(body[None], frames, axis=0), FPS, DANCER)


def posed(clip: PoseSequence, **places: ArrayLike) -> PoseSequence:
    """With some joints elsewhere in all frames."""
    keypoints = clip.keypoints.copy()
    for name, place in places.items():
        keypoints[:, DANCER.index(name)] = place
    return clip.with_keypoints(keypoints)


def staged(clip: PoseSequence, yaw_deg: float = 0.0) -> StagedClip:
    return lay_out([clip], *SIZE, yaw_deg).dancers[0]


def picture(dancer: StagedClip, frame: int = 0, theme: str = "light", ground: int = 255) -> Picture:
    """One frame of a dancer on a plain ground."""
    image = np.full((SIZE[1], SIZE[0], 3), ground, np.uint8)
    list(BopBot(THEMES[theme]).figures(dancer))[frame].paint(image)
    return image


def at(dancer: StagedClip, *names: str, frame: int = 0) -> NDArray[np.float32]:
    """The middle between joints, (2,)."""
    return np.asarray(dancer.joints[frame, [DANCER.index(name) for name in names]].mean(axis=0))


def pixel(image: Picture, place: NDArray[np.float32]) -> Colour:
    x, y = np.rint(place).astype(int)
    red, green, blue = image[y, x].tolist()
    return red, green, blue


def count(image: Picture, colour: Colour) -> int:
    return int((image == np.array(colour)).all(axis=-1).sum())


def test_it_is_a_style() -> None:
    assert STYLES["bopbot"] is BopBot
    assert BopBot.default_theme in THEMES


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("clip", [standing_px(1), standing_m()], ids=["2D", "3D"])
def test_elbows_and_knees_have_the_colour_of_their_side(clip: PoseSequence, theme: str) -> None:
    dancer = staged(clip)
    image = picture(dancer, theme=theme)
    for side, colour in (("left", THEMES[theme].left), ("right", THEMES[theme].right)):
        for joint in ("elbow", "knee"):
            assert pixel(image, at(dancer, f"{side}_{joint}")) == colour


def test_limbs_are_metal_and_the_torso_is_glass() -> None:
    dancer = staged(standing_px(1))
    below = at(dancer, "neck", "left_hip", "right_hip") + np.array([0, 0.3 * dancer.body[0]])
    for limb in (("left_shoulder", "left_elbow"), ("right_knee", "right_ankle")):
        assert pixel(picture(dancer), at(dancer, *limb)) in {METAL, SHINE}
    on_white, on_black = (np.array(pixel(picture(dancer, ground=ground), below)) for ground in (255, 0))
    # Two layers of glass let a quarter of the light through.
    assert np.allclose(on_white - on_black, 255 / 4, atol=2)
    assert on_white.argmax() == np.argmax(GLASSES[0][0])


@pytest.mark.parametrize("turn", range(0, 360, 45))
def test_a_hand_is_half_a_moon_behind_the_wrist(turn: int) -> None:
    """Along the forearm it is navy, to the sides of the wrist too, and before its flat side there is none of it."""
    along = np.array([np.cos(np.radians(turn)), np.sin(np.radians(turn))], np.float32)
    elbow = np.array((700, 400))
    dancer = staged(posed(standing_px(1), left_elbow=elbow, left_wrist=elbow + 60 * along))
    image, wrist, body = picture(dancer), at(dancer, "left_wrist"), dancer.body[0]
    aside = np.array([-along[1], along[0]])
    for reach, to_side, navy in (
        (0.09, 0.0, True), (0.04, 0.12, True), (0.04, -0.12, True),
        (0.11, 0.12, False), (0.2, 0.0, False), (-0.03, 0.12, False), (-0.03, -0.12, False), (-0.03, 0.0, False),
    ):  # fmt: skip
        assert (pixel(image, wrist + body * (reach * along + to_side * aside)) == NAVY) is navy, (reach, to_side)


def test_a_foot_is_half_a_moon_above_its_sole() -> None:
    """Seen from the side: round above, flat below, and longer than seen from the front."""

    def feet(yaw_deg: float) -> NDArray[np.intp]:
        rows, columns = np.nonzero((picture(staged(clip, yaw_deg)) == np.array(NAVY)).all(axis=-1))
        low = rows > at(staged(clip, yaw_deg), "left_knee")[1]
        return np.stack([rows[low], columns[low]])

    clip = posed(standing_m(), right_knee=np.nan, right_ankle=np.nan, right_toe=np.nan)
    rows, columns = feet(90)
    widths = np.array([np.ptp(columns[rows == row]) + 1 for row in np.unique(rows)])
    assert widths[-6:].max() == widths.max()
    assert widths[:4].max() < 0.6 * widths.max()
    assert widths.max() > 1.5 * np.ptp(rows)
    assert widths.max() > 1.3 * np.ptp(feet(0)[1])


def test_goggles_are_seen_from_the_front_and_a_strap_from_behind() -> None:
    front, side, behind = (picture(staged(standing_m(), yaw_deg)) for yaw_deg in (0, 90, 180))
    assert count(front, EYE) > 1.5 * count(side, EYE) > 0
    assert count(behind, EYE) == 0
    neck = round(at(staged(standing_m(), 180), "neck")[1])
    assert count(behind[:neck], NAVY) > 200


def test_the_lamp_is_on_the_chest() -> None:
    front, behind = (staged(standing_m(), yaw_deg) for yaw_deg in (0, 180))
    assert count(picture(front)[round(at(front, "neck")[1]) :], LAMP) > 50
    assert count(picture(behind)[round(at(behind, "neck")[1]) :], LAMP) == 0


@pytest.mark.parametrize("to", [-1, 1])
def test_goggles_follow_the_nose(to: int) -> None:
    still = standing_px(1)
    clip = posed(still, nose=still.joint("nose") + np.array([15 * to, 0]))
    eyes = [np.nonzero((picture(staged(c)) == np.array(EYE)).all(axis=-1))[1].mean() for c in (still, clip)]
    moved_by = (eyes[1] - eyes[0]) / staged(clip).body[0]
    assert 0.1 < to * moved_by < 0.4


def test_blinks_are_short_and_come_at_uneven_times() -> None:
    times_s = np.arange(0, 120, 0.001)
    shut = eyelids(times_s)
    assert shut.min() == 0
    assert shut.max() == 1
    assert np.abs(np.diff(shut)).max() < 0.03
    closing = np.flatnonzero((shut[1:] > 0) & (shut[:-1] == 0))
    opened = np.flatnonzero((shut[1:] == 0) & (shut[:-1] > 0))
    assert len(closing) == round(120 / BLINK_EVERY_S)
    assert (times_s[opened] - times_s[closing[: len(opened)]]).max() == pytest.approx(BLINK_S, abs=0.002)
    pauses_s = np.diff(times_s[closing])
    assert 2 < pauses_s.min() < pauses_s.max() < 5
    assert np.ptp(pauses_s) > 1


@pytest.mark.parametrize("fps", [10, 20, 23.976, 60])
def test_no_blink_is_missed_at_any_frame_rate(fps: float) -> None:
    shut = eyelids(np.arange(round(60 * fps)) / fps)
    starts = (shut[1:] > 0) & (shut[:-1] == 0)
    assert starts.sum() == 60 // BLINK_EVERY_S + 1
    frames = np.arange(1, len(shut))
    assert all(shut[1:][np.abs(frames - start) <= np.ceil(BLINK_S * fps)].max() > 0.8 for start in frames[starts])


def test_lids_cover_the_eyes_in_a_blink() -> None:
    dancer = staged(standing_m(30))
    shut = eyelids(np.arange(30) / FPS)
    open_eyes, closed_eyes = (picture(dancer, frame=int(frame)) for frame in (shut.argmin(), shut.argmax()))
    assert count(open_eyes, EYE) > 200
    assert count(open_eyes, LID) == 0
    assert count(closed_eyes, EYE) == 0
    assert count(closed_eyes, LID) > 200


def test_a_spring_hangs_through_under_its_weight() -> None:
    """Under an even acceleration a the mass comes to rest at -a / w**2; at an even speed it stays in its place."""
    times_s = np.arange(300) / 60
    w = 2 * np.pi * 2
    falling = spring_offset(4.0 * times_s[:, None] ** 2, 60, 2, 0.6)
    assert falling[-2, 0] == pytest.approx(-8 / w**2, rel=1e-3)
    assert np.abs(spring_offset(7 + 3 * times_s[:, None], 60, 2, 0.6)).max() < 1e-6


def test_a_spring_swings_alike_at_any_frame_rate() -> None:
    def swing(fps: float) -> NDArray[np.float64]:
        times_s = np.arange(round(3 * fps)) / fps
        path = np.sin(2 * np.pi * times_s)[:, None] * 0.3
        return np.interp(np.arange(0, 2.9, 0.05), times_s, spring_offset(path, fps, 2.5, 0.3)[:, 0])

    fine = swing(240)
    for fps in (20, 30, 60):
        assert np.abs(swing(fps) - fine).max() < 0.25 * np.abs(fine).max()


def jumping(frames: int = 90, fps: float = FPS) -> PoseSequence:
    """Half a second in the air from the thirtieth frame on, at 9.81 m/s**2 for a torso of half a metre."""
    flight_s = (np.arange(frames) - 30) / fps
    up_m = np.where((flight_s > 0) & (flight_s < 0.5), 9.81 / 2 * flight_s * (0.5 - flight_s), 0)
    return moved(standing_px(frames, fps), np.stack([np.zeros(frames), -200 * up_m], axis=1))


def test_a_jump_stretches_and_a_landing_squashes() -> None:
    stretch = SecondaryMotion.of(staged(jumping())).stretch
    assert np.abs(stretch[:29]).max() == 0
    assert stretch[36:43].min() > 0.02
    assert stretch[45:50].min() < -0.04
    assert np.abs(stretch).max() <= MOST_STRETCH
    assert np.abs(stretch[-5:]).max() < 0.005


def test_squash_keeps_the_size_of_torso_and_head() -> None:
    dancer = staged(jumping())
    stretch = SecondaryMotion.of(dancer).stretch
    squashed = int(stretch.argmin())
    figures = [figure.shapes for figure in BopBot(THEMES["light"]).figures(dancer)]

    def hull(frame: int) -> NDArray[np.float32]:
        [glass, _] = figures[frame][figures[frame][:, 0] == Kind.HULL]
        return np.ptp(glass[1:9].reshape(4, 2), axis=0)

    width, height = hull(squashed) / hull(0)
    assert height == pytest.approx(1 + stretch[squashed], rel=1e-3)
    assert width * height == pytest.approx(1, rel=1e-3)


def test_a_still_dancer_has_no_motion() -> None:
    secondary = SecondaryMotion.of(staged(standing_m(60)))
    assert not secondary.stretch.any()
    assert not secondary.sway.any()
    assert not secondary.shine.any()


def test_the_antenna_lags_behind_and_swings_back() -> None:
    frames = 60
    starting = np.where(np.arange(frames) < 20, 0, 12.0 * (np.arange(frames) - 20))
    sway = SecondaryMotion.of(staged(moved(standing_px(frames, FPS), np.stack([starting, 0 * starting], 1)))).sway
    assert sway[22:24, 0].max() < -0.2
    assert sway[22:40, 0].max() > 0.05
    assert np.abs(sway[:, 1]).max() < 1e-6


def test_the_lamp_shines_for_who_moves() -> None:
    steps = 30 * np.sin(np.arange(60) / 3)
    secondary = SecondaryMotion.of(staged(moved(standing_px(60, FPS), np.stack([steps, steps], 1))))
    assert secondary.shine[-1] > 0.5
    assert (secondary.shine >= 0).all()
    assert (secondary.shine <= 1).all()


@settings(max_examples=60, deadline=None)
@given(st.sets(st.sampled_from(DANCER.joint_names)), st.sampled_from(["2D", "3D"]))
def test_whatever_is_missing_nothing_is_drawn_out_of_place(missing: set[str], kind: str) -> None:
    clip = standing_px(2) if kind == "2D" else standing_m(2)
    keypoints = clip.keypoints.copy()
    gone = [DANCER.index(name) for name in missing]
    keypoints[1, gone] = np.nan
    dancer = staged(clip.with_keypoints(keypoints))
    image = picture(dancer, frame=1)
    painted = np.argwhere((image != 255).any(axis=-1))[:, ::-1]
    seen = dancer.joints[1][np.isfinite(dancer.joints[1, :, 0])]
    if len(seen) == 0:
        assert len(painted) == 0
    elif len(painted):
        assert (painted > seen.min(axis=0) - 0.75 * dancer.body[1]).all()
        assert (painted < seen.max(axis=0) + 0.75 * dancer.body[1]).all()
    for side, colour in (("left", THEMES["light"].left), ("right", THEMES["light"].right)):
        if not missing & {f"{side}_elbow"}:
            assert pixel(image, at(dancer, f"{side}_elbow", frame=1)) == colour


def test_a_missing_wrist_takes_forearm_and_hand_away_and_no_more() -> None:
    clip = standing_px(1)
    whole = staged(clip)
    torn = staged(clip)
    torn.joints[0, DANCER.index("left_wrist")] = np.nan
    differing = np.argwhere((picture(whole) != picture(torn)).any(axis=-1))[:, ::-1]
    middle = at(whole, "left_elbow", "left_wrist")
    assert len(differing) > 300
    assert np.linalg.norm(differing - middle, axis=1).max() < 0.5 * whole.body[0]


@pytest.mark.parametrize("body", [10, 100, 1000])
def test_it_is_drawn_at_any_size(body: int) -> None:
    clip = staged(standing_px(1))
    scale = body / clip.body[0]
    neck = clip.joints[:, [DANCER.index("neck")]]
    dancer = StagedClip((clip.joints - neck) * scale + 360, None, clip.body * scale, clip.ground, FPS)
    share = (picture(dancer) != 255).any(axis=-1).mean() / min(body / 720, 1) ** 2
    assert share > 0.3


def test_frames_may_be_none_one_or_empty() -> None:
    assert list(BopBot(THEMES["light"]).figures(staged(standing_px(3))[:0])) == []
    keypoints = standing_px(3).keypoints.copy()
    keypoints[1] = np.nan
    dancer = staged(standing_px(3).with_keypoints(keypoints))
    before, empty, after = (picture(dancer, frame=frame) for frame in range(3))
    assert (empty == 255).all()
    assert np.array_equal(before, after)
    assert np.array_equal(before, picture(staged(standing_px(1))))


def test_on_a_transparent_ground_no_colour_is_brighter_than_its_opacity() -> None:
    image = np.zeros((SIZE[1], SIZE[0], 4), np.uint8)
    next(iter(BopBot(THEMES["transparent"]).figures(staged(jumping())))).paint(image)
    assert image[..., 3].max() == 255
    assert ((image[..., 3] > 150) & (image[..., 3] < 240)).any()
    assert (image[..., :3].max(axis=-1) <= image[..., 3].astype(int) + 1).all()
