"""Against pose-format itself, which wrote the files that are read here and reads those that are written."""

import struct
from pathlib import Path

import numpy as np
import pytest
from builders import random_walk_px
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pose_format import Pose
from pose_format.numpy import NumPyPoseBody
from pose_format.pose_header import PoseHeader, PoseHeaderComponent, PoseHeaderDimensions
from pose_format.pose_visualizer import PoseVisualizer
from pose_format.utils.openpose import BODY_POINTS
from rigid_dancer import dancing_m

from pose_vocab.errors import PoseError
from pose_vocab.formats import read_as
from pose_vocab.formats.interface import PoseInput, PosesRead
from pose_vocab.formats.pose_format_file import PoseFormatFile
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import BODY_25, DANCER, MEDIAPIPE, OPENPOSE_18

POSE = PoseFormatFile()
HOLISTIC = [
    *("NOSE", "LEFT_EYE_INNER", "LEFT_EYE", "LEFT_EYE_OUTER", "RIGHT_EYE_INNER", "RIGHT_EYE", "RIGHT_EYE_OUTER"),
    *("LEFT_EAR", "RIGHT_EAR", "MOUTH_LEFT", "MOUTH_RIGHT", "LEFT_SHOULDER", "RIGHT_SHOULDER", "LEFT_ELBOW"),
    *("RIGHT_ELBOW", "LEFT_WRIST", "RIGHT_WRIST", "LEFT_PINKY", "RIGHT_PINKY", "LEFT_INDEX", "RIGHT_INDEX"),
    *("LEFT_THUMB", "RIGHT_THUMB", "LEFT_HIP", "RIGHT_HIP", "LEFT_KNEE", "RIGHT_KNEE", "LEFT_ANKLE", "RIGHT_ANKLE"),
    *("LEFT_HEEL", "RIGHT_HEEL", "LEFT_FOOT_INDEX", "RIGHT_FOOT_INDEX"),
]
"""The points of MediaPipe holistic's body, as pose-format calls them."""
FACE = ("FACE_LANDMARKS", ["0", "1"], "XYZC")
RNG = np.random.default_rng(0)


def written(
    folder: Path,
    components: list[tuple[str, list[str], str]],
    data: NDArray[np.floating],
    confidence: NDArray[np.floating] | None = None,
    fps: float = 25,
) -> Path:
    """A file that pose-format writes: `data` is (frames, people, points, dims)."""
    header = PoseHeader(
        0.2,
        PoseHeaderDimensions(1000, 1000, 0),
        [PoseHeaderComponent(name, points, [(0, 1)], [(255, 0, 0)], form) for name, points, form in components],
    )
    seen = np.ones(data.shape[:3]) if confidence is None else confidence
    path = folder / "a.pose"
    with path.open("wb") as file:
        Pose(header, NumPyPoseBody(fps, data.astype(np.float32), seen.astype(np.float32))).write(file)
    return path


def read(path: Path) -> PosesRead:
    return read_as(POSE, path, PoseInput())


def test_the_body_of_mediapipe_holistic_is_read_in_pixels(tmp_path: Path) -> None:
    data = RNG.uniform(100, 900, (4, 1, 2 + 33 + 33, 3))
    components = [FACE, ("POSE_LANDMARKS", HOLISTIC, "XYZC"), ("POSE_WORLD_LANDMARKS", HOLISTIC, "XYZC")]
    (poses,) = read(written(tmp_path, components, data, fps=29.97)).people
    assert (poses.skeleton, poses.fps, poses.dims) == (MEDIAPIPE, 29.97, 2)
    assert poses.keypoints == pytest.approx(data[:, 0, 2:35, :2])
    assert poses.joint("left_mouth") == pytest.approx(data[:, 0, 2 + HOLISTIC.index("MOUTH_LEFT"), :2])


