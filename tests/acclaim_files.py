"""A small body as Acclaim files: a skeleton (.asf) and its motion (.amc)."""

from pathlib import Path

ASF = """# a comment
:version 1.10
:name VICON
:units
  mass 1.0
  length {length}
  angle {angle}
:documentation
   made for a test
:root
   order TX TY TZ RX RY RZ
   axis XYZ
   position 0 0 0
   orientation 0 0 0
:bonedata
{bones}
:hierarchy
  begin
    root lfemur rfemur trunk
    lfemur ltibia
    ltibia lfoot
    rfemur rtibia
    rtibia rfoot
    trunk head lhumerus rhumerus
    lhumerus lradius
    lradius lhand
    rhumerus rradius
    rradius rhand
  end
"""
BONES = {
    "lfemur": ("0.2 -1 0", 7, "0 0 0", "rx ry rz"),
    "ltibia": ("0 -1 0", 7, "0 0 0", "rx"),
    "lfoot": ("0 -0.3 1", 2.5, "0 0 0", "rx"),
    "rfemur": ("-0.2 -1 0", 7, "0 0 0", "rx ry rz"),
    "rtibia": ("0 -1 0", 7, "0 0 0", "rx"),
    "rfoot": ("0 -0.3 1", 2.5, "0 0 0", "rx"),
    "trunk": ("0 1 0", 9, "0 0 0", "rx ry rz"),
    "head": ("0 1 0", 3, "0 0 0", ""),
    "lhumerus": ("1 0 0", 5, "0 0 90", "rx ry rz"),
    "lradius": ("1 0 0", 5, "0 0 0", "rx"),
    "lhand": ("1 0 0", 1.5, "0 0 0", ""),
    "rhumerus": ("-1 0 0", 5, "0 0 -90", "rx ry rz"),
    "rradius": ("-1 0 0", 5, "0 0 0", "rx"),
    "rhand": ("-1 0 0", 1.5, "0 0 0", ""),
}
"""Direction, length, axis and channels of each bone."""


def asf_text(length: float = 0.45, angle: str = "deg") -> str:
    """Return the skeleton; `length` is the number of units in an inch."""
    blocks = []
    for number, (name, (direction, size, axis, dof)) in enumerate(BONES.items(), 1):
        channels = f"    dof {dof}\n    limits (-160.0 20.0)\n           (-70.0 70.0)\n" if dof else ""
        blocks.append(
            f"  begin\n     id {number}\n     name {name}\n     direction {direction}\n     length {size}\n"
            f"     axis {axis}  XYZ\n{channels}  end"
        )
    return ASF.format(length=length, angle=angle, bones="\n".join(blocks))


def amc_text(*frames: dict[str, str], keyword: str = ":DEGREES") -> str:
    """Return a motion; a frame names the values of bones that are not 0."""
    lines = ["#!OML:ASF skeleton.ASF", ":FULLY-SPECIFIED", keyword]
    for number, frame in enumerate(frames, 1):
        lines.append(str(number))
        lines.append(f"root {frame.get('root', '0 15 0 0 0 0')}")
        for name, (_, _, _, dof) in BONES.items():
            if dof:
                lines.append(f"{name} {frame.get(name, ' '.join('0' for _ in dof.split()))}")
    return "\n".join(lines) + "\n"


def write_amc(folder: Path, *frames: dict[str, str]) -> Path:
    """Write both files and return the path of the motion."""
    (folder / "body.asf").write_text(asf_text())
    path = folder / "body.amc"
    path.write_text(amc_text(*(frames or ({}, {}))))
    return path
