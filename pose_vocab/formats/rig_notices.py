"""What a user should know about how a rig was understood."""

from __future__ import annotations

from pathlib import Path

from pose_vocab.formats.interface import PoseInput
from pose_vocab.formats.rig_motion import RigMotion
from pose_vocab.rig_body import find_body

SHOWN = ("left_hip", "right_hip", "left_shoulder", "right_shoulder", "head")
"""Joints that a notice names, to be checked."""


def rig_notices(path: Path, rig: RigMotion, pose_input: PoseInput) -> tuple[str, ...]:
    """Return a notice if the dancer's joints were found by the tree of bones, as their names say nothing."""
    if pose_input.joint_map is not None or find_body(rig.names, rig.parents) is not None:
        return ()
    body = find_body(rig.names, rig.parents, rig.positions)
    if body is None:
        return ()
    found = ", ".join(f"{joint.replace('_', ' ')} {rig.names[body[joint]][:40]!r}" for joint in SHOWN if joint in body)
    return (
        f"{path}: the joints' names are unknown, so legs, arms and head follow from the tree of bones: {found} "
        "(--joints names others)",
    )
