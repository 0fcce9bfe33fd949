"""Draw plots as inline SVG whose colours are CSS variables of the page, so that they follow its light or dark mode."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import LogLocator, MaxNLocator

from bopbot.evaluation.figures import Group

INK, FAINT = "#010101", "#020202"
SERIES = ("#0a0a01", "#0a0a02", "#0a0a03", "#0a0a04")
"""Placeholders that are replaced by CSS variables of the page."""
COLOURS = {INK: "--ink", FAINT: "--line", **{colour: f"--series-{i}" for i, colour in enumerate(SERIES)}}
DASHES = ("-", "--", "-.", ":")
"""Line styles, so that curves differ without colour too."""
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "bopbot",
    "font.size": 9,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlepad": 8,
    "axes.formatter.limits": (-4, 5),
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "axes.labelsize": 8.5,
    "axes.titlelocation": "left",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "xtick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.color": FAINT,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "lines.linewidth": 1.5,
    "lines.markersize": 4,
}
WIDTH_IN, WIDEST_IN = 10.8, 5.4
"""Width of all panels together, and of one panel at most."""
MOST_TICKS = 5
FEW_POINTS = 12
"""Curves of fewer points show markers."""
WIDE_RANGE = 50.0
"""Values that differ by more than this factor are shown on a logarithmic axis."""

Curve = tuple[Sequence[float], Sequence[float]]
"""x and y of the points."""


@rc_context(STYLE)
def curves(
    panels: Mapping[str, Mapping[str, Curve]],
    x_label: str,
    y_label: str,
    logarithmic: bool = False,
    marks: Mapping[str, float] | None = None,
) -> str:
    """Draw named curves in named panels side by side; a mark is a vertical line in the panel of that name."""
    drawing, row = _panels(len(panels), 2.9)
    for axes, (title, named) in zip(row, panels.items(), strict=True):
        for (name, (xs, ys)), colour, dashes in zip(named.items(), (INK, *SERIES), (DASHES[0], *DASHES), strict=False):
            axes.plot(xs, ys, dashes, color=colour, label=name, marker="o" if len(xs) < FEW_POINTS else None)
        if marks is not None and title in marks:
            axes.axvline(marks[title], color=INK, linewidth=0.8, linestyle=":")
        axes.set(title=title, xlabel=x_label, yscale="log" if logarithmic else "linear")
        if len(named) > 1:
            axes.legend()
    row[0].set_ylabel(y_label)
    return _svg(drawing)


@rc_context(STYLE)
def dots(group: Group) -> str:
    """Draw a panel for each metric of a group: values with intervals in rows, and a vertical line for real dances."""
    names = list(group.rows)
    several = len({model for model, _ in names}) > 1
    drawing, row = _panels(len(group.columns), 0.7 + 0.24 * len(names))
    colours = dict(zip(dict.fromkeys(model for model, _ in names), SERIES, strict=False))
    for axes, (column, unit) in zip(row, group.columns, strict=True):
        figures = [(place, figures[column]) for place, figures in enumerate(group.rows.values()) if column in figures]
        for place, figure in figures:
            value, colour = figure.value, colours[figure.model]
            if value.low is not None and value.high is not None:
                axes.plot([value.low, value.high], [place, place], color=colour, linewidth=3, alpha=0.35)
            axes.plot(value.value, place, "o", color=colour)
            if figure.real is not None:
                axes.plot([figure.real] * 2, [place - 0.5, place + 0.5], color=INK, linewidth=1)
        values = [figure.value.value for _, figure in figures]
        if min(values) > 0 and max(values) > WIDE_RANGE * min(values):
            axes.set_xscale("log")
            axes.xaxis.set_major_locator(LogLocator(numticks=MOST_TICKS))
        else:
            axes.xaxis.set_major_locator(MaxNLocator(MOST_TICKS - 1))
        axes.set(title=column, xlabel=unit or " ", ylim=(len(names) - 0.5, -0.5), yticks=range(len(names)))
        axes.set_yticklabels([])
        axes.grid(axis="y", visible=False)
    row[0].set_yticklabels([f"{model}: {name}" if several else name for model, name in names])
    return _svg(drawing)


def _panels(n: int, height_in: float) -> tuple[Drawing, list[Axes]]:
    drawing = Drawing(figsize=(min(WIDTH_IN, n * WIDEST_IN), height_in), layout="constrained")
    return drawing, list(drawing.subplots(1, n, squeeze=False)[0])


def _svg(drawing: Drawing) -> str:
    """Return the plot without file metadata, in the font and colours of the page."""
    file = io.StringIO()
    no_metadata = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    drawing.savefig(file, format="svg", transparent=True, metadata=no_metadata)
    svg = file.getvalue()[file.getvalue().index("<svg") :]
    svg = re.sub(r' xmlns(:\w+)?="[^"]*"', "", svg)
    svg = re.sub(r"font: (?:\w+ )*([\d.]+)px [^;\"]+", r"font-size: \1px", svg)
    for colour, name in COLOURS.items():
        svg = svg.replace(colour, f"var({name})")
    return svg
