"""Choose one of several people, and describe them in a line."""

from pathlib import Path

from pose_vocab.errors import NobodyDancingError
from pose_vocab.sequence import PoseSequence


def person_of(path: Path, people: tuple[PoseSequence, ...], number: int) -> PoseSequence:
    """Return the person of that number, 1 for the one longest in view; raises NobodyDancingError if there are fewer."""
    if not 1 <= number <= len(people):
        raise NobodyDancingError(f"there is no person {number} in {path}; it holds {len(people)}")
    return people[number - 1]


def described(people: tuple[PoseSequence, ...]) -> str:
    """Return how many people, how long, and on which joints: part of a line for a user."""
    first, n = people[0], len(people)
    return (
        f"{n} {'person' if n == 1 else 'people'}, {len(first)} frames at {first.fps:g} a second, "
        f"{first.skeleton.n_joints} joints ({first.skeleton.name}) in {first.dims}D"
    )
