"""How dancers are drawn."""

from __future__ import annotations

from dataclasses import dataclass, field

from render.renderer import DanceRenderer
from render.scenery import Scenery
from render.stage.formation import Formation

SIDE_PX = 720
"""Default width and height of a picture."""


@dataclass(frozen=True)
class Look:
    """How poses are drawn.

    Parameters
    ----------
    style : a row of `render.styles.STYLES`.
    width, height : of the picture in pixels; None for `SIDE_PX`, or the size of a video that is drawn on.
    fps : pictures a second; the motion is interpolated, whatever its own rate.
    yaw_deg : the direction from which 3D poses are seen.
    scenery, formation : what is drawn around the dancers, and how each of them is multiplied.
    """

    style: str = "stick"
    width: int | None = None
    height: int | None = None
    fps: float = 30.0
    yaw_deg: float = 0.0
    scenery: Scenery = field(default_factory=Scenery)
    formation: Formation = field(default_factory=Formation)

    def renderer(self) -> DanceRenderer:
        """Return the renderer for this look; raises OutputError for an unknown style, theme, size or letter."""
        width, height = self.width or self.height or SIDE_PX, self.height or self.width or SIDE_PX
        return DanceRenderer(self.style, width, height, self.yaw_deg, self.scenery, self.formation)
