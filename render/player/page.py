"""Write a dance as one self-contained HTML page that plays it in any browser, without a network.

The page is assembled from `web/`. It contains the joints as 16-bit numbers, frame by frame, and draws the figure of
the style ``stick`` itself, at the screen's refresh rate and in the size of the window.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from string import Template

from pose_vocab.errors import OutputError
from pose_vocab.files import check_writable, write_beside
from pose_vocab.sequence import PoseSequence
from render.player.constants import constants_script
from render.player.scene import PlayerScene
from render.shapes import Colour
from render.theme import THEMES, Theme

SUFFIXES = (".html", ".htm")
PLAYER_THEMES = ("light", "dark")
SCRIPTS = ("motion", "views", "figure", "stage", "clock", "player", "controls", "pointers", "start")
"""The parts of the page's script, in their order; the constants come first."""
FRAMES_PER_CHUNK = 3072
"""Frames that are encoded at once; a multiple of three, so that the base64 of the chunks can be concatenated."""

_DANCERS = "<!-- dancers -->\n"


def write_player(
    people: Sequence[PoseSequence],
    path: str | Path,
    *,
    title: str = "",
    theme: str | None = None,
    yaw_deg: float = 0.0,
) -> None:
    """Write a page that plays a dance in a loop; it can be scrubbed and slowed down, and 3D dances can be turned.

    The same dance gives the same bytes.

    Parameters
    ----------
    people : at least one, of one frame rate and either all 2D or all 3D; shorter dances leave the stage when they end.
    path : .html or .htm.
    title : any text, shown above the stage.
    theme : "light" or "dark"; None for the preference of the viewer's system.
    yaw_deg : for metres, the initial direction of the viewer: 0 where the dancers face on average, 180 behind.

    Raises
    ------
    OutputError : an unknown suffix or theme, no such folder, no permission, a full disk.
    PoseError : nobody, no frames, an unknown skeleton, mixed frame rates or dimensions.
    """
    check_player_path(path)
    if theme is not None and theme not in PLAYER_THEMES:
        raise OutputError(f"a player has no theme {theme!r}; choose from {', '.join(PLAYER_THEMES)}")
    scene = PlayerScene.of(people, yaw_deg)
    before, after = _page(scene, title, theme).split(_DANCERS)
    with write_beside(path) as beside, beside.open("w", encoding="utf-8", newline="\n") as file:
        file.write(before)
        for number, points in enumerate(scene.points):
            file.write(f'<script type="text/plain" id="dancer-{number}">')
            for start in range(0, len(points), FRAMES_PER_CHUNK):
                chunk = scene.quantize(points[start : start + FRAMES_PER_CHUNK])
                file.write(base64.b64encode(chunk.tobytes()).decode("ascii"))
            file.write("</script>\n")
        file.write(after)


def check_player_path(path: str | Path) -> None:
    """Check before long work that a player can be written to `path`.

    Raises
    ------
    OutputError : an unknown suffix, no such folder, no permission.
    """
    if Path(path).suffix.lower() not in SUFFIXES:
        raise OutputError(f"cannot write {path}: a player's name ends with {' or '.join(SUFFIXES)}")
    check_writable(path)


def _page(scene: PlayerScene, title: str, theme: str | None) -> str:
    """Return the page without the dancers' numbers, with a marker in their place."""
    script = "\n".join([constants_script(), *(_part(f"{name}.js") for name in SCRIPTS)])
    style = _colours(theme) + _part("player.css")
    dancers = "one dancer" if len(scene.points) == 1 else f"{len(scene.points)} dancers"
    return Template(_part("player.html")).substitute(
        title=html.escape(title),
        page_title=html.escape(title) or "Dance",
        label=f"A dance of {dancers}",
        scene=json.dumps(scene.description()).replace("<", r"\u003c"),
        script=script,
        style=style,
        script_hash=_hash(script),
        style_hash=_hash(style),
    )


def _part(name: str) -> str:
    return resources.files("render.player").joinpath("web", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """Return the hash source of a text for a Content-Security-Policy."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def _colours(theme: str | None) -> str:
    """Return the CSS rules for the colours; without a theme the viewer's system chooses."""
    if theme is not None:
        return _rule(theme)
    return f"{_rule('light')}@media (prefers-color-scheme: dark) {{\n{_rule('dark')}}}\n"


def _rule(theme: str) -> str:
    named = "".join(f"  --{name}: {colour};\n" for name, colour in _palette(THEMES[theme]).items())
    return f":root {{\n  color-scheme: {theme};\n{named}}}\n"


def _palette(theme: Theme) -> dict[str, str]:
    assert theme.wall is not None
    assert theme.floor is not None
    return {
        "left": _css(theme.left),
        "right": _css(theme.right),
        **{f"body-{person}": _css(colour) for person, colour in enumerate(theme.bodies)},
        "body": _css(theme.body),
        "halo": _css(theme.halo),
        "ink": _css(theme.ink),
        "wall-top": _css(theme.wall[0]),
        "wall-bottom": _css(theme.wall[1]),
        "floor-top": _css(theme.floor[0]),
        "floor-bottom": _css(theme.floor[1]),
        "shadow": _css(theme.shadow),
        "shadow-opacity": f"{theme.shadow_opacity:g}",
    }


def _css(colour: Colour) -> str:
    return "#" + bytes(colour).hex()
