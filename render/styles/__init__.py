"""The styles in which dancers are drawn."""

from collections.abc import Mapping

from render.styles.bopbot import BopBot
from render.styles.mannequin import Mannequin
from render.styles.neon import Neon
from render.styles.openpose import OpenPose
from render.styles.overlay import Overlay
from render.styles.silhouette import Silhouette
from render.styles.stick import Stick
from render.styles.style import Style

STYLES: Mapping[str, type[Style]] = {
    "stick": Stick,
    "openpose": OpenPose,
    "bopbot": BopBot,
    "mannequin": Mannequin,
    "silhouette": Silhouette,
    "neon": Neon,
    "overlay": Overlay,
}
"""The styles by name; the first is the default."""
