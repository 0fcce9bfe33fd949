"""COCO keypoint files: a whole dataset, or a bare list of results.

T.-Y. Lin et al., "Microsoft COCO: Common Objects in Context", 2014; the format is on the dataset's page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import PoseError
from pose_vocab.formats.detections import Detections, assemble_people, zero_based_frames
from pose_vocab.formats.interface import PoseInput, PosesRead
from pose_vocab.formats.json_files import read_head, read_json, to_number_array
from pose_vocab.formats.units import choose_fps
from pose_vocab.natural_order import natural_order
from pose_vocab.skeletons import COCO_17

LABELLED_AND_SEEN = 2
"""The flag of a visible joint; 1 is labelled but hidden, 0 is not labelled."""
DATASET_KEYS = rb'"(images|annotations|categories|licenses|info)":[\[{]'
"""Matches the beginning of a dataset."""
RESULT_KEYS = rb'"(image_id|category_id)":'
"""Matches the beginning of a list of results."""


class Coco:
    """Reads several people in 2D on COCO's 17 keypoints; images are frames, in natural order of their names.
    Not written.
    """

    name = "coco"
    title = "COCO keypoint JSON"
    suffixes = (".json",)

    def recognizes(self, path: Path) -> bool:
        """Return whether it begins like a dataset or a list of results."""
        text = read_head(path)
        return bool(
            (text.startswith(b"{") and re.search(DATASET_KEYS, text))
            or (text.startswith(b"[{") and re.search(RESULT_KEYS, text))
        )

    def read(self, path: Path, pose_input: PoseInput) -> PosesRead:
        """Read all people; an image without annotations is a frame with nobody.

        Raises
        ------
        PoseError : damaged, other keypoints than COCO's 17, several videos in one file, nobody in it.
        """
        fps, notices = choose_fps(pose_input, None, path)
        content = read_json(path)
        if isinstance(content, dict):
            annotations = _list_of_objects(content, "annotations", path)
            frame_of = _frames_of_pictures(_list_of_objects(content, "images", path), path)
            _check_categories(annotations, _list_of_objects(content, "categories", path), path)
        else:
            annotations = _list_of_objects({"results": content}, "results", path)
            frame_of = _frames_of_results(annotations, path)
        rows = [row for row in enumerate(annotations) if row[1].get("keypoints")]
        n_frames = max(frame_of.values(), default=-1) + 1
        if not rows:
            raise PoseError(f"{path}: nobody has keypoints in any of {n_frames} images")
        body = np.stack([_body(one, f"{path}, annotation {place}") for place, one in rows])
        detections = Detections(
            body[..., :2],
            _confidence(body[..., 2]),
            np.array([_frame(one, frame_of, f"{path}, annotation {place}") for place, one in rows]),
            n_frames,
            _ids([one for _, one in rows]),
        )
        return assemble_people(path, detections, fps, COCO_17, notices)


def _list_of_objects(content: Mapping[str, Any], key: str, path: Path) -> list[dict[str, Any]]:
    """Return the list of objects under `key`; raise PoseError if there is none."""
    objects = content.get(key)
    if not isinstance(objects, list) or not all(isinstance(one, dict) for one in objects):
        raise PoseError(f"{path} is not a COCO keypoint file: expected a list of objects as {key!r}")
    return objects


def _frames_of_pictures(images: Sequence[Mapping[str, Any]], path: Path) -> dict[Any, int]:
    """Return the frame number of each image id."""
    videos = {image["video_id"] for image in images if isinstance(image.get("video_id"), int | str)}
    if len(videos) > 1:
        raise PoseError(f"{path} contains images of {len(videos)} videos; write one file per video")
    for image in images:
        if not isinstance(image.get("id"), int | str):
            raise PoseError(f"{path}: an image has the id {image.get('id')!r}; expected a number or a string")
    ids_by_name = {Path(str(image.get("file_name", image["id"]))): image["id"] for image in images}
    if len(ids_by_name) != len(images) or len(set(ids_by_name.values())) != len(images):
        raise PoseError(f"{path}: two images have the same name or id; each needs its own")
    return {ids_by_name[name]: frame for frame, name in enumerate(natural_order(ids_by_name))}


def _frames_of_results(results: Sequence[Mapping[str, Any]], path: Path) -> dict[Any, int]:
    """Return the frame number of each image with a result; a missing image number is a frame with nobody."""
    ids = {result.get("image_id") for result in results if isinstance(result.get("image_id"), int | str)}
    found = {id: re.findall(r"\d+", str(id)) for id in ids}
    if ids and all(found.values()):
        number_of = {id: int(digits[-1][-18:]) for id, digits in found.items()}
        if len(set(number_of.values())) == len(ids):
            return dict(zip(number_of, zero_based_frames(list(number_of.values()), path).tolist(), strict=True))
    ids_by_name = {Path(str(id)): id for id in ids}
    return {ids_by_name[name]: frame for frame, name in enumerate(natural_order(ids_by_name))}


def _frame(annotation: Mapping[str, Any], frame_of: Mapping[Any, int], where: str) -> int:
    """Return the frame of an annotation."""
    image_id = annotation.get("image_id")
    if not isinstance(image_id, int | str) or image_id not in frame_of:
        raise PoseError(f"{where}: there is no image {image_id!r}")
    return frame_of[image_id]


def _check_categories(
    annotations: Sequence[Mapping[str, Any]], categories: Sequence[Mapping[str, Any]], path: Path
) -> None:
    """Raise PoseError if an annotated category has other keypoints than COCO's 17."""
    used = {str(one.get("category_id")) for one in annotations if one.get("keypoints")}
    for category in categories:
        ids_by_name = category.get("keypoints")
        if str(category.get("id")) not in used:
            continue
        names = (
            [re.sub(r"[ -]", "_", str(name).lower()) for name in ids_by_name] if isinstance(ids_by_name, list) else []
        )
        if names != list(COCO_17.joint_names):
            raise PoseError(
                f"{path}: the category {category.get('name')!r} has {len(names)} keypoints "
                f"({', '.join(names[:3])}, ...); only COCO's 17 are supported, from nose to right_ankle"
            )


def _body(annotation: Mapping[str, Any], where: str) -> NDArray[np.float64]:
    """Return the keypoints of an annotation, (17, 3)."""
    flat = to_number_array(annotation["keypoints"], where)
    if flat.shape != (3 * COCO_17.n_joints,):
        raise PoseError(f"{where}: {flat.size} values; COCO's 17 keypoints need {3 * COCO_17.n_joints}")
    return flat.reshape(-1, 3)


def _confidence(third: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return visibility flags as 0, 0.5 and 1; scores stay as they are."""
    flags = third.max() == LABELLED_AND_SEEN and bool(np.isin(third, (0, 1, LABELLED_AND_SEEN)).all())
    return third / LABELLED_AND_SEEN if flags else third


def _ids(annotations: Sequence[Mapping[str, Any]]) -> NDArray[np.intp] | None:
    """Return the track id of each annotation; None unless all have one."""
    ids = [one.get("track_id") for one in annotations]
    if not all(isinstance(id, int) and 0 <= id < 2**62 for id in ids):
        return None
    return np.array(ids, np.intp)
