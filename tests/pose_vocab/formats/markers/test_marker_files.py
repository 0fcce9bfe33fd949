"""C3D and TRC files, opened by ezc3d and pandas."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import ezc3d
import numpy as np
import pandas as pd
import pytest
from builders import random_walk_px
from marker_people import marker_set
from numpy.typing import NDArray
from rigid_dancer import dancing_m

from pose_vocab.errors import OutputError, PoseError
from pose_vocab.formats import PoseInput, read_people, write_people
from pose_vocab.joint_mapping import to_dancer
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER

Floats = NDArray[np.float64]


def save_c3d(path: Path, markers: Mapping[str, Floats], *, unit: str = "mm", first: int = 0, fps: float = 100) -> Path:
    """A laboratory's file: millimetres, z up."""
    points = np.stack(list(markers.values()), axis=1)
    points = np.stack([points[..., 0], -points[..., 2], points[..., 1]], axis=0) * {"mm": 1000, "m": 1}[unit]
    content = ezc3d.c3d()
    content["parameters"]["POINT"]["RATE"]["value"] = [float(fps)]
    content["parameters"]["POINT"]["UNITS"]["value"] = [unit]
    content["parameters"]["POINT"]["LABELS"]["value"] = tuple(markers)
    content["header"]["points"]["first_frame"] = first
    content["data"]["points"] = np.concatenate([points.swapaxes(1, 2), np.ones((1, *points.shape[:0:-1]))])
    content.write(str(path))
    return path


def hidden(poses: PoseSequence) -> PoseSequence:
    confidence = poses.confidence.copy()
    confidence[5:9, DANCER.index("left_wrist")] = 0
    return replace(poses, confidence=confidence)


def test_ezc3d_reads_what_is_written(tmp_path: Path) -> None:
    people = [hidden(dancing_m(30, fps=25)), dancing_m(30, fps=25, turns=-1)]
    assert write_people(people, tmp_path / "a.c3d") == ()
    content = ezc3d.c3d(str(tmp_path / "a.c3d"))
    point = content["parameters"]["POINT"]
    assert (point["UNITS"]["value"], point["RATE"]["value"][0]) == (["mm"], 25)
    assert point["Y_SCREEN"]["value"] == ["+Z"]
    assert point["LABELS"]["value"][:2] == ["dancer1:nose", "dancer1:neck"]
    assert point["LABELS"]["value"][16] == "dancer2:nose"
    at = content["data"]["points"]
    assert at.shape == (4, 32, 30)
    x, y, z = people[0].joint("left_knee").T
    assert at[:3, DANCER.index("left_knee")] == pytest.approx(np.array([x, -z, y]) * 1000, abs=0.1)
    assert np.isnan(at[:3, DANCER.index("left_wrist"), 5:9]).all()
    assert np.isnan(at[:3]).sum() == 12


def test_pandas_reads_a_written_trc(tmp_path: Path) -> None:
    dancer = hidden(dancing_m(30, fps=29.97))
    write_people([dancer], tmp_path / "a.trc")
    header = (tmp_path / "a.trc").read_text().splitlines()
    stated = dict(zip(header[1].split("\t"), header[2].split("\t"), strict=True))
    assert (stated["DataRate"], stated["NumFrames"], stated["NumMarkers"], stated["Units"]) == (
        "29.97",
        "30",
        "16",
        "m",
    )
    table = pd.read_csv(tmp_path / "a.trc", sep="\t", skiprows=5, header=None)
    assert table.shape == (30, 2 + 48)
    assert table[1].to_numpy() == pytest.approx(np.arange(30) / 29.97, abs=1e-6)
    found = table.iloc[:, 2:].to_numpy().reshape(30, 16, 3)
    assert np.allclose(found, dancer.keypoints, atol=1e-6, equal_nan=True)
    with pytest.raises(OutputError, match="one person"):
        write_people([dancer, dancer], tmp_path / "b.trc")


@pytest.mark.parametrize("unit", ["mm", "m"])
def test_subjects_of_a_laboratory_are_people_upright_in_metres(tmp_path: Path, unit: str) -> None:
    anna = dancing_m(40, fps=100)
    ben = anna.with_keypoints(anna.keypoints + np.array([1.2, 0, 0], np.float32))
    markers = {
        **{f"Anna:{label}": points for label, points in marker_set("plug-in gait", anna).items()},
        **{f"Ben:{label}": points for label, points in marker_set("cmu", ben).items()},
        "*17": np.zeros((40, 3)),
        "Wand:Tip": np.ones((40, 3)),
    }
    markers["Ben:LTOE"][3:6] = np.nan
    read = read_people(save_c3d(tmp_path / "a.c3d", markers, unit=unit))
    assert read.notices == (f"{tmp_path / 'a.c3d'}: the markers of Wand are no known set and are left out",)
    assert len(read.people) == 2
    order = np.argsort([np.nanmean(poses.keypoints[..., 0]) for poses in read.people])
    for index, dancer in zip(order, (anna, ben), strict=True):
        poses = read.people[index]
        assert (poses.fps, len(poses), poses.skeleton) == (100, 40, DANCER)
        off = np.linalg.norm(poses.joint("left_hip") - dancer.joint("left_hip"), axis=1)
        assert off.max() < 0.02
    assert np.isnan(read.people[order[1]].joint("left_toe")[3:6]).all()


