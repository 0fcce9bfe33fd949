"""One motion on the rigs of many programs: joints renamed, reordered, and others added."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pose_vocab.formats.bvh.bvh_text import read_lines
from pose_vocab.formats.bvh.hierarchy import read_hierarchy
from pose_vocab.formats.bvh.motion_table import read_motion

ROTATIONS = ("Zrotation", "Xrotation", "Yrotation")


class Rig:
    """A BVH file as a tree that a test can change.

    Parameters
    ----------
    path : a file that BopBot wrote.
    """

    def __init__(self, path: Path) -> None:
        lines = read_lines(path)
        joints, motion_line, _ = read_hierarchy(path, lines)
        n_channels = sum(len(joint.channels) for joint in joints)
        motion, self.fps, _ = read_motion(path, lines, motion_line, n_channels, len(joints))
        self.children: dict[str, list[str]] = {joint.name: [] for joint in joints}
        self.root = joints[0].name
        self.offsets: dict[str, NDArray[np.float64]] = {}
        self.channels: dict[str, tuple[str, ...]] = {}
        self.motion: dict[str, NDArray[np.float64]] = {}
        column = 0
        for joint in joints:
            if joint.parent >= 0:
                self.children[joints[joint.parent].name].append(joint.name)
            self.offsets[joint.name], self.channels[joint.name] = joint.offset, joint.channels
            self.motion[joint.name] = motion[:, column : column + len(joint.channels)]
            column += len(joint.channels)

    def add(self, name: str, parent: str, offset: Sequence[float], end: bool = False) -> None:
        """Add a joint that never turns."""
        self.children[parent].append(name)
        self.children[name] = []
        self.offsets[name] = np.array(offset, np.float64)
        self.channels[name] = () if end else ROTATIONS
        self.motion[name] = np.zeros((len(self.motion[self.root]), len(self.channels[name])))

    def insert(self, name: str, above: str, share: float) -> None:
        """Add a joint that never turns on the way to `above` from its parent, at a share of it."""
        parent = next(joint for joint, children in self.children.items() if above in children)
        place = self.children[parent].index(above)
        self.add(name, parent, self.offsets[above] * share)
        self.children[parent].remove(name)
        self.children[parent][place] = name
        self.children[name] = [above]
        self.offsets[above] = self.offsets[above] * (1 - share)

    def remove(self, name: str) -> None:
        """Remove a joint and what is below it."""
        for child in list(self.children[name]):
            self.remove(child)
        for children in self.children.values():
            if name in children:
                children.remove(name)
        del self.children[name]

    def write(self, path: Path, rename: Callable[[str], str] = str, reverse: bool = False) -> Path:
        """Write the file with other names, and each joint's children in the opposite order."""
        lines: list[str] = ["HIERARCHY"]
        columns: list[NDArray[np.float64]] = []

        def visit(name: str, kind: str) -> None:
            is_end = not self.channels[name]
            lines.append("End Site" if is_end else f"{kind} {rename(name)}")
            lines.extend(["{", "OFFSET " + " ".join(f"{value:.6f}" for value in self.offsets[name])])
            if not is_end:
                lines.append(f"CHANNELS {len(self.channels[name])} {' '.join(self.channels[name])}")
            columns.append(self.motion[name])
            for child in reversed(self.children[name]) if reverse else self.children[name]:
                visit(child, "JOINT")
            lines.append("}")

        visit(self.root, "ROOT")
        motion = np.concatenate(columns, axis=1)
        lines += ["MOTION", f"Frames: {len(motion)}", f"Frame Time: {1 / self.fps!r}"]
        lines += [" ".join(f"{value:.5f}" for value in row) for row in motion]
        path.write_text("\n".join(lines) + "\n")
        return path


OURS = ("Hips", "Spine", "Chest", "Neck", "Head")
OURS_OF_A_SIDE = ("Shoulder", "Arm", "ForeArm", "Hand", "UpLeg", "Leg", "Foot", "Toe")


def convention(middle: str, sides: tuple[str, str], of_a_side: str) -> Mapping[str, str]:
    """Return the names of a program for BopBot's; in `of_a_side` ``*`` is the side."""
    names = dict(zip(OURS, middle.split("|"), strict=True))
    for side, own in zip(("Left", "Right"), sides, strict=True):
        for ours, theirs in zip(OURS_OF_A_SIDE, of_a_side.split("|"), strict=True):
            names[side + ours] = theirs.replace("*", own)
    return names


