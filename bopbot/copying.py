"""How much of a new dance was danced before, word for word."""

import numpy as np

from pose_vocab.vocabulary import Ids


def longest_common_run(ids: Ids, others: Ids) -> int:
    """Length in rows of the longest stretch of `ids` (n, row) that stands in `others` (m, row) too, unbroken."""
    longest, ends = 0, np.zeros(len(others) + 1, np.int64)
    for words in ids:
        ends[1:] = np.where((others == words).all(axis=1), ends[:-1] + 1, 0)
        longest = max(longest, int(ends.max()))
    return longest