def test_a_file_that_begins_late_begins_late(tmp_path: Path) -> None:
    read = read_people(save_c3d(tmp_path / "a.c3d", marker_set("cmu", dancing_m(30)), first=20, fps=30))
    seen = read.people[0].seen.any(axis=1)
    assert (len(seen), seen[:20].any(), seen[20:].all()) == (50, False, True)


def test_markers_of_an_unknown_set_are_named_in_the_answer(tmp_path: Path) -> None:
    at = marker_set("plug-in gait", dancing_m())
    cut = {label: points for label, points in at.items() if label not in ("LSHO", "LASI")}
    path = save_c3d(tmp_path / "a.c3d", cut)
    [poses] = read_people(path, PoseInput(up="z")).people
    with pytest.raises(PoseError, match=r"unknown: C7, CLAV, RASI, .*--joints"):
        to_dancer(poses)
    with pytest.raises(PoseError, match="no named markers"):
        read_people(save_c3d(tmp_path / "b.c3d", {"*1": at["LKNE"], "*2": at["RKNE"]}))


def test_a_trc_of_opensim(tmp_path: Path) -> None:
    """Millimetres, names with spaces around, trailing tabs, no blank line, and NaN."""
    dancer = dancing_m(20, fps=60)
    markers = marker_set("helen hayes", dancer)
    lines = [
        "PathFileType\t4\t(X/Y/Z)\ttrial.trc\t",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
        f"60.00\t60.00\t20\t{len(markers)}\tmm\t60.00\t1\t20",
        "Frame#\tTime\t" + "\t".join(f"{label} \t\t" for label in markers) + "\t",
        "\t\t" + "\t".join(f"X{i}\tY{i}\tZ{i}" for i in range(1, len(markers) + 1)) + "\t",
    ]
    for frame in range(20):
        cells = [f"{1000 * value:.3f}" for points in markers.values() for value in points[frame]]
        if frame == 4:
            cells[:3] = ["NaN"] * 3
        lines.append("\t".join([str(frame + 1), f"{frame / 60:.3f}", *cells, ""]))
    path = tmp_path / "a.trc"
    path.write_text("\r\n".join(lines))
    [poses] = read_people(path).people
    assert (poses.fps, len(poses)) == (60, 20)
    assert np.linalg.norm(poses.joint("right_knee") - dancer.joint("right_knee"), axis=1).max() < 1e-3


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda text: text[:100], "not a TRC file"),
        (lambda text: "x" + text, "not a TRC file"),
        (lambda text: text.replace("\t0.900000", "\tabc", 1), r"line \d+: expected a number, got 'abc'"),
        (lambda text: text + "\t".join("1" * 60), r"60 values for 50 columns"),
    ],
)
def test_a_damaged_trc_is_named(tmp_path: Path, change: object, why: str) -> None:
    dancer = dancing_m(5)
    keypoints = dancer.keypoints.copy()
    keypoints[2, 3, 1] = 0.9
    write_people([dancer.with_keypoints(keypoints)], tmp_path / "a.trc")
    (tmp_path / "a.trc").write_text(change((tmp_path / "a.trc").read_text()))  # type: ignore[operator]
    with pytest.raises(PoseError, match=why):
        read_people(tmp_path / "a.trc", PoseInput(format="trc"))


def test_a_damaged_c3d_is_named(tmp_path: Path) -> None:
    write_people([dancing_m(20)], tmp_path / "a.c3d")
    data = (tmp_path / "a.c3d").read_bytes()
    bad = tmp_path / "b.c3d"
    for content in (b"", data[:600], b"\2\x50" + bytes(600)):
        bad.write_bytes(content)
        with pytest.raises(PoseError, match=r"b\.c3d"):
            read_people(bad, PoseInput(format="c3d"))
    bad.write_bytes(data[:3000])
    read = read_people(bad)
    assert read.notices == (f"{bad} states 20 frames and holds 5, which are read",)
    assert len(read.people[0]) == 5


def test_the_depth_of_people_in_a_picture_is_estimated(tmp_path: Path) -> None:
    for name in ("a.trc", "a.c3d"):
        (notice,) = write_people([random_walk_px(30, seed=1)], tmp_path / name)
        assert "depth is estimated" in notice
