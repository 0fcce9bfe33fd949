"""Dances as they happen."""

import gc
import json
import os
import signal
import socket
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count, islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import STANDING, TORSO_PX, moved, random_walk_px, standing_px
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage
from required_programs import require_program

from bopbot.choreography.generation import Sampling
from bopbot.codec_presets import CODEC_PRESETS
from bopbot.codecs import PoseCodec, build_codec
from bopbot.dance_model import STARTER, DanceModel
from bopbot.live.dancing import Passage, endless_dance, passages
from bopbot.live.frames import Frame, played
from bopbot.live.playing import LATE_S, STALL_S, play
from bopbot.live.prefetch import ahead
from bopbot.live.targets import open_target
from bopbot.metrics.motion import placed
from models.sampling import generate
from pose_vocab.codec.codec import Codec
from pose_vocab.codec.decoder import LowPassDecoder
from pose_vocab.codec.lexicon import Lexicon
from pose_vocab.errors import ModelError, NobodyDancingError, OutputError, PoseError
from pose_vocab.normalization import normalize
from pose_vocab.resampling import resample
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER

Bopbot = Callable[..., Any]
WALK = random_walk_px(440, seed=3)[20:420]
PROGRAM = [sys.executable, "-m", "bopbot"]


def picture_codec() -> Codec:
    return build_codec([normalize(WALK)], "limbs", 60, seed=0).codec()


def body_codec() -> Codec:
    """Words of a dancer who turns round and round, in 3D."""
    kind = CODEC_PRESETS["body"]
    flat = WALK.keypoints / 200
    angle = np.arange(len(flat))[:, None] / 10
    depth = 0.1 * np.sin(angle + np.arange(16))
    turned = np.stack([flat[..., 0] * np.cos(angle), -flat[..., 1], flat[..., 0] * np.sin(angle) + depth], axis=-1)
    moments = kind.moments(DANCER.joint_names)
    rows = moments.transform(normalize(PoseSequence.fully_seen(turned, 20, DANCER)))
    return PoseCodec("body", DANCER.joint_names, Lexicon.fit(rows, moments.columns, 40, 0), LowPassDecoder()).codec()


def text(codec: Codec, seconds: int) -> list[int]:
    """Words of chance."""
    chance = np.random.default_rng(0)
    rows = chance.integers(0, codec.lexicon.sizes, (round(seconds * codec.rows_per_second), codec.row))
    return (rows + codec.lexicon.starts).ravel().tolist()


def keypoints(dance: list[Passage]) -> np.ndarray:
    return np.concatenate([passage.poses.keypoints for passage in dance])


@pytest.fixture(scope="module")
def starter() -> DanceModel:
    return DanceModel.load(STARTER)


@pytest.fixture(scope="module")
def walk_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("live") / "walk.npz"
    WALK.save(path)
    return path


# --- a dance without end ---


@pytest.mark.parametrize("make", [picture_codec, body_codec])
@pytest.mark.parametrize("fps", [20, 30])
def test_second_by_second_the_dance_is_that_of_all_words_at_once(make: Callable[[], Codec], fps: int) -> None:
    codec = make()
    words = text(codec, 50)
    whole = codec.decode(np.array(words))
    expected = resample(whole.poses.with_keypoints(placed(whole)), fps).keypoints
    dance = keypoints(list(passages(codec, iter(words), fps)))
    assert len(dance) == 37 * fps
    # 0.001 torso lengths are half a millimetre
    np.testing.assert_allclose(dance, expected[: len(dance)], atol=1e-3)


def test_a_second_is_danced_when_the_words_that_say_it_are_there() -> None:
    """And no sooner than it is asked for."""
    codec, asked = picture_codec(), count()
    dance = passages(codec, (word for word in text(codec, 40) if next(asked) >= 0), 20)
    assert next(asked) == 0
    next(dance)
    assert next(asked) == 14 * codec.words_per_second + 1
    next(dance)
    assert next(asked) == 15 * codec.words_per_second + 2


def test_a_frame_tells_the_words_that_say_it() -> None:
    """Ten rows a second: at 30 frames a second three frames each."""
    codec = picture_codec()
    words = text(codec, 16)
    dance = list(passages(codec, iter(words), 30))
    said = [frame for passage in dance for frame in passage.words]
    assert len(said) == 2 * 30 + 30
    for frame in (0, 2, 3, 31, 89):
        row = frame // 3
        assert list(said[frame]) == codec.lexicon.words_of(np.array(words[5 * row : 5 * row + 5]))


