from functools import cache
from pathlib import Path

import numpy as np
import pytest
from builders import STANDING, random_walk_px, standing_px
from numpy.typing import NDArray

from pose_vocab.errors import OutputError, PoseError
from pose_vocab.extraction.bundle import find_pose_model
from pose_vocab.extraction.landmarker import VideoLandmarker
from pose_vocab.formats.bvh.load import load_bvh
from pose_vocab.joint_mapping import to_dancer
from pose_vocab.resampling import resample
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import BODY_25, COCO_17, DANCER, MEDIAPIPE, Skeleton
from render.renderer import DanceRenderer
from render.shapes import Image
from render.stage.formation import Formation
from render.stage.layout import lay_out
from render.stage.stage import StagedClip
from render.styles import STYLES
from render.theme import THEMES

SIZE = (360, 480)
styles = pytest.mark.parametrize("style", STYLES)
SEE_THROUGH = ("openpose", "bopbot", "silhouette", "neon", "overlay")
"""Of one colour, of glass, or without a torso that could cover an arm."""


def frames_of(clip: PoseSequence, style: str, yaw_deg: float = 0.0) -> list[NDArray[np.uint8]]:
    return list(DanceRenderer(style, *SIZE, yaw_deg).frames(clip))


def without(clip: PoseSequence, *joint_names: str) -> PoseSequence:
    keypoints = clip.keypoints.copy()
    keypoints[:, [clip.skeleton.index(name) for name in joint_names]] = np.nan
    return clip.with_keypoints(keypoints)


def standing_m(frames: int = 1) -> PoseSequence:
    """A dancer of flesh: metres, facing the viewer, nose and toes in front."""
    body = np.array([(*STANDING[name], 0.0) for name in DANCER.joint_names]) * 0.5
    body[DANCER.index("nose")] = (0, 0.68, 0.14)
    body[[DANCER.index("left_toe"), DANCER.index("right_toe")], 2] = 0.12
    return PoseSequence.fully_seen(np.repeat(body[None], frames, axis=0), 20, DANCER)


def staged(clip: PoseSequence, yaw_deg: float = 0.0) -> StagedClip:
    """A clip alone in the picture."""
    (dancer,) = lay_out([clip], *SIZE, yaw_deg).dancers
    return dancer


def paint_one(
    style: str, picture: Image, joints: NDArray[np.float32], body: float, depth: NDArray[np.float32] | None = None
) -> None:
    """One figure on a picture, in place."""
    ground = np.full((1, 2), np.nan, np.float32)
    sizes = np.array([body], np.float32)
    alone = StagedClip(joints[None], None if depth is None else depth[None], sizes, ground, 20.0)
    (figure,) = STYLES[style](THEMES[STYLES[style].default_theme]).figures(alone)
    figure.paint(picture)


def drawn(
    style: str, joints: NDArray[np.float32], body: float, depth: NDArray[np.float32] | None = None
) -> NDArray[np.uint8]:
    """One figure on white."""
    picture = np.full((SIZE[1], SIZE[0], 3), 255, np.uint8)
    paint_one(style, picture, joints, body, depth)
    return picture


def share_like(image: NDArray[np.uint8], colour: tuple[int, int, int], within: int = 40) -> float:
    """Share of the pixels whose colour is about this."""
    return float((np.abs(image.astype(int) - colour).max(axis=-1) < within).mean())


@styles
@pytest.mark.parametrize("clip", [random_walk_px(20, seed=1)[:6], standing_m(6)], ids=["2D", "3D"])
def test_one_picture_a_frame(style: str, clip: PoseSequence) -> None:
    pictures = frames_of(clip, style)
    assert len(pictures) == 6
    for picture in pictures:
        assert picture.shape == (480, 360, 3)
        assert picture.dtype == np.uint8
    pictures[0][:] = 0
    assert pictures[1].any()


