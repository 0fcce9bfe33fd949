"""The tree of a rig's joints."""

from __future__ import annotations

from collections.abc import Sequence


class Tree:
    """Ancestors and descendants of joints, given by index.

    Parameters
    ----------
    parents : index of each joint's parent, -1 for a root; without cycles.
    """

    def __init__(self, parents: Sequence[int]) -> None:
        self.parents = list(parents)
        self.children: list[list[int]] = [[] for _ in self.parents]
        for at, parent in enumerate(self.parents):
            if parent >= 0:
                self.children[parent].append(at)

        # Joints in the order of a walk down the trees: those below one follow it, up to the last below it.
        self._place = [0] * len(self.parents)
        self._last = [0] * len(self.parents)
        self._depth = [0] * len(self.parents)
        walk: list[int] = []
        waiting = [at for at, parent in enumerate(self.parents) if parent < 0]
        while waiting:
            at = waiting.pop()
            self._place[at] = self._last[at] = len(walk)
            self._depth[at] = self._depth[self.parents[at]] + 1 if self.parents[at] >= 0 else 0
            walk.append(at)
            waiting.extend(self.children[at])
        for at in reversed(walk):
            if self.parents[at] >= 0:
                self._last[self.parents[at]] = max(self._last[self.parents[at]], self._last[at])

    def ancestors(self, at: int) -> list[int]:
        """Return the joint and all above it, up to its root."""
        path = [at]
        while self.parents[path[-1]] >= 0:
            path.append(self.parents[path[-1]])
        return path

    def depth(self, at: int) -> int:
        """Return the number of joints above one."""
        return self._depth[at]

    def is_below(self, at: int, above: int) -> bool:
        """Return whether a joint is a descendant of another."""
        return self._place[above] < self._place[at] <= self._last[above]

    def common_ancestor(self, first: int, second: int) -> int | None:
        """Return the lowest joint above both, or None in different trees."""
        above = set(self.ancestors(first))
        return next((at for at in self.ancestors(second) if at in above), None)

    def child_towards(self, above: int, at: int) -> int:
        """Return the child of `above` on the way to `at`, or -1 if `at` is not below it."""
        path = self.ancestors(at)
        return path[path.index(above) - 1] if above in path and at != above else -1

    def unbranched(self, at: int) -> list[int]:
        """Return the chain of joints from one to the first that has not exactly one child."""
        path = [at]
        while len(self.children[path[-1]]) == 1:
            path.append(self.children[path[-1]][0])
        return path
