import re
from xml.etree.ElementTree import Element

import numpy as np
import pytest
from numpy.typing import NDArray

from render.shapes import Shapes, cones, discs, ellipses, glows, hulls, soft_ellipses
from render.vector import add_shapes


def written(shapes: Shapes) -> tuple[Element, Element]:
    """(the drawing, its definitions)."""
    drawing, definitions = Element("svg"), Element("defs")
    add_shapes(drawing, np.atleast_2d(shapes), definitions)
    return drawing, definitions


def numbers(element: Element) -> NDArray[np.float64]:
    return np.array([float(number) for number in re.findall(r"-?\d+\.?\d*", element.attrib["d"])])


def test_a_cone_is_two_arcs_that_touch_its_discs() -> None:
    ((path,), _) = written(cones((0, 0), (10, 0), 5, 5, (255, 0, 128)))
    assert path.attrib["fill"] == "#ff0080"
    assert path.attrib["d"] == "M0 5L10 5A5 5 0 0 0 10 -5L0 -5A5 5 0 0 0 0 5Z"


def test_a_pointed_cone_leaves_the_larger_disc_beyond_its_middle() -> None:
    # Radii 5 and 0 and a distance of 10: the lines touch the larger disc at 60 degrees from the axis.
    ((path,), _) = written(cones((0, 0), (10, 0), 5, 0, (0, 0, 0)))
    x, y = numbers(path)[:2]
    assert (x, y) == pytest.approx((2.5, 4.33), abs=0.01)
    assert path.attrib["d"].count("A5 5 0 1 0") == 1


def test_a_disc_is_a_circle_of_two_arcs() -> None:
    ((path,), _) = written(discs((3, 4), 2, (0, 0, 0), 0.5))
    assert path.attrib == {"d": "M1 4A2 2 0 0 1 5 4A2 2 0 0 1 1 4Z", "fill": "#000000", "opacity": "0.5"}


def test_a_hull_is_a_polygon_with_round_rims() -> None:
    ((polygon,), _) = written(hulls([(0, 0), (4, 0), (4, 4), (0, 4)], 1.5, (0, 0, 0)))
    assert sorted(polygon.attrib["points"].split()) == ["0,0", "0,4", "4,0", "4,4"]
    assert (polygon.attrib["stroke-width"], polygon.attrib["stroke-linejoin"]) == ("3", "round")


def test_a_half_moon_is_one_arc_and_its_chord() -> None:
    ((path,), _) = written(ellipses((10, 10), (4, 0), 0.5, (0, 0, 0), cut=0))
    begin, end = numbers(path)[:2], numbers(path)[-2:]
    assert np.allclose(begin, (10, 8))
    assert np.allclose(end, (10, 12))
    assert "A4 2 0 0 1" in path.attrib["d"]


def test_shadows_share_their_gradient() -> None:
    drawing, definitions = written(np.stack([soft_ellipses((x, 5), (8, 0), 0.25, (9, 9, 9), 0.4) for x in (1, 2)]))
    assert len(drawing) == 2
    assert len(definitions) == 1
    assert [stop.attrib["stop-opacity"] for stop in definitions[0]] == ["1", "0.94", "0.75", "0.44", "0"]


def test_light_lightens() -> None:
    drawing, _ = written(glows((0, 0), (9, 0), 1, 1, 6, (0, 255, 0)))
    assert {path.attrib["style"] for path in drawing} == {"mix-blend-mode:screen"}


def test_what_is_missing_is_left_out() -> None:
    drawing, _ = written(cones([(0, 0), (np.nan, 0)], [(10, 0), (10, 0)], 5, 5, (0, 0, 0)))
    assert len(drawing) == 1
