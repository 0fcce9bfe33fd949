"""Write an evaluation as one self-contained HTML page: tables, plots and short videos."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from bopbot.dance_model import TRAINING
from bopbot.evaluation.evaluation_run import Evaluation
from bopbot.evaluation.figures import Group
from bopbot.evaluation.model_evaluation import EvaluatedModel
from bopbot.evaluation.page_style import CSS
from bopbot.evaluation.plots import Curve, curves, dots
from bopbot.evaluation.sample_videos import SECONDS, SampleVideo, sample_videos
from bopbot.evaluation.spectra import speed_spectrum
from bopbot.evaluation.tables import CAPTION, REAL, Cell, table_of
from bopbot.evaluation.vocabulary_metrics import reconstruction_by_size
from bopbot.language_models import find_kind
from bopbot.progress import Progress, silent
from pose_vocab.errors import BopBotError, OutputError, PoseError
from pose_vocab.files import check_writable, write_beside
from pose_vocab.normalization import Clip

SUFFIX = ".html"
IS_REAL = ' class="real"'
GLOSSARY = {
    "reconstruction error": "mean distance between a joint and the one decoded from its words; lower is better.",
    "jitter ratio": "acceleration of the joints over that of real dances; 1 is right.",
    "hip path error": "how far the path of the hips drifts per second; lower is better.",
    "repeats": "share of the words that are equal to the word before.",
    "perplexity per frame": "number of equally likely frames that the prediction amounts to; lower is better.",
    "bits per second": "the same as information; lower is better.",
    "ADE": "average distance of predicted joints from real ones, best of several predictions; lower is better.",
    "FDE": "the same in the last frame.",
    "longest freeze": "longest stretch in which the body stands still.",
    "foot skating": "share of the frames in which a foot slides over the ground while it touches it.",
    "bone deviation": "share by which bones are longer or shorter than real ones.",
    "distinct words": "number of distinct words in ten seconds, or in fewer if the dances are shorter.",
    "FID_k": "Frechet distance between the kinetic features of the dances and of real ones; lower is better.",
    "Dist_k": "mean distance between the kinetic features of the dances; the value of real dances is right.",
    "novelty": "mean distance to the most similar windows of the training dances.",
    "coverage": "share of the windows of real dances that have a similar window in these dances.",
    "C_T": "about 0 is right; strongly negative: copies the training dances, strongly positive: unlike them.",
    "longest copy": "longest run of words that is in the training dances too.",
}
"""Explanation of each metric."""


def check_page_path(path: Path) -> None:
    """Raise OutputError if no page can be written to a path; call it before long work."""
    if path.suffix.lower() != SUFFIX:
        raise OutputError(f"cannot write the page to {path}: its name must end with {SUFFIX}")
    check_writable(path)


def write_page(evaluation: Evaluation, path: Path, progress: Progress = silent) -> None:
    """Write an evaluation as a page; raise OutputError if it cannot be written."""
    check_page_path(path)
    page = "\n".join(_page(evaluation, progress))
    with write_beside(path) as beside:
        beside.write_text(page, encoding="utf-8")


def _page(evaluation: Evaluation, progress: Progress) -> Iterator[str]:
    report, models = evaluation.report, evaluation.models
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>BopBot evaluation</title>\n<style>{CSS}</style>\n</head>\n<body>\n<h1>BopBot evaluation</h1>"
    facts = "".join(f"<dt>{escape(heading)}</dt><dd>{escape(text)}</dd>" for heading, text in report.lines())
    yield f'<dl class="facts">{facts}</dl>'
    for evaluated in models:
        yield from _samples(evaluated, progress)
    for group in report.groups:
        if group.figures:
            yield from _figures(group)
    for evaluated in models:
        yield from _spectra(evaluated)
        yield from _sizes(evaluated, report.settings.seed, progress)
        yield from _learning(evaluated)
    if report.left_out:
        yield from _heading("Left out", "What could not be measured, with the reason.")
        yield f"<ul>{''.join(f'<li>{escape(missing)}</li>' for missing in report.left_out)}</ul>"
    yield "</body>\n</html>\n"


def _heading(title: str, about: str) -> Iterator[str]:
    yield f'<h2>{escape(title)}</h2>\n<p class="about">{escape(about)}</p>'


def _of_model(evaluated: EvaluatedModel) -> str:
    return f" of {evaluated.summary.name}" if evaluated.model is not None else ""


def _samples(evaluated: EvaluatedModel, progress: Progress) -> Iterator[str]:
    beside = "and continuations of the same openings" if evaluated.openings else "and other dances"
    yield from _heading(f"Samples{_of_model(evaluated)}", f"Held-out takes {beside}: {SECONDS:g} s, in a loop.")
    rows = [
        "".join(_video(sample, real=column == 0) for column, sample in enumerate(row))
        for row in sample_videos(evaluated, progress)
    ]
    yield "".join(f'<div class="take">{row}</div>' for row in rows)


def _video(sample: SampleVideo, real: bool) -> str:
    return (
        f"<figure{IS_REAL if real else ''}>"
        f'<video src="{sample.uri}" autoplay loop muted playsinline controls></video>'
        f"<figcaption>{escape(f'real: {sample.name}' if real else sample.name)}</figcaption></figure>"
    )


def _figures(group: Group) -> Iterator[str]:
    table = table_of(group)
    title, about = table.title.split(": ")
    real = " Vertical lines: real dances." if any(row.real for row in table.rows) else ""
    yield from _heading(title, f"{about[0].upper()}{about[1:]}: {table.over}, {CAPTION}.{real}")
    head = "".join(
        f'<th colspan="2">{escape(name)}<br><small>{escape(unit)}&nbsp;</small></th>' for name, unit in table.columns
    )
    body = "".join(
        f"<tr{IS_REAL if row.real else ''}><th>{escape(row.name)}</th>{''.join(map(_cell, row.cells))}</tr>"
        for row in table.rows
    )
    yield f'<div class="wide"><table><thead><tr><th></th>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    yield f"<figure>{dots(group)}</figure>"
    glossary = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(GLOSSARY[name])}</dd></div>" for name, _ in table.columns
    )
    yield f'<dl class="glossary">{glossary}</dl>'


def _cell(cell: Cell) -> str:
    between = f"({cell.low}&ndash;{cell.high})" if cell.low else ""
    return f'<td class="value">{cell.value}</td><td class="between">{between}</td>'


def _spectra(evaluated: EvaluatedModel) -> Iterator[str]:
    panels: dict[str, dict[str, Curve]] = {}
    try:
        real = _spectrum([clip for clips in evaluated.dataset.held_out.values() for clip in clips])
        for dances in evaluated.dance_sets:
            panel = panels.setdefault(dances.panel, {REAL: real})
            panel[dances.name] = _spectrum([dance.clip for dance in dances.dances])
    except PoseError:
        return
    yield from _heading(
        f"Speed spectra{_of_model(evaluated)}",
        "Power of joint speed by frequency. A frozen dance lies below real ones everywhere, a jittery one above them "
        "on the right.",
    )
    yield f"<figure>{curves(panels, 'Hz', 'power of joint speed', logarithmic=True)}</figure>"


def _spectrum(clips: Sequence[Clip]) -> Curve:
    hz, power = speed_spectrum(clips)
    return hz.tolist(), power.tolist()


def _sizes(evaluated: EvaluatedModel, seed: int, progress: Progress) -> Iterator[str]:
    learned, held_out = (
        [clip for clips in takes.values() for clip in clips]
        for takes in (evaluated.dataset.training, evaluated.dataset.held_out)
    )
    if evaluated.model is None or not learned:
        return
    try:
        errors = reconstruction_by_size(evaluated.model.codec, learned, held_out, seed, progress)
    except BopBotError:  # held-out takes cannot be encoded; the group on the vocabulary says so
        return
    yield from _heading(
        f"Reconstruction by vocabulary size{_of_model(evaluated)}",
        "Reconstruction error of held-out takes with vocabularies of other sizes, fitted to the same training dances.",
    )
    curve = {"": {"error": (list(errors), list(errors.values()))}}
    yield f"<figure>{curves(curve, 'words, all parts of the body together', 'torso lengths')}</figure>"


def _learning(evaluated: EvaluatedModel) -> Iterator[str]:
    panels: dict[str, dict[str, Curve]] = {}
    kept: dict[str, float] = {}
    try:
        trained = json.loads((Path(evaluated.summary.folder or "") / TRAINING).read_text())["training"]
        for name, training in trained.items():
            title, history = find_kind(name).title, training["history"]
            kept[title] = training["kept_step"]
            panels[title] = {
                label: ([check["step"] for check in checks], [check[loss] for check in checks])
                for label, loss in {"training": "train_loss", "held out": "held_out_loss"}.items()
                if (checks := [check for check in history if check[loss] is not None])
            }
    except (OSError, ValueError, KeyError, TypeError):
        return
    yield from _heading(
        f"Learning curves{_of_model(evaluated)}", "Loss by training step; the dotted line marks the step that was kept."
    )
    yield f"<figure>{curves(panels, 'step', 'nats per word', marks=kept)}</figure>"
