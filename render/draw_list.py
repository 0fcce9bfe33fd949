"""Draw lists: the shadows and figures of each frame, in the order in which they are painted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from render.scenery import Scenery
from render.shapes import Shapes, soft_ellipses
from render.stage.stage import Stage
from render.styles.style import Figure, Style
from render.theme import Theme

SHADOW_SIZE = (0.64, 0.14)
"""Half width and half height of the shadow of a dancer, in torso lengths."""


@dataclass(frozen=True, eq=False)
class DrawList:
    """The shadows and figures of one frame.

    Parameters
    ----------
    frame, time_s : its number and time.
    shadows : (dancers, 14); None without shadows.
    figures : the dancers, farthest first.
    """

    frame: int
    time_s: float
    shadows: Shapes | None
    figures: Sequence[Figure]


def draw_lists(stage: Stage, style_of: Callable[[int], Style], theme: Theme, scenery: Scenery) -> Iterator[DrawList]:
    """Yield the draw lists of a stage, frame by frame; `style_of` returns the style of a person by number."""
    rows = np.stack([np.nan_to_num(dancer.ground[:, 1], nan=-np.inf) for dancer in stage.dancers], axis=1)
    order = np.argsort(rows, axis=1, kind="stable").tolist()
    below = _shadows(stage, theme) if scenery.shadow else None
    fps = stage.dancers[0].fps
    drawn = [style_of(dancer.person).figures(dancer) for dancer in stage.dancers]
    for frame, figures in enumerate(zip(*drawn, strict=True)):
        shadows = None if below is None else below[frame]
        yield DrawList(frame, frame / fps, shadows, [figures[dancer] for dancer in order[frame]])


def _shadows(stage: Stage, theme: Theme) -> Shapes:
    """Return the shadow below each dancer, (frames, dancers, 14)."""
    half_width, half_height = SHADOW_SIZE
    rows = []
    for dancer in stage.dancers:
        half_axes = np.stack([half_width * dancer.body, np.zeros_like(dancer.body)], axis=1)
        rows.append(
            soft_ellipses(dancer.ground, half_axes, half_height / half_width, theme.shadow, theme.shadow_opacity)
        )
    return np.stack(rows, axis=1)
