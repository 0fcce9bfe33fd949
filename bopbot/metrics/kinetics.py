"""Whether dances move like real ones, and differ from each other: distances between kinetic features of clips.

The features are those of K. Onuma et al., "FMDistance" (2008), as fairmotion computes them and R. Li et al.
("AI Choreographer", 2021) and L. Siyao et al. ("Bailando", 2022) compare them, without fairmotion's sliding
mean over neighbouring frames: poses are low-pass filtered already. 2D values cannot be compared with 3D ones.

Real dances are few. So cut both sets into windows of the same length (`cut_windows`), and compare distances only
between sets of as many clips: with few clips the distance is too large, even between real and real dances.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.spatial.distance import pdist
from sklearn.covariance import OAS
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import StandardScaler

from bopbot.metrics.motion import check_alike, horizontal, mean_seen
from pose_vocab.errors import ModelError, PoseError
from pose_vocab.motion import Floats
from pose_vocab.normalization import Clip

MIN_SAMPLES = 2
"""Least size of a set: a single sample has no variance."""


def kinetic_features(clip: Clip) -> Floats:
    """Return mean squared horizontal speed, mean squared vertical speed and mean acceleration, (joints, 3).

    In torso lengths and seconds, travel included; NaN for a joint that is not seen in consecutive frames.
    """
    paths, fps = clip.placed, clip.poses.fps
    velocity = np.diff(paths, axis=0) * fps
    along = (horizontal(velocity) ** 2).sum(axis=2)
    acceleration = np.linalg.norm(np.diff(paths, 2, axis=0), axis=2) * fps**2
    return np.stack([mean_seen(along), mean_seen(velocity[..., 1] ** 2), mean_seen(acceleration)], axis=1)


def fid_k(dances: Sequence[Clip], real: Sequence[Clip]) -> float:
    """Return the Frechet distance between dances and real ones, in kinetic features z-scored by the real ones.

    Raises
    ------
    PoseError : the clips differ in kind or length, a set has fewer than `MIN_SAMPLES`, or the sets share no joint.
    """
    return frechet_distance(*_z_scored(dances, real))


def dist_k(dances: Sequence[Clip], real: Sequence[Clip]) -> float:
    """Return the mean pairwise distance between dances, in the features of `fid_k`; raise what `fid_k` raises.

    The value of the real ones is ``dist_k(real, real)``.
    """
    return float(pdist(_z_scored(dances, real)[0]).mean())


def frechet_distance(first: Floats, second: Floats) -> float:
    """Return the squared Frechet distance between Gaussians fitted to two samples, (n, features) and (m, features).

    With fewer samples than features a covariance is singular, so both are shrunk towards a multiple of the identity
    by the oracle approximating shrinkage: Y. Chen et al., "Shrinkage Algorithms for MMSE Covariance Estimation"
    (2010). Two samples suffice.

    Raises
    ------
    ModelError : fewer than two samples, another number of features, or numbers that are not finite.
    """
    for sample in (first, second):
        if sample.ndim != 2 or len(sample) < MIN_SAMPLES or not np.isfinite(sample).all():
            raise ModelError(
                f"a covariance needs at least two rows of finite numbers, got an array of shape {sample.shape}"
            )
    if first.shape[1] != second.shape[1]:
        raise ModelError(f"samples of {first.shape[1]} features cannot be compared with samples of {second.shape[1]}")
    between_means = ((first.mean(axis=0) - second.mean(axis=0)) ** 2).sum()
    covariances = [OAS().fit(sample).covariance_ for sample in (first, second)]
    # The trace of the root of their product is the sum of the singular values of their roots' product.
    overlap = np.linalg.norm(_root(covariances[0]).T @ _root(covariances[1]), "nuc")
    return max(0.0, float(between_means + sum(map(np.trace, covariances)) - 2 * overlap))


def _root(covariance: Floats) -> Floats:
    """Return a matrix whose product with its own transpose is the covariance."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0)))


def _z_scored(dances: Sequence[Clip], real: Sequence[Clip]) -> tuple[Floats, Floats]:
    """Return the kinetic features of both sets, (clips, features), z-scored by the real set.

    A joint that a set never shows is left out; where only one clip lacks it, the mean of the set is used.
    """
    check_alike([*dances, *real])
    lengths = {len(clip) for clip in (*dances, *real)}
    if len(lengths) > 1:
        raise PoseError(
            f"clips of {min(lengths)} to {max(lengths)} frames cannot be compared; cut them into windows of one length"
        )
    if min(len(dances), len(real)) < MIN_SAMPLES:
        raise PoseError(
            f"a distance between sets needs at least two clips each, got {len(dances)} dances and {len(real)} real ones"
        )
    ours, theirs = (np.array([kinetic_features(clip).flatten() for clip in clips]) for clips in (dances, real))
    both = ~(np.isnan(ours).all(axis=0) | np.isnan(theirs).all(axis=0))
    if not both.any():
        raise PoseError("the dances and the real ones share no joint that is seen in consecutive frames")
    scaler = StandardScaler().fit(theirs[:, both])
    ours, theirs = (SimpleImputer().fit_transform(scaler.transform(rows[:, both])) for rows in (ours, theirs))
    return ours, theirs