@styles
def test_the_same_clip_gives_the_same_pictures(style: str) -> None:
    clip = random_walk_px(20, seed=2)[:3]
    assert np.array_equal(frames_of(clip, style), frames_of(clip, style))


@styles
def test_an_empty_clip_gives_no_picture(style: str) -> None:
    assert frames_of(standing_px()[:0], style) == []


@styles
def test_a_frame_with_nobody_is_the_empty_stage(style: str) -> None:
    clip = standing_px(3)
    keypoints = clip.keypoints.copy()
    keypoints[1] = np.nan
    before, empty, after = frames_of(clip.with_keypoints(keypoints), style)
    assert np.array_equal(before, after)
    assert (before != empty).any()
    assert (empty == empty[:, :1]).all()


@styles
def test_a_clip_with_nobody_in_it_is_an_empty_wall(style: str) -> None:
    for dims in (2, 3):
        nobody = PoseSequence.fully_seen(np.full((2, DANCER.n_joints, dims), np.nan), 20, DANCER)
        first, second = frames_of(nobody, style)
        assert np.array_equal(first, second)
        assert (first == first[:, :1]).all()


@cache
def whole_picture(style: str, dims: int) -> NDArray[np.uint8]:
    (picture,) = frames_of(standing_px(1) if dims == 2 else standing_m(1), style)
    return picture


@styles
@pytest.mark.parametrize("joint", DANCER.joint_names)
@pytest.mark.parametrize("clip", [standing_px(1), standing_m(1)], ids=["2D", "3D"])
def test_any_joint_may_be_missing(style: str, joint: str, clip: PoseSequence) -> None:
    (torn,) = frames_of(without(clip, joint), style)
    assert (whole_picture(style, clip.dims) != torn).any()


@styles
@pytest.mark.parametrize("joint", DANCER.joint_names)
def test_a_joint_alone_is_no_reason_to_stumble(style: str, joint: str) -> None:
    others = [name for name in DANCER.joint_names if name != joint]
    assert len(frames_of(without(standing_px(2), *others), style)) == 2


@styles
def test_a_missing_joint_takes_only_its_limb_away(style: str) -> None:
    joints = staged(standing_px(1)).joints[0]
    torn = joints.copy()
    torn[DANCER.index("left_wrist")] = np.nan
    pictures = [drawn(style, whole_or_torn, 80.0) for whole_or_torn in (joints, torn)]
    differing = np.argwhere((pictures[0] != pictures[1]).any(axis=2))[:, ::-1]
    elbow, wrist = joints[DANCER.index("left_elbow")], joints[DANCER.index("left_wrist")]
    to_limb = np.minimum(np.linalg.norm(differing - elbow, axis=1), np.linalg.norm(differing - wrist, axis=1))
    assert len(differing) > 50
    assert to_limb.max() < 0.7 * np.linalg.norm(elbow - wrist)


def test_left_is_orange_and_right_is_blue_where_the_limbs_are() -> None:
    (picture,) = frames_of(standing_px(1), "stick")
    joints = staged(standing_px(1)).joints[0]
    for side, colour in (("left", THEMES["light"].left), ("right", THEMES["light"].right)):
        for limb in (("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle")):
            a, b = (joints[DANCER.index(f"{side}_{joint}")] for joint in limb)
            x, y = (0.3 * a + 0.7 * b).round().astype(int)
            assert tuple(picture[y, x]) == colour


@styles
def test_a_fraction_of_a_pixel_can_be_seen(style: str) -> None:
    joints = staged(standing_px(1)).joints[0]
    quarter = np.array([0.25, 0], np.float32)
    assert (drawn(style, joints, 80.0) != drawn(style, joints + quarter, 80.0)).any()


@styles
def test_a_figure_can_be_drawn_on_any_picture(style: str) -> None:
    source = np.random.default_rng(0).integers(0, 256, (480, 360, 3), np.uint8)
    joints = staged(standing_px(1)).joints[0]
    picture = source.copy()
    paint_one(style, picture, joints, 80.0)
    low, high = joints.min(axis=0) - 60, joints.max(axis=0) + 60
    changed = np.argwhere((picture != source).any(axis=2))[:, ::-1]
    assert len(changed) > 2000
    assert (changed > low).all()
    assert (changed < high).all()


