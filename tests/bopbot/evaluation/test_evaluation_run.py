"""``bopbot evaluate``: its JSON, its tables and its page."""

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NoReturn

import pytest
from builders import TINY, random_walk_px

from bopbot.codecs import build_codec
from bopbot.evaluation.evaluation_report import FORMAT
from bopbot.training.corpus import Corpus, stretches_of
from bopbot.training.training import TrainingPlan, learn
from pose_vocab.normalization import normalize

Bopbot = Callable[..., Any]


@pytest.fixture(scope="module")
def takes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders of dances: `real` ones, `known` ones, and `new` ones."""
    folder = tmp_path_factory.mktemp("takes")
    for seed, name in enumerate(["real/a", "real/b", "known/c", "known/d", "new/e", "new/f"]):
        path = folder / f"{name}.npz"
        path.parent.mkdir(exist_ok=True)
        random_walk_px(101, seed).save(path)
    return folder


def trained(folder: Path, kind: str) -> Path:
    clips = [normalize(random_walk_px(101, seed)) for seed in (2, 3)]
    words = build_codec(clips, kind, n_words=10, seed=0)
    corpus = Corpus(words, stretches_of(words, clips), [], 202)
    learn(corpus, TrainingPlan(["gpt2"], TINY, TINY.training)).save(folder, corpus)
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("models") / "tiny", "picture")


@pytest.fixture(autouse=True)
def fewer_continuations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bopbot.evaluation.prediction.BEST_OF", 2)


def parsed(text: str) -> dict[str, Any]:
    def refuse(constant: str) -> NoReturn:
        raise AssertionError(f"{constant} is no JSON")

    found: dict[str, Any] = json.loads(text, parse_constant=refuse)
    return found


def figures(report: dict[str, Any], group: str) -> dict[tuple[str, str, str], dict[str, Any]]:
    (found,) = (each for each in report["groups"] if each["name"] == group)
    return {(each["model"], each["of"], each["name"]): each for each in found["figures"]}


class Page(HTMLParser):
    """The tags of a page that stand open, and everything it refers to."""

    VOID = frozenset({"meta", "br", "use", "path"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.references: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.references += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "srcset")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


def test_a_model_is_measured(bopbot: Bopbot, takes: Path, model: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    asked = ["evaluate", takes / "real", "--model", model, "--learned-from", takes / "known", "--dances", takes / "new"]
    asked += ["--samples", 2, "--seconds", 5, "--json"]
    answer, again = bopbot(*asked, "--page", page), bopbot(*asked)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == again.out
    report = parsed(answer.out)
    assert report["format"] == FORMAT == "bopbot-evaluation 2"
    assert set(report["versions"]) == {"python", "bopbot", "numpy", "torch", "scikit-learn", "mediapipe"}
    (described,) = report["models"]
    assert (described["held_out"]["takes"], described["learned"]["takes"]) == (["a", "b"], ["c", "d"])
    assert (described["kind"], described["fps"], described["vocabularies"]) == ("picture", 20, {"pose": 10})
    assert (described["held_out"]["frames"], described["held_out"]["seconds"]) == (202, 10.1)
    assert report["left_out"] == []

    words = figures(report, "vocabulary")
    all_takes = words["tiny", "all takes", "reconstruction error"]["value"]
    of_each = [words["tiny", take, "reconstruction error"]["value"]["value"] for take in "ab"]
    assert all_takes["value"] == pytest.approx(sum(of_each) / 2)
    assert (all_takes["n"], all_takes["values"]) == (2, of_each)
    assert {name for _, name, _ in figures(report, "prediction")} == {"unigram", "bigram", "repeat", "GPT-2"}
    generators = {"GPT-2", "GPT-2, original settings", "unigram", "bigram", "repeat", "new"}
    for group in ("motion", "variety", "novelty"):
        assert {name for _, name, _ in figures(report, group)} == generators
        assert all(figure["real"] is not None for figure in figures(report, group).values()), group

    text = page.read_text()
    assert "http" not in text and "<script" not in text and "@import" not in text
    assert not re.search(r"url\((?!#)", text)
    found = Page(text)
    assert found.open == []
    assert found.seen.count("video") == 6
    assert found.seen.count("table") == 5
    assert found.seen.count("svg") == 5 + 3
    assert all(reference.startswith(("data:video/mp4;base64,", "#")) for reference in found.references)
    assert "prefers-color-scheme: dark" in text
    assert list(tmp_path.iterdir()) == [page]


def test_tables_for_people(bopbot: Bopbot, takes: Path, model: Path) -> None:
    answer = bopbot("evaluate", takes / "real", "--model", model, "--samples", 2, "--seconds", 5)
    assert answer.code == 0
    lines = answer.out.splitlines()
    tables = lines[lines.index("") : lines.index("95 % intervals in brackets")]
    assert max(map(len, tables)) <= 100
    assert "held out      2 takes, 202 frames at 20 fps, 10.1 s" in lines
    assert "learned from  not known" in lines
    assert any(line.startswith("real dances") for line in lines)
    assert any(
        line.startswith("left out: unigram, bigram, repeat: the training dances are not known") for line in lines
    )
    assert bopbot("evaluate", takes / "real", "--model", model, "--samples", 1, "--seconds", 1, "--quiet").out == ""


def test_two_models_side_by_side(bopbot: Bopbot, takes: Path, model: Path, tmp_path: Path) -> None:
    other = trained(tmp_path / "other", "limbs")
    asked = ["evaluate", takes / "real", "--model", model, "--model", other, "--samples", 1, "--seconds", 2]
    answer = bopbot(*asked, "--json", "--page", tmp_path / "page.html", "--lm", "gpt2")
    assert answer.code == 0, answer.err
    report = parsed(answer.out)
    assert [(each["name"], each["kind"]) for each in report["models"]] == [("tiny", "picture"), ("other", "limbs")]
    assert {model for model, _, _ in figures(report, "motion")} == {"tiny", "other"}
    assert "other: GPT-2" in (tmp_path / "page.html").read_text()


def test_dances_need_no_model(bopbot: Bopbot, takes: Path, tmp_path: Path) -> None:
    asked = ["evaluate", takes / "real", "--dances", takes / "new", "--dances", takes / "known" / "c.npz"]
    answer = bopbot(*asked, "--json", "--page", tmp_path / "page.html")
    assert answer.code == 0, answer.err
    report = parsed(answer.out)
    assert [group["name"] for group in report["groups"]] == ["motion", "variety", "novelty"]
    assert {name for _, name, _ in figures(report, "motion")} == {"new", "c"}
    assert Page((tmp_path / "page.html").read_text()).open == []


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (["real/none.npz"], "real/none.npz"),
        (["real", "--learned-from", "real/a.npz"], "both held out and learned from"),
        (["real", "--model", "known"], "bopbot train"),
        (["real", "--model", "tiny", "--model", "tiny", "--model", "tiny"], "3 models"),
        (["real", "--model", "tiny", "--lm", "lstm"], "has no LSTM"),
        (["real", "--page", "page.txt"], ".html"),
        (["real", "--page", "no/page.html"], "does not exist"),
        (["real", "--dances", "none"], "none"),
    ],
)
def test_what_cannot_be_measured(
    bopbot: Bopbot, takes: Path, model: Path, monkeypatch: pytest.MonkeyPatch, asked: list[str], says: str
) -> None:
    monkeypatch.chdir(takes)
    answer = bopbot("evaluate", *(str(model) if word == "tiny" else word for word in asked))
    assert (answer.code, answer.out) == (1, "")
    assert len(answer.err.strip().splitlines()) == 1
    assert says in answer.err


def test_wrong_usage(bopbot: Bopbot, takes: Path) -> None:
    assert bopbot("evaluate").code == 2
    assert bopbot("evaluate", takes / "real", "--lm", "nobody").code == 2
    assert bopbot("evaluate", takes / "real", "--samples", 0).code == 2
