from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from render.shapes import Colour
from render.theme import THEMES, Theme

# G. M. Machado, M. M. Oliveira, L. A. F. Fernandes: "A Physiologically-based Model for Simulation of Color Vision
# Deficiency" (IEEE TVCG 15(6), 2009), severity 1.0, on linear RGB.
VISIONS = {
    "trichromat": np.eye(3),
    "protanope": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranope": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanope": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
PLAINLY_DIFFERENT = 25
"""In CIELAB; about 2 is a difference that is just seen."""


def linear(colour: Colour) -> NDArray[np.float64]:
    share = np.array(colour) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def lab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(np.maximum(to_xyz @ rgb, 1e-6) / [0.9505, 1, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def difference(one: Colour, other: Colour, vision: str) -> float:
    seen = [lab(np.clip(np.array(VISIONS[vision]) @ linear(colour), 0, 1)) for colour in (one, other)]
    return float(np.linalg.norm(seen[0] - seen[1]))


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_left_and_right_are_told_apart(theme: Theme, vision: str) -> None:
    assert difference(theme.left, theme.right, vision) > PLAINLY_DIFFERENT
    for side in (theme.left, theme.right):
        for body in theme.bodies:
            assert difference(side, body, vision) > PLAINLY_DIFFERENT


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_people_are_told_apart(theme: Theme) -> None:
    bodies = [theme.of_person(person).body for person in range(len(theme.bodies))]
    for one, other in combinations(bodies, 2):
        assert difference(one, other, "trichromat") > PLAINLY_DIFFERENT
    assert theme.of_person(len(bodies)).body == theme.body


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_what_is_written_can_be_read(theme: Theme, vision: str) -> None:
    for ground in (*(theme.wall or ()), *(theme.floor or ())):
        assert difference(theme.ink, ground, vision) > PLAINLY_DIFFERENT


def test_the_measure_knows_red_from_green_only_where_eyes_do() -> None:
    olive, brown = (120, 130, 0), (160, 105, 0)
    assert difference(olive, brown, "trichromat") > PLAINLY_DIFFERENT
    assert difference(olive, brown, "deuteranope") < PLAINLY_DIFFERENT / 2
