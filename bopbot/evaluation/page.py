"""An evaluation as one page that needs nothing but itself: tables, plots, and small videos."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from bopbot.dance_model import TRAINING
from bopbot.evaluation.figures import Group
from bopbot.evaluation.part import Part
from bopbot.evaluation.plots import Curve, curves, dots
from bopbot.evaluation.run import Evaluation
from bopbot.evaluation.samples import SECONDS, Sample, samples
from bopbot.evaluation.spectra import speed_spectrum
from bopbot.evaluation.style import CSS
from bopbot.evaluation.tables import CAPTION, REAL, Cell, table_of
from bopbot.evaluation.words import errors_by_size
from bopbot.language_models import find_kind
from bopbot.progress import Progress, silent
from pose_vocab.errors import BopBotError, OutputError, PoseError
from pose_vocab.files import check_writable, write_beside
from pose_vocab.normalization import Clip

SUFFIX = ".html"
IS_REAL = ' class="real"'
GLOSSARY = {
    "reconstruction error": "mean distance between a joint and what its words give back; less is better.",
    "jitter ratio": "acceleration of the joints over that of real dances; 1 is right.",
    "hip path error": "how far the hips stray from their way in a second; less is better.",
    "repeats": "share of the words that say the one before again.",
    "perplexity a frame": "among how many equally likely frames the next one seems to be; less is better.",
    "bits a second": "the same as information; less is better.",
    "ADE": "average distance of the joints from how the take went on, best of several tries; less is better.",
    "FDE": "the same at the end.",
    "longest freeze": "longest stretch in which the body stands still.",
    "foot skating": "share of the frames in which a foot slides over the ground it stands on.",
    "bone deviation": "by what share the bones are longer or shorter than real ones.",
    "distinct words": "how many different words are said in ten seconds, or as long as all dances last.",
    "FID_k": "how unlike real dances they move, taken together (Frechet distance); less is better.",
    "Dist_k": "how unlike each other they move; as real dances do is right.",
    "novelty": "distance from the most similar moments of what was learned.",
    "coverage": "share of the moments of real dances that something like them is danced for.",
    "C_T": "about 0 is right; strongly negative copies what was learned, strongly positive is unlike it.",
    "longest copy": "longest stretch that stands word for word in what was learned.",
}
"""What a reader should know of each figure."""


def check_page_path(path: Path) -> None:
    """Find out before long work whether a page can be written; raises OutputError where it cannot."""
    if path.suffix.lower() != SUFFIX:
        raise OutputError(f"cannot write {path}: the name of a page ends with {SUFFIX}")
    check_writable(path)


def write_page(evaluation: Evaluation, path: Path, progress: Progress = silent) -> None:
    """Write an evaluation as a page; raises OutputError where it cannot be written."""
    check_page_path(path)
    page = "\n".join(_page(evaluation, progress))
    with write_beside(path) as beside:
        beside.write_text(page, encoding="utf-8")


def _page(evaluation: Evaluation, progress: Progress) -> Iterator[str]:
    report, parts = evaluation.report, evaluation.parts
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>BopBot, evaluated</title>\n<style>{CSS}</style>\n</head>\n<body>\n<h1>How BopBot dances</h1>"
    facts = "".join(f"<dt>{escape(about)}</dt><dd>{escape(said)}</dd>" for about, said in report.lines())
    yield f'<dl class="facts">{facts}</dl>'
    for part in parts:
        yield from _samples(part, progress)
    for group in report.groups:
        if group.figures:
            yield from _figures(group)
    for part in parts:
        yield from _spectra(part)
        yield from _sizes(part, report.settings.seed, progress)
        yield from _learning(part)
    if report.left_out:
        yield from _heading("Left out", "What could not be measured, and why.")
        yield f"<ul>{''.join(f'<li>{escape(missing)}</li>' for missing in report.left_out)}</ul>"
    yield "</body>\n</html>\n"


def _heading(title: str, about: str) -> Iterator[str]:
    yield f'<h2>{escape(title)}</h2>\n<p class="about">{escape(about)}</p>'


def _of(part: Part) -> str:
    return f" of {part.data.name}" if part.model is not None else ""


def _samples(part: Part, progress: Progress) -> Iterator[str]:
    how = "as they went on, and how each dancer goes on from the same opening" if part.starts else "and other dances"
    yield from _heading(f"Samples{_of(part)}", f"Held-out takes {how}: {SECONDS:g} s, again and again.")
    rows = [
        "".join(_video(sample, real=place == 0) for place, sample in enumerate(row)) for row in samples(part, progress)
    ]
    yield "".join(f'<div class="take">{row}</div>' for row in rows)


def _video(sample: Sample, real: bool) -> str:
    return (
        f"<figure{IS_REAL if real else ''}>"
        f'<video src="{sample.uri}" autoplay loop muted playsinline controls></video>'
        f"<figcaption>{escape(f'real: {sample.name}' if real else sample.name)}</figcaption></figure>"
    )


def _figures(group: Group) -> Iterator[str]:
    table = table_of(group)
    title, about = table.title.split(": ")
    beside = " The upright lines are real dances." if any(row.real for row in table.rows) else ""
    yield from _heading(title, f"{about[0].upper()}{about[1:]}: {table.over}, {CAPTION}.{beside}")
    head = "".join(
        f'<th colspan="2">{escape(name)}<br><small>{escape(unit)}&nbsp;</small></th>' for name, unit in table.columns
    )
    body = "".join(
        f"<tr{IS_REAL if row.real else ''}><th>{escape(row.name)}</th>{''.join(map(_cell, row.cells))}</tr>"
        for row in table.rows
    )
    yield f'<div class="wide"><table><thead><tr><th></th>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    yield f"<figure>{dots(group)}</figure>"
    told = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(GLOSSARY[name])}</dd></div>" for name, _ in table.columns)
    yield f'<dl class="glossary">{told}</dl>'


def _cell(cell: Cell) -> str:
    between = f"({cell.low}&ndash;{cell.high})" if cell.low else ""
    return f'<td class="value">{cell.value}</td><td class="between">{between}</td>'


def _spectra(part: Part) -> Iterator[str]:
    panels: dict[str, dict[str, Curve]] = {}
    try:
        real = _spectrum([clip for clips in part.material.held_out.values() for clip in clips])
        for danced in part.danced:
            panel = panels.setdefault(danced.beside, {REAL: real})
            panel[danced.name] = _spectrum([dance.clip for dance in danced.dances])
    except PoseError:
        return
    yield from _heading(
        f"Speed spectra{_of(part)}",
        "How often a second joints speed up and slow down. A frozen dance lies below real ones everywhere, one that "
        "jitters above them on the right.",
    )
    yield f"<figure>{curves(panels, 'Hz', 'power of joint speed', logarithmic=True)}</figure>"


def _spectrum(clips: Sequence[Clip]) -> Curve:
    hz, power = speed_spectrum(clips)
    return hz.tolist(), power.tolist()


def _sizes(part: Part, seed: int, progress: Progress) -> Iterator[str]:
    learned, held_out = (
        [clip for clips in takes.values() for clip in clips]
        for takes in (part.material.learned, part.material.held_out)
    )
    if part.model is None or not learned:
        return
    try:
        errors = errors_by_size(part.model.codec, learned, held_out, seed, progress)
    except BopBotError:  # what is held out cannot be said: the table of the words tells so
        return
    yield from _heading(
        f"Reconstruction over the size of the vocabulary{_of(part)}",
        "Words made anew of what was learned from, in other numbers, and what they lose of the held-out takes.",
    )
    curve = {"": {"error": (list(errors), list(errors.values()))}}
    yield f"<figure>{curves(curve, 'words, of all parts of the body', 'torso lengths')}</figure>"


def _learning(part: Part) -> Iterator[str]:
    panels: dict[str, dict[str, Curve]] = {}
    kept: dict[str, float] = {}
    try:
        trained = json.loads((Path(part.data.folder or "") / TRAINING).read_text())["training"]
        for name, training in trained.items():
            title, history = find_kind(name).title, training["history"]
            kept[title] = training["kept_step"]
            panels[title] = {
                label: ([check["step"] for check in checks], [check[loss] for check in checks])
                for label, loss in {"learned": "train_loss", "held out": "held_out_loss"}.items()
                if (checks := [check for check in history if check[loss] is not None])
            }
    except (OSError, ValueError, KeyError, TypeError):
        return
    yield from _heading(
        f"Learning curves{_of(part)}", "Loss over the steps of the training; the dotted line marks what was kept."
    )
    yield f"<figure>{curves(panels, 'step', 'nats a word', marks=kept)}</figure>"
