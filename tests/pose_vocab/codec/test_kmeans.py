"""Mean poses: the means of their members, at four clusters and at thousands."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pose_vocab.codec.kmeans import WHOLE_FRAMES_PER_CLUSTER, cluster, whole_frames
from pose_vocab.codec.nearest import nearest
from pose_vocab.formats.bvh.load import load_bvh

JOINTS = "nose neck lShldr rShldr lForeArm rForeArm lHand rHand lThigh rThigh lShin rShin lFoot rFoot".split()


@pytest.fixture(scope="module")
def salsa(data: Path) -> NDArray[np.float32]:
    """Frames of salsa seen from eight sides, 10 a second, (frames, 28)."""
    frames = []
    for take in sorted((data / "mocap").glob("60_*.bvh")):
        motion = load_bvh(take)
        joints = motion.keypoints[::12, [motion.skeleton.index(name) for name in JOINTS]]
        joints = joints - motion.joint("hip")[::12, None]
        for angle in np.arange(8) * np.pi / 4:
            across = np.cos(angle) * joints[..., 0] + np.sin(angle) * joints[..., 2]
            frames.append(np.stack([across, joints[..., 1]], axis=2).reshape(len(joints), -1))
    return np.concatenate(frames).astype(np.float32)


def inertia(features: NDArray[np.float32], centroids: NDArray[np.float32]) -> float:
    return float(((features - centroids[nearest(features, centroids)]).astype(np.float64) ** 2).sum())


def test_each_centroid_is_the_mean_of_its_members() -> None:
    features = np.random.default_rng(0).normal(size=(3_000, 3)).astype(np.float32)
    found = cluster(features, 20, seed=0)
    assert len(found.centroids) == 20
    assert found.counts.sum() == len(features)
    np.testing.assert_allclose(found.counts @ found.centroids / len(features), features.mean(axis=0), atol=1e-6)
    assert (np.diff(found.counts) <= 0).all()


def test_as_many_clusters_as_different_poses_are_those_poses() -> None:
    poses = np.array([[0, 0], [0, 1], [5, 5]], np.float32)
    found = cluster(np.repeat(poses, [2, 3, 4], axis=0), 100, seed=0)
    assert found.centroids.tolist() == [[5, 5], [0, 1], [0, 0]]
    assert found.counts.tolist() == [4, 3, 2]
    assert found.errors.tolist() == [0, 0, 0]


def test_a_cluster_that_loses_its_last_frame_is_dropped() -> None:
    poses = np.random.default_rng(0).normal(size=(300, 2)).astype(np.float32)
    found = cluster(np.repeat(poses, 20, axis=0), 299, seed=0)
    assert 270 <= len(found.centroids) <= 299
    assert len(np.unique(found.centroids, axis=0)) == len(found.centroids)
    assert found.counts.min() >= 20
    assert found.counts.sum() == 300 * 20


def test_zeros_of_either_sign_are_one_pose() -> None:
    assert len(cluster(np.array([[0.0], [-0.0]], np.float32), 5, seed=0).centroids) == 1


def test_an_offset_costs_nothing() -> None:
    features = np.random.default_rng(0).integers(0, 50, size=(2_000, 2)).astype(np.float32)
    near, far = cluster(features, 30, seed=1), cluster(features + np.float32(2**20), 30, seed=1)
    assert inertia(features + np.float32(2**20), far.centroids) < 1.05 * inertia(features, near.centroids)


def test_with_enough_whole_frames_the_others_are_left_out() -> None:
    features = np.arange(2 * (WHOLE_FRAMES_PER_CLUSTER + 1), dtype=np.float32).reshape(-1, 2)
    seen = np.ones(features.shape, np.bool_)
    seen[0, 1] = False
    assert whole_frames(features, seen, 1).tolist() == features[1:].tolist()


def test_with_few_whole_frames_the_nearest_completes_a_half_seen_one() -> None:
    features = np.array([[0, 0, 1], [10, 10, 2], [9, np.nan, np.nan], [np.nan, 1, 7]], np.float32)
    expected = [[0, 0, 1], [10, 10, 2], [9, 10, 2], [0, 1, 7]]
    assert whole_frames(features, ~np.isnan(features), 2).tolist() == expected


def test_with_no_whole_frame_the_means_complete_them() -> None:
    features = np.array([[1, np.nan], [3, np.nan], [np.nan, 8]], np.float32)
    assert whole_frames(features, ~np.isnan(features), 2).tolist() == [[1, 8], [3, 8], [2, 8]]


@pytest.mark.slow
def test_two_thousand_clusters_are_near_those_of_full_k_means(salsa: NDArray[np.float32]) -> None:
    from sklearn.cluster import KMeans

    found = cluster(salsa, 2_000, seed=0)
    full = KMeans(2_000, n_init=1, max_iter=30, tol=0, random_state=0).fit(salsa)
    assert len(found.centroids) >= 0.99 * 2_000
    assert (found.counts == 1).mean() < 0.15  # 8 frames a cluster
    assert inertia(salsa, found.centroids) < 1.06 * inertia(salsa, full.cluster_centers_)
