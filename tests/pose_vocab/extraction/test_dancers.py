import inspect
import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
import warnings
from contextlib import closing
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from joblib.externals.loky import process_executor

from pose_vocab.errors import BopBotError, ModelError, NobodyDancingError, VideoError
from pose_vocab.extraction import extract, extract_all
from pose_vocab.extraction.bundle import find_pose_model
from pose_vocab.extraction.landmarker import VideoLandmarker
from pose_vocab.extraction.process_pool import IDLE_S, keep_workers_ready
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import MEDIAPIPE


def seen_frames(dance: PoseSequence) -> np.ndarray:
    return np.asarray(dance.seen.any(axis=1))


@pytest.mark.slow
def test_landmarks_are_those_that_the_model_is_expected_to_give(data: Path) -> None:
    folder = data / "reference"
    expected = np.array(json.loads((folder / "pose_squats.full.json").read_text()))[..., :2]
    expected_m = np.array(json.loads((folder / "pose_squats_3d.full.json").read_text())) * (1, -1, -1)
    with av.open(str(folder / "pose_squats.mp4")) as video:
        frames = [frame.to_ndarray(format="rgb24") for frame in video.decode(video=0)]
    with closing(VideoLandmarker(find_pose_model())) as follower:
        found = [follower.detect(frame, k / 30) for k, frame in enumerate(frames)]
    assert [len(people) for people in found] == [1] * 65
    errors_px = np.linalg.norm(np.concatenate([people.keypoints for people in found]) - expected, axis=-1)
    assert errors_px.mean() <= 5.5
    assert errors_px.max() <= 31
    errors_m = np.linalg.norm(np.concatenate([people.world for people in found]) - expected_m, axis=-1)
    assert errors_m.mean() <= 0.06


@pytest.mark.slow
def test_a_solo_is_whole_and_the_same_from_one_process_or_two(data: Path) -> None:
    """Nor does it matter whether the processes had the model ready, or have read before."""
    told: list[tuple[int, int]] = []
    here = extract(data / "video" / "dancer_3.mp4", workers=1)
    keep_workers_ready(IDLE_S)
    ready = extract(data / "video" / "dancer_3.mp4", workers=2)
    np.testing.assert_array_equal(here.keypoints, ready.keypoints)
    elsewhere = extract(data / "video" / "dancer_3.mp4", workers=2, progress=lambda *said: told.append(said))
    np.testing.assert_array_equal(here.keypoints, elsewhere.keypoints)
    np.testing.assert_array_equal(here.confidence, elsewhere.confidence)

    assert (len(here), here.dims, here.fps, here.skeleton) == (396, 2, 20, MEDIAPIPE)
    assert seen_frames(here).mean() >= 0.95
    hips = np.nanmean(here.keypoints[:, 23:25], axis=(0, 1))
    assert hips == pytest.approx((288, 550), abs=100)  # in the middle of 576 x 1024 pixels

    assert told == sorted(told)
    assert told[-1] == (396, 396)


@pytest.mark.slow
def test_two_people_stay_on_their_sides(data: Path) -> None:
    left, right = extract_all(data / "video" / "two_people.gif")
    assert len(left) == len(right) == 84
    for dance in (left, right):
        assert seen_frames(dance).all()
    assert np.nanmax(left.keypoints[..., 0]) < 200 < np.nanmin(right.keypoints[..., 0])
    second = extract(data / "video" / "two_people.gif", dancer=2)
    np.testing.assert_array_equal(second.keypoints, right.keypoints)
    with pytest.raises(NobodyDancingError, match=r"no dancer 3: the video has 2 dancers; choose 1 to 2"):
        extract(data / "video" / "two_people.gif", dancer=3)


@pytest.mark.slow
def test_in_three_dimensions_the_dancer_stands_upright_and_travels(data: Path) -> None:
    video = data / "video" / "two_people.gif"
    pixels, metres = extract(video), extract(video, world=True)
    assert metres.dims == 3
    np.testing.assert_array_equal(metres.confidence, pixels.confidence)
    assert np.nanmedian(metres.joint("nose")[:, 1] - metres.joint("left_ankle")[:, 1]) == pytest.approx(1.2, abs=0.4)
    # Left in the picture is x < 0; whoever squats faces right, towards the middle.
    assert np.nanmax(metres.keypoints[..., 0]) < 0
    assert np.nanmedian(metres.joint("left_foot_index")[:, 0] - metres.joint("left_heel")[:, 0]) > 0


@pytest.mark.slow
def test_a_signer_is_found_whose_legs_are_not_visible(data: Path) -> None:
    signer = extract(data / "video" / "upper_body_only.mkv")
    assert seen_frames(signer).all()
    legs = [MEDIAPIPE.index(f"{side}_{joint}") for side in ("left", "right") for joint in ("knee", "ankle")]
    assert np.median(signer.confidence[:, legs]) < 0.1
    assert np.median(signer.confidence[:, MEDIAPIPE.index("left_shoulder")]) > 0.9


