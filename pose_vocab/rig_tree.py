"""The tree of a rig's joints."""

from __future__ import annotations

from collections.abc import Sequence


class Tree:
    """Ancestors and descendants of joints, given by index.

    Parameters
    ----------
    parents : index of each joint's parent, -1 for a root.
    """

    def __init__(self, parents: Sequence[int]) -> None:
        self.parents = list(parents)
        self.children: list[list[int]] = [[] for _ in self.parents]
        for at, parent in enumerate(self.parents):
            if parent >= 0:
                self.children[parent].append(at)

    def ancestors(self, at: int) -> list[int]:
        """Return the joint and all above it, up to its root."""
        path = [at]
        while self.parents[path[-1]] >= 0 and len(path) <= len(self.parents):
            path.append(self.parents[path[-1]])
        return path

    def depth(self, at: int) -> int:
        """Return the number of joints above one."""
        return len(self.ancestors(at)) - 1

    def is_below(self, at: int, above: int) -> bool:
        """Return whether a joint is a descendant of another."""
        return at != above and above in self.ancestors(at)

    def common_ancestor(self, first: int, second: int) -> int | None:
        """Return the lowest joint above both, or None in different trees."""
        above = set(self.ancestors(first))
        return next((at for at in self.ancestors(second) if at in above), None)

    def child_towards(self, above: int, at: int) -> int:
        """Return the child of `above` on the way to `at`, or -1 if `at` is not below it."""
        path = self.ancestors(at)
        return path[path.index(above) - 1] if above in path and at != above else -1

    def leaves_below(self, at: int) -> list[int]:
        """Return the descendants without children, or the joint if it has none."""
        found, waiting = [], [at]
        while waiting:
            joint = waiting.pop()
            waiting.extend(reversed(self.children[joint]))
            if not self.children[joint]:
                found.append(joint)
        return found

    def unbranched(self, at: int) -> list[int]:
        """Return the chain of joints from one to the first that has not exactly one child."""
        path = [at]
        while len(self.children[path[-1]]) == 1:
            path.append(self.children[path[-1]][0])
        return path
