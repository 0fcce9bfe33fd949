"""Poses of all formats in place of a video, as a user types it."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import random_walk_px
from rigid_dancer import dancing_m

from bopbot.codec_presets import find_codec_preset
from bopbot.evaluation.dataset import Sources
from bopbot.inputs.clips import clips_in
from bopbot.inputs.discovery import files_in, identity_of
from pose_vocab.cleaning import Cleaning
from pose_vocab.errors import PoseError
from pose_vocab.formats import PoseInput, read_people, write_people
from pose_vocab.formats.bvh.load import load_bvh
from pose_vocab.joint_mapping import to_dancer
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import BODY_25
from pose_vocab.video import probe

Bopbot = Callable[..., Any]
KIND, CLEANING = find_codec_preset("limbs"), Cleaning()
TAKES = ("own.npz", "openpose", "file.pose", "table.csv")
AT_20 = PoseInput(fps=20)


def nobody_minds(line: str) -> None:
    pytest.fail(f"a notice: {line}")


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same five seconds of dance in the formats that hold 2D."""
    folder = tmp_path_factory.mktemp("formats")
    for name in TAKES:
        write_people([random_walk_px(100, seed=1)], folder / name)
    return folder


@pytest.mark.parametrize("name", TAKES)
def test_a_dance_is_the_same_in_every_format(name: str, folder: Path) -> None:
    (clip,) = clips_in([folder / name], KIND, CLEANING, nobody_minds, pose_input=AT_20)
    (own,) = clips_in([folder / "own.npz"], KIND, CLEANING, nobody_minds)
    assert np.allclose(clip.poses.keypoints, own.poses.keypoints, atol=1e-4)
    assert np.allclose(clip.placement.hip_path, own.placement.hip_path, atol=1e-4)
    assert read_people(folder / name, AT_20).people[0].fps == 20


def test_every_person_in_a_file_is_a_dance(tmp_path: Path) -> None:
    first, second = random_walk_px(100, seed=1), random_walk_px(100, seed=2)
    seated = PoseSequence(
        second.keypoints, second.confidence * np.isin(np.arange(16), (0, 1, 2, 3)), 20, second.skeleton
    )
    write_people([first, second, seated], tmp_path / "three.pose")
    clips = clips_in([tmp_path / "three.pose"], KIND, CLEANING, nobody_minds)
    assert [len(clip) for clip in clips] == [100, 100]


def test_what_a_user_should_know_of_a_file_is_said(folder: Path) -> None:
    notices: list[str] = []
    clips_in([folder / "openpose"], KIND, CLEANING, notices.append)
    assert len(notices) == 1
    assert "states no frame rate; read at 30 frames" in notices[0]


