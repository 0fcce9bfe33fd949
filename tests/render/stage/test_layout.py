import numpy as np
import pytest
from builders import STANDING, TORSO_PX, moved, standing_px
from hypothesis import given, settings
from hypothesis import strategies as st

from pose_vocab.errors import PoseError
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER
from render.stage.formation import SPACING, Formation
from render.stage.from_pixels import body_size
from render.stage.layout import lay_out
from render.stage.stage import StagedClip

SIZE = (640, 480)
KNEES_AND_UP = [i for i, name in enumerate(DANCER.joint_names) if not name.endswith(("ankle", "toe"))]


def crouching_px(depth_px: float, frames: int = 40) -> PoseSequence:
    """The dancer goes down by `depth_px` and comes up again; the feet stay."""
    poses = standing_px(frames)
    keypoints = poses.keypoints.copy()
    down = depth_px * np.sin(np.linspace(0, np.pi, frames))
    keypoints[:, KNEES_AND_UP, 1] += down[:, None].astype(np.float32)
    return poses.with_keypoints(keypoints)


def in_metres(poses_px: PoseSequence) -> PoseSequence:
    """The same dance in the plane z = 0, a torso 0.5 m long."""
    flat = poses_px.keypoints * np.float32(0.5 / TORSO_PX) * np.array([1, -1], np.float32)
    return poses_px.with_keypoints(np.concatenate([flat, np.zeros((*flat.shape[:2], 1), np.float32)], axis=2))


def with_frame_missing(poses: PoseSequence, frame: int) -> PoseSequence:
    keypoints = poses.keypoints.copy()
    keypoints[frame] = np.nan
    return poses.with_keypoints(keypoints)


def staged_clip(clip: PoseSequence) -> StagedClip:
    """A clip alone in the picture."""
    (dancer,) = lay_out([clip], *SIZE).dancers
    return dancer


@pytest.mark.parametrize("dims", [2, 3])
def test_a_crouch_stays_a_crouch(dims: int) -> None:
    clip = crouching_px(80)
    joints = staged_clip(clip if dims == 2 else in_metres(clip)).joints
    heights = joints[:, DANCER.index("left_ankle"), 1] - joints[:, DANCER.index("nose"), 1]
    # 80 of the 300 pixels between nose and ankle, in frame 20 as good as all of it.
    assert heights[20] / heights[0] == pytest.approx(220 / 300, abs=0.01)


def test_one_scale_and_shift_for_the_whole_clip() -> None:
    clip = crouching_px(80)
    staged = staged_clip(clip)
    scale = np.ptp(staged.joints[..., 0]) / np.ptp(clip.keypoints[..., 0])
    shift = staged.joints - clip.keypoints * scale
    assert np.allclose(shift, shift[0, 0], atol=1e-2)


@settings(max_examples=40, deadline=None)
@given(st.floats(-3000, 3000), st.floats(0, 2000), st.sampled_from([(640, 480), (576, 1024), (300, 300)]))
def test_the_whole_path_is_in_the_picture(x_px: float, travel_px: float, size: tuple[int, int]) -> None:
    path = np.column_stack([np.linspace(x_px, x_px + travel_px, 60), np.zeros(60)])
    joints = lay_out([moved(standing_px(60), path)], *size).dancers[0].joints
    assert (joints > 0).all()
    assert (joints < np.array(size)).all()


def test_a_dancer_who_may_be_larger_is_larger() -> None:
    still = staged_clip(standing_px()).body[0]
    travelling = staged_clip(moved(standing_px(), np.column_stack([np.linspace(0, 3000, 40), np.zeros(40)]))).body[0]
    assert still > 1.5 * travelling


