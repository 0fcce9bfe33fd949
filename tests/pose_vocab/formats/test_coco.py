import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pose_vocab.errors import PoseError
from pose_vocab.formats import read_as
from pose_vocab.formats.coco import Coco
from pose_vocab.formats.interface import PoseInput, PosesRead
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import COCO_17

COCO = Coco()
BODY_PX = np.array([[10 * k % 60, 9 * k] for k in range(17)], float)
PERSON = {"id": 1, "name": "person", "keypoints": list(COCO_17.joint_names)}


def seen(image_id: Any, x: float, v: float = 2, **more: Any) -> dict[str, Any]:
    """The pose at (x, 300) in a picture."""
    body = np.concatenate([BODY_PX + np.array([x, 300]), np.full((17, 1), v)], axis=1)
    return {"image_id": image_id, "category_id": 1, "keypoints": body.ravel().tolist(), **more}


def pictures(*names: str) -> list[dict[str, Any]]:
    return [{"id": 10 + k, "file_name": name} for k, name in enumerate(names)]


def dataset(
    images: list[dict[str, Any]], annotations: list[dict[str, Any]], category: dict[str, Any] = PERSON
) -> dict[str, Any]:
    return {"info": {}, "images": images, "annotations": annotations, "categories": [category]}


def read(folder: Path, content: Any) -> PosesRead:
    path = folder / "a.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return read_as(COCO, path, PoseInput(fps=20))


def xs(poses: PoseSequence) -> list[float]:
    return [float(x) for x in poses.keypoints[:, 0, 0]]


def test_pictures_come_in_natural_order_and_those_with_nobody_stay(tmp_path: Path) -> None:
    images = pictures("f10.jpg", "f2.jpg", "f9.jpg")
    (poses,) = read(tmp_path, dataset(images, [seen(10, 110), seen(11, 102)])).people
    assert poses.skeleton == COCO_17
    assert np.array_equal(xs(poses), [102, np.nan, 110], equal_nan=True)
    assert poses.keypoints[0] == pytest.approx(BODY_PX + np.array([102, 300]))


def test_pictures_without_names_come_in_the_order_of_their_ids(tmp_path: Path) -> None:
    (poses,) = read(tmp_path, dataset([{"id": 10}, {"id": 9}], [seen(9, 1), seen(10, 2)])).people
    assert xs(poses) == [1, 2]


def test_flags_become_confidence_and_what_is_not_labelled_is_missing(tmp_path: Path) -> None:
    one = seen(10, 100)
    one["keypoints"][:6] = [0, 0, 0, 110, 300, 1]
    (poses,) = read(tmp_path, dataset(pictures("a"), [one])).people
    assert poses.confidence[0].tolist() == [0, 0.5] + [1] * 15


def test_scores_stay_scores(tmp_path: Path) -> None:
    (poses,) = read(tmp_path, [seen(0, 100, v=0.75), seen(1, 100, v=1)]).people
    assert poses.confidence[:, 0].tolist() == [0.75, 1]


def test_a_bare_list_of_results_has_gaps_where_nobody_is(tmp_path: Path) -> None:
    (poses,) = read(tmp_path, [seen(0, 100), seen(2, 102), seen(3, 103)]).people
    assert np.array_equal(xs(poses), [100, np.nan, 102, 103], equal_nan=True)
    (poses,) = read(tmp_path, [seen("3.jpg", 110), seen("2.jpg", 109)]).people
    assert np.array_equal(xs(poses), [np.nan, np.nan, 109, 110], equal_nan=True)
    (poses,) = read(tmp_path, [seen("b.jpg", 2), seen("a.jpg", 1)]).people
    assert xs(poses) == [1, 2]


@pytest.mark.parametrize("ids", [True, False])
def test_people_keep_their_identity_by_id_or_by_movement(tmp_path: Path, ids: bool) -> None:
    two = [
        [seen(10 + k, x + 5 * k, **({"track_id": track} if ids else {})) for track, x in ((4, 100), (9, 700))][
            :: 1 if k % 2 else -1
        ]
        for k in range(6)
    ]
    result = read(tmp_path, dataset(pictures(*"abcdef"), [one for here in two for one in here]))
    assert sorted(map(xs, result.people)) == [[100 + 5 * k for k in range(6)], [700 + 5 * k for k in range(6)]]


def test_a_crowd_without_keypoints_is_nobody(tmp_path: Path) -> None:
    crowd = {"image_id": 10, "category_id": 1, "iscrowd": 1, "keypoints": [0] * 51}
    box = {"image_id": 10, "category_id": 3, "bbox": [1, 2, 3, 4]}
    assert len(read(tmp_path, dataset(pictures("a"), [crowd, box, seen(10, 100)])).people) == 1


def test_it_knows_its_own(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    for content, known in (
        (dataset(pictures("a"), []), True),
        ({"images": pictures(*"ab" * 5000)}, True),
        ([seen(1, 100)], True),
        ({"people": []}, False),
        ([[{"x": 1, "y": 2}]], False),
        ([], False),
    ):
        path.write_text(json.dumps(content, indent=1))
        assert COCO.recognizes(path) == known
    assert not COCO.recognizes(tmp_path / "missing.json")


def test_other_keypoints_are_refused_by_name(tmp_path: Path) -> None:
    dog = {"id": 1, "name": "dog", "keypoints": ["nose", "tail"]}
    with pytest.raises(PoseError, match=r"'dog' has 2 keypoints \(nose, tail, ...\); only COCO's 17"):
        read(tmp_path, dataset(pictures("a"), [seen(10, 100)], dog))
    swapped = PERSON | {"keypoints": [*COCO_17.joint_names[::-1]]}
    with pytest.raises(PoseError, match="only COCO's 17"):
        read(tmp_path, dataset(pictures("a"), [seen(10, 100)], swapped))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "line 1, column 1: damaged JSON"),
        ([], "nobody has keypoints in any of 0 images"),
        (dataset(pictures("a", "b"), []), "nobody has keypoints in any of 2 images"),
        ({"images": []}, "list of objects as 'annotations'"),
        (3, "list of objects as 'results'"),
        ([3], "list of objects as 'results'"),
        (dataset(pictures("a"), [seen(99, 1)]), "annotation 0: there is no image 99"),
        ([seen([1], 1)], "annotation 0: there is no image [1]"),
        (dataset([{"id": 1}, {"id": 1}], [seen(1, 1)]), "two images have the same name or id"),
        (dataset([{"id": None}], [seen(1, 1)]), "an image has the id None"),
        (dataset([{"id": 1, "video_id": 1}, {"id": 2, "video_id": 2}], [seen(1, 1)]), "images of 2 videos"),
        ([seen(1, 1), {"image_id": 2, "keypoints": [1, 2, 1]}], "annotation 1: 3 values"),
        ([{"image_id": 2, "keypoints": ["a"] * 51}], 'expected numbers, got "a"'),
        ([{"image_id": 2, "keypoints": [0] * 51}], "nobody is seen in any of 1 frames"),
        ([seen(1, 1), seen(10**12, 1)], "more than 1000000 frames"),
    ],
)
def test_bad_input_is_answered(tmp_path: Path, content: Any, message: str) -> None:
    with pytest.raises(PoseError) as caught:
        read(tmp_path, content)
    assert message in str(caught.value)
    assert "a.json" in str(caught.value)
    assert "\n" not in str(caught.value)
