"""Themes: the colours of the stage and of the figures on it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from render.shapes import Colour


@dataclass(frozen=True)
class Theme:
    """The colours of a picture.

    Parameters
    ----------
    wall, floor : colours at the top and at the bottom; None for a transparent picture without wall and floor.
    floor_behind : height of the visible floor behind the dancer, in torso lengths.
    shadow, shadow_opacity : of the shadow below the dancer.
    grid, grid_opacity : of the lines on the floor.
    ink : of titles, captions and ticks.
    halo : of the rims that separate crossing limbs.
    bodies : of the middle of a figure; the person's number chooses one.
    left, right : of the sides of a figure.
    person : number of the person, from 0.
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
    bodies: tuple[Colour, ...]
    left: Colour
    right: Colour
    person: int = 0

    @property
    def body(self) -> Colour:
        """Return the colour of the middle of this person's figure."""
        return self.bodies[self.person % len(self.bodies)]

    def of_person(self, person: int) -> Theme:
        """Return the theme for another person."""
        return replace(self, person=person)


# The sides are vermillion and blue, or orange and sky blue on dark, of M. Okabe and K. Ito's palette (2008), which
# can be distinguished with any kind of colour vision.
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
    bodies=((46, 52, 68), (140, 140, 150), (90, 66, 40)),
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
    bodies=((226, 229, 238), (150, 150, 160), (250, 240, 170)),
    left=(230, 159, 0),
    right=(86, 180, 233),
)
_STUDIO = replace(
    _LIGHT,
    wall=((214, 219, 222), (196, 202, 205)),
    floor=((150, 136, 120), (176, 160, 140)),
    floor_behind=0.9,
    shadow=(0, 0, 0),
    shadow_opacity=0.4,
    grid=(90, 80, 70),
    ink=(60, 62, 68),
    halo=(214, 219, 222),
)
_TRANSPARENT = replace(
    _LIGHT,
    wall=None,
    floor=None,
    shadow=(0, 0, 0),
    shadow_opacity=0.3,
    grid=(128, 128, 128),
    grid_opacity=0.5,
    ink=(128, 128, 128),
)

THEMES = {"light": _LIGHT, "dark": _DARK, "studio": _STUDIO, "transparent": _TRANSPARENT}
"""The themes by name."""
