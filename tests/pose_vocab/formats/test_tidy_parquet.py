"""Parquet tables, opened by pandas and pyarrow."""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest
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


def test_pandas_opens_a_row_a_frame_and_joint(tmp_path: Path) -> None:
    people = [hidden(dancing_m(30, fps=29.97)), dancing_m(30, fps=29.97, turns=-1)]
    write_people(people, tmp_path / "a.parquet")
    table = pd.read_parquet(tmp_path / "a.parquet")
    assert len(table) == 30 * 2 * 16
    assert {name: str(kind) for name, kind in table.dtypes.items()} == {
        "frame": "int32", "time_s": "float64", "person": "int32", "landmark": "category",
        "x_m": "float32", "y_m": "float32", "z_m": "float32", "confidence": "float32",
    }  # fmt: skip
    knee = table[(table.person == 0) & (table.landmark == "left_knee")]
    assert knee[["x_m", "y_m", "z_m"]].to_numpy() == pytest.approx(people[0].joint("left_knee"))
    assert knee.time_s.to_numpy() == pytest.approx(np.arange(30) / 29.97)
    missing = table[table.x_m.isna()]
    assert (len(missing), set(missing.landmark), set(missing.confidence)) == (4, {"left_wrist"}, {0})
    stated = json.loads(pyarrow.parquet.read_schema(tmp_path / "a.parquet").metadata[b"bopbot"])
    assert stated == {"format": "bopbot-tidy 1", "fps": 29.97, "skeleton": "dancer", "unit": "m"}
    assert pyarrow.parquet.read_table(tmp_path / "a.parquet")["x_m"].null_count == 4


def test_tables_of_others_have_the_columns_of_csv(tmp_path: Path) -> None:
    dancer = random_walk_px(20, seed=1)
    wide = {"Frame": range(20), "timestamp_ms": np.arange(20) * 40}
    for number, joint in enumerate(DANCER.joint_names):
        wide |= {f"{joint}_x": dancer.keypoints[:, number, 0], f"{joint}_y": dancer.keypoints[:, number, 1]}
    pd.DataFrame(wide).to_parquet(tmp_path / "a.parquet")
    [poses] = read_people(tmp_path / "a.parquet").people
    assert (poses.fps, poses.dims) == (25, 2)
    assert poses.keypoints == pytest.approx(dancer.keypoints)


def test_what_is_no_table_of_poses_is_named(tmp_path: Path) -> None:
    pd.DataFrame({"city": ["Oslo"]}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(PoseError, match="no landmark columns"):
        FORMATS["parquet"].parse(tmp_path / "a.parquet", PoseInput())  # in this process, where it is missing
    data = (tmp_path / "a.parquet").read_bytes()
    for content in (b"", b"PAR1", data[:-20], data[:30] + data[60:]):
        (tmp_path / "b.parquet").write_bytes(content)
        with pytest.raises(PoseError, match="damaged or no Parquet file"):
            read_people(tmp_path / "b.parquet")


def test_without_pyarrow_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_people([dancing_m(5)], tmp_path / "a.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(OutputError, match=r"pip install 'bopbot\[parquet\]'"):
        write_people([dancing_m(5)], tmp_path / "b.parquet")
    with pytest.raises(PoseError, match=r"pip install 'bopbot\[parquet\]'"):
        FORMATS["parquet"].parse(tmp_path / "a.parquet", PoseInput())  # in this process, where it is missing
    assert not (tmp_path / "b.parquet").exists()
