"""Whether dances move like real ones, and unlike each other: kinetic features of whole clips.

The features are those of K. Onuma et al., "FMDistance" (2008), as fairmotion computes them and R. Li et al.
("AI Choreographer", 2021) and L. Siyao et al. ("Bailando", 2022) compare them, but for fairmotion's sliding
mean over neighbouring frames: poses are low-passed here already. 2D figures do not compare with 3D ones.

Real dances are few. So cut both sets into `windows` of the same length, and compare the distance only
with that of other sets of as many clips: with few it is too large, even between real and real.
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
"""One sample has no spread."""


def kinetic_features(clip: Clip) -> Floats:
    """(joints, 3): mean squared speed along the ground, mean squared vertical speed, mean length of acceleration.

    In torso lengths and seconds, travel included; NaN for a joint that is not seen in frames on end.
    """
    paths, fps = clip.placed, clip.poses.fps
    velocity = np.diff(paths, axis=0) * fps
    along = (horizontal(velocity) ** 2).sum(axis=2)
    acceleration = np.linalg.norm(np.diff(paths, 2, axis=0), axis=2) * fps**2
    return np.stack([mean_seen(along), mean_seen(velocity[..., 1] ** 2), mean_seen(acceleration)], axis=1)


def fid_k(dances: Sequence[Clip], real: Sequence[Clip]) -> float:
    """Frechet distance between dances and real ones, in kinetic features z-scored by the real ones; 0 is alike.

    Raises
    ------
    PoseError : the clips differ in kind or length, are less than two in a set, or share no joint.
    """
    return frechet_distance(*_z_scored(dances, real))


def dist_k(dances: Sequence[Clip], real: Sequence[Clip]) -> float:
    """How different dances are from each other: mean pairwise distance in the features of `fid_k`.

    That of the real ones is ``dist_k(real, real)``. Raises what `fid_k` raises.
    """
    return float(pdist(_z_scored(dances, real)[0]).mean())


def frechet_distance(first: Floats, second: Floats) -> float:
    """Squared Frechet distance between the Gaussians that fit two samples, (n, features) and (m, features).

    With fewer samples than features a covariance is singular; so both are shrunk towards a multiple of
    the identity as far as O. Ledoit & M. Wolf's loss asks for if data are Gaussian: Y. Chen et al.,
    "Shrinkage Algorithms for MMSE Covariance Estimation" (2010). Two samples suffice.

    Raises
    ------
    ModelError : less than two samples, different features, or numbers that are not finite.
    """
    for sample in (first, second):
        if sample.ndim != 2 or len(sample) < MIN_SAMPLES or not np.isfinite(sample).all():
            raise ModelError(f"a spread is measured on at least two rows of finite numbers, got shape {sample.shape}")
    if first.shape[1] != second.shape[1]:
        raise ModelError(f"rows of {first.shape[1]} features do not compare with rows of {second.shape[1]}")
    between_means = ((first.mean(axis=0) - second.mean(axis=0)) ** 2).sum()
    covariances = [OAS().fit(sample).covariance_ for sample in (first, second)]
    # The trace of the root of their product is the sum of the singular values of their roots' product.
    overlap = np.linalg.norm(_root(covariances[0]).T @ _root(covariances[1]), "nuc")
    return max(0.0, float(between_means + sum(map(np.trace, covariances)) - 2 * overlap))


def _root(covariance: Floats) -> Floats:
    """A matrix that gives the covariance when multiplied with its own transpose."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0)))


def _z_scored(dances: Sequence[Clip], real: Sequence[Clip]) -> tuple[Floats, Floats]:
    """Kinetic features of both sets, (clips, features), z-scored by the real set.

    A joint that a set never shows is left out; where only a clip lacks it, it moves as in the mean of the set.
    """
    check_alike([*dances, *real])
    lengths = {len(clip) for clip in (*dances, *real)}
    if len(lengths) > 1:
        raise PoseError(
            f"clips of {min(lengths)} to {max(lengths)} frames do not compare; cut them into windows of one length"
        )
    if min(len(dances), len(real)) < MIN_SAMPLES:
        raise PoseError(f"a spread needs at least two clips a set, got {len(dances)} dances and {len(real)} real ones")
    ours, theirs = (np.array([kinetic_features(clip).flatten() for clip in clips]) for clips in (dances, real))
    both = ~(np.isnan(ours).all(axis=0) | np.isnan(theirs).all(axis=0))
    if not both.any():
        raise PoseError("the dances and the real ones share no joint that is seen in frames on end")
    scaler = StandardScaler().fit(theirs[:, both])
    ours, theirs = (SimpleImputer().fit_transform(scaler.transform(rows[:, both])) for rows in (ours, theirs))
    return ours, theirs
