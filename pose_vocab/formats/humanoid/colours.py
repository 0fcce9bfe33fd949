"""Colours of the mannequins of several dancers."""

from __future__ import annotations

import numpy as np

from pose_vocab.formats.humanoid.mannequin import SHOES, SKIN, SUIT

SUITS = ((0, 114, 178), (213, 94, 0), (0, 158, 115), (204, 121, 167), (230, 159, 0), (86, 180, 233))
"""Dancers' sRGB colours, which colour-blind people can distinguish (M. Okabe and K. Ito, "Color Universal Design",
2008)."""
SKIN_COLOUR, SHOE_COLOUR = (226, 205, 187), (52, 54, 60)
ROUGHNESS = 0.7
GAMMA = 2.2


def linear_colours(number: int) -> dict[str, tuple[float, float, float]]:
    """Return the linear colour of each material of a mannequin for the dancer of that number, from 0."""
    colours = {SUIT: SUITS[number % len(SUITS)], SKIN: SKIN_COLOUR, SHOES: SHOE_COLOUR}
    found = {}
    for part, colour in colours.items():
        red, green, blue = ((np.array(colour) / 255) ** GAMMA).round(4).tolist()
        found[part] = (red, green, blue)
    return found
