"""COCO's keypoints: a whole dataset, or a bare list of results.

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
"""The flag of a joint that is seen; 1 is one that is labelled but hidden, 0 one that is not labelled."""
DATASET_KEYS = rb'"(images|annotations|categories|licenses|info)":[\[{]'
RESULT_KEYS = rb'"(image_id|category_id)":'


class Coco:
    """Several people in 2D on COCO's 17 keypoints; the pictures are frames, in natural order of their names."""

    name = "coco"
    title = "COCO keypoint JSON"
    suffixes = (".json",)

    def recognizes(self, path: Path) -> bool:
        """Whether it begins as a dataset, or as a list of results."""
        text = read_head(path)
        return bool(
            (text.startswith(b"{") and re.search(DATASET_KEYS, text))
            or (text.startswith(b"[{") and re.search(RESULT_KEYS, text))
        )

    def read(self, path: Path, pose_input: PoseInput) -> PosesRead:
        """Read everybody; a picture without annotation is a frame with nobody.

        Raises
        ------
        PoseError : damaged, other keypoints than COCO's 17, several videos in it, nobody in it.
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
            raise PoseError(f"{path}: nobody has keypoints in any of {n_frames} pictures")
        body = np.stack([_body(one, f"{path}, annotation {place}") for place, one in rows])
        seen = Detections(
            body[..., :2],
            _confidence(body[..., 2]),
            np.array([_frame(one, frame_of, f"{path}, annotation {place}") for place, one in rows]),
            n_frames,
            _ids([one for _, one in rows]),
        )
        return assemble_people(path, seen, fps, COCO_17, notices)


def _list_of_objects(content: Mapping[str, Any], key: str, path: Path) -> list[dict[str, Any]]:
    objects = content.get(key)
    if not isinstance(objects, list) or not all(isinstance(one, dict) for one in objects):
        raise PoseError(f"{path} is no keypoint file of COCO: it needs a list of objects as {key!r}")
    return objects


def _frames_of_pictures(images: Sequence[Mapping[str, Any]], path: Path) -> dict[Any, int]:
    """The frame of each picture's id."""
    videos = {image["video_id"] for image in images if isinstance(image.get("video_id"), int | str)}
    if len(videos) > 1:
        raise PoseError(f"{path} holds pictures of {len(videos)} videos; give every video its own file")
    for image in images:
        if not isinstance(image.get("id"), int | str):
            raise PoseError(f"{path}: a picture has the id {image.get('id')!r}; expected a number or a name")
    named = {Path(str(image.get("file_name", image["id"]))): image["id"] for image in images}
    if len(named) != len(images) or len(set(named.values())) != len(images):
        raise PoseError(f"{path}: two pictures have the same name or id")
    return {named[name]: frame for frame, name in enumerate(natural_order(named))}


def _frames_of_results(results: Sequence[Mapping[str, Any]], path: Path) -> dict[Any, int]:
    """The frame of each picture that has a result; a missing number in between is a frame with nobody."""
    ids = {result.get("image_id") for result in results if isinstance(result.get("image_id"), int | str)}
    found = {id: re.findall(r"\d+", str(id)) for id in ids}
    if ids and all(found.values()):
        number_of = {id: int(digits[-1][-18:]) for id, digits in found.items()}
        if len(set(number_of.values())) == len(ids):
            return dict(zip(number_of, zero_based_frames(list(number_of.values()), path).tolist(), strict=True))
    named = {Path(str(id)): id for id in ids}
    return {named[name]: frame for frame, name in enumerate(natural_order(named))}


def _frame(annotation: Mapping[str, Any], frame_of: Mapping[Any, int], where: str) -> int:
    picture = annotation.get("image_id")
    if not isinstance(picture, int | str) or picture not in frame_of:
        raise PoseError(f"{where}: there is no picture {picture!r}")
    return frame_of[picture]


def _check_categories(
    annotations: Sequence[Mapping[str, Any]], categories: Sequence[Mapping[str, Any]], path: Path
) -> None:
    used = {str(one.get("category_id")) for one in annotations if one.get("keypoints")}
    for category in categories:
        named = category.get("keypoints")
        if str(category.get("id")) not in used:
            continue
        names = [re.sub(r"[ -]", "_", str(name).lower()) for name in named] if isinstance(named, list) else []
        if names != list(COCO_17.joint_names):
            raise PoseError(
                f"{path}: the category {category.get('name')!r} has {len(names)} keypoints "
                f"({', '.join(names[:3])}, ...); only COCO's 17 are known, from nose to right_ankle"
            )


def _body(annotation: Mapping[str, Any], where: str) -> NDArray[np.float64]:
    flat = to_number_array(annotation["keypoints"], where)
    if flat.shape != (3 * COCO_17.n_joints,):
        raise PoseError(f"{where}: {flat.size} values; COCO's 17 keypoints have {3 * COCO_17.n_joints}")
    return flat.reshape(-1, 3)


def _confidence(third: NDArray[np.float64]) -> NDArray[np.float64]:
    """Flags as 0, 0.5 and 1; scores as they are."""
    flags = third.max() == LABELLED_AND_SEEN and bool(np.isin(third, (0, 1, LABELLED_AND_SEEN)).all())
    return third / LABELLED_AND_SEEN if flags else third


def _ids(annotations: Sequence[Mapping[str, Any]]) -> NDArray[np.intp] | None:
    """Whom the file says that each is; None where it does not say it of everybody."""
    ids = [one.get("track_id") for one in annotations]
    if not all(isinstance(id, int) and 0 <= id < 2**62 for id in ids):
        return None
    return np.array(ids, np.intp)
