from pathlib import Path

import numpy as np
import pytest

from bopbot.exemplars import LONGEST_WORDS, Take, load_exemplars, save_exemplars, select_exemplars
from pose_vocab.errors import ModelError


def test_what_is_saved_is_read_back(tmp_path: Path) -> None:
    takes = [Take("60_01.yaw45", np.array([3, 70_000, 1])), Take("étude", np.array([5]))]
    save_exemplars(takes, tmp_path / "memory.npz")
    loaded = load_exemplars(tmp_path / "memory.npz")
    assert [(take.name, take.ids.tolist()) for take in loaded] == [("60_01.yaw45", [3, 70_000, 1]), ("étude", [5])]


def test_a_model_without_memory_remembers_nothing(tmp_path: Path) -> None:
    assert load_exemplars(tmp_path / "memory.npz") == ()
    save_exemplars([], tmp_path / "memory.npz")
    assert load_exemplars(tmp_path / "memory.npz") == ()


def test_of_too_many_dances_every_nth_is_remembered() -> None:
    takes = [Take(str(i), np.zeros(LONGEST_WORDS // 4, np.int64)) for i in range(9)]
    assert [take.name for take in select_exemplars(takes)] == ["0", "3", "6"]
    assert len(select_exemplars(takes[:4])) == 4


def test_damage_is_named(tmp_path: Path) -> None:
    (tmp_path / "memory.npz").write_bytes(b"PK gone")
    with pytest.raises(ModelError, match=r"memory\.npz is damaged"):
        load_exemplars(tmp_path / "memory.npz")
