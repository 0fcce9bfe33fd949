"""Formats of compiled libraries are parsed in a process of their own."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from rigid_dancer import dancing_m

from pose_vocab.errors import PoseError
from pose_vocab.formats import ISOLATED, WRITABLE, PoseInput, isolated, read_people
from pose_vocab.joint_mapping import to_dancer

NAMES = sorted(ISOLATED)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The content of a file of each format."""
    folder = tmp_path_factory.mktemp("isolated")
    contents = {}
    for name in NAMES:
        path = folder / f"a{WRITABLE[name].suffixes[0]}"
        WRITABLE[name].write([dancing_m(12, 20)], path)
        contents[name] = path.read_bytes()
    return contents


def test_poses_and_errors_come_back(files: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "a.c3d"
    path.write_bytes(files["c3d"])
    [poses] = read_people(path).people
    assert np.abs(to_dancer(poses).keypoints - dancing_m(12, 20).keypoints).max() < 1e-4
    path.write_bytes(files["c3d"][:600])
    with pytest.raises(PoseError, match=r"a\.c3d .*export it again"):
        read_people(path)
    with pytest.raises(PoseError, match="there is no file"):
        isolated.parse_isolated("c3d", tmp_path / "missing.c3d", PoseInput())


def test_a_library_that_hangs_or_dies_is_answered(
    files: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.c3d"
    path.write_bytes(files["c3d"])
    monkeypatch.setattr(isolated, "TIMEOUT_S", 0.01)
    with pytest.raises(PoseError, match=r"took longer than 0.01 s to read"):
        read_people(path)
    monkeypatch.undo()
    killed = subprocess.CompletedProcess([sys.executable], -11, b"", b"")
    monkeypatch.setattr(isolated.subprocess, "run", lambda *_args, **_options: killed)
    with pytest.raises(PoseError, match="ended with SIGSEGV; export it again"):
        read_people(path)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_damage_anywhere_is_answered(files: dict[str, bytes], tmp_path: Path, name: str) -> None:
    content = files[name]
    rng = np.random.default_rng(0)
    path = tmp_path / f"a{WRITABLE[name].suffixes[0]}"
    for _ in range(4):
        damaged = bytearray(content)
        for at in rng.integers(0, len(content), 5):
            damaged[at] = rng.integers(0, 256)
        path.write_bytes(bytes(damaged[: rng.integers(len(damaged) // 2, len(damaged) + 1)]))
        try:
            read_people(path)
        except PoseError as error:
            assert str(path) in str(error)
            assert "\n" not in str(error)