def test_a_searched_folder_gives_dances_in_natural_order_and_tells_what_it_passed_over(
    folder: Path, tmp_path: Path
) -> None:
    for name in ("take_10", "take_2", "deep/take_1"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write_people([random_walk_px(20, seed=3)], tmp_path / name)
    (tmp_path / "take_2" / "video.mp4").write_bytes(b"")
    for name in ("own.npz", "table.csv"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    (tmp_path / "damaged.bvh").write_text("HIERARCHY")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.json").write_text("{}")
    (tmp_path / "model" / "weights.npz").write_bytes(b"")
    for name, content in (("package.json", "{}"), ("sales.csv", "day,sum\n1,2\n"), ("weights.npz", "")):
        (tmp_path / name).write_text(content)
    notices: list[str] = []
    found = files_in([tmp_path], notice=notices.append)
    names = ["damaged.bvh", "deep/take_1", "own.npz", "table.csv", "take_2", "take_2/video.mp4", "take_10"]
    assert [path.relative_to(tmp_path).as_posix() for path in found] == names
    (notice,) = notices
    assert "skipped 3 files, as no poses are recognized in them" in notice
    assert "package.json" in notice


def test_a_told_format_leaves_other_poses_out_of_a_folder(folder: Path) -> None:
    assert files_in([folder], PoseInput(format="csv")) == [folder / "table.csv"]
    assert files_in([folder], PoseInput(format="openpose")) == [folder / "openpose"]
    with pytest.raises(PoseError, match="there is no video and no pose file"):
        files_in([folder], PoseInput(format="bvh"))


def test_a_frame_that_changes_makes_another_dance(tmp_path: Path) -> None:
    write_people([random_walk_px(20, seed=3)], tmp_path / "take")
    before = identity_of(tmp_path / "take")
    frame = next((tmp_path / "take").iterdir())
    frame.write_text(frame.read_text() + " ")
    assert identity_of(tmp_path / "take") != before


def test_frames_of_equal_size_that_change_places_make_another_dance(tmp_path: Path) -> None:
    for number, name in enumerate(("first", "second", "third")):
        (tmp_path / name).write_text("{}")
        os.utime(tmp_path / name, ns=(number, number))
    before = identity_of(tmp_path)
    assert identity_of(tmp_path) == before
    (tmp_path / "second").rename(tmp_path / "renamed")
    renamed = identity_of(tmp_path)
    (tmp_path / "first").rename(tmp_path / "second")
    (tmp_path / "renamed").rename(tmp_path / "first")
    assert len({before, renamed, identity_of(tmp_path)}) == 3


def test_an_empty_folder_has_an_identity_too(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "empty").mkdir()
    assert identity_of(tmp_path / "empty") != identity_of(tmp_path / "other")


def test_an_evaluation_reads_them_too(folder: Path) -> None:
    sources = Sources([folder / "openpose"], dances=[folder / "table.csv"], pose_input=AT_20)
    sources.check()
    material = sources.read(KIND, CLEANING, nobody_minds)
    assert [sum(map(len, clips)) for clips in (material.held_out["openpose"], material.dances["table"])] == [100, 100]


def test_words_are_built_of_all_of_them(bopbot: Bopbot, folder: Path, tmp_path: Path) -> None:
    answer = bopbot("vocab", "build", folder, "-o", tmp_path / "words", "--words", 30, "--source-fps", 20)
    assert (answer.code, answer.err) == (0, "")
    assert "from 400 frames" in answer.out


@pytest.mark.slow
def test_a_model_learns_from_openpose_and_bvh(bopbot: Bopbot, folder: Path, tmp_path: Path) -> None:
    write_people([dancing_m(150)], tmp_path / "a.bvh")
    words = ["train", folder / "openpose", tmp_path / "a.bvh", "-o", tmp_path / "model"]
    answer = bopbot(*words, "--words", 30, "--steps", 2, "--held-out", "0", "--source-fps", 20)
    assert (answer.code, answer.err) == (0, "")
    # What is told goes before the 30 frames a second of the BVH: 150 frames at 20.
    assert "30 words, learned from 250 frames" in answer.out


@pytest.mark.slow
@pytest.mark.parametrize("layout", ["dance", "side-by-side"])
def test_a_dance_goes_on_from_openpose_and_from_bvh(
    bopbot: Bopbot, folder: Path, tiny_model: Path, tmp_path: Path, layout: str
) -> None:
    write_people([dancing_m(150)], tmp_path / "a.bvh")
    how = ["--model", tiny_model, "--no-adapt", "--seconds", 1, "--layout", layout, "--source-fps", 20]
    for poses, title in ((folder / "openpose", "OpenPose JSON"), (tmp_path / "a.bvh", "BVH motion capture")):
        output = tmp_path / "new.mp4"
        answer = bopbot("choreograph", poses, "-o", output, *how)
        assert (answer.code, answer.err) == (0, "")
        assert f"note    {poses} is read as {title}" in answer.out
        assert "1 person" in answer.out
        assert "the dancer in 100% of them" in answer.out
        found = probe(output)
        assert (found.width, found.height) == ((720, 720) if layout == "dance" else (1440, 720))


def test_what_poses_cannot_give_a_dance(bopbot: Bopbot, folder: Path, tiny_model: Path, tmp_path: Path) -> None:
    words = ["choreograph", folder / "file.pose", "-o", tmp_path / "a.mp4", "--model", tiny_model, "--no-adapt"]
    for more, why in (
        (["--audio"], "holds poses, which have no sound; leave --audio out"),
        (["--dancer", 2], "there is no person 2 in"),
        (["--format", "bvh"], "is not a BVH file: expected plain text"),
    ):
        answer = bopbot(*words, *more)
        assert answer.code == 1
        assert why in answer.err
        assert len(answer.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_words_in_space_need_depth_and_convert_gives_it(folder: Path, tmp_path: Path) -> None:
    notices: list[str] = []
    body = find_codec_preset("body")
    with pytest.raises(Exception, match="none of the 1 files"):
        clips_in([folder / "file.pose"], body, CLEANING, notices.append)
    assert "bopbot convert" in notices[0]
    write_people(read_people(folder / "file.pose").people, tmp_path / "a.bvh")
    assert clips_in([tmp_path / "a.bvh"], body, CLEANING, nobody_minds)[0].poses.dims == 3


def test_poses_are_not_extracted_once_more(bopbot: Bopbot, folder: Path, tmp_path: Path) -> None:
    answer = bopbot("extract", folder / "openpose", "-o", tmp_path / "poses", "--json")
    (outcome,) = json.loads(answer.out)
    assert answer.code == 1
    assert "holds poses already (OpenPose JSON" in outcome["detail"]


@pytest.mark.parametrize("output", ["a.npz", "a.pose", "a.csv", "frames"])
def test_poses_are_converted(bopbot: Bopbot, folder: Path, tmp_path: Path, output: str) -> None:
    answer = bopbot("convert", folder / "file.pose", "-o", tmp_path / output)
    rate = f"bopbot: {tmp_path / output} stores no frame rate; read it with --source-fps 20\n"
    assert (answer.code, answer.err) == (0, rate if output == "frames" else "")
    (line,) = answer.out.splitlines()
    assert line.startswith(
        ".pose file of pose-format: 1 person, 100 frames at 20 a second, 16 joints (dancer) in 2D -> "
    )
    after = to_dancer(read_people(tmp_path / output, AT_20).people[0])
    assert np.allclose(after.keypoints, random_walk_px(100, seed=1).keypoints, atol=1e-3)


def test_what_is_guessed_is_said_on_stderr(bopbot: Bopbot, folder: Path, tmp_path: Path) -> None:
    answer = bopbot("convert", folder / "openpose", "-o", tmp_path / "a.bvh")
    assert answer.code == 0
    assert len(answer.out.splitlines()) == 1
    rate, depth, off = answer.err.splitlines()
    assert "states no frame rate" in rate
    assert "their depth is estimated" in depth
    assert "cm off on average" in off
    assert load_bvh(tmp_path / "a.bvh").fps == 30
    answer = bopbot("convert", folder / "openpose", "-o", tmp_path / "b.bvh", "--source-fps", 20, "--quiet")
    assert (answer.code, answer.out, answer.err) == (0, "", "")
    assert load_bvh(tmp_path / "b.bvh").fps == 20


def test_one_of_several_people_is_converted(bopbot: Bopbot, tmp_path: Path) -> None:
    often, seldom = random_walk_px(60, seed=1), random_walk_px(60, seed=2)
    confidence = seldom.confidence.copy()
    confidence[:30] = 0
    write_people([replace(seldom, confidence=confidence), often], tmp_path / "two.pose")
    answer = bopbot("convert", tmp_path / "two.pose", "-o", tmp_path / "a.npz")
    assert answer.code == 1
    assert "holds one person, not 2; choose one" in answer.err
    for person, poses in ((1, often), (2, seldom)):
        assert bopbot("convert", tmp_path / "two.pose", "-o", tmp_path / "a.npz", "--person", person).code == 0
        assert np.allclose(read_people(tmp_path / "a.npz").people[0].keypoints[30:], poses.keypoints[30:], atol=1e-3)


def test_an_array_needs_a_skeleton_and_shares_a_picture(bopbot: Bopbot, tmp_path: Path) -> None:
    keypoints = np.random.default_rng(0).uniform(0, 1, (5, 25, 2))
    np.save(tmp_path / "a.npy", keypoints)
    words = ["convert", tmp_path / "a.npy", "-o", tmp_path / "a.pose", "--source-fps", 20]
    assert "--skeleton" in bopbot(*words).err
    words += ["--skeleton", "openpose-25"]
    assert "--source-size" in bopbot(*words).err
    assert bopbot(*words, "--source-size", "1000x500").code == 0
    poses = read_people(tmp_path / "a.pose").people[0]
    assert poses.skeleton == BODY_25
    assert np.allclose(poses.keypoints, keypoints * [1000, 500], atol=1e-3)


def test_what_cannot_be_converted(bopbot: Bopbot, folder: Path, tmp_path: Path) -> None:
    source = folder / "table.csv"
    for words, why in (
        ([source, "-o", tmp_path / "a.mp4"], "bopbot render draws .mp4; expected a name with .npz, .bvh"),
        ([source, "-o", source], "is also an input or another output"),
        ([tmp_path / "none.csv", "-o", tmp_path / "a.npz"], "there is no file or folder"),
        ([tmp_path, "-o", tmp_path / "a.npz"], "is a folder without poses"),
        ([source, "-o", tmp_path / "no" / "a.npz"], "does not exist"),
        ([source, "-o", folder], "is a folder that contains"),
        ([source, "-o", tmp_path / "a.npz", "--format", "aist"], "table.csv"),
    ):
        answer = bopbot("convert", *words)
        assert (answer.code, answer.out) == (1, ""), words
        assert why in answer.err
        assert len(answer.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        ["--format", "xyz"],
        ["--skeleton", "cat"],
        ["--source-size", "big"],
        ["--source-size", "0x5"],
        ["--source-fps", 0],
    ],
)
def test_wrong_usage(bopbot: Bopbot, folder: Path, tmp_path: Path, words: list[object]) -> None:
    answer = bopbot("convert", folder / "table.csv", "-o", tmp_path / "a.npz", *words)
    assert answer.code == 2
    assert "Traceback" not in answer.err
