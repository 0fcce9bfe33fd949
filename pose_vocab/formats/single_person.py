"""For files that hold one person."""

from collections.abc import Sequence
from pathlib import Path

from pose_vocab.errors import OutputError
from pose_vocab.sequence import PoseSequence


def require_single_person(people: Sequence[PoseSequence], path: Path) -> PoseSequence:
    """The one person to be written to `path`.

    Raises
    ------
    OutputError : there are several, or there is nobody.
    """
    if len(people) != 1:
        raise OutputError(
            f"cannot write {path}: a {path.suffix} file holds one person, not {len(people)}; "
            "choose one, or write a format that holds several"
        )
    return people[0]
