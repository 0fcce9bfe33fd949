import math
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from models.training_log import Check, TrainingReport, draw_losses, kept, perplexity, tensorboard
from pose_vocab.errors import ModelError, OutputError


def check(step: int, train_loss: float, held_out_loss: float | None = None) -> Check:
    return Check(step, train_loss, held_out_loss, 1e-3, 1000.0, step / 10)


HISTORY = (check(10, 3.0, 2.0), check(20, 2.0, 1.0), check(30, 1.0, 1.5), check(40, 0.5, 1.0))


def picture(path: Path) -> NDArray[np.uint8]:
    image = cv2.imread(str(path))
    assert image is not None
    return np.asarray(image, np.uint8)


def test_a_report_tells_what_its_checks_tell() -> None:
    report = TrainingReport(HISTORY)
    assert (report.steps, report.seconds, report.train_loss) == (40, 4.0, 0.5)
    assert (report.kept_step, report.held_out_loss, report.perplexity) == (20, 1.0, math.e)


def test_without_held_out_dances_the_last_weights_are_kept() -> None:
    report = TrainingReport((check(10, 1.0), check(20, 2.0)))
    assert (report.kept_step, report.held_out_loss, report.perplexity) == (20, None, None)


def test_of_equal_scores_the_first_is_kept() -> None:
    assert kept(HISTORY).step == 20


def test_a_perplexity_is_that_of_the_held_out_words_if_there_are_any() -> None:
    assert check(1, 0.0, math.log(7)).perplexity == pytest.approx(7)
    assert check(1, math.log(9)).perplexity == pytest.approx(9)
    assert perplexity(1e4) == math.inf


@pytest.mark.parametrize("history", [HISTORY, HISTORY[:1], (check(1, 0.0), check(2, 0.0)), (check(1, 900.0),)])
def test_any_history_can_be_drawn(tmp_path: Path, history: tuple[Check, ...]) -> None:
    draw_losses(history, tmp_path / "losses.png")
    assert [path.name for path in tmp_path.iterdir()] == ["losses.png"]
    assert picture(tmp_path / "losses.png").std() > 0


def test_the_kept_step_is_marked_where_it_lies(tmp_path: Path) -> None:
    """The curves are the same but for which of the two scores is less; the mark alone moves."""
    for name, least in (("left", 10), ("right", 40)):
        history = [check(step, 2.0, 1.0 if step == least else 1.001) for step in (10, 20, 30, 40)]
        draw_losses(history, tmp_path / f"{name}.png")
    left, right = (picture(tmp_path / f"{name}.png").astype(int) for name in ("left", "right"))
    columns = np.abs(left - right)[:, :, 0].sum(axis=0)
    assert columns[: len(columns) // 3].max() > 1000
    assert columns[len(columns) // 2 - 30 : len(columns) // 2 + 30].max() < 1000


def test_where_no_folder_is_nothing_is_drawn(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="does not exist"):
        draw_losses(HISTORY, tmp_path / "missing" / "losses.png")


def logged(folder: Path, name: str) -> list[tuple[int, float]]:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    log = EventAccumulator(str(folder)).Reload()
    return [(event.step, event.value) for event in log.Scalars(name)]


def test_tensorboard_shows_each_check(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    with tensorboard(tmp_path / "new" / "log") as watch:
        for one in HISTORY:
            watch(one)
    assert logged(tmp_path / "new" / "log", "loss/held out") == [(10, 2.0), (20, 1.0), (30, 1.5), (40, 1.0)]
    assert logged(tmp_path / "new" / "log", "loss/learned") == [(10, 3.0), (20, 2.0), (30, 1.0), (40, 0.5)]
    assert logged(tmp_path / "new" / "log", "words per second")[0] == (10, 1000)


def test_what_is_logged_again_is_shown_once(tmp_path: Path) -> None:
    """The first session was cut off after its check at step 30, and had saved its state before the one at 20."""
    pytest.importorskip("tensorboard")
    for session in (HISTORY[:3], HISTORY[1:]):
        with tensorboard(tmp_path) as watch:
            for one in session:
                watch(one)
    assert [step for step, _ in logged(tmp_path, "loss/learned")] == [10, 20, 30, 40]


def test_nothing_to_log_writes_nothing(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    with tensorboard(tmp_path):
        pass
    assert not list(tmp_path.iterdir())


def test_without_tensorboard_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)  # as where it is not installed
    with pytest.raises(ModelError, match=r"pip install 'bopbot\[tensorboard\]'"), tensorboard(tmp_path):
        pass


def test_a_log_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot write the log"), tensorboard(tmp_path / "file"):
        pass