@pytest.mark.slow
def test_bottles_do_not_dance(data: Path) -> None:
    with pytest.raises(NobodyDancingError, match=r"no_people\.mp4: nobody stays .* in 399 frames"):
        extract(data / "video" / "no_people.mp4", fps=10)


@pytest.mark.slow
def test_people_who_arrive_one_at_a_time_are_different_people(data: Path) -> None:
    people = extract_all(data / "video" / "people_arrive.mp4", fps=5)
    assert len(people) == 6
    here = np.array([seen_frames(person) for person in people])
    assert here.sum(axis=0).max() == 1
    assert not here[:, :30].any()  # an empty room at first
    assert {len(person) for person in people} == {697}


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_what_goes_wrong_in_a_process_reaches_the_caller(data: Path, tmp_path: Path, workers: int) -> None:
    not_a_model = tmp_path / "dancer.task"
    not_a_model.write_bytes(b"no model")
    with pytest.raises(ModelError, match=r"dancer\.task cannot be used as a pose model"):
        extract(data / "video" / "dancer_3.mp4", pose_model=not_a_model, workers=workers)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_what_progress_raises_ends_the_reading(data: Path, workers: int) -> None:
    def enough(done: int, of: int) -> None:
        if done >= 20:
            raise StopIteration

    started = time.monotonic()
    with pytest.raises(StopIteration):
        extract(data / "video" / "dancer_1.mp4", workers=workers, progress=enough)
    assert time.monotonic() - started < 60


@pytest.mark.slow
def test_a_process_that_is_killed_is_told_of_and_the_next_video_is_read_all_the_same(data: Path) -> None:
    def kill(done: int, of: int) -> None:
        if done >= 20:
            for process in multiprocessing.active_children():
                os.kill(process.pid or 0, signal.SIGKILL)

    with pytest.raises(BopBotError, match=r"a process that read .*dancer_1\.mp4 was killed"):
        extract(data / "video" / "dancer_1.mp4", workers=2, progress=kill)
    assert len(extract(data / "video" / "dancer_1.mp4", fps=7, workers=2)) == 224


@pytest.mark.slow
def test_a_process_that_idles_out_just_as_work_comes_is_replaced_without_a_word(data: Path) -> None:
    """Loky warns of it in a thread of its own; here warnings are errors, and one would end that thread."""
    told = 0

    def warn_as_loky_does(done: int, total: int) -> None:
        nonlocal told
        if done == total:  # the processes have answered
            return
        told += 1
        warnings.warn("A worker stopped while some jobs were given to the executor.", UserWarning, stacklevel=1)

    assert "A worker stopped while some jobs" in inspect.getsource(process_executor)
    extract(data / "video" / "dancer_3.mp4", workers=2, progress=warn_as_loky_does)
    assert told > 2


def test_what_is_not_a_video_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match="no file"):
        extract(tmp_path / "missing.mp4")


@pytest.mark.parametrize("fps", [0, -1, 2000, float("nan"), float("inf")])
def test_a_frame_rate_that_makes_no_sense_is_refused(data: Path, fps: float) -> None:
    with pytest.raises(VideoError, match=f"at most 1000, got {fps}"):
        extract(data / "video" / "dancer_3.mp4", fps=fps)


SCRIPT = """
import sys
from pose_vocab.extraction import extract
print("go", flush=True)
dance = extract(sys.argv[1], workers=2, progress=lambda done, of: done and print(done, flush=True))
print(len(dance), "frames")
"""
"""As users write them: without a guard against being run again in every process."""


def run_script(folder: Path, video: Path) -> "subprocess.Popen[str]":
    script = folder / "script.py"
    script.write_text(SCRIPT)
    paths: dict[str, Any] = {"env": {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}}
    return subprocess.Popen(
        [sys.executable, script, video],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **paths,
    )


@pytest.mark.slow
def test_a_plain_script_works_and_its_terminal_stays_clean(data: Path, tmp_path: Path) -> None:
    with run_script(tmp_path, data / "video" / "dancer_3.mp4") as process:
        out, err = process.communicate(timeout=300)
    assert err == ""
    assert out.count("go") == 1
    assert out.endswith("396 frames\n")


@pytest.mark.slow
def test_ctrl_c_ends_all_processes(data: Path, tmp_path: Path) -> None:
    with run_script(tmp_path, data / "video" / "dancer_1.mp4") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "go\n"
        assert process.stdout.readline()  # the workers are at work
        group = process.pid
        os.killpg(group, signal.SIGINT)  # as a terminal does
        _, err = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT
    assert re.fullmatch(r"Traceback.*KeyboardInterrupt\n", err, re.DOTALL)
    assert err.count("Traceback") == 1
    deadline = time.monotonic() + 10
    while _alive(group) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _alive(group)


def _alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