CONVENTIONS: dict[str, Mapping[str, str]] = {
    "Mixamo": convention(
        "mixamorig:Hips|mixamorig:Spine|mixamorig:Spine1|mixamorig:Neck|mixamorig:Head",
        ("mixamorig:Left", "mixamorig:Right"),
        "*Shoulder|*Arm|*ForeArm|*Hand|*UpLeg|*Leg|*Foot|*ToeBase",
    ),
    "Mixamo with an underscore": convention(
        "mixamorig_Hips|mixamorig_Spine|mixamorig_Spine1|mixamorig_Neck|mixamorig_Head",
        ("mixamorig_Left", "mixamorig_Right"),
        "*Shoulder|*Arm|*ForeArm|*Hand|*UpLeg|*Leg|*Foot|*ToeBase",
    ),
    "MotionBuilder": convention(
        "Character1_Hips|Character1_Spine|Character1_Spine1|Character1_Neck|Character1_Head",
        ("Character1_Left", "Character1_Right"),
        "*Shoulder|*Arm|*ForeArm|*Hand|*UpLeg|*Leg|*Foot|*ToeBase",
    ),
    "Rokoko": convention(
        "Hips|Spine1|Spine2|Neck|Head", ("Left", "Right"), "*Shoulder|*Arm|*ForeArm|*Hand|*Thigh|*Shin|*Foot|*Toe"
    ),
    "Rokoko, old": convention(
        "Hips|Spine|Chest|Neck|Head",
        ("Left", "Right"),
        "*Collar|*UpperArm|*LowerArm|*Wrist|*UpperLeg|*LowerLeg|*Ankle|*ToeBase",
    ),
    "Xsens": convention(
        "Hips|Chest|Chest2|Neck|Head", ("Left", "Right"), "*Collar|*Shoulder|*Elbow|*Wrist|*Hip|*Knee|*Ankle|*Toe"
    ),
    "Xsens MVN": convention(
        "Pelvis|L5|T8|Neck|Head",
        ("Left", "Right"),
        "*Shoulder|*UpperArm|*ForeArm|*Hand|*UpperLeg|*LowerLeg|*Foot|*Toe",
    ),
    "Biovision": convention(
        "Hips|Chest|Chest2|Neck|Head",
        ("Left", "Right"),
        "*Collar|*UpArm|*LowArm|*Hand|*UpLeg|*LowLeg|*Foot|*Toe",
    ),
    "3ds Max": convention(
        "Bip01 Pelvis|Bip01 Spine|Bip01 Spine1|Bip01 Neck|Bip01 Head",
        ("Bip01 L", "Bip01 R"),
        "* Clavicle|* UpperArm|* Forearm|* Hand|* Thigh|* Calf|* Foot|* Toe0",
    ),
    "Truebones": convention(
        "Bip01|Bip01_Spine|Bip01_Spine1|Bip01_Neck|Bip01_Head",
        ("Bip01_L_", "Bip01_R_"),
        "*Clavicle|*UpperArm|*Forearm|*Hand|*Thigh|*Calf|*Foot|*Toe0",
    ),
    "Valve": convention(
        "ValveBiped.Bip01_Pelvis|ValveBiped.Bip01_Spine|ValveBiped.Bip01_Spine2|ValveBiped.Bip01_Neck1|"
        "ValveBiped.Bip01_Head1",
        ("ValveBiped.Bip01_L_", "ValveBiped.Bip01_R_"),
        "*Clavicle|*UpperArm|*Forearm|*Hand|*Thigh|*Calf|*Foot|*Toe0",
    ),
    "DAZ Genesis": convention(
        "hip|abdomenLower|chestLower|neckLower|head",
        ("l", "r"),
        "*Collar|*ShldrBend|*ForearmBend|*Hand|*ThighBend|*Shin|*Foot|*Toe",
    ),
    "DAZ Genesis 9": convention(
        "hip|spine1|spine3|neck1|head",
        ("l_", "r_"),
        "*shoulder|*upperarm|*forearm|*hand|*thigh|*shin|*foot|*toes",
    ),
    "Poser": convention(
        "hip|abdomen|chest|neck|head", ("l", "r"), "*Collar|*Shldr|*ForeArm|*Hand|*Thigh|*Shin|*Foot|*Toe"
    ),
    "VRM": convention(
        "J_Bip_C_Hips|J_Bip_C_Spine|J_Bip_C_Chest|J_Bip_C_Neck|J_Bip_C_Head",
        ("J_Bip_L_", "J_Bip_R_"),
        "*Shoulder|*UpperArm|*LowerArm|*Hand|*UpperLeg|*LowerLeg|*Foot|*ToeBase",
    ),
    "Unity": convention(
        "Hips|Spine|Chest|Neck|Head",
        ("Left", "Right"),
        "*Shoulder|*UpperArm|*LowerArm|*Hand|*UpperLeg|*LowerLeg|*Foot|*Toes",
    ),
    "VRM 1.0": convention(
        "hips|spine|chest|neck|head",
        ("left", "right"),
        "*Shoulder|*UpperArm|*LowerArm|*Hand|*UpperLeg|*LowerLeg|*Foot|*Toes",
    ),
    "Unreal": convention(
        "pelvis|spine_01|spine_03|neck_01|head",
        ("l", "r"),
        "clavicle_*|upperarm_*|lowerarm_*|hand_*|thigh_*|calf_*|foot_*|ball_*",
    ),
    "Rigify": convention(
        "spine|spine.001|spine.003|spine.004|spine.006",
        ("L", "R"),
        "shoulder.*|upper_arm.*|forearm.*|hand.*|thigh.*|shin.*|foot.*|toe.*",
    ),
    "Rigify, deform bones": convention(
        "DEF-spine|DEF-spine.001|DEF-spine.003|DEF-spine.004|DEF-spine.006",
        ("L", "R"),
        "DEF-shoulder.*|DEF-upper_arm.*|DEF-forearm.*|DEF-hand.*|DEF-thigh.*|DEF-shin.*|DEF-foot.*|DEF-toe.*",
    ),
    "LaFAN1": convention(
        "Hips|Spine|Spine2|Neck|Head", ("Left", "Right"), "*Shoulder|*Arm|*ForeArm|*Hand|*UpLeg|*Leg|*Foot|*Toe"
    ),
    "Perception Neuron": convention(
        "Robot_Hips|Robot_Spine|Robot_Spine2|Robot_Neck|Robot_Head",
        ("Robot_Left", "Robot_Right"),
        "*Shoulder|*Arm|*ForeArm|*Hand|*UpLeg|*Leg|*Foot|*Toe",
    ),
    "OptiTrack": convention(
        "Hip|Ab|Chest|Neck|Head", ("L", "R"), "*Shoulder|*UArm|*FArm|*Hand|*Thigh|*Shin|*Foot|*Toe"
    ),
    "CMU names": convention(
        "root|lowerback|thorax|lowerneck|head",
        ("l", "r"),
        "*clavicle|*humerus|*radius|*hand|*femur|*tibia|*foot|*toes",
    ),
    "SMPL": convention(
        "pelvis|spine1|spine3|neck|head",
        ("left", "right"),
        "*_collar|*_shoulder|*_elbow|*_wrist|*_hip|*_knee|*_ankle|*_foot",
    ),
    "SMPL, short": convention(
        "Pelvis|Torso|Chest|Neck|Head", ("L", "R"), "*_Thorax|*_Shoulder|*_Elbow|*_Wrist|*_Hip|*_Knee|*_Ankle|*_Toe"
    ),
    "Character Creator": convention(
        "CC_Base_Hip|CC_Base_Waist|CC_Base_Spine02|CC_Base_NeckTwist01|CC_Base_Head",
        ("CC_Base_L_", "CC_Base_R_"),
        "*Clavicle|*Upperarm|*Forearm|*Hand|*Thigh|*Calf|*Foot|*ToeBase",
    ),
    "Advanced Skeleton": convention(
        "Root_M|Spine1_M|Chest_M|Neck_M|Head_M",
        ("L", "R"),
        "Scapula_*|Shoulder_*|Elbow_*|Wrist_*|Hip_*|Knee_*|Ankle_*|Toes_*",
    ),
    "Kinect": convention(
        "SpineBase|SpineMid|SpineShoulder|Neck|Head",
        ("Left", "Right"),
        "Clavicle*|Shoulder*|Elbow*|Wrist*|Hip*|Knee*|Ankle*|Foot*",
    ),
    "MakeHuman": convention(
        "root|spine05|spine02|neck01|head",
        ("L", "R"),
        "clavicle.*|upperarm01.*|lowerarm01.*|wrist.*|upperleg01.*|lowerleg01.*|foot.*|toe1-1.*",
    ),
    "DeepMotion": convention(
        "hips_JNT|spine_JNT|spine2_JNT|neck_JNT|head_JNT",
        ("l", "r"),
        "*_shoulder_JNT|*_arm_JNT|*_forearm_JNT|*_hand_JNT|*_upleg_JNT|*_leg_JNT|*_foot_JNT|*_toebase_JNT",
    ),
    "Blender, mirrored names": convention(
        "Hips|Spine|Chest|Neck|Head",
        ("L", "R"),
        "Shoulder.*|UpperArm.*|LowerArm.*|Hand.*|UpperLeg.*|LowerLeg.*|Foot.*|Toes.*",
    ),
    "lower case": convention(
        "hips|spine|chest|neck|head",
        ("left", "right"),
        "*shoulder|*arm|*forearm|*hand|*upleg|*leg|*foot|*toebase",
    ),
    "lower case, one letter for the side": convention(
        "hips|spine|chest|neck|head", ("l", "r"), "*collar|*arm|*elbow|*hand|*leg|*knee|*foot|*toe"
    ),
    "numbers": convention("j0|j1|j2|j3|j4", ("1", "2"), "j*0|j*1|j*2|j*3|j*4|j*5|j*6|j*7"),
}
"""The names that programs use for BopBot's joints."""


