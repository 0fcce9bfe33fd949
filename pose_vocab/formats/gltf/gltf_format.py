"""The GLB row of the table of formats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pose_vocab.formats.gltf.container import MAGIC
from pose_vocab.formats.gltf.gltf_reader import parse_glb
from pose_vocab.formats.interface import FormatNotes, PoseInput
from pose_vocab.formats.parsed import Parsed
from pose_vocab.input_files import first_bytes
from pose_vocab.sequence import PoseSequence

ONE_TAKE = "dance"
"""Name of the animation if there is only one."""


class Glb:
    """Reads and writes characters with animated bones (see `gltf_reader` and `gltf_writer`)."""

    name = "glb"
    title = "GLB, animated characters of glTF"
    suffixes = (".glb",)
    notes = FormatNotes(
        reads="the characters of a file and the first animation that moves each",
        writes="skinned mannequins with the bone names of VRM and Unity, in metres, an animation a dance",
        guesses="characters with other joints than the first are left out",
    )
    several_people = True
    extra = ""

    def recognizes(self, path: Path) -> bool:
        """Return whether it begins like a GLB file."""
        return first_bytes(path, len(MAGIC)) == MAGIC

    def parse(self, path: Path, pose_input: PoseInput) -> Parsed:
        """Return all characters; raise what `parse_glb` raises."""
        return parse_glb(path)

    def write(self, people: Sequence[PoseSequence], path: Path) -> Sequence[str]:
        """Write people as mannequins with one animation; return and raise what `write_glb` does."""
        return self.write_takes({ONE_TAKE: people}, path)

    def write_takes(self, takes: Mapping[str, Sequence[PoseSequence]], path: Path) -> Sequence[str]:
        """Write people as mannequins with an animation per take; return and raise what `write_glb` does."""
        from pose_vocab.formats.gltf.gltf_writer import write_glb  # takes time that other formats do not need

        return write_glb(takes, path)
