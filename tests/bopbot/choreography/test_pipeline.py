"""The whole line on real input, as a user types it."""

import json
import shutil
from collections.abc import Callable, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from scipy.io import wavfile

from bopbot import ChoreographyOptions, choreograph
from bopbot.beats.music_beats import detect_beats
from bopbot.choreography.generation import Sampling, continue_dance
from bopbot.choreography.inbetweening import Span
from bopbot.choreography.options import CompositionOptions
from bopbot.choreography.scoring import Scores
from bopbot.codec_presets import find_codec_preset
from bopbot.dance_model import DanceModel
from bopbot.drawing.layouts import LAYOUTS, SIDE_PX
from bopbot.inputs.clips import clips_of
from pose_vocab.cleaning import Cleaning
from pose_vocab.errors import ModelError
from pose_vocab.extraction import dancers
from pose_vocab.extraction.chunk_reader import ChunkResult, ExtractionSettings
from pose_vocab.extraction.chunks import Chunk
from pose_vocab.extraction.process_pool import read_chunks
from pose_vocab.sequence import PoseSequence

Bopbot = Callable[..., Any]
SOUND_HZ = 22_050
KEEPING = CompositionOptions(keep=(Span(0, 2),))

pytestmark = pytest.mark.slow


def pictures(video: Path) -> np.ndarray:
    with av.open(str(video)) as container:
        return np.array([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


SEEN: dict[tuple[object, ...], list[ChunkResult]] = {}
"""What was seen in a video, by its content and how it was read."""


@pytest.fixture(autouse=True)
def extracted_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the same bytes only once for all tests, but for the one that compares two whole runs."""

    def read_once(
        settings: ExtractionSettings, chunks: Sequence[Chunk], workers: int | None, done: Callable[[int], None]
    ) -> list[ChunkResult]:
        key = (Path(settings.video).read_bytes(), settings.fps, *chunks)
        if key not in SEEN:
            SEEN[key] = read_chunks(settings, chunks, workers, done)
        return deepcopy(SEEN[key])

    if request.node.name != "test_the_same_seed_gives_the_same_bytes":
        monkeypatch.setattr(dancers, "read_chunks", read_once)


@pytest.fixture(scope="module")
def learned(example_poses_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of the example's dance, trained by the command line's own function."""
    import sys

    from bopbot.__main__ import main

    folder = tmp_path_factory.mktemp("learned") / "model"
    words = ["bopbot", "train", str(example_poses_file), "-o", str(folder), "--steps", "20", "--words", "60", "--quiet"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", words)
        with pytest.raises(SystemExit) as end:
            main()
    assert end.value.code == 0
    return folder


def test_a_video_in_new_choreography_out(bopbot: Bopbot, example: Path, tmp_path: Path) -> None:
    output, report_file = tmp_path / "new.mp4", tmp_path / "new.json"
    answer = bopbot("choreograph", example, "-o", output, "--seconds", 6, "--seed", 7, "--report", report_file)
    assert answer.code == 0, answer.err
    assert answer.err == ""
    assert "the dancer in 100% of them" in answer.out
    assert "seed 7" in answer.out
    assert str(output) in answer.out

    with av.open(str(output)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert stream.average_rate == 30
        assert stream.frames == 180
    content = output.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")

    report = json.loads(report_file.read_text())
    assert report["format"] == "bopbot-report 3"
    assert report["seconds"] == 6.0
    assert report["dancer_share"] == 1.0
    assert (report["model"], report["adapted"]) == ("starter", True)
    [dance] = report["dances"]
    assert dance["language_model"] == "gpt2"
    assert len(dance["words"]) == 5 * 61
    assert report["words_per_second"] == 50
    assert all(len(word) == 5 for word in dance["words"])
    assert dance["distinct_words"] == len(set(dance["words"])) > 12
    assert dance["own_share"] > 0.5
    assert dance["longest_copied_s"] <= 3

    drawn = pictures(output).astype(int)
    moving = np.abs(np.diff(drawn, axis=0)).mean(axis=(1, 2, 3))
    assert (moving > 0.02).mean() > 0.9, "the dancer stands still"


def test_the_same_seed_gives_the_same_bytes(bopbot: Bopbot, example: Path, tmp_path: Path) -> None:
    videos = [tmp_path / "first.mp4", tmp_path / "again.mp4"]
    for video in videos:
        answer = bopbot("choreograph", example, "-o", video, "--seconds", 2, "--seed", 3, "--quiet")
        assert (answer.code, answer.out, answer.err) == (0, "", "")
    assert videos[0].read_bytes() == videos[1].read_bytes()


def test_a_truncated_video_is_used_as_far_as_it_goes_and_said_so(bopbot: Bopbot, example: Path, tmp_path: Path) -> None:
    whole = example.read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    answer = bopbot("choreograph", tmp_path / "cut.mp4", "-o", tmp_path / "new.mp4", "--seconds", 2)
    assert answer.code == 0, answer.err
    assert "note    the video is damaged after" in answer.out


def test_sound_is_taken_along_or_missed_at_once(bopbot: Bopbot, example: Path, tmp_path: Path) -> None:
    answer = bopbot("choreograph", example, "-o", tmp_path / "new.mp4", "--audio")
    assert answer.code == 1
    assert "no sound" in answer.err


def clicks(path: Path, times_s: np.ndarray, seconds: float) -> Path:
    """A sound of short beeps at these times; without any, of silence."""
    sound = np.zeros(round(seconds * SOUND_HZ))
    beep = np.arange(SOUND_HZ // 20) / SOUND_HZ
    for begin in np.round(times_s * SOUND_HZ).astype(int):
        sound[begin : begin + len(beep)] = 0.8 * np.sin(2000 * np.pi * beep) * np.exp(-beep / 0.01)
    wavfile.write(path, SOUND_HZ, (sound * 32767).astype(np.int16))
    return path


def test_takes_come_out_one_beside_the_other_the_best_first(bopbot: Bopbot, example: Path, tmp_path: Path) -> None:
    """And each of them again by its own seed; to silence, on which no dance can be put."""
    silence = clicks(tmp_path / "silence.wav", np.empty(0), 3)
    words = ["choreograph", example, "--seconds", 2, "--max-copied", 1, "--music", silence, "--json"]
    files = [tmp_path / "new.mp4", tmp_path / "new-2.mp4"]
    answer = bopbot(*words, "-o", files[0], "--takes", 2, "--seed", 5)
    assert answer.code == 0, answer.err
    report = json.loads(answer.out)
    assert (report["output"], [dance["output"] for dance in report["dances"]]) == (str(files[0]), [*map(str, files)])
    assert report["notices"] == [f"no beat was found in {silence}; the dance keeps its own timing"]
    seeds = [dance["seed"] for dance in report["dances"]]
    assert (report["seed"], sorted(seeds)) == (5, [5, 6])
    penalties = [Scores(**dance["marks"]).penalty for dance in report["dances"]]
    assert penalties == sorted(penalties)
    assert files[0].read_bytes() != files[1].read_bytes()
    assert len(pictures(files[1])) == 60

    again = tmp_path / "again.mp4"
    assert bopbot(*words, "-o", again, "--seed", 6).code == 0
    assert again.read_bytes() == files[seeds.index(6)].read_bytes()


def test_seconds_of_the_video_are_kept(bopbot: Bopbot, example: Path, learned: Path, tmp_path: Path) -> None:
    output = tmp_path / "new.mp4"
    answer = bopbot(
        "choreograph", example, "-o", output, "--model", learned, "--no-adapt", "--json",
        "--seconds", 6, "--keep", "4-5,0-2",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    report = json.loads(answer.out)
    assert report["seconds"] == 6
    assert len(pictures(output)) == 180
    assert report["dances"][0]["seam"] <= 1
    kept = [nearest["name"] == "kept" for nearest in report["dances"][0]["novelty"]["seconds"]]
    assert kept == [True, True, False, False, True, False]


def test_a_dance_is_on_the_beat_of_the_music_that_goes_along(
    bopbot: Bopbot, example: Path, learned: Path, tmp_path: Path
) -> None:
    output, times_s = tmp_path / "new.mp4", np.arange(0.3, 11.9, 0.5)
    answer = bopbot(
        "choreograph", example, "-o", output, "--model", learned, "--no-adapt", "--json",
        "--seconds", 8, "--music", clicks(tmp_path / "clicks.wav", times_s, 12),
    )  # fmt: skip
    assert answer.code == 0, answer.err
    report = json.loads(answer.out)
    assert (report["seconds"], report["notices"]) == (8, [])
    before, after = report["dances"][0]["beat_alignment"]
    assert after > before + 0.1

    heard = detect_beats(output)
    assert heard.duration_s == pytest.approx(8, abs=0.05)
    nearest = np.abs(times_s[times_s < 7.8, None] - heard.times_s).min(axis=1)
    assert nearest.max() < 0.02


def test_anew_and_lively_in_a_mirror(
    bopbot: Bopbot, example: Path, learned: Path, example_poses: PoseSequence, tmp_path: Path
) -> None:
    """The words are those of the model alone."""
    answer = bopbot(
        "choreograph", example, "-o", tmp_path / "new.mp4", "--model", learned, "--no-adapt", "--json",
        "--seconds", 2, "--seed", 3, "--from-scratch", "--energy", 1.5, "--mirror", "--max-copied", 1,
    )  # fmt: skip
    assert answer.code == 0, answer.err
    report = json.loads(answer.out)
    assert report["seconds"] == 2

    model = DanceModel.load(learned)
    [clip] = clips_of(example_poses, find_codec_preset(model.codec.preset), Cleaning())
    sampling = Sampling(seconds=2, seed=3, energy=1.5)
    ids, _ = continue_dance(model, "gpt2", np.empty((0, len(model.codec.places)), np.int64), clip, sampling)
    assert report["dances"][0]["words"] == model.codec.lexicon.words_of(ids.reshape(-1))


def test_beside_the_video(bopbot: Bopbot, example: Path, learned: Path, tmp_path: Path) -> None:
    answer = bopbot(
        "choreograph", example, "-o", tmp_path / "both.mp4", "--model", learned,
        "--seconds", 2, "--layout", "side-by-side", "--json", "--no-adapt",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    report = json.loads(answer.out)
    assert (report["model"], report["adapted"]) == (str(learned), False)
    assert report["dances"][0]["own_share"] is None
    assert report["vocabulary_size"] <= 60
    assert pictures(tmp_path / "both.mp4").shape == (60, SIDE_PX, 540 + SIDE_PX, 3)


def test_both_language_models_side_by_side(bopbot: Bopbot, example: Path, tmp_path: Path) -> None:
    answer = bopbot("choreograph", example, "-o", tmp_path / "both.mp4", "--lm", "both", "--seconds", 2, "--json")
    assert answer.code == 0, answer.err
    gpt2, lstm = json.loads(answer.out)["dances"]
    assert (gpt2["language_model"], lstm["language_model"]) == ("gpt2", "lstm")
    assert gpt2["words"] != lstm["words"]
    drawn = pictures(tmp_path / "both.mp4")
    assert drawn.shape == (60, SIDE_PX, 2 * SIDE_PX, 3)
    title = drawn[0, 10:60, 10:200].astype(int)
    assert (np.abs(title - drawn[0, 4, 4]).max(axis=2) > 40).any(), "no title over the first dance"


def test_what_was_learned_from_a_dancer_is_kept_and_dances_again(
    bopbot: Bopbot, example: Path, example_poses_file: Path, tmp_path: Path
) -> None:
    kept, first, again = tmp_path / "kept", tmp_path / "first.mp4", tmp_path / "again.mp4"
    answer = bopbot(
        "choreograph", example, "-o", first, "--seconds", 2, "--save-model", kept, "--adapt-on", example_poses_file
    )
    assert answer.code == 0, answer.err
    assert "starter, adapted to this dancer" in answer.out
    assert bopbot("choreograph", example, "-o", again, "--seconds", 2, "--model", kept, "--json").code == 0
    assert first.read_bytes() == again.read_bytes()
    assert bopbot("generate", "--model", kept, "-o", tmp_path / "dance.npz", "--seconds", 2).code == 0

    answer = bopbot("choreograph", example, "-o", again, "--model", kept, "--save-model", tmp_path / "more")
    assert answer.code == 1
    assert "the model is not adapted to this dancer" in answer.err
    for kept_as in (first, example):
        answer = bopbot("choreograph", example, "-o", again, "--save-model", kept_as)
        assert answer.code == 1
        assert "it is a file" in answer.err
    answer = bopbot("choreograph", example, "-o", again, "--no-adapt", "--adapt-on", example)
    assert answer.code == 1
    assert "adapting is switched off" in answer.err


def test_more_clips_of_the_dancer_make_more_words(
    bopbot: Bopbot, example: Path, learned: Path, example_poses: PoseSequence, tmp_path: Path
) -> None:
    sizes = []
    example_poses[:80].save(tmp_path / "more.npz")
    for more in ([], ["--adapt-on", tmp_path / "more.npz"]):
        answer = bopbot(
            "choreograph", example, "-o", tmp_path / "a.mp4", "--model", learned, "--seconds", 1, "--json", *more
        )
        assert answer.code == 0, answer.err
        sizes.append(json.loads(answer.out)["vocabulary_size"])
    assert sizes[1] - sizes[0] == pytest.approx(5 * 40 / 3, abs=5)


def test_a_model_without_that_language_model_says_so_at_once(
    bopbot: Bopbot, example: Path, learned: Path, tmp_path: Path
) -> None:
    answer = bopbot("choreograph", example, "-o", tmp_path / "a.mp4", "--model", learned, "--lm", "both")
    assert answer.code == 1
    assert "has no LSTM, only gpt2" in answer.err
    answer = bopbot("choreograph", example, "-o", tmp_path / "a.mp4", "--lm", "mixture")
    assert answer.code == 2
    with pytest.raises(ModelError, match="'mixture' cannot be adapted to a video; choose one of gpt2, lstm, both"):
        choreograph(example, tmp_path / "a.mp4", ChoreographyOptions(language_model="mixture"))


def test_wishes_that_cannot_be_are_refused(example: Path) -> None:
    for wrong in ({"takes": 0}, {"music": example, "audio": True}, {"music": example, "composition": KEEPING}):
        with pytest.raises(ModelError):
            ChoreographyOptions(**wrong)


def test_the_video_beside_the_dance_begins_anew(example: Path, example_poses: PoseSequence) -> None:
    """A dance longer than the video: the left picture at the video's end is its first one again."""
    frames = len(example_poses)
    nobody = PoseSequence(
        np.zeros((frames + 3, *example_poses.keypoints.shape[1:])),
        np.zeros((frames + 3, example_poses.keypoints.shape[1])),
        example_poses.fps,
        example_poses.skeleton,
    )
    left = [both[:, :-SIDE_PX] for both in LAYOUTS["side-by-side"]({"dance": nobody}, "stick", example, example_poses)]
    assert len(left) == frames + 3
    assert np.array_equal(left[0], left[frames])
    assert not np.array_equal(left[0], left[frames - 1])


def test_a_model_of_other_words_is_refused(bopbot: Bopbot, example: Path, learned: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(learned, broken)
    config = broken / "gpt2" / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"vocabulary": "another"}))
    answer = bopbot("choreograph", example, "-o", tmp_path / "a.mp4", "--model", broken)
    assert answer.code == 1
    assert "another" in answer.err
    assert len(answer.err.splitlines()) == 1


def test_from_a_folder_of_poses_to_a_dance(
    bopbot: Bopbot, example_poses_file: Path, learned: Path, tmp_path: Path
) -> None:
    vocabulary = tmp_path / "vocabulary"
    assert bopbot("vocab", "build", example_poses_file.parent, "-o", vocabulary, "--words", 40).code == 0

    listed = bopbot("vocab", "show", vocabulary)
    assert listed.code == 0
    rows = listed.out.strip().splitlines()
    assert 30 < len(rows) <= 41
    word = rows[1].split()[2]
    (one,) = json.loads(bopbot("vocab", "show", vocabulary, word, "--json").out)
    assert one["word"] == word
    assert one["count"] > 0
    assert bopbot("vocab", "show", vocabulary, "qqqqq").code == 1

    assert bopbot("vocab", "show", vocabulary, "--atlas", tmp_path / "atlas.png").code == 0
    atlas = (tmp_path / "atlas.png").read_bytes()
    assert atlas.startswith(b"\x89PNG")

    dance, video = tmp_path / "dance.npz", tmp_path / "dance.mp4"
    assert bopbot("generate", "--model", learned, "-o", dance, "--seconds", 3, "--seed", 2).code == 0
    assert PoseSequence.load(dance).duration_s == pytest.approx(3.0)
    assert bopbot("render", dance, "-o", video, "--width", 360, "--height", 640).code == 0
    assert pictures(video).shape[1:] == (640, 360, 3)


def test_many_videos_past_bad_ones_and_not_twice(bopbot: Bopbot, example: Path, tmp_path: Path) -> None:
    good, bad, poses = tmp_path / "good.mp4", tmp_path / "bad.mp4", tmp_path / "poses"
    shutil.copy(example, good)
    bad.write_text("no video")
    answer = bopbot("extract", bad, good, "-o", poses)
    assert answer.code == 1
    assert "1 of 2 videos failed" in answer.err
    assert "bad.mp4" in answer.err
    assert "good.mp4: done" in answer.out
    assert [path.name for path in poses.iterdir()] == ["good.npz"]

    before = (poses / "good.npz").stat().st_mtime_ns
    answer = bopbot("extract", good, "-o", poses)
    assert answer.code == 0
    assert "there already" in answer.out
    assert (poses / "good.npz").stat().st_mtime_ns == before


def test_other_poses_than_are_there_are_extracted_anew(bopbot: Bopbot, example: Path, tmp_path: Path) -> None:
    for world, dims in ((False, 2), (True, 3)):
        answer = bopbot("extract", example, "-o", tmp_path, "--fps", 5, *(["--world"] if world else []))
        assert ": done" in answer.out
        assert PoseSequence.load(tmp_path / "salsa.npz").dims == dims
    assert ": there already" in bopbot("extract", example, "-o", tmp_path, "--fps", 5, "--world").out
    assert bopbot("extract", example, "-o", tmp_path, "--fps", 5, "--dancer", 2).code == 1


def test_a_vocabulary_of_the_body(bopbot: Bopbot, data: Path, tmp_path: Path) -> None:
    motion = next((data / "mocap").glob("60_10*.bvh"))
    answer = bopbot("vocab", "build", motion, "-o", tmp_path / "body", "--kind", "body", "--words", 30)
    assert answer.code == 0, answer.err
    assert bopbot("vocab", "show", tmp_path / "body", "--atlas", tmp_path / "atlas.png").code == 0
    words = ["train", motion, "-o", tmp_path / "model", "--vocab", tmp_path / "body"]
    assert bopbot(*words, "--kind", "picture").code == 2
    assert bopbot(*words, "--steps", 5).code == 0
    assert bopbot("generate", "--model", tmp_path / "model", "-o", tmp_path / "dance.npz", "--seconds", 1).code == 0
    assert PoseSequence.load(tmp_path / "dance.npz").dims == 3


def test_two_videos_of_one_name_do_not_overwrite_each_other(bopbot: Bopbot, example: Path, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        shutil.copy(example, tmp_path / folder / "dance.mp4")
    answer = bopbot("extract", tmp_path / "a" / "dance.mp4", tmp_path / "b" / "dance.mp4", "-o", tmp_path / "poses")
    assert answer.code == 1
    assert "would both write" in answer.err


@pytest.mark.parametrize("clip", ["dancer_3.mp4", "two_people.gif", "people_arrive.mp4"])
def test_real_people(bopbot: Bopbot, data: Path, tmp_path: Path, clip: str) -> None:
    answer = bopbot("choreograph", data / "video" / clip, "-o", tmp_path / "new.mp4", "--seconds", 3, "--json")
    assert answer.code == 0, answer.err
    report = json.loads(answer.out)
    assert report["dancer_share"] > 0.1
    assert report["dances"][0]["distinct_words"] > 3


def test_motion_capture_is_drawn(bopbot: Bopbot, data: Path, tmp_path: Path) -> None:
    motion = next((data / "mocap").glob("60_10*.bvh"))
    answer = bopbot("render", motion, "-o", tmp_path / "salsa.mp4", "--fps", 10, "--yaw", 60)
    assert answer.code == 0, answer.err
    assert len(pictures(tmp_path / "salsa.mp4")) == pytest.approx(1197 / 60 * 10, abs=2)


def test_both_dancers(bopbot: Bopbot, data: Path, tmp_path: Path) -> None:
    answer = bopbot("extract", data / "video" / "two_people.gif", "-o", tmp_path, "--dancer", "all")
    assert answer.code == 0, answer.err
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["two_people.dancer1.npz", "two_people.dancer2.npz"]
