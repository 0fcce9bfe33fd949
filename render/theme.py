"""Themes: the colours of the stage and of the figures on it, one row each."""

from __future__ import annotations

from dataclasses import dataclass

from render.shapes import Colour


@dataclass(frozen=True)
class Theme:
    """The colours of a picture.

    Parameters
    ----------
    wall, floor : at the top and at the bottom of each; None for no stage at all: a transparent picture.
    floor_behind : how far up the picture the floor reaches behind the dancer, in torso lengths.
    shadow, shadow_opacity : of the shadow below the dancer.
    grid, grid_opacity : of the lines on the floor.
    ink : of titles, captions and ticks.
    halo : of the rims that keep crossing limbs apart.
    body, left, right : of a figure's middle and of its sides.
    """

    wall: tuple[Colour, Colour] | None
    floor: tuple[Colour, Colour] | None
    floor_behind: float
    shadow: Colour
    shadow_opacity: float
    grid: Colour
    grid_opacity: float
    ink: Colour
    halo: Colour
    body: Colour
    left: Colour
    right: Colour


# The sides are vermillion and blue, on dark orange and sky blue, of M. Okabe and K. Ito's palette (2008):
# told apart with any kind of colour vision.
_LIGHT = Theme(
    wall=((250, 248, 243), (238, 234, 226)),
    floor=((224, 218, 207), (212, 205, 192)),
    floor_behind=0.3,
    shadow=(110, 98, 80),
    shadow_opacity=0.42,
    grid=(120, 108, 88),
    grid_opacity=0.35,
    ink=(70, 72, 82),
    halo=(250, 248, 243),
    body=(46, 52, 68),
    left=(213, 94, 0),
    right=(0, 114, 178),
)
_DARK = Theme(
    wall=((22, 24, 36), (30, 33, 48)),
    floor=((38, 41, 58), (28, 30, 44)),
    floor_behind=0.3,
    shadow=(0, 0, 0),
    shadow_opacity=0.6,
    grid=(150, 160, 200),
    grid_opacity=0.3,
    ink=(206, 210, 224),
    halo=(22, 24, 36),
    body=(226, 229, 238),
    left=(230, 159, 0),
    right=(86, 180, 233),
)
_STUDIO = Theme(
    wall=((214, 219, 222), (196, 202, 205)),
    floor=((150, 136, 120), (176, 160, 140)),
    floor_behind=0.9,
    shadow=(0, 0, 0),
    shadow_opacity=0.4,
    grid=(90, 80, 70),
    grid_opacity=0.35,
    ink=(60, 62, 68),
    halo=(214, 219, 222),
    body=(46, 52, 68),
    left=(213, 94, 0),
    right=(0, 114, 178),
)
_TRANSPARENT = Theme(
    wall=None,
    floor=None,
    floor_behind=0.3,
    shadow=(0, 0, 0),
    shadow_opacity=0.3,
    grid=(128, 128, 128),
    grid_opacity=0.5,
    ink=(128, 128, 128),
    halo=(250, 248, 243),
    body=(46, 52, 68),
    left=(213, 94, 0),
    right=(0, 114, 178),
)

THEMES = {"light": _LIGHT, "dark": _DARK, "studio": _STUDIO, "transparent": _TRANSPARENT}
"""The themes by name."""
