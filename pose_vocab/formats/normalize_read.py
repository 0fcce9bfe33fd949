"""From what a pose file states to sequences of people: the same steps for every format.

Missing points, space, unit and axes, time and identities are interpreted here and nowhere else. What was
guessed is a notice; what cannot be told is an error that names the option.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from pose_vocab.errors import PoseError
from pose_vocab.formats.coordinate_space import to_bopbot_axes
from pose_vocab.formats.detections import Detections, assemble_people
from pose_vocab.formats.interface import PoseInput, PosesRead
from pose_vocab.formats.missing import points_and_confidence
from pose_vocab.formats.parsed import Parsed
from pose_vocab.formats.timeline import timeline_of
from pose_vocab.formats.timestamps import max_steps_s
from pose_vocab.joint_map_file import load_joint_map
from pose_vocab.joint_mapping import mapping_for, mix_joints
from pose_vocab.resampling import resample_uneven
from pose_vocab.sequence import check_coordinates
from pose_vocab.skeletons import DANCER


def normalize_read(path: Path, parsed: Parsed, pose_input: PoseInput) -> PosesRead:
    """Return the people in a file.

    Raises
    ------
    PoseError : coordinates out of range, nobody in it, too many frames, or an option is needed.
    """
    if not parsed.points.size:
        raise PoseError(f"{path}: nobody is seen in any of 0 frames")
    check_coordinates(parsed.points, str(path))
    points, confidence = points_and_confidence(parsed)
    timeline = timeline_of(parsed, points, pose_input, path)
    if not (confidence > 0).any():
        raise PoseError(f"{path}: nobody is seen in any of {len(np.unique(timeline.frames))} frames")
    if pose_input.joint_map is None:
        mapping = mapping_for(parsed.skeleton, points)
    else:
        mapping = load_joint_map(pose_input.joint_map, parsed.skeleton)
    keypoints, notices = to_bopbot_axes(points, parsed, mapping, pose_input, path)
    detections = Detections(keypoints, confidence, timeline.frames, timeline.n_frames, parsed.ids)
    read = assemble_people(path, detections, timeline.fps, parsed.skeleton)
    people = read.people
    if timeline.times_s is not None:
        longest_s = max_steps_s(timeline.times_s)
        people = tuple(resample_uneven(one, timeline.times_s, timeline.fps, longest_s) for one in people)
    if pose_input.joint_map is not None and mapping is not None:
        people = tuple(mix_joints(one, mapping.joints, DANCER) for one in people)
    return replace(read, people=people, notices=(*timeline.notices, *parsed.notices, *notices, *read.notices))