@styles
@pytest.mark.parametrize("shift", [(300, 0), (-300, 100), (0, -700), (1e6, 1e6), (-1e9, 0)])
def test_a_figure_may_leave_the_picture(style: str, shift: tuple[float, float]) -> None:
    joints = staged(standing_px(1)).joints[0]
    picture = np.zeros((480, 360, 3), np.uint8)
    paint_one(style, picture, joints + np.array(shift, np.float32), 80.0)
    assert not picture.any()


@styles
@pytest.mark.parametrize("shift", [(150, 40), (-170, -200), (-20, 300)])
def test_a_figure_is_cut_off_at_the_edge(style: str, shift: tuple[int, int]) -> None:
    joints, (right, down), margin = staged(standing_px(1)).joints[0], shift, 400
    picture = np.zeros((480, 360, 3), np.uint8)
    paint_one(style, picture, joints + np.array(shift, np.float32), 80.0)
    large = np.zeros((480 + 2 * margin, 360 + 2 * margin, 3), np.uint8)
    paint_one(style, large, joints + np.float32(margin), 80.0)
    seen = large[margin - down : margin + 480 - down, margin - right : margin + 360 - right]
    assert np.count_nonzero(picture.any(axis=2)) > 2000
    assert np.abs(picture.astype(int) - seen).max() <= 1


@pytest.mark.parametrize("style", [style for style in STYLES if style not in SEE_THROUGH])
def test_what_is_nearer_covers_what_is_farther(style: str) -> None:
    joints = staged(standing_px(1)).joints[0]
    elbow, wrist, hips = (DANCER.index(name) for name in ("left_elbow", "left_wrist", "right_hip"))
    joints[wrist] = (joints[DANCER.index("neck")] + joints[hips]) / 2
    before, behind = (drawn(style, joints, 80.0, _depth({elbow: z, wrist: z})) for z in (-60, 60))
    x, y = joints[wrist].round().astype(int)
    joints[[elbow, wrist]] = np.nan
    armless = drawn(style, joints, 80.0, _depth({}))
    assert np.array_equal(behind[y, x], armless[y, x])
    assert np.abs(before[y, x].astype(int) - armless[y, x]).max() > 60


def _depth(of_joints: dict[int, float]) -> NDArray[np.float32]:
    depth = np.zeros(DANCER.n_joints, np.float32)
    depth[list(of_joints)] = list(of_joints.values())
    return depth


def test_the_face_is_seen_from_the_front_and_hair_from_behind() -> None:
    skin, hair = (226, 174, 144), (50, 34, 27)

    def head(yaw_deg: float) -> NDArray[np.uint8]:
        (picture,) = frames_of(standing_m(), "mannequin", yaw_deg)
        figure = staged(standing_m(), yaw_deg)
        x, y = figure.joints[0, DANCER.index("nose")].round().astype(int)
        radius = round(0.08 * float(figure.body[0]))
        return picture[y - radius : y + radius, x - radius : x + radius]

    assert share_like(head(0), skin, 60) > 0.7
    assert share_like(head(0), hair) < 0.2
    assert share_like(head(180), hair) > 0.9


@styles
@pytest.mark.parametrize("skeleton", [MEDIAPIPE, BODY_25, COCO_17], ids=lambda skeleton: skeleton.name)
def test_other_skeletons_are_mapped(style: str, skeleton: Skeleton) -> None:
    dancer = standing_px(2)
    keypoints = np.zeros((2, skeleton.n_joints, 2), np.float32)
    for joint, name in enumerate(skeleton.joint_names):
        keypoints[:, joint] = dancer.joint(name if name in DANCER.joint_names else "nose")
    clip = PoseSequence.fully_seen(keypoints, 20, skeleton)
    assert np.array_equal(frames_of(clip, style), frames_of(to_dancer(clip), style))


