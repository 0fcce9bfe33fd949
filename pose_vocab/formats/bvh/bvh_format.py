"""The BVH row of the table of formats."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pose_vocab.formats.bvh.bvh_reader import parse_bvh
from pose_vocab.formats.bvh.bvh_writer import save_bvh
from pose_vocab.formats.interface import FormatNotes, PoseInput
from pose_vocab.formats.parsed import Parsed
from pose_vocab.formats.single_person import require_single_person
from pose_vocab.input_files import first_bytes
from pose_vocab.sequence import PoseSequence

BEGINS_WITH = b"HIERARCHY"
"""First word of a BVH file."""


class Bvh:
    """Reads and writes one rig in metres (see `bvh_reader` and `bvh_writer`)."""

    name = "bvh"
    title = "BVH motion capture"
    suffixes = (".bvh",)
    notes = FormatNotes(
        reads=(
            "one character of any rig: joints by the names of common programs, else by the tree of bones; "
            "`--joints` for the rest"
        ),
        writes="a humanoid rig in centimetres, root at the origin; 2D poses are lifted",
        guesses=(
            "a rig's T-pose at the start is skipped; names that occur twice; a number of frames that does not "
            "fit; joints by the tree; further rigs; position channels that are shifts; frame times in milliseconds"
        ),
    )
    several_people = False
    extra = ""

    def recognizes(self, path: Path) -> bool:
        """Return whether it begins like a BVH file."""
        return first_bytes(path, 200).lstrip().startswith(BEGINS_WITH)

    def parse(self, path: Path, pose_input: PoseInput) -> Parsed:
        """Return the rig; raise what `parse_bvh` raises."""
        return parse_bvh(path, pose_input)

    def write(self, people: Sequence[PoseSequence], path: Path) -> Sequence[str]:
        """Write the person as a rig; return what was interpolated or guessed, and raise what `save_bvh` raises."""
        return save_bvh(require_single_person(people, path), path)
