"""A contact sheet: evenly spaced frames of a dance in one SVG picture."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement

import cv2
import numpy as np

from pose_vocab.errors import OutputError
from pose_vocab.files import check_writable, write_beside
from pose_vocab.sequence import PoseSequence
from render.draw_list import DrawList, draw_lists
from render.renderer import DanceRenderer, straight_alpha
from render.scenery import Backdrop
from render.shapes import Colour
from render.styles.style import Figure, ShapesFigure
from render.theme import Theme
from render.vector import add_shapes

CELLS, COLUMNS = 24, 6
CELL_PX = 240
"""Width of a cell."""
TITLE_PX, TIME_PX, GAP_PX = 22, 12, 8
"""Font sizes, and the gap between cells."""


def write_contact_sheet(people: Sequence[PoseSequence], path: str | Path, renderer: DanceRenderer) -> None:
    """Write `CELLS` frames of a dance as an SVG; figures that are not made of shapes are embedded as PNG.

    Parameters
    ----------
    people : the dancers, as for `DanceRenderer.frames`.
    renderer : draws them; its size gives the aspect ratio of a cell.

    Raises
    ------
    OutputError : the file cannot be written, its suffix is not ``.svg``, or there are no poses.
    PoseError : as `DanceRenderer.frames`.
    """
    path = Path(path)
    check_contact_sheet_path(path)
    n_frames = max(map(len, people), default=0)
    if not n_frames:
        raise OutputError(f"cannot write {path}: there are no poses to draw")
    stage = renderer.lay_out(people)
    chosen = set(np.linspace(0, n_frames - 1, CELLS).round().astype(int).tolist())
    backdrop = Backdrop(renderer.scenery, renderer.theme, stage, renderer.width, renderer.height)
    definitions = _stage_gradients(renderer.theme)
    cells = [
        _cell(draw_list, backdrop, renderer, definitions)
        for draw_list in draw_lists(stage, renderer.style_of, renderer.theme, renderer.scenery)
        if draw_list.frame in chosen
    ]
    sheet = _laid_out(definitions, cells, sorted(frame / people[0].fps for frame in chosen), renderer)
    with write_beside(path) as beside:
        ElementTree(sheet).write(beside, encoding="utf-8", xml_declaration=True)


def check_contact_sheet_path(path: Path) -> None:
    """Raise OutputError if a contact sheet cannot be written to `path`."""
    if path.suffix.lower() != ".svg":
        raise OutputError(f"cannot write {path}: a contact sheet is a .svg file, not {path.suffix!r}")
    check_writable(path)


def _laid_out(
    definitions: Element, cells: Sequence[Element], times_s: Sequence[float], renderer: DanceRenderer
) -> Element:
    """Return the sheet: the title, and below it the cells in rows, each with its time."""
    columns, title, theme = min(COLUMNS, len(cells)), renderer.scenery.title, renderer.theme
    height = CELL_PX * renderer.height / renderer.width
    top, step = (2 * TITLE_PX if title else GAP_PX), height + 2 * TIME_PX
    width = GAP_PX + columns * (CELL_PX + GAP_PX)
    sheet = Element(
        "svg", xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {width} {top + -(-len(cells) // columns) * step:g}"
    )
    sheet.append(definitions)
    if theme.wall is not None:
        SubElement(sheet, "rect", width="100%", height="100%", fill=_hex(theme.wall[0]))
    letters = {"font-family": "sans-serif", "fill": _hex(theme.ink)}
    if title:
        place = {"x": f"{GAP_PX}", "y": "32", "font-size": f"{TITLE_PX}"}
        SubElement(sheet, "text", place | letters).text = title
    for k, (cell, time_s) in enumerate(zip(cells, times_s, strict=True)):
        x, y = GAP_PX + k % columns * (CELL_PX + GAP_PX), top + k // columns * step
        cell.attrib |= {"x": f"{x}", "y": f"{y:g}", "width": f"{CELL_PX}", "height": f"{height:g}"}
        sheet.append(cell)
        below = {"x": f"{x}", "y": f"{y + height + 1.2 * TIME_PX:g}", "font-size": f"{TIME_PX}"}
        SubElement(sheet, "text", below | letters).text = f"{time_s:.2f} s"
    return sheet


def _cell(draw_list: DrawList, backdrop: Backdrop, renderer: DanceRenderer, definitions: Element) -> Element:
    width, height = renderer.width, renderer.height
    cell = Element("svg", viewBox=f"0 0 {width} {height}")
    _add_stage(cell, renderer.theme, backdrop.back_row, height)
    add_shapes(cell, backdrop.grid(draw_list.frame), definitions)
    if draw_list.shadows is not None:
        add_shapes(cell, draw_list.shadows, definitions)
    for figure in draw_list.figures:
        if isinstance(figure, ShapesFigure):
            add_shapes(cell, figure.shapes, definitions)
        else:
            SubElement(cell, "image", width=f"{width}", height=f"{height}", href=_picture(figure, width, height))
    return cell


def _stage_gradients(theme: Theme) -> Element:
    """Return the gradients of wall and floor; none in a transparent theme."""
    definitions = Element("defs")
    for name, colours in (("wall", theme.wall), ("floor", theme.floor)):
        if colours is not None:
            gradient = SubElement(definitions, "linearGradient", id=name, x2="0", y2="1")
            for offset, colour in zip("01", colours, strict=True):
                SubElement(gradient, "stop", {"offset": offset, "stop-color": _hex(colour)})
    return definitions


def _add_stage(cell: Element, theme: Theme, back_row: float | None, height: int) -> None:
    if theme.wall is None:
        return
    edge = height if back_row is None else min(max(back_row, 0), height)
    for name, y, end in (("wall", 0, edge), ("floor", edge, height)):
        SubElement(cell, "rect", y=f"{y:g}", width="100%", height=f"{end - y:g}", fill=f"url(#{name})")


def _hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _picture(figure: Figure, width: int, height: int) -> str:
    """Return a figure on a transparent ground as a data URL of a PNG."""
    image = np.zeros((height, width, 4), np.uint8)
    figure.paint(image)
    _, encoded = cv2.imencode(".png", cv2.cvtColor(straight_alpha(image), cv2.COLOR_RGBA2BGRA))
    return f"data:image/png;base64,{base64.b64encode(encoded.tobytes()).decode()}"
