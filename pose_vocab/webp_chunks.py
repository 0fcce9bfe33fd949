"""The chunks of a WebP file: whether it is an animation, its size, and how long its frames are shown.

Source: https://developers.google.com/speed/webp/docs/riff_container
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_RIFF_BYTES, _HEADER_BYTES, _CHUNK_BYTES = 12, 30, 8
_ANIMATED = 0x02


@dataclass(frozen=True)
class WebPChunks:
    """The complete chunks of a file.

    Parameters
    ----------
    content : a whole file with these chunks.
    durations_ms : how long each frame in them is shown.
    cut : whether the file ends earlier than it states.
    """

    content: bytes
    durations_ms: list[int]
    cut: bool


def is_webp_animation(path: Path) -> bool:
    """Return whether the file exists and says in its header that it is an animated WebP."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except (OSError, ValueError):
        return False
    is_extended = len(header) == _HEADER_BYTES and header[:4] == b"RIFF" and header[8:16] == b"WEBPVP8X"
    return is_extended and bool(header[20] & _ANIMATED)


def canvas_px(content: bytes) -> tuple[int, int]:
    """Return width and height of the canvas."""
    width, height = (1 + int.from_bytes(content[at : at + 3], "little") for at in (24, 27))
    return width, height


def whole_chunks(content: bytes) -> WebPChunks:
    """Return the complete chunks of a file that may be cut short."""
    stated_end = _CHUNK_BYTES + int.from_bytes(content[4:8], "little")
    durations_ms = []
    end = _RIFF_BYTES
    while end + _CHUNK_BYTES <= min(stated_end, len(content)):
        size = int.from_bytes(content[end + 4 : end + 8], "little")
        following = end + _CHUNK_BYTES + size
        if following > len(content):
            break
        if content[end : end + 4] == b"ANMF":
            durations_ms.append(int.from_bytes(content[end + 20 : end + 23], "little"))
        end = following + size % 2
    if len(content) >= stated_end - 1:  # some programs leave the last padding byte out
        return WebPChunks(content, durations_ms, cut=False)
    repaired = content[:4] + (end - _CHUNK_BYTES).to_bytes(4, "little") + content[_CHUNK_BYTES:end]
    return WebPChunks(repaired, durations_ms, cut=True)
