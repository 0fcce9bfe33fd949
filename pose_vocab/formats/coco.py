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
from pose_vocab.formats.interface import FormatNotes, PoseInput
from pose_vocab.formats.json_files import file_ids, read_head, read_json, to_number_array
from pose_vocab.formats.parsed import Parsed, Space
from pose_vocab.formats.skeleton_choice import BY_COUNT, skeleton_by_geometry
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
    notes = FormatNotes(
        reads=(
            "people on COCO's 17 keypoints, COCO-WholeBody (133), Halpe (26, 136) or Human3.6M (17): a "
            "dataset or a list of results, as of AlphaPose and MMPose"
        ),
        guesses="Human3.6M and BODY_25 by their geometry; face and hands are left out",
    )

    def recognizes(self, path: Path) -> bool:
        """Return whether it begins like a dataset or a list of results."""
        text = read_head(path)
        return bool(
            (text.startswith(b"{") and re.search(DATASET_KEYS, text))
            or (text.startswith(b"[{") and re.search(RESULT_KEYS, text))
        )

    def parse(self, path: Path, pose_input: PoseInput) -> Parsed:
        """Return all people; an image without annotations is a frame with nobody.

        Raises
        ------
        PoseError : damaged, unknown keypoints, several videos in one file, nobody in it.
        """
        content = read_json(path)
        if isinstance(content, dict):
            annotations = _list_of_objects(content, "annotations", path)
            frame_of = _frames_of_pictures(_list_of_objects(content, "images", path), path)
            _check_categories(annotations, _list_of_objects(content, "categories", path), path)
        else:
            annotations = _list_of_objects({"results": content}, "results", path)
            frame_of = _frames_of_results(annotations, path)
        rows = [row for row in enumerate(annotations) if row[1].get("keypoints")]
        if not rows:
            raise PoseError(f"{path}: nobody has keypoints in any of {len(frame_of)} images")
        bodies = [_body(one, f"{path}, annotation {place}") for place, one in rows]
        sizes = {len(body) for body in bodies}
        if len(sizes) > 1:
            raise PoseError(f"{path} has people of {' and '.join(map(str, sorted(sizes)))} keypoints; use one layout")
        frames = [_frame(one, frame_of, f"{path}, annotation {place}") for place, one in rows]
        empty = sorted(set(frame_of.values()) - set(frames))
        layout = BY_COUNT[len(bodies[0])]
        body = np.full((len(bodies) + len(empty), layout[0].n_joints, 3), np.nan)
        body[: len(bodies)] = [one[: layout[0].n_joints] for one in bodies]
        skeleton, notices = skeleton_by_geometry(body[..., :2], layout, path)
        if len(bodies[0]) > skeleton.n_joints:
            notices += (f"{path} has {len(bodies[0])} keypoints; the {skeleton.n_joints} of the body are read",)
        ids = file_ids([one for _, one in rows], frames)
        return Parsed(
            body[..., :2],
            skeleton,
            Space.PICTURE,
            _confidence(body[..., 2]),
            frames=np.array(frames + empty),
            ids=None if ids is None else np.array(ids + [-1] * len(empty)),
            up="-y",
            notices=notices,
        )


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
    named = all("file_name" in image for image in images)
    numbers = _numbers_in_names([str(name) for name in ids_by_name]) if named else None
    if numbers is not None and len(set(np.diff(sorted(numbers)))) == 1:  # in a step, or from a later frame on
        return dict(zip(ids_by_name.values(), numbers, strict=True))
    return {ids_by_name[name]: frame for frame, name in enumerate(natural_order(ids_by_name))}


def _frames_of_results(results: Sequence[Mapping[str, Any]], path: Path) -> dict[Any, int]:
    """Return the frame number of each image with a result; a missing image number is a frame with nobody."""
    names: dict[Any, str] = {
        result["image_id"]: str(result["image_id"])
        for result in results
        if isinstance(result.get("image_id"), int | str)
    }
    folders = {str(Path(name).parent) for name in names.values()}
    if len(folders) > 1:
        raise PoseError(
            f"{path} contains results of {len(folders)} videos ({', '.join(sorted(folders)[:3])}); "
            "write one file per video"
        )
    numbers = _numbers_in_names(list(names.values()))
    if numbers is not None:
        return dict(zip(names, numbers, strict=True))
    ids_by_name = {Path(name): id for id, name in names.items()}
    return {ids_by_name[name]: frame for frame, name in enumerate(natural_order(ids_by_name))}


def _numbers_in_names(names: Sequence[str]) -> list[int] | None:
    """Return the last number in each name; None unless all have one of their own."""
    found = [re.findall(r"\d+", name) for name in names]
    if not all(found):
        return None
    numbers = [int(digits[-1][-18:]) for digits in found]
    return numbers if len(set(numbers)) == len(numbers) else None


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
    """Return the keypoints of an annotation, (keypoints, 3)."""
    flat = to_number_array(annotation["keypoints"], where)
    if flat.ndim == 2 and flat.shape[1] == 3:
        flat = flat.ravel()
    if flat.ndim != 1 or flat.size % 3 or flat.size // 3 not in BY_COUNT:
        known = ", ".join(map(str, BY_COUNT))
        raise PoseError(
            f"{where}: {flat.size} values; expected three for each of COCO's {COCO_17.n_joints} keypoints, "
            f"or of one of the known numbers of keypoints: {known}"
        )
    return flat.reshape(-1, 3)


def _confidence(third: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return visibility flags as 0, 0.5 and 1; scores stay as they are."""
    third = np.nan_to_num(third)
    flags = third.max() == LABELLED_AND_SEEN and bool(np.isin(third, (0, 1, LABELLED_AND_SEEN)).all())
    return third / LABELLED_AND_SEEN if flags else third
