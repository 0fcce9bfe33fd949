from pathlib import Path

import numpy as np
import pytest

from bopbot.exemplars import FLAT_FORMAT, MOST_WORDS, Exemplar, load_exemplars, save_exemplars, select_exemplars
from pose_vocab.errors import ModelError
from pose_vocab.ids import GAP


def test_what_is_saved_is_read_back(tmp_path: Path) -> None:
    dances = [Exemplar("60_01.yaw45", np.array([[3, 70_000], [1, GAP]])), Exemplar("étude", np.array([[5, 9]]))]
    save_exemplars(dances, tmp_path / "memory.npz")
    loaded = load_exemplars(tmp_path / "memory.npz", 2)
    assert [(dance.name, dance.ids.tolist()) for dance in loaded] == [
        ("60_01.yaw45", [[3, 70_000], [1, GAP]]),
        ("étude", [[5, 9]]),
    ]


def test_a_file_of_the_version_before_is_read(tmp_path: Path) -> None:
    """It counts words instead of rows."""
    np.savez(
        tmp_path / "memory.npz",
        format=np.array(FLAT_FORMAT),
        names=np.array(["first", "second"]),
        lengths=np.array([4, 2]),
        ids=np.arange(6, dtype=np.int32),
    )
    loaded = load_exemplars(tmp_path / "memory.npz", 2)
    assert [(dance.name, dance.ids.tolist()) for dance in loaded] == [("first", [[0, 1], [2, 3]]), ("second", [[4, 5]])]
    with pytest.raises(ModelError, match=r"memory\.npz is damaged"):
        load_exemplars(tmp_path / "memory.npz", 4)


def test_a_model_without_a_file_has_no_exemplars(tmp_path: Path) -> None:
    assert load_exemplars(tmp_path / "memory.npz", 1) == ()
    save_exemplars([], tmp_path / "memory.npz")
    assert load_exemplars(tmp_path / "memory.npz", 1) == ()


def test_of_too_many_dances_every_nth_is_kept() -> None:
    dances = [Exemplar(str(i), np.zeros((MOST_WORDS // 8, 2), np.int64)) for i in range(9)]
    assert [dance.name for dance in select_exemplars(dances)] == ["0", "3", "6"]
    assert len(select_exemplars(dances[:4])) == 4


def test_damage_is_named(tmp_path: Path) -> None:
    (tmp_path / "memory.npz").write_bytes(b"PK gone")
    with pytest.raises(ModelError, match=r"memory\.npz is damaged"):
        load_exemplars(tmp_path / "memory.npz", 1)