def test_points_that_a_file_lacks_are_missing_joints(tmp_path: Path) -> None:
    upper = [point for point in HOLISTIC if "KNEE" not in point]
    data = RNG.uniform(100, 900, (4, 1, len(upper), 3))
    (poses,) = read(written(tmp_path, [("POSE_LANDMARKS", upper, "XYZC")], data)).people
    missing = [MEDIAPIPE.index(name) for name in ("left_knee", "right_knee")]
    assert np.array_equal(~poses.seen, np.repeat(np.isin(np.arange(33), missing)[None], 4, axis=0))
    assert poses.joint("right_ankle") == pytest.approx(data[:, 0, upper.index("RIGHT_ANKLE"), :2])


def test_the_body_of_openpose_is_known_by_the_names_of_its_points(tmp_path: Path) -> None:
    data = RNG.uniform(100, 900, (4, 1, 25, 2))
    (poses,) = read(written(tmp_path, [("pose_keypoints_2d", BODY_POINTS, "XYC")], data)).people
    assert poses.skeleton == BODY_25
    assert poses.keypoints == pytest.approx(data[:, 0])
    older = [point for point in BODY_POINTS if not ("Toe" in point or "Heel" in point or point == "MidHip")]
    (poses,) = read(written(tmp_path, [("pose_keypoints_2d", older, "XYC")], data[:, :, :18])).people
    assert poses.skeleton == OPENPOSE_18
    assert poses.joint("left_ear") == pytest.approx(data[:, 0, older.index("LEar")])


def test_what_is_masked_is_missing(tmp_path: Path) -> None:
    confidence = np.full((3, 1, 25), 0.5)
    confidence[1, 0, BODY_POINTS.index("RWrist")] = 0
    confidence[2] = 0
    data = RNG.uniform(100, 900, (3, 1, 25, 2))
    (poses,) = read(written(tmp_path, [("pose_keypoints_2d", BODY_POINTS, "XYC")], data, confidence)).people
    assert np.array_equal(poses.seen, confidence[:, 0] > 0)
    assert poses.confidence[0] == pytest.approx(np.full(25, 0.5))


def test_people_of_openpose_are_followed_where_they_change_places(tmp_path: Path) -> None:
    pose = RNG.uniform(0, 100, (25, 2))
    data = np.stack([np.stack([pose + 100, 1.5 * pose + 500])] * 10)
    data[5:] = data[5:, ::-1].copy()
    larger, smaller = read(written(tmp_path, [("pose_keypoints_2d", BODY_POINTS, "XYC")], data)).people
    assert smaller.keypoints == pytest.approx(np.stack([pose + 100] * 10), abs=1e-3)
    assert larger.keypoints == pytest.approx(np.stack([1.5 * pose + 500] * 10), abs=1e-3)


def test_pose_format_reads_and_draws_what_is_written(tmp_path: Path) -> None:
    poses = random_walk_px(20, seed=3)[:12]
    hidden = np.ones((12, 16), np.float32)
    hidden[3, 2] = 0
    people = [poses, PoseSequence(poses.keypoints + 50, hidden, poses.fps, DANCER)]
    POSE.write(people, tmp_path / "a.pose")
    theirs = Pose.read((tmp_path / "a.pose").read_bytes())
    (component,) = theirs.header.components
    assert (component.name, component.points) == ("dancer", list(DANCER.joint_names))
    assert [tuple(limb) for limb in component.limbs] == list(DANCER.bones)
    assert len(component.colors) == len(DANCER.bones)
    assert theirs.body.fps == 20
    assert theirs.body.data[:, 0].filled(np.nan) == pytest.approx(poses.keypoints)
    assert np.array_equal(np.argwhere(theirs.body.data.mask[..., 0]), [[3, 1, 2]])
    dims = theirs.header.dimensions
    assert (dims.width, dims.height) == tuple(np.ceil(np.nanmax(people[1].keypoints, axis=(0, 1))))
    drawn = next(iter(PoseVisualizer(theirs).draw()))
    assert drawn.shape[:2] == (dims.height, dims.width)
    assert (drawn != 255).any()


