"""Tables of shapes as SVG elements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element, SubElement

import cv2
import numpy as np
from numpy.typing import NDArray

from render.shapes import Kind, Shapes

DECIMALS = 2
"""Decimals of a pixel in the file."""
GLOW_LAYERS = 4
"""The number of wider and fainter outlines that stand for the light around a cone."""
SOFT_STOPS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Positions of the gradient stops of a shadow, from its centre to its rim."""

Row = NDArray[np.float32]


def add_shapes(parent: Element, shapes: Shapes, definitions: Element) -> None:
    """Add the shapes of a table to an SVG element, in order; rows with NaN are skipped.

    definitions : the document's ``defs``, for gradients that shapes share.
    """
    for row in shapes[np.isfinite(shapes).all(axis=1)]:
        _WRITERS[Kind(int(row[0]))](parent, row, definitions)


def _number(value: float) -> str:
    return f"{round(float(value), DECIMALS):g}"


def _at(point: NDArray[np.floating[Any]]) -> str:
    return f"{_number(point[0])} {_number(point[1])}"


def _paint(row: Row) -> dict[str, str]:
    red, green, blue = (round(float(part)) for part in row[10:13])
    paint = {"fill": f"#{red:02x}{green:02x}{blue:02x}"}
    if row[13] < 1:
        paint["opacity"] = _number(row[13])
    return paint


def cone_path(a: NDArray[np.float64], b: NDArray[np.float64], ra: float, rb: float) -> str:
    """Return the outline of a round cone: two arcs and the two common tangents."""
    along = b - a
    distance = float(np.hypot(*along))
    if distance <= abs(ra - rb) + 1e-6:
        centre, radius = (a, ra) if ra >= rb else (b, rb)
        aside = np.array([radius, 0.0])
        left, right = centre - aside, centre + aside
        arc = f"A{_number(radius)} {_number(radius)} 0 0 1 "
        return f"M{_at(left)}{arc}{_at(right)}{arc}{_at(left)}Z"
    along = along / distance
    across = np.array([-along[1], along[0]])
    sine = (ra - rb) / distance
    cosine = np.sqrt(1 - sine**2)
    one, other = sine * along + cosine * across, sine * along - cosine * across
    arc_b = f"A{_number(rb)} {_number(rb)} 0 {int(sine < 0)} 0 "
    arc_a = f"A{_number(ra)} {_number(ra)} 0 {int(sine > 0)} 0 "
    begin = _at(a + ra * one)
    return f"M{begin}L{_at(b + rb * one)}{arc_b}{_at(b + rb * other)}L{_at(a + ra * other)}{arc_a}{begin}Z"


def _cone(parent: Element, row: Row, definitions: Element) -> None:
    place = row[1:7].astype(np.float64)
    path = cone_path(place[:2], place[2:4], place[4], place[5])
    SubElement(parent, "path", {"d": path} | _paint(row))


def _hull(parent: Element, row: Row, definitions: Element) -> None:
    corners = cv2.convexHull(np.ascontiguousarray(row[1:9].reshape(4, 2)))[:, 0]
    paint = _paint(row)
    outline = {"points": " ".join(f"{_number(x)},{_number(y)}" for x, y in corners)}
    rim = {"stroke": paint["fill"], "stroke-width": _number(2 * row[9]), "stroke-linejoin": "round"}
    SubElement(parent, "polygon", outline | paint | rim)


def _ellipse(parent: Element, row: Row, definitions: Element) -> None:
    centre, half_axis, (ratio, cut) = row[1:3], row[3:5], row[5:7]
    across = ratio * np.array([-half_axis[1], half_axis[0]])
    end = np.arccos(np.clip(float(cut), -0.9999, 1))
    begin_at, end_at = (centre + np.cos(end) * half_axis + turn * np.sin(end) * across for turn in (-1, 1))
    radius = float(np.hypot(*half_axis))
    tilt = np.degrees(np.arctan2(half_axis[1], half_axis[0]))
    arc = f"A{_number(radius)} {_number(ratio * radius)} {_number(tilt)} {int(end > np.pi / 2)} 1 "
    SubElement(parent, "path", {"d": f"M{_at(begin_at)}{arc}{_at(end_at)}Z"} | _paint(row))


def _soft(parent: Element, row: Row, definitions: Element) -> None:
    (x, y), half_axis = row[1:3], row[3:5]
    radius = float(np.hypot(*half_axis))
    paint = _paint(row)
    name = f"soft{paint['fill'][1:]}"
    if definitions.find(f"radialGradient[@id='{name}']") is None:
        gradient = SubElement(definitions, "radialGradient", id=name)
        for stop in SOFT_STOPS:
            fading = {"offset": _number(stop), "stop-color": paint["fill"], "stop-opacity": _number(1 - stop**2)}
            SubElement(gradient, "stop", fading)
    tilt = np.degrees(np.arctan2(half_axis[1], half_axis[0]))
    size = {"cx": _number(x), "cy": _number(y), "rx": _number(radius), "ry": _number(row[5] * radius)}
    turn = {"transform": f"rotate({_number(tilt)} {_at(row[1:3])})"} if round(tilt, DECIMALS) else {}
    SubElement(parent, "ellipse", size | turn | paint | {"fill": f"url(#{name})"})


def _glow(parent: Element, row: Row, definitions: Element) -> None:
    place = row[1:7].astype(np.float64)
    paint = _paint(row) | {"opacity": _number(row[13] / GLOW_LAYERS), "style": "mix-blend-mode:screen"}
    for layer in range(GLOW_LAYERS):
        wider = row[7] * (layer / GLOW_LAYERS)
        outline = cone_path(place[:2], place[2:4], place[4] + wider, place[5] + wider)
        SubElement(parent, "path", {"d": outline} | paint)


_WRITERS: dict[Kind, Callable[[Element, Row, Element], None]] = {
    Kind.CONE: _cone,
    Kind.HULL: _hull,
    Kind.ELLIPSE: _ellipse,
    Kind.SOFT: _soft,
    Kind.GLOW: _glow,
}
"""The writer of each kind of shape."""
