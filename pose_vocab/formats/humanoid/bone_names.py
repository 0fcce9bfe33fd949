"""Names of a humanoid's bones in VRM and Unity."""

from __future__ import annotations

from pose_vocab.formats.humanoid.rig import END, NOSE_TIP, SIDES

_MIDDLE = {
    "Hips": "hips",
    "Spine": "spine",
    "Chest": "chest",
    "Neck": "neck",
    "Head": "head",
    f"Head{END}": f"head{END}",
}
_SIDE = {
    "Shoulder": "Shoulder",
    "Arm": "UpperArm",
    "ForeArm": "LowerArm",
    "Hand": "Hand",
    f"Hand{END}": f"Hand{END}",
    "UpLeg": "UpperLeg",
    "Leg": "LowerLeg",
    "Foot": "Foot",
    "Toe": "Toes",
    f"Toe{END}": f"Toes{END}",
}
VRM_NAMES = {
    **_MIDDLE,
    NOSE_TIP: NOSE_TIP,
    **{f"{side}{ours}": f"{side.lower()}{name}" for side in SIDES for ours, name in _SIDE.items()},
}
"""VRM's name of each joint of `pose_vocab.formats.humanoid.rig`: hips, leftUpperArm, rightToes. Unity's humanoid
avatar has the same names. Tips, which VRM has none of, are called after their bone, as in ``head_end``."""