@pytest.mark.parametrize("kind", CODEC_PRESETS)
def test_a_second_is_whole_rows_of_every_kind_of_words(kind: str) -> None:
    row = CODEC_PRESETS[kind]
    assert (row.fps / row.frames).is_integer()


def test_the_words_are_those_that_are_generated_at_once(starter: DanceModel) -> None:
    import torch

    sampling = Sampling(seconds=2, seed=5)
    ids = generate(
        starter.language_model("lstm"), np.empty(0, np.int64), sampling.options(starter), torch.manual_seed(5)
    )
    said = [word for frame in islice(endless_dance(starter, "lstm", sampling, 10), 20) for word in frame.words]
    assert starter.words.lexicon.ids_of(said).tolist() == ids[: len(said)].tolist()


def test_the_same_seed_dances_the_same_and_time_runs_on(starter: DanceModel) -> None:
    first, again, other = (
        list(islice(endless_dance(starter, "lstm", Sampling(seed=seed), 30), 45)) for seed in (1, 1, 2)
    )
    assert all(np.array_equal(one.people[0], two.people[0]) for one, two in zip(first, again, strict=True))
    assert not np.array_equal(first[0].people[0], other[0].people[0])
    assert [frame.number for frame in first] == list(range(45))
    assert [frame.time_s for frame in first] == pytest.approx(np.arange(45) / 30)


def test_minutes_take_no_more_memory_and_the_dancer_stays_near() -> None:
    codec = picture_codec()
    chance = np.random.default_rng(0)
    words = (int(start + chance.integers(size)) for _ in count() for start, size in zip(*_places(codec), strict=True))
    dance = passages(codec, words, 20)
    far, used = [], []
    tracemalloc.start()
    for _ in range(3):
        far += [abs(passage.poses.keypoints[..., 0]).max() for passage in islice(dance, 60)]
        gc.collect()
        used.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    # two more minutes of poses alone are 460,000 bytes
    assert used[-1] < used[0] + 200_000
    assert max(far[60:]) < 2 * max(far[:60])


def _places(codec: Codec) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return codec.lexicon.starts, codec.lexicon.sizes


def test_a_language_model_that_is_missing_is_missed_before_the_first_frame(starter: DanceModel) -> None:
    alone = DanceModel(starter.words, {"lstm": starter.language_model("lstm")})
    with pytest.raises(ModelError, match="has no GPT-2"):
        endless_dance(alone, "gpt2", Sampling(), 30)


# --- poses that are known ---


def test_on_the_stage_everything_is_in_torso_lengths_from_the_middle_of_the_floor() -> None:
    frames = list(played([standing_px(20, fps=20)], 20))
    assert len(frames) == 20
    joints = frames[7].people[0]
    standing = np.array([STANDING[name] for name in DANCER.joint_names])
    assert joints - standing == pytest.approx(np.tile([0, 1.75], (16, 1)), abs=1e-4)
    assert (frames[7].number, frames[7].time_s, frames[7].words) == (7, 0.35, ())


def test_those_who_dance_together_keep_their_places_and_one_may_stop_first() -> None:
    """The second stands two torso lengths to the right, and for one second only."""
    both = [standing_px(40), moved(standing_px(20), np.tile([2 * TORSO_PX, 0], (20, 1)))]
    frames = list(played(both, 20))
    assert len(frames) == 40
    left, right = frames[19].people
    assert right - left == pytest.approx(np.tile([2, 0], (16, 1)), abs=1e-4)
    assert np.isnan(frames[20].people[1]).all()


def test_frames_come_as_many_a_second_as_are_wanted() -> None:
    frames = list(played([WALK], 50))
    assert len(frames) == pytest.approx(400 * 50 / 20, abs=3)
    assert frames[100].time_s == 2.0


def test_a_loop_runs_on_from_its_end() -> None:
    frames = list(islice(played([WALK], 20, loop=True), 900))
    assert len(frames) == 900
    moves = [np.linalg.norm(b.people[0] - a.people[0], axis=1).mean() for a, b in pairwise(frames)]
    jump = np.linalg.norm(frames[399].people[0] - frames[0].people[0], axis=1).mean()
    back = [*moves[399:410], *moves[799:810]]
    assert jump > 0.3
    # along the cubic of `carried_on` over eleven steps the largest is 1.5 / 11 of the way
    assert max(back) < 0.2 * jump