def test_metres_have_pose_formats_axes_in_the_file(tmp_path: Path) -> None:
    poses = dancing_m(10)
    POSE.write([poses], tmp_path / "a.pose")
    theirs = Pose.read((tmp_path / "a.pose").read_bytes())
    head, toe = (theirs.body.data[:, 0, DANCER.index(name)].filled(np.nan) for name in ("nose", "left_toe"))
    assert (head[:, 1] < toe[:, 1]).all(), "y points down, as everywhere in pose-format"
    assert theirs.body.data[:, 0].filled(np.nan) * [1, -1, -1] == pytest.approx(poses.keypoints)


@pytest.mark.parametrize("version", [0.0, 0.1])
def test_older_versions_are_read(version: float, tmp_path: Path) -> None:
    """Laid out as pose-format's specification says: v0.0 frame by frame, v0.1 as v0.2 with integer fps and frames."""
    data = RNG.uniform(100, 900, (3, 25, 2)).astype(np.float32)
    path = written(tmp_path, [("pose_keypoints_2d", BODY_POINTS, "XYC")], data[:, None])
    content = path.read_bytes()
    header = struct.pack("<f", version) + content[4 : len(content) - (4 + 4 + 2 + 3 * 25 * 3 * 4)]
    whole = np.concatenate([data, np.ones((3, 25, 1), np.float32)], axis=2)
    if version == 0:
        body = struct.pack("<HH", 25, 3) + b"".join(struct.pack("<Hh", 1, 0) + frame.tobytes() for frame in whole)
    else:
        body = struct.pack("<HHH", 25, 3, 1) + data.tobytes() + np.ones((3, 25), np.float32).tobytes()
    path.write_bytes(header + body)
    assert POSE.recognizes(path)
    (poses,) = read(path).people
    assert (poses.fps, len(poses)) == (25, 3)
    assert poses.keypoints == pytest.approx(data)


@pytest.mark.parametrize(
    ("components", "says"),
    [
        ([FACE], "contains FACE_LANDMARKS; known bodies are POSE_LANDMARKS, pose_keypoints_2d, dancer"),
        ([("BODY_135", ["Nose", "Neck"], "XYC")], "contains BODY_135; known bodies are"),
    ],
)
def test_unknown_bodies_are_listed(components: list[tuple[str, list[str], str]], says: str, tmp_path: Path) -> None:
    dims = len(components[0][2]) - 1
    with pytest.raises(PoseError, match=says):
        read(written(tmp_path, components, np.ones((2, 1, 2, dims))))


def test_nobody_and_infinite_coordinates_are_refused(tmp_path: Path) -> None:
    components = [("pose_keypoints_2d", BODY_POINTS, "XYC")]
    with pytest.raises(PoseError, match="nobody is seen in any of 3 frames"):
        read(written(tmp_path, components, np.ones((3, 1, 25, 2)), np.zeros((3, 1, 25))))
    with pytest.raises(PoseError, match=r"a\.pose: inf is out of range"):
        read(written(tmp_path, components, np.full((3, 1, 25, 2), np.inf)))
    with pytest.raises(PoseError, match="there is no file"):
        read(tmp_path / "none.pose")
    with pytest.raises(PoseError, match="cannot be read"):
        read(tmp_path)


def test_empty_and_damaged_files_are_said_in_plain_words(tmp_path: Path) -> None:
    path = tmp_path / "a.pose"
    for content, says in (
        (b"", "is empty; export it again"),
        (b"\x01", "is not a .pose file, or is damaged; export it again"),
    ):
        path.write_bytes(content)
        with pytest.raises(PoseError) as caught:
            read(path)
        assert str(caught.value) == f"{path} {says}"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damage_is_an_error_of_ours(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    POSE.write([random_walk_px(20, seed=1)[:3]], folder / "a.pose")
    content = bytearray((folder / "a.pose").read_bytes())
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=4)):
        content[at] = data.draw(st.integers(0, 255))
    (folder / "a.pose").write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        read(folder / "a.pose")
    except PoseError as error:
        assert "a.pose" in str(error)
        assert "\n" not in str(error)
