"""The USD row of the table of formats."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pose_vocab.formats.interface import FormatNotes, PoseInput
from pose_vocab.formats.parsed import Parsed
from pose_vocab.formats.usd.usd_reader import parse_usd
from pose_vocab.formats.usd.usd_writer import EXTRA, write_usd
from pose_vocab.input_files import first_bytes
from pose_vocab.sequence import PoseSequence

BEGINS_WITH = (b"#usda", b"PXR-USDC", b"PK\3\4")


class Usd:
    """Reads and writes UsdSkel characters (see `usd_reader` and `usd_writer`)."""

    name = "usd"
    title = "USD, UsdSkel characters"
    suffixes = (".usda", ".usdc", ".usdz")
    notes = FormatNotes(
        reads="animated UsdSkel skeletons",
        writes="skinned mannequins as in GLB; needs `pip install 'bopbot[usd]'`",
        guesses="skeletons with other joints than the first are left out",
    )
    several_people = True
    extra = EXTRA

    def recognizes(self, path: Path) -> bool:
        """Return whether it begins like a USD file."""
        return first_bytes(path, 8).startswith(BEGINS_WITH)

    def parse(self, path: Path, pose_input: PoseInput) -> Parsed:
        """Return all characters; raise what `parse_usd` raises."""
        return parse_usd(path)

    def write(self, people: Sequence[PoseSequence], path: Path) -> Sequence[str]:
        """Write people as mannequins; return and raise what `write_usd` does."""
        return write_usd(people, path)