def test_a_single_pose_may_stand_for_ever() -> None:
    frames = list(islice(played([standing_px(1)], 20, loop=True), 5))
    assert np.array_equal(frames[0].people[0], frames[4].people[0])


def test_nobody_cannot_be_played() -> None:
    with pytest.raises(NobodyDancingError):
        played([PoseSequence(np.zeros((5, 16, 2)), np.zeros((5, 16)), 20, DANCER)], 20)


def test_pixels_and_metres_share_no_stage() -> None:
    flat = standing_px(5)
    solid = flat.with_keypoints(np.pad(flat.keypoints, ((0, 0), (0, 0), (0, 1))))
    with pytest.raises(PoseError, match="all in 2D or all in 3D, got 2D and 3D"):
        played([flat, solid], 20)


# --- in time ---


class Audience:
    """Notes when it sees what, and may be slow, or leave."""

    def __init__(self, pauses: dict[int, float] | None = None, leaves_after: int | None = None) -> None:
        self.seen: list[tuple[int, float]] = []
        self.pauses, self.leaves_after = pauses or {}, leaves_after

    def show(self, frame: Frame) -> bool:
        self.seen.append((frame.number, time.monotonic()))
        time.sleep(self.pauses.get(frame.number, 0))
        return frame.number != self.leaves_after

    def close(self) -> None:
        pass


def frames_at(fps: float) -> Iterator[Frame]:
    return (Frame(number, number / fps, ()) for number in count())


def test_a_dance_takes_the_time_that_it_takes() -> None:
    """The last of 60 frames at 30 a second comes 59/30 s after the first, and none before its time."""
    audience = Audience()
    play(islice(frames_at(30), 60), audience)
    numbers, times = zip(*audience.seen, strict=True)
    due = np.array(numbers) / 30
    late = np.array(times) - times[0] - due
    assert numbers[-1] >= 55
    assert len(numbers) > 40
    assert late.min() > -0.005
    assert late.max() < LATE_S + 0.2


def test_what_is_late_is_left_out_and_the_rest_is_in_time() -> None:
    audience = Audience(pauses={10: 0.5})
    play(frames_at(40), audience, seconds=1)
    numbers = [number for number, _ in audience.seen]
    # half a second is 20 frames, of which the last are late by no more than is borne
    assert not set(range(12, 26)) & set(numbers)
    assert numbers[-1] > 35
    assert audience.seen[-1][1] - audience.seen[0][1] == pytest.approx(numbers[-1] / 40, abs=LATE_S + 0.1)


def test_after_a_long_pause_the_dance_goes_on_from_where_it_stood() -> None:
    audience = Audience(pauses={3: STALL_S + 0.2})
    play(frames_at(20), audience, seconds=0.4)
    assert [number for number, _ in audience.seen] == list(range(8))


def test_it_ends_when_nobody_looks_any_more() -> None:
    audience = Audience(leaves_after=2)
    play(frames_at(100), audience)
    assert [number for number, _ in audience.seen] == [0, 1, 2]


def test_what_is_made_ahead_comes_in_order_and_no_more_than_wanted() -> None:
    made: list[int] = []
    with ahead((made.append(i) or i for i in count()), 5) as items:  # type: ignore[func-returns-value]
        assert list(islice(items, 20)) == list(range(20))
    assert 20 <= len(made) <= 26


def test_what_goes_wrong_ahead_is_told_in_its_turn() -> None:
    def two_and_an_error() -> Iterator[int]:
        yield from (1, 2)
        raise ModelError("no more")

    taken = []
    with pytest.raises(ModelError, match="no more"), ahead(two_and_an_error(), 5) as items:
        for item in items:
            taken.append(item)  # noqa: PERF402
    assert taken == [1, 2]


# --- JSON lines ---


