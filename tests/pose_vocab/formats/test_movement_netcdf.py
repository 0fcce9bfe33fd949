"""netCDF files, opened by xarray, and by movement where it is installed."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray
from builders import random_walk_px
from rigid_dancer import dancing_m

from pose_vocab.errors import OutputError, PoseError
from pose_vocab.formats import FORMATS, PoseInput, read_people, write_people
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER


def hidden(poses: PoseSequence) -> PoseSequence:
    confidence = poses.confidence.copy()
    confidence[5:9, DANCER.index("left_wrist")] = 0
    return PoseSequence(poses.keypoints, confidence, poses.fps, DANCER)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    write_people([hidden(dancing_m(30, fps=29.97)), dancing_m(30, fps=29.97, turns=-1)], tmp_path / "a.nc")
    return tmp_path / "a.nc"


def test_xarray_opens_a_dataset_of_poses(written: Path) -> None:
    dataset = xarray.load_dataset(written)
    assert dict(dataset.sizes) == {"time": 30, "space": 3, "keypoints": 16, "individuals": 2}
    assert dataset.position.dims == ("time", "space", "keypoints", "individuals")
    assert dataset.confidence.dims == ("time", "keypoints", "individuals")
    assert dataset.space.to_numpy().tolist() == ["x", "y", "z"]
    assert dataset.individuals.to_numpy().tolist() == ["id_0", "id_1"]
    assert dataset.time.to_numpy() == pytest.approx(np.arange(30) / 29.97)
    assert (dataset.attrs["ds_type"], dataset.attrs["fps"], dataset.attrs["time_unit"]) == ("poses", 29.97, "seconds")
    knee = dataset.position.sel(keypoints="left_knee", individuals="id_0").to_numpy()
    assert knee == pytest.approx(dancing_m(30, fps=29.97).joint("left_knee"))
    assert int(dataset.position.isnull().sum()) == 4 * 3


def test_movement_takes_it(written: Path) -> None:
    """movement needs numpy 2 and brings an OpenCV of its own, so `make` does not install it."""
    datasets = pytest.importorskip("movement.validators.datasets", reason="movement is not installed")
    kinematics = pytest.importorskip("movement.kinematics")
    dataset = xarray.load_dataset(written)
    datasets.ValidPosesInputs.validate(dataset)
    assert kinematics.compute_velocity(dataset.position).shape == (30, 3, 16, 2)


@pytest.mark.parametrize("singular", [False, True])
@pytest.mark.parametrize("engine", ["h5netcdf", "scipy"])
def test_a_dataset_of_movement(tmp_path: Path, singular: bool, engine: Any) -> None:
    """As movement 0.15 makes it, and with the names of dimensions that are planned."""
    dancer = random_walk_px(20, seed=3)
    keypoints, individuals = ("keypoint", "individual") if singular else ("keypoints", "individuals")
    dataset = xarray.Dataset(
        {
            "position": (("time", "space", keypoints, individuals), dancer.keypoints.swapaxes(1, 2)[..., None]),
            "confidence": (("time", keypoints, individuals), np.full((20, 16, 1), np.nan)),
        },
        {
            "time": (10 + np.arange(20)) / 25,
            "space": ["x", "y"],
            keypoints: [name.replace("_", " ").title() for name in DANCER.joint_names],
            individuals: ["mouse"],
        },
        {"ds_type": "poses", "fps": 25.0, "time_unit": "seconds", "source_software": "SLEAP"},
    )
    dataset.to_netcdf(tmp_path / "a.nc", engine=engine)
    [poses] = read_people(tmp_path / "a.nc").people
    assert (poses.fps, poses.dims, len(poses), poses.skeleton) == (25, 2, 30, DANCER)
    assert not poses.seen[:10].any()
    assert poses.keypoints[10:] == pytest.approx(dancer.keypoints)


def test_what_is_no_dataset_of_poses_is_named(written: Path, tmp_path: Path) -> None:
    xarray.Dataset({"rain": ("day", [1.0])}).to_netcdf(tmp_path / "b.nc", engine="h5netcdf")
    with pytest.raises(PoseError, match="no dataset of poses: expected 'position' and 'confidence', got rain"):
        read_people(tmp_path / "b.nc")
    dataset = xarray.load_dataset(written)
    for changed, why in (
        (dataset.assign_attrs(ds_type="bboxes"), "no dataset of poses"),
        (dataset.assign_coords(keypoints=[f"part {i}" for i in range(16)]), "part"),
    ):
        changed.to_netcdf(tmp_path / "c.nc", engine="h5netcdf")
        with pytest.raises(PoseError, match=why):
            read_people(tmp_path / "c.nc")
    data = written.read_bytes()
    for content in (b"", b"\x89HDF", data[:3000], b"CDF\x01" + bytes(40)):
        (tmp_path / "d.nc").write_bytes(content)
        with pytest.raises(PoseError, match=r"d\.nc"):
            read_people(tmp_path / "d.nc")


def test_without_xarray_the_extra_is_named(written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(OutputError, match=r"pip install 'bopbot\[movement\]'"):
        write_people([dancing_m(5)], tmp_path / "b.nc")
    with pytest.raises(PoseError, match=r"pip install 'bopbot\[movement\]'"):
        FORMATS["movement"].parse(written, PoseInput())  # in this process, where it is missing