def add_fingers(rig: Rig) -> None:
    """Add five fingers of three joints to each hand, the middle one the longest."""
    for side, out in (("Left", 1), ("Right", -1)):
        rig.remove(f"{side}Hand_end")
        for number, finger in enumerate(("Thumb", "Index", "Middle", "Ring", "Pinky")):
            parent = f"{side}Hand"
            for joint in range(1, 4):
                name = f"{side}Hand{finger}{joint}"
                length = 8.0 if joint == 1 else 2.5 + 0.2 * (finger == "Middle")
                rig.add(name, parent, [out * length, 0, 2.0 * (2 - number) if joint == 1 else 0])
                parent = name
            rig.add(f"{parent}_end", parent, [out * 2.0, 0, 0], end=True)


def add_twist_bones(rig: Rig) -> None:
    """Add twist bones beside the bones of arms and legs, and one within each thigh and forearm."""
    for side in ("Left", "Right"):
        for bone, end in (("Arm", "ForeArm"), ("Leg", "Foot")):
            rig.add(f"{side}{bone}Twist", f"{side}{bone}", rig.offsets[f"{side}{end}"] * 0.5)
        rig.insert(f"{side}UpLegTwist", f"{side}Leg", 0.5)
        rig.insert(f"{side}ForeArmTwist", f"{side}Hand", 0.5)