@styles
def test_an_unknown_skeleton_is_refused(style: str) -> None:
    hand = Skeleton("hand", ("thumb", "pinky"), ((0, 1),), ())
    with pytest.raises(PoseError, match="hand"):
        frames_of(PoseSequence.fully_seen(np.zeros((1, 2, 2)), 20, hand), style)


@pytest.mark.parametrize("style", [style for style in STYLES if style != "openpose"])
def test_two_people_look_different_and_copies_of_one_alike(style: str) -> None:
    def painted(person: int) -> Image:
        picture = np.full((SIZE[1], SIZE[0], 3), 255, np.uint8)
        renderer = DanceRenderer(style, *SIZE)
        (figure,) = renderer.style_of(person).figures(staged(standing_px(1)))
        figure.paint(picture)
        return picture

    assert (painted(0) != painted(1)).any()
    assert np.array_equal(painted(1), painted(1))
    pair = [standing_px(1), standing_px(1)]
    stand = lay_out(pair, *SIZE, formation=Formation.parse("line:3")).dancers
    assert [dancer.person for dancer in stand] == [0, 0, 0, 1, 1, 1]


def test_wrong_wishes_are_refused() -> None:
    with pytest.raises(OutputError, match="unknown style 'robot'; choose from stick, "):
        DanceRenderer("robot")
    for size in ((0, 480), (640, -1), (9000, 480)):
        with pytest.raises(OutputError, match="cannot be drawn"):
            DanceRenderer("stick", *size)


def test_a_collar_is_seen_from_the_front_only() -> None:
    def throat(yaw_deg: float) -> NDArray[np.uint8]:
        (picture,) = frames_of(standing_m(), "mannequin", yaw_deg)
        figure = staged(standing_m(), yaw_deg)
        x, y = figure.joints[0, DANCER.index("neck")].round().astype(int)
        return picture[y + round(0.13 * float(figure.body[0])), x]

    green = 1
    assert throat(0)[green] > 100
    assert throat(180)[green] < 100


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "yaw_deg", "median_px"),
    [((640, 480), 0, 7), ((640, 480), 40, 7), ((640, 480), 180, 7), ((576, 1024), 0, 11), ((576, 1024), 180, 11)],
)
def test_a_pose_estimator_sees_the_mannequin_dance(
    data: Path, size: tuple[int, int], yaw_deg: float, median_px: float
) -> None:
    clip = resample(load_bvh(data / "mocap" / "60_12_scaled.bvh"), 20)[:200]
    (danced,) = lay_out([clip], *size, yaw_deg).dancers
    seen = np.full((len(clip), MEDIAPIPE.n_joints, 2), np.nan, np.float32)
    follower = VideoLandmarker(find_pose_model())
    for k, picture in enumerate(DanceRenderer("mannequin", *size, yaw_deg).frames(clip)):
        people = follower.detect(picture, k / clip.fps)
        if len(people):
            seen[k] = people.keypoints[0]
    follower.close()
    joints = to_dancer(PoseSequence.fully_seen(seen, clip.fps, MEDIAPIPE)).keypoints

    assert np.isfinite(seen).all()
    assert np.median(np.linalg.norm(joints - danced.joints, axis=2)) < median_px
    left, right = np.array(DANCER.mirror_pairs).T
    as_danced, swapped = (
        np.linalg.norm(joints[:, left] - danced.joints[:, a], axis=2)
        + np.linalg.norm(joints[:, right] - danced.joints[:, b], axis=2)
        for a, b in ((left, right), (right, left))
    )
    apart = np.linalg.norm(danced.joints[:, left] - danced.joints[:, right], axis=2) > 0.2 * danced.body[:, None]
    assert ((swapped < as_danced) & apart).mean() < 0.04
