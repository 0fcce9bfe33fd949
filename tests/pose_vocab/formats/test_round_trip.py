"""A random dance is written in every format that can be written, and read back the same."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rigid_dancer import dancing_m

from pose_vocab.camera import Camera
from pose_vocab.formats import FOLDER, FORMATS, WRITABLE, PoseInput, PosesRead
from pose_vocab.formats.normalize_read import normalize_read
from pose_vocab.joint_mapping import to_dancer
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER

RIGS_OFF_M = {"bvh": 0.005, "glb": 0.005, "usd": 0.005}
"""Largest distance of a joint in formats that store a rig, which is shown whole: what is hidden bends its bones."""
IN_SPACE = (*RIGS_OFF_M, "trc", "c3d")
"""Formats that lift poses in 2D."""
OFF_M, OFF_PX = 1e-4, 1e-2
READABLE = [name for name in WRITABLE if name in FORMATS]


def read(name: str, path: Path, pose_input: PoseInput) -> PosesRead:
    """Read a file in this process, which is quicker for formats that have one of their own."""
    return normalize_read(path, FORMATS[name].parse(path, pose_input), pose_input)


def random_dance(seed: int, frames: int, fps: float, dims: int, begin: int | None) -> PoseSequence:
    """Return a dancer of any size, pace and place, who enters at frame `begin` and whose joint is hidden then.

    With `begin` None everything is seen.
    """
    rng = np.random.default_rng(seed)
    dance = dancing_m(frames, fps, turns=rng.uniform(-1, 1) * frames / fps)
    body = dance.keypoints * rng.uniform(0.8, 1.15)
    body -= [0, body[..., 1].min(), 0]  # on the floor, where some formats put a dancer who floats
    moved = dance.with_keypoints(body + rng.uniform([-3, 0, -3], [3, 0, 3]))
    if dims == 2:
        moved = Camera.framing(moved, rng.uniform(0, 6), 1280, 720).project(moved)
    confidence = moved.confidence * rng.uniform(0.5, 1, moved.confidence.shape)
    if begin is not None:
        confidence[:begin] = 0
        confidence[begin + 3 : begin + 5, rng.integers(0, DANCER.n_joints)] = 0
    return PoseSequence(moved.keypoints, confidence, fps, DANCER)


@pytest.mark.parametrize("name", READABLE)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**32 - 1),
    frames=st.integers(20, 60),
    fps=st.sampled_from([12.5, 20.0, 29.97, 60.0]),
    dims=st.sampled_from([2, 3]),
    begin=st.sampled_from([0, 7]),
)
def test_every_writable_format_returns_the_dance(
    tmp_path_factory: pytest.TempPathFactory, name: str, seed: int, frames: int, fps: float, dims: int, begin: int
) -> None:
    row = WRITABLE[name]
    is_rig = name in RIGS_OFF_M
    dance = random_dance(seed, frames, fps, 3 if name in IN_SPACE else dims, None if is_rig else begin)
    path = tmp_path_factory.mktemp(name) / ("dance" + ("" if name == FOLDER else row.suffixes[0]))
    row.write([dance], path)
    result = read(name, path, PoseInput(fps=fps if name == FOLDER else None))
    [back] = [to_dancer(one) for one in result.people]
    assert (len(back), back.dims) == (len(dance), dance.dims)
    assert back.fps == pytest.approx(fps, rel=1e-3)
    seen = dance.seen
    if not is_rig:
        assert np.array_equal(back.seen, seen)
    off = np.linalg.norm(back.keypoints - dance.keypoints, axis=2)[seen]
    assert off.max() < RIGS_OFF_M.get(name, OFF_M if dance.dims == 3 else OFF_PX)


@pytest.mark.parametrize("name", [name for name in READABLE if WRITABLE[name].several_people])
def test_several_dancers_come_back_as_several(tmp_path: Path, name: str) -> None:
    dance = dancing_m(40, 20)
    people = [dance.with_keypoints(dance.keypoints + np.float32([offset, 0, 0])) for offset in (-1.5, 0, 1.5)]
    path = tmp_path / ("dance" + ("" if name == FOLDER else WRITABLE[name].suffixes[0]))
    WRITABLE[name].write(people, path)
    back = [to_dancer(one) for one in read(name, path, PoseInput(fps=20)).people]
    by_place = sorted(back, key=lambda one: float(np.nanmedian(one.joint("neck")[:, 0])))
    assert len(by_place) == 3
    for before, after in zip(people, by_place, strict=True):
        assert np.nanmax(np.abs(after.keypoints - before.keypoints)) < RIGS_OFF_M.get(name, OFF_M)