def test_json_lines_of_a_new_dance(bopbot: Bopbot, starter: DanceModel) -> None:
    answer = bopbot("live", "--to", "json", "--seconds", 0.5, "--lm", "lstm", "--seed", 1)
    assert (answer.code, answer.err) == (0, "")
    lines = [json.loads(line) for line in answer.out.splitlines()]
    assert lines[-1]["time_s"] == pytest.approx(14 / 30, abs=0.1)
    expected = list(islice(endless_dance(starter, "lstm", Sampling(seed=1), 30), 15))
    for line in lines:
        frame = expected[line["frame"]]
        assert line["joints"] == {
            name: pytest.approx(point, abs=6e-5)
            for name, point in zip(DANCER.joint_names, frame.people[0].tolist(), strict=True)
        }
        assert line["words"] == list(frame.words)
        assert (line["person"], line["skeleton"]) == (1, "dancer")
    assert [line["frame"] for line in lines] == sorted({line["frame"] for line in lines})


def test_what_is_missing_is_null_and_nobody_is_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    joints = np.ones((16, 3), np.float32)
    joints[0] = np.nan
    with open_target("json") as target:
        assert target.show(Frame(4, 0.2, (np.full((16, 3), np.nan, np.float32), joints)))
    (line,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (line["person"], line["frame"], line["time_s"]) == (2, 4, 0.2)
    assert line["joints"]["nose"] is None
    assert line["joints"]["neck"] == [1.0, 1.0, 1.0]
    assert "words" not in line


@pytest.mark.slow
def test_a_closed_pipe_ends_it_silently(walk_file: Path) -> None:
    running = subprocess.Popen(
        [*PROGRAM, "render", str(walk_file), "--live", "json", "--loop", "--quiet"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert running.stdout is not None and running.stderr is not None
    assert json.loads(running.stdout.readline())["frame"] == 0
    running.stdout.close()
    assert running.wait(timeout=30) == 0
    assert running.stderr.read() == b""
    running.stderr.close()


@pytest.mark.slow
def test_ctrl_c_ends_it_silently(walk_file: Path) -> None:
    running = subprocess.Popen(
        [*PROGRAM, "render", str(walk_file), "--live", "json", "--loop", "--quiet"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert running.stdout is not None
    running.stdout.readline()
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=30)
    assert (running.returncode, err) == (0, b"")


@pytest.mark.slow
def test_a_real_second_process_dances_in_time() -> None:
    running = subprocess.Popen([*PROGRAM, "live", "--to", "json", "--seconds", "3"], stdout=subprocess.PIPE)
    assert running.stdout is not None
    came = [(json.loads(line), time.monotonic()) for line in running.stdout]
    running.stdout.close()
    assert running.wait() == 0
    (first, began), (last, ended) = came[0], came[-1]
    assert first["frame"] == 0
    assert last["time_s"] > 2.8
    assert ended - began == pytest.approx(last["time_s"], abs=0.3)


# --- OSC ---


@contextmanager
def listening(host: str = "127.0.0.1") -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind((host, 0))
        ear.settimeout(5)
        yield ear


def heard(datagram: bytes) -> tuple[float, dict[str, list[float | int | str]]]:
    """The time of a bundle and the messages in it, by their addresses."""
    bundle = OscBundle(datagram)
    messages = [message for message in bundle if isinstance(message, OscMessage)]
    return bundle.timestamp, {message.address: list(message.params) for message in messages}


def test_a_dance_is_heard_as_osc(bopbot: Bopbot, tmp_path: Path) -> None:
    walk_file = tmp_path / "walk.npz"
    WALK[:20].save(walk_file)
    began = time.time()
    with listening() as ear:
        answer = bopbot("render", walk_file, "--live", f"osc:127.0.0.1:{ear.getsockname()[1]}", "--quiet")
        assert (answer.code, answer.out, answer.err) == (0, "", "")
        stamp, messages = heard(ear.recv(4096))
    assert messages["/bopbot/frame"] == [0, 0.0]
    assert began - 1 < stamp < time.time() + 1
    first = next(played([WALK[:20]], 30)).people[0]
    for name, point in zip(DANCER.joint_names, first.tolist(), strict=True):
        assert messages[f"/bopbot/1/{name}"] == pytest.approx(point)
    assert len(messages) == 17


def test_osc_tells_persons_words_and_what_is_seen() -> None:
    one, other = np.zeros((16, 3), np.float32), np.ones((16, 3), np.float32)
    other[1:] = np.nan
    with listening() as ear, open_target(f"osc:localhost:{ear.getsockname()[1]}") as target:
        assert target.show(Frame(7, 0.25, (one, other, np.full((16, 3), np.nan)), ("jesud", "cleoz")))
        (_, first), (_, second) = heard(ear.recv(4096)), heard(ear.recv(4096))
        ear.setblocking(False)
        with pytest.raises(BlockingIOError):
            ear.recv(4096)
    assert first["/bopbot/1/nose"] == [0, 0, 0]
    assert second == {
        "/bopbot/frame": [7, 0.25], "/bopbot/words": ["jesud", "cleoz"], "/bopbot/2/nose": [1, 1, 1]
    }  # fmt: skip


def test_nobody_needs_to_listen() -> None:
    with listening() as ear:
        port = ear.getsockname()[1]
    with open_target(f"osc:127.0.0.1:{port}") as target:
        assert all(target.show(Frame(n, 0, (np.zeros((16, 2), np.float32),))) for n in range(3))


# --- bad input ---


@pytest.mark.parametrize(
    ("target", "complaint"),
    [
        ("osc", "HOST:PORT"),
        ("osc:nowhere", "HOST:PORT"),
        ("osc::9000", "HOST:PORT"),
        ("osc:127.0.0.1:99999", "1 to 65535"),
        ("osc:127.0.0.1:0", "1 to 65535"),
        ("osc:127.0.0.1:\u0662", "1 to 65535"),
        ("osc:no.such.host.invalid:9000", "cannot send to no.such.host.invalid:9000"),
        ("json:here", "standard output"),
        ("window:1", "this screen"),
        ("screen", "window, json or osc:HOST:PORT"),
        ("", "window, json or osc:HOST:PORT"),
    ],
)
def test_a_target_that_is_none_is_refused_in_one_line(bopbot: Bopbot, target: str, complaint: str) -> None:
    answer = bopbot("live", "--to", target)
    assert (answer.code, answer.out) == (1, "")
    assert complaint in answer.err
    assert len(answer.err.splitlines()) == 1


@pytest.mark.parametrize("display", [None, ":4711"])
def test_without_a_display_a_window_names_the_other_ways(
    bopbot: Bopbot, monkeypatch: pytest.MonkeyPatch, display: str | None
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    if display is not None:
        monkeypatch.setenv("DISPLAY", display)
    answer = bopbot("live", "--to", "window")
    assert answer.code == 1
    assert "json" in answer.err and "osc:HOST:PORT" in answer.err
    assert len(answer.err.splitlines()) == 1


def test_a_file_is_not_played(bopbot: Bopbot, walk_file: Path, tmp_path: Path) -> None:
    assert bopbot("render", walk_file, "-o", tmp_path / "a.mp4", "--loop").code == 2


def test_poses_that_cannot_be_read_are_told_in_one_line(bopbot: Bopbot, tmp_path: Path) -> None:
    answer = bopbot("render", tmp_path / "none.npz", "--live", "json")
    assert (answer.code, len(answer.err.splitlines())) == (1, 1)


def test_an_unknown_style_is_refused_before_a_window_opens() -> None:
    with pytest.raises(OutputError, match="no style 'oil'"), open_target("window", "oil"):
        pass


# --- a window ---


@pytest.mark.slow
def test_a_window_shows_the_dancer(walk_file: Path) -> None:
    """The screen was black, and an empty window has one colour."""
    from PIL import ImageGrab

    xvfb = require_program("Xvfb", package="xvfb")
    reading, writing = os.pipe()
    screen = subprocess.Popen(
        [xvfb, "-noreset", "-displayfd", str(writing), "-screen", "0", "1280x1024x24"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            display = f":{told.readline().strip()}"
        running = subprocess.Popen(
            [*PROGRAM, "render", str(walk_file), "--live", "window", "--loop", "--quiet"],
            env=os.environ | {"DISPLAY": display},
            stderr=subprocess.PIPE,
        )
        colours, deadline = 0, time.monotonic() + 120
        while colours < 50 and time.monotonic() < deadline:
            time.sleep(1)
            colours = len(ImageGrab.grab(xdisplay=display).getcolors(1 << 24) or ())
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=30)
    finally:
        screen.terminate()
        screen.wait()
    assert colours >= 50
    assert (running.returncode, err) == (0, b"")
