from pathlib import Path

import pytest

from pose_vocab.errors import OutputError
from pose_vocab.files import check_writable, write_beside


def test_an_interrupted_write_leaves_the_good_file(tmp_path: Path) -> None:
    good = tmp_path / "good.txt"
    good.write_text("good")
    with pytest.raises(KeyboardInterrupt), write_beside(good) as beside:
        beside.write_text("half")
        raise KeyboardInterrupt
    assert good.read_text() == "good"
    assert list(tmp_path.iterdir()) == [good]


def test_a_folder_replaces_a_folder(tmp_path: Path) -> None:
    target = tmp_path / "model"
    for content in ("first", "second"):
        with write_beside(target, {"first.txt"}) as beside:
            beside.mkdir()
            (beside / f"{content}.txt").write_text(content)
    assert [path.name for path in target.iterdir()] == ["second.txt"]
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_with_other_things_in_it_is_not_replaced(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "diary.txt").write_text("dear diary")
    with (
        pytest.raises(OutputError, match=r"contains diary\.txt; name a new one"),
        write_beside(home, {"model"}) as beside,
    ):
        beside.mkdir()
    assert (home / "diary.txt").read_text() == "dear diary"
    assert list(tmp_path.iterdir()) == [home]


def test_whether_it_can_be_written_is_known_before(tmp_path: Path) -> None:
    check_writable(tmp_path / "a.mp4")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OutputError, match="does not exist"):
        check_writable(tmp_path / "no" / "a.mp4")
    with pytest.raises(OutputError, match="it is a folder"):
        check_writable(tmp_path)


def test_why_it_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"the folder .* does not exist"), write_beside(tmp_path / "no" / "a.txt"):
        pass
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match="it is a folder"), write_beside(tmp_path / "folder") as beside:
        beside.write_text("a file")
    with pytest.raises(OutputError, match="disk is full"), write_beside(tmp_path / "a.txt"):
        Path("/dev/full").write_text("no room here")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder"]
