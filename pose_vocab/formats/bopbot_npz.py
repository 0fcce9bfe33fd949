"""BopBot's own pose file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pose_vocab.formats.interface import FormatNotes, PoseInput
from pose_vocab.formats.parsed import Parsed, Space
from pose_vocab.formats.single_person import require_single_person
from pose_vocab.input_files import archive_names
from pose_vocab.sequence import PoseSequence


class BopBotNpz:
    """Reads and writes one person on any skeleton, in 2D or 3D: the file of `PoseSequence.save`."""

    name = "bopbot"
    title = "BopBot's own pose file"
    suffixes = (".npz",)
    notes = FormatNotes(
        reads="one person on any joints, in pixels or metres, with confidence", writes="the same, without loss"
    )
    several_people = False
    extra = ""

    def recognizes(self, path: Path) -> bool:
        """Return whether it is an archive with a format, a skeleton and keypoints."""
        return {"format", "skeleton", "keypoints"} <= archive_names(path)

    def parse(self, path: Path, pose_input: PoseInput) -> Parsed:
        """Return the person; raise PoseError as `PoseSequence.load`."""
        poses = PoseSequence.load(path)
        in_space = poses.dims == 3
        return Parsed(
            poses.keypoints,
            poses.skeleton,
            Space.WORLD if in_space else Space.PICTURE,
            poses.confidence,
            fps=poses.fps,
            metres_per_unit=1.0,
            up="y" if in_space else "-y",
            has_missing=False,
        )

    def write(self, people: Sequence[PoseSequence], path: Path) -> None:
        """Write the person; raise OutputError for several people, and as `PoseSequence.save`."""
        require_single_person(people, path).save(path)
