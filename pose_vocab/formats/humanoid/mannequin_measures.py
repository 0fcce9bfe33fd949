"""The shape of the mannequin: cross-sections of its parts.

Lengths are in torso lengths, the distance from the hips to between the shoulders, unless a table says otherwise.
"""

from __future__ import annotations

ARM = (
    (0.0, 0.096, 0.100), (0.3, 0.092, 0.096), (0.7, 0.078, 0.080), (1.0, 0.064, 0.068), (1.3, 0.072, 0.072),
    (1.7, 0.052, 0.056), (1.95, 0.040, 0.047),
)  # fmt: skip
"""Arm: bones from the shoulder (0 shoulder, 1 elbow, 2 wrist), half height, half depth."""
HAND = ((0.0, 0.034, 0.048), (0.3, 0.032, 0.074), (0.75, 0.028, 0.084), (1.3, 0.022, 0.072), (1.75, 0.017, 0.046))
"""Hand: lengths of the rig's hand from the wrist, half height, half depth."""
LEG = (
    (0.0, 0.140, 0.165, 0.0), (0.25, 0.145, 0.166, 0.006), (0.6, 0.122, 0.134, 0.008), (0.92, 0.094, 0.104, 0.006),
    (1.05, 0.088, 0.096, 0.0), (1.3, 0.092, 0.106, -0.022), (1.6, 0.070, 0.078, -0.012), (1.9, 0.050, 0.056, 0.0),
    (2.0, 0.052, 0.060, 0.0),
)  # fmt: skip
"""Leg: bones from the hip (0 hip, 1 knee, 2 ankle), half width, half depth, and how far its middle is forward."""
FOOT = (
    (-0.20, 0.044, 0.046), (-0.05, 0.060, 0.088), (0.25, 0.066, 0.082), (0.55, 0.078, 0.058), (0.8, 0.080, 0.040),
    (1.0, 0.060, 0.028),
)  # fmt: skip
"""Foot: lengths of the flat foot from the ankle forward, half width, half height above the ground."""
TORSO = (
    (-0.20, 0.07, 0.3, 0.00, 0.090, 0.0), (-0.12, 0.10, 0.7, 0.00, 0.160, -0.010),
    (-0.02, 0.12, 1.0, 0.00, 0.188, -0.014), (0.08, 0.12, 1.0, 0.00, 0.184, -0.012),
    (0.22, 0.12, 0.6, 0.10, 0.160, 0.0), (0.38, 0.12, 0.3, 0.20, 0.148, 0.008),
    (0.60, 0.10, 0.1, 0.50, 0.170, 0.012), (0.80, 0.05, 0.0, 0.80, 0.172, 0.004),
    (0.93, 0.02, 0.0, 0.93, 0.132, -0.010), (1.01, 0.00, 0.0, 0.75, 0.104, -0.012),
    (1.07, 0.00, 0.0, 0.42, 0.092, -0.010), (1.12, 0.07, 0.0, 0.05, 0.080, -0.005),
)  # fmt: skip
"""Torso: height above the hips, half width, and the shares of half the hips' and half the shoulders' width that are
added to it, half depth, forward."""
NECK = ((0.98, 0.090, 0.092, -0.012), (1.12, 0.080, 0.084, 0.015), (1.29, 0.080, 0.088, 0.065))
"""Neck: height above the hips, half width, half depth, forward."""
HEAD = (
    (-0.19, 0.080, 0.085, 0.042), (-0.13, 0.108, 0.128, 0.026), (-0.04, 0.134, 0.162, 0.006),
    (0.07, 0.146, 0.180, -0.008), (0.15, 0.136, 0.168, -0.012), (0.205, 0.106, 0.128, -0.014),
)  # fmt: skip
"""Head: height above its middle, half width, half depth, forward."""
HEAD_ABOVE_NOSE, HEAD_BEHIND_NOSE = 0.05, 0.19
"""The middle of the head, from the nose."""
NOSE_SIZE, NOSE_HEIGHT = 0.042, 0.030
"""Radius of the nose and how far it stands out."""
THUMB = ((0.25, 0.026, 0.030), (0.9, 0.022, 0.024))
"""Thumb: lengths of the rig's hand from the wrist, half height, half depth; it points forward by half of that."""
