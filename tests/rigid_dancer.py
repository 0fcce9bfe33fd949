"""A dancer in metres whose bones keep their lengths, as a rig's do."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER

TORSO_M, HIPS_M, SHOULDERS_M, NOSE_M = 0.5, 0.2, 0.36, 0.22
UPPER_ARM_M, FOREARM_M, THIGH_M, SHIN_M, FOOT_M = 0.28, 0.25, 0.42, 0.44, 0.18
Path3D = NDArray[np.float64]


def dancing_m(frames: int = 90, fps: float = 30.0, turns: float = 1.0) -> PoseSequence:
    """Somebody who turns about, leans, looks around, and swings arms and legs; knees and elbows are always bent."""
    beat = 2 * np.pi * np.arange(frames) / fps
    body = _about("y", 2 * np.pi * turns * np.arange(frames) / frames)
    at: dict[str, Path3D] = {}
    hips = np.stack([0.3 * np.sin(beat / 3), 0.9 + 0.03 * np.cos(beat), 0.2 * np.cos(beat / 3)], axis=1)
    pelvis = body * _about("z", 0.1 * np.sin(beat))
    chest = body * _about("x", 0.2 * np.sin(beat / 2)) * _about("y", 0.4 * np.sin(beat))
    at["neck"] = hips + chest.apply([0, TORSO_M, 0])
    head = chest * _about("y", 0.5 * np.sin(beat / 2)) * _about("x", 0.2 * np.sin(beat))
    at["nose"] = at["neck"] + head.apply([0, NOSE_M * 0.8, NOSE_M * 0.6])
    for side, out in (("left", 1), ("right", -1)):
        shoulder = at["neck"] + chest.apply([out * SHOULDERS_M / 2, 0, 0])
        arm = chest * _about("z", out * (-0.7 + 0.5 * np.sin(beat))) * _about("x", 0.4 * np.sin(beat / 2))
        elbow = shoulder + arm.apply([out * UPPER_ARM_M, 0, 0])
        forearm = arm * _about("y", -out * (0.8 + 0.6 * np.cos(beat)))
        hip = hips + pelvis.apply([out * HIPS_M / 2, 0, 0])
        thigh = pelvis * _about("x", out * 0.5 * np.sin(beat) - 0.3) * _about("z", np.full(frames, out * 0.1))
        knee = hip + thigh.apply([0, -THIGH_M, 0])
        shin = thigh * _about("x", 0.6 + 0.4 * np.cos(beat))
        ankle = knee + shin.apply([0, -SHIN_M, 0])
        at |= {
            f"{side}_shoulder": shoulder,
            f"{side}_elbow": elbow,
            f"{side}_wrist": elbow + forearm.apply([out * FOREARM_M, 0, 0]),
            f"{side}_hip": hip,
            f"{side}_knee": knee,
            f"{side}_ankle": ankle,
            f"{side}_toe": ankle + shin.apply([0, -0.6 * FOOT_M, 0.8 * FOOT_M]),
        }
    return PoseSequence.fully_seen(np.stack([at[name] for name in DANCER.joint_names], axis=1), fps, DANCER)


def _about(axis: str, angles_rad: Path3D) -> Rotation:
    return Rotation.from_euler(axis, angles_rad[:, None])
