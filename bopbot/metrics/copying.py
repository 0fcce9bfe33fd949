"""How much generated dances copy: by distance to the training set, and word for word."""

import numpy as np
from scipy.stats import mannwhitneyu, rankdata, tiecorrect

from pose_vocab.errors import ModelError
from pose_vocab.ids import GAP, Ids
from pose_vocab.motion import Floats


def c_t(generated_distances: Floats, held_out_distances: Floats) -> float:
    """Return by how many standard deviations generated samples are farther from the training set than held-out ones.

    Near 0 is good, strongly negative is copying, strongly positive is unlike the training set. It is the z-score of
    the Mann-Whitney U, corrected for ties, with the whole space as one cell: C. Meehan et al., "A Non-Parametric
    Test to Detect Data-Copying in Generative Models" (2020). Samples must be independent, and the score grows with
    their number, so pass one distance per dance, not per window.

    Parameters
    ----------
    generated_distances, held_out_distances : (n,) and (m,), distances to the nearest training sample.

    Raises
    ------
    ModelError : a set is empty, or a distance is not finite.
    """
    both = np.concatenate([generated_distances, held_out_distances])
    n, m = len(generated_distances), len(held_out_distances)
    if not (n and m) or not np.isfinite(both).all():
        raise ModelError(
            f"C_T needs at least one distance per set, all of them finite; got {n} generated and {m} held-out ones"
        )
    deviation = np.sqrt(tiecorrect(rankdata(both)) * n * m * (n + m + 1) / 12)
    if not deviation:
        return 0.0
    u = mannwhitneyu(generated_distances, held_out_distances, method="asymptotic").statistic
    return float((u - n * m / 2) / deviation)


def longest_common_run(ids: Ids, others: Ids) -> int:
    """Return the length in rows of the longest stretch of `ids` (n, places) that is in `others` (m, places) too.

    Where either holds a GAP the other places decide; a row of GAPs only is like none.
    """
    longest, ends = 0, np.zeros(len(others) + 1, np.int64)
    for words in ids:
        seen = (others != GAP) & (words != GAP)
        alike = ((others == words) | ~seen).all(axis=1) & seen.any(axis=1)
        ends[1:] = np.where(alike, ends[:-1] + 1, 0)
        longest = max(longest, int(ends.max()))
    return longest