def test_the_floor_is_where_the_feet_stand() -> None:
    staged = staged_clip(standing_px())
    toes = staged.joints[:, DANCER.index("left_toe"), 1]
    assert lay_out([standing_px()], *SIZE).back_row == pytest.approx(toes[0], abs=0.01)
    assert np.allclose(staged.ground[:, 1], toes, atol=0.01)
    hips = staged.joints[:, [DANCER.index("left_hip"), DANCER.index("right_hip")], 0].mean(axis=1)
    assert np.allclose(staged.ground[:, 0], hips)


@pytest.mark.parametrize("dims", [2, 3])
def test_a_jump_leaves_the_ground_where_it_is(dims: int) -> None:
    frames = 80
    up_px = np.zeros(frames)
    up_px[36:45] = -60 * np.sin(np.linspace(0, np.pi, 9))
    clip = moved(standing_px(frames), np.column_stack([np.zeros(frames), up_px]))
    staged = staged_clip(clip if dims == 2 else in_metres(clip))
    feet = staged.joints[:, DANCER.index("left_toe"), 1]
    assert np.ptp(feet) > 0.3 * staged.body[0]
    assert np.ptp(staged.ground[:, 1]) < 0.02 * staged.body[0]


def test_who_walks_back_stands_higher_in_the_picture() -> None:
    frames = 120
    back_px = np.repeat([0.0, -100.0], frames // 2)
    whole = lay_out([moved(standing_px(frames), np.column_stack([np.zeros(frames), back_px]))], *SIZE)
    (staged,) = whole.dancers
    assert staged.ground[0, 1] - staged.ground[-1, 1] == pytest.approx(staged.body[0], rel=0.01)
    assert whole.back_row == pytest.approx(staged.ground[-1, 1])


def test_the_torso_is_measured_over_the_clip() -> None:
    assert body_size(standing_px().keypoints, default=1) == pytest.approx(TORSO_PX)


def test_without_hips_the_shoulders_tell_the_size() -> None:
    joints = standing_px().keypoints.copy()
    joints[:, DANCER.index("left_hip")] = np.nan
    assert body_size(joints, default=1) == pytest.approx(0.7 * TORSO_PX / 0.66)
    assert body_size(np.full_like(joints, np.nan), default=17) == 17


def test_depth_is_in_pixels_and_grows_away_from_the_viewer() -> None:
    body = np.array([(*STANDING[name], 0.0) for name in DANCER.joint_names]) * 0.5
    body[[DANCER.index("left_wrist"), DANCER.index("right_wrist")], 2] = 0.25
    clip = PoseSequence.fully_seen(np.repeat(body[None], 5, axis=0), 20, DANCER)
    staged = staged_clip(clip)
    assert staged.depth is not None
    # Both wrists half a torso towards a camera that looks down by 6 degrees; 0.05 m below the hips is 0.005 m farther.
    nearer = staged.depth[0, DANCER.index("left_wrist")] / staged.body[0]
    assert nearer == pytest.approx(-0.5 * np.cos(np.radians(6)) + 0.1 * np.sin(np.radians(6)), abs=0.01)
    assert staged_clip(standing_px()).depth is None


@pytest.mark.parametrize("dims", [2, 3])
def test_frames_with_nobody_stay_empty(dims: int) -> None:
    clip = with_frame_missing(standing_px(), 3)
    staged = staged_clip(clip if dims == 2 else in_metres(clip))
    assert np.isnan(staged.joints[3]).all()
    assert np.isnan(staged.ground[3]).any()
    assert np.isfinite(staged.joints[4]).all()
    assert np.isfinite(staged.body).all()


@pytest.mark.parametrize("dims", [2, 3])
def test_a_clip_with_nobody_has_no_floor(dims: int) -> None:
    nobody = PoseSequence.fully_seen(np.full((3, DANCER.n_joints, dims), np.nan), 20, DANCER)
    empty = lay_out([nobody], *SIZE)
    assert empty.back_row is None
    assert empty.floor is None
    assert np.isfinite(empty.body)


def test_a_clip_without_feet_has_no_floor() -> None:
    keypoints = standing_px().keypoints.copy()
    keypoints[:, [i for i, name in enumerate(DANCER.joint_names) if name.endswith(("ankle", "toe"))]] = np.nan
    footless = lay_out([standing_px().with_keypoints(keypoints)], *SIZE)
    assert footless.back_row is None
    assert footless.floor is None
    assert np.isfinite(footless.dancers[0].joints[:, DANCER.index("nose")]).all()


@pytest.mark.parametrize("dims", [2, 3])
def test_dancers_keep_their_distance(dims: int) -> None:
    left, right = standing_px(), moved(standing_px(), np.tile([250.0, 0.0], (40, 1)))
    people = [left, right] if dims == 2 else [in_metres(left), in_metres(right)]
    first, second = lay_out(people, *SIZE).dancers
    apart = second.joints[..., 0] - first.joints[..., 0]
    assert np.median(apart) / first.body[0] == pytest.approx(2.5, rel=0.05)


def test_who_ends_earlier_leaves_the_stage() -> None:
    first, second = lay_out([standing_px(40), standing_px(25)], *SIZE).dancers
    assert len(first) == len(second) == 40
    assert np.isfinite(second.joints[24]).all()
    assert np.isnan(second.joints[25:]).all()


def test_people_who_do_not_fit_together_are_refused() -> None:
    with pytest.raises(PoseError, match="2D at 20 frames per second, 3D at 20"):
        lay_out([standing_px(), in_metres(standing_px())], *SIZE)
    with pytest.raises(PoseError, match="at one frame rate"):
        lay_out([standing_px(fps=20), standing_px(fps=30)], *SIZE)
    with pytest.raises(PoseError, match="nobody to draw"):
        lay_out([], *SIZE)


@pytest.mark.parametrize("dims", [2, 3])
def test_a_camera_that_follows_sees_a_walk_large(dims: int) -> None:
    frames = 200
    walk = moved(standing_px(frames), np.column_stack([np.linspace(0, 2000, frames), np.zeros(frames)]))
    clip = walk if dims == 2 else in_metres(walk)
    still, following = (lay_out([clip], *SIZE, follow=follow) for follow in (False, True))
    assert following.body > 1.5 * still.body
    assert not still.camera_moved.any()
    # 2,000 pixels are 20 torso lengths; at its ends the path is smoothed.
    assert np.ptp(following.camera_moved[40:-40, 0]) == pytest.approx(20 * 120 / 200, rel=0.02)
    assert np.ptp(following.dancers[0].ground[60:-60, 0]) < 0.1 * following.body


def test_a_filmed_dance_stays_where_it_was_filmed() -> None:
    clip = crouching_px(80)
    assert np.array_equal(lay_out([clip], *SIZE, as_filmed=True).dancers[0].joints, clip.keypoints)


@pytest.mark.parametrize("dims", [2, 3])
def test_a_line_stands_across_and_a_block_behind(dims: int) -> None:
    clip = standing_px() if dims == 2 else in_metres(standing_px())
    line = lay_out([clip], *SIZE, formation=Formation.parse("line:3")).dancers
    places = np.array([dancer.ground[0] for dancer in line])
    assert np.allclose(places[:, 1], places[0, 1], atol=0.5)
    assert np.allclose(np.diff(places[:, 0]), SPACING * line[0].body[0], rtol=0.02)
    front, *_, back = lay_out([clip], *SIZE, formation=Formation.parse("block:4")).dancers
    assert back.body[0] < 0.95 * front.body[0]
    assert back.ground[0, 1] < front.ground[0, 1] - 0.1 * front.body[0]


@pytest.mark.parametrize("dims", [2, 3])
def test_a_mirror_changes_sides(dims: int) -> None:
    keypoints = standing_px().keypoints.copy()
    keypoints[:, DANCER.index("left_wrist")] = keypoints[:, DANCER.index("left_shoulder")] + (100, 0)
    clip = standing_px().with_keypoints(keypoints)
    clip = clip if dims == 2 else in_metres(clip)
    plain, mirrored = (
        lay_out([clip], 1000, 1000, formation=Formation.parse("line:3", mirror=mirror)).dancers[1].joints[0]
        for mirror in (False, True)
    )
    left, right = DANCER.index("left_wrist"), DANCER.index("right_wrist")
    hips = plain[[DANCER.index("left_hip"), DANCER.index("right_hip")]].mean(axis=0)
    # What stands higher is a little nearer to a camera that looks down.
    assert np.allclose(mirrored[right] - hips, (plain[left] - hips) * (-1, 1), atol=1.5)
    assert np.allclose(mirrored[left] - hips, (plain[right] - hips) * (-1, 1), atol=1.5)


def test_a_canon_follows_later() -> None:
    clip = crouching_px(80, frames=60)
    leader, second, third = lay_out([clip], *SIZE, formation=Formation.parse("line:3", canon_s=0.5)).dancers
    nose = DANCER.index("nose")
    down = [dancer.joints[:, nose, 1] for dancer in (leader, second, third)]
    # At 20 frames a second half a second is 10 frames; until then the first pose is held.
    assert np.allclose(down[1][10:], down[0][:-10], atol=0.01)
    assert np.allclose(down[2][20:], down[0][:-20], atol=0.01)
    assert np.allclose(down[2][:20], down[0][0], atol=0.01)


def without(poses: PoseSequence, *names: str) -> PoseSequence:
    keypoints = poses.keypoints.copy()
    keypoints[:, [DANCER.index(name) for name in names]] = np.nan
    return poses.with_keypoints(keypoints)


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("missing", [("left_hip",), ("right_hip",), ("left_hip", "right_hip")])
@pytest.mark.parametrize("follow", [False, True])
def test_without_a_hip_there_is_a_floor(missing: tuple[str, ...], dims: int, follow: bool) -> None:
    walk = moved(standing_px(), np.column_stack([np.linspace(0, 300, 40), np.zeros(40)]))
    whole = lay_out([walk if dims == 2 else in_metres(walk)], *SIZE, follow=follow)
    torn = lay_out([without(walk if dims == 2 else in_metres(walk), *missing)], *SIZE, follow=follow)
    assert torn.floor is not None
    assert torn.back_row == pytest.approx(whole.back_row, abs=2)
    # A hip is a fifth of a torso beside the middle, the neck stands over it.
    apart = np.abs(torn.dancers[0].ground - whole.dancers[0].ground).max()
    assert apart < (0.25 if len(missing) == 1 else 0.05) * whole.body
    # The path is as long whatever point of the body shows it; without hips the size is that of a grown-up's torso.
    assert np.ptp(torn.camera_moved[:, 0]) == pytest.approx(np.ptp(whole.camera_moved[:, 0]), rel=0.1)


@pytest.mark.parametrize("dims", [2, 3])
def test_without_a_hip_a_mirror_stands_where_the_dancer_is(dims: int) -> None:
    clip = standing_px() if dims == 2 else in_metres(standing_px())
    line = Formation.parse("line:3", mirror=True)
    dancers = lay_out([without(clip, "left_hip", "right_hip")], *SIZE, formation=line).dancers
    left, mirrored, right = (dancer.joints[0, DANCER.index("nose"), 0] for dancer in dancers)
    assert mirrored - left == pytest.approx(right - mirrored, abs=1)


@pytest.mark.parametrize("dims", [2, 3])
def test_dancers_on_one_point_have_no_size(dims: int) -> None:
    point = PoseSequence.fully_seen(np.full((4, DANCER.n_joints, dims), 0.7), 20, DANCER)
    with pytest.raises(PoseError, match="no body size"):
        lay_out([point], *SIZE)
    with pytest.raises(PoseError, match="no body size"):
        lay_out([point], *SIZE, as_filmed=True)
    nose_only = without(point, *(name for name in DANCER.joint_names if name != "nose"))
    assert len(lay_out([nose_only], *SIZE).dancers) == 1