def add_spines(rig: Rig) -> None:
    """Add joints to spine, neck and collar."""
    rig.insert("Spine3", "Chest", 0.5)
    rig.insert("Spine4", "Neck", 0.4)
    rig.insert("Neck1", "Head", 0.5)


def add_face(rig: Rig) -> None:
    """Add eyes and a jaw to the head."""
    for side, out in (("Left", 1), ("Right", -1)):
        rig.add(f"{side}Eye", "Head", [out * 3.0, 6.0, 8.0])
    rig.add("Jaw", "Head", [0, 1.0, 3.0])
    rig.add("Jaw_end", "Jaw", [0, -3.0, 7.0], end=True)


def add_hip_joints(rig: Rig) -> None:
    """Add the halves of the pelvis, as CMU's conversion has them."""
    for side, short in (("Left", "L"), ("Right", "R")):
        rig.insert(f"{short}HipJoint", f"{side}UpLeg", 0.2)


def add_helpers(rig: Rig) -> None:
    """Add joints beside the hips that have no part in the body."""
    for side, out in (("Left", 1), ("Right", -1)):
        rig.add(f"{side}FootIK", "Hips", [out * 9.0, -80.0, 0])
        rig.add(f"{side}Skirt1", "Hips", [out * 14.0, -5.0, 0])
        rig.add(f"{side}Skirt2", f"{side}Skirt1", [out * 4.0, -25.0, 0])


def add_root(rig: Rig) -> None:
    """Add a root at the origin that never moves, above the hips."""
    rig.children["Reference"] = [rig.root]
    rig.offsets["Reference"] = np.zeros(3)
    rig.channels["Reference"] = rig.channels[rig.root]
    rig.motion["Reference"] = np.zeros_like(rig.motion[rig.root])
    rig.root = "Reference"


CHANGES: dict[str, Callable[[Rig], None]] = {
    "fingers": add_fingers,
    "twist bones": add_twist_bones,
    "spines": add_spines,
    "a face": add_face,
    "hip joints": add_hip_joints,
    "helpers": add_helpers,
    "a root": add_root,
}
"""Ways in which rigs have more joints than BopBot's."""


def remove_collars(rig: Rig) -> None:
    """Hang the arms on the chest directly."""
    for side in ("Left", "Right"):
        collar = f"{side}Shoulder"
        rig.offsets[f"{side}Arm"] = rig.offsets[f"{side}Arm"] + rig.offsets[collar]
        place = rig.children["Chest"].index(collar)
        rig.children["Chest"][place] = f"{side}Arm"
        del rig.children[collar]


def remove_toes(rig: Rig) -> None:
    """Leave the end of the foot as the only joint behind the ankle."""
    for side in ("Left", "Right"):
        offset = rig.offsets[f"{side}Toe"]
        rig.remove(f"{side}Toe")
        rig.add(f"{side}Foot_end", f"{side}Foot", offset, end=True)


def remove_ends(rig: Rig) -> None:
    """Remove all end sites."""
    for name in [name for name, channels in rig.channels.items() if not channels and name in rig.children]:
        rig.remove(name)


REDUCTIONS: dict[str, Callable[[Rig], None]] = {
    "no collars": remove_collars,
    "no toes": remove_toes,
    "no ends": remove_ends,
}
"""Ways in which rigs have fewer joints than BopBot's."""
