"""What the studio does for a job, on the example video, step by step in this process and in a fresh one."""

import json
import os
import shutil
import subprocess
import sys
import weakref
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from bopbot import ChoreographyOptions, choreograph
from bopbot.choreography.generation import Sampling
from bopbot.service.errors import BusyError
from bopbot.service.events import STAGES, Event, Progress, Row, Words
from bopbot.service.limits import Limits
from bopbot.service.options import DancerOptions, TakeOptions
from bopbot.service.store.durable_write import durable_write
from bopbot.service.worker.dancer_cache import CACHED_DANCERS, load_dancer
from bopbot.service.worker.error_redaction import redact
from bopbot.service.worker.pose_json import write_pose_json
from bopbot.service.worker.tasks import TASKS, choreography_options, prepare
from bopbot.service.worker.video_limits import media_type
from pose_vocab.errors import ModelError, NobodyDancingError, OutputError, VideoError
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER
from render.writer import write_video

EXAMPLE = Path(__file__).resolve().parents[3] / "bopbot" / "example" / "salsa.mp4"
SECONDS, SEED = 3.0, 5
WISHED = DancerOptions().model_dump()
AFTER_EXAMPLE = """
import json, sys
from pathlib import Path
from bopbot.service.limits import Limits
from bopbot.service.worker.tasks import TASKS
folder, dancer, options = Path(sys.argv[1]), *map(json.loads, sys.argv[2:])
for task in ("dance", "draw"):
    TASKS[task](folder, 1, dancer, options, Limits(), emit=lambda event: None)
"""


def options(**fields: Any) -> dict[str, Any]:
    return TakeOptions(**{"seconds": SECONDS, "seed": SEED, **fields}).model_dump()


@dataclass
class Job:
    """A job's folder, and what was told of it."""

    folder: Path
    told: list[Event] = field(default_factory=list)

    def do(self, task: str, *arguments: Any) -> None:
        TASKS[task](self.folder, *arguments, emit=self.told.append)

    def make(self, number: int, **fields: Any) -> Path:
        """A take, and its folder."""
        for task in ("dance", "draw"):
            self.do(task, number, WISHED, options(**fields), Limits())
        return self.folder / "takes" / str(number)

    def files(self) -> dict[str, int]:
        """All files, and when they were written."""
        return {str(path): path.stat().st_mtime_ns for path in self.folder.rglob("*") if path.is_file()}


def upload(folder: Path, video: Path = EXAMPLE) -> Job:
    folder.mkdir()
    shutil.copy(video, folder / "upload")
    return Job(folder)


def grey(path: Path, frames: int = 40, size_px: tuple[int, int] = (64, 48)) -> Path:
    """Two seconds of nothing."""
    write_video((np.full((*size_px[::-1], 3), 128 + k % 2, np.uint8) for k in range(frames)), path, 20)
    return path


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Job:
    """The example, with two takes."""
    made = upload(tmp_path_factory.mktemp("jobs") / "job")
    made.do("prepare", WISHED, Limits())
    made.make(1)
    return made


@pytest.mark.slow
def test_the_stages_are_told_in_their_order_each_to_its_end(job: Job) -> None:
    steps = [event for event in job.told if isinstance(event, Progress)]
    assert list(dict.fromkeys(step.stage for step in steps)) == list(STAGES)
    for stage in STAGES:
        done = [(step.done, step.total) for step in steps if step.stage == stage]
        assert done == sorted(done) or stage == "writing"  # which begins anew with a dance that is drawn anew
        assert done[-1][0] == done[-1][1] > 0


@pytest.mark.slow
def test_words_are_told_in_portions_while_they_are_written_before_anything_is_drawn(job: Job) -> None:
    told = [event for event in job.told if isinstance(event, Words)]
    made = json.loads((job.folder / "takes" / "1" / "dance.json").read_text())
    assert len(told) >= SECONDS
    written: list[str] = []
    for portion in told:
        del written[portion.start :]
        assert portion.start == len(written)
        written += portion.words
    assert written == made["words"] == made["report"]["dances"][0]["words"]
    assert (made["words_per_row"], made["words_per_second"]) == (5, 50)
    (row,) = [event for event in job.told if isinstance(event, Row)]
    assert row.places == ("torso", "left arm", "right arm", "left leg", "right leg")
    stages = [event.stage if isinstance(event, Progress) else "words" for event in job.told]
    assert len(stages) - 1 - stages[::-1].index("words") < stages.index("drawing")


@pytest.mark.slow
def test_a_take_is_the_dance_that_the_command_line_gives(job: Job, tmp_path: Path) -> None:
    """Byte for byte; and what is said of it is the same, but for the names of files."""
    said = choreograph(EXAMPLE, tmp_path / "new.mp4", ChoreographyOptions(Sampling(seconds=SECONDS, seed=SEED)))
    take = job.folder / "takes" / "1"
    assert (take / "dance.mp4").read_bytes() == (tmp_path / "new.mp4").read_bytes()
    report = json.loads((take / "dance.json").read_text())["report"]
    expected = json.loads(said.to_json())
    expected |= {"video": "the video", "output": "dance.mp4"}
    expected["dances"][0]["output"] = "dance.mp4"
    assert report == expected


@pytest.mark.slow
def test_a_fresh_process_gives_the_same_bytes(job: Job, tmp_path: Path) -> None:
    shutil.copytree(job.folder, tmp_path / "job", ignore=shutil.ignore_patterns("takes"))
    words = [str(tmp_path / "job"), json.dumps(WISHED), json.dumps(options())]
    subprocess.run([sys.executable, "-c", AFTER_EXAMPLE, *words], check=True)
    for name in ("dance.mp4", "dance.json", "poses.npz", "poses.json", "player.html"):
        first, again = (folder / "takes" / "1" / name for folder in (job.folder, tmp_path / "job"))
        assert first.read_bytes() == again.read_bytes(), name


@pytest.mark.slow
def test_what_is_done_is_not_done_again_and_what_is_missing_is(job: Job) -> None:
    before, told = job.files(), len(job.told)
    job.do("prepare", WISHED, Limits())
    job.make(1)
    assert job.files() == before
    assert len(job.told) == told
    video = job.folder / "takes" / "1" / "dance.mp4"
    drawn = video.read_bytes()
    video.unlink()
    job.make(1)
    assert video.read_bytes() == drawn
    assert {path for path, time in job.files().items() if before.get(path) != time} == {str(video)}


@pytest.mark.slow
def test_what_another_version_left_is_learned_anew(job: Job, tmp_path: Path) -> None:
    shutil.copytree(job.folder, tmp_path / "job")
    old = Job(tmp_path / "job")
    about = old.folder / "dancer.json"
    now = about.read_text()
    about.write_text(json.dumps({"format": "bopbot-dancer 0", "unknown": 1}))
    with pytest.raises(ModelError, match="are not learned yet"):
        load_dancer(old.folder)
    old.make(2)  # The step that prepared the dancer may have been the other version's.
    assert about.read_text() == now


@pytest.mark.slow
def test_another_take_beside_the_video_and_a_gif_of_it(job: Job) -> None:
    take = job.make(2, seed=6, layout="side-by-side", style="neon", mirror=True, from_scratch=True)
    job.do("gif", 2, WISHED, options(style="neon"))
    sizes = {}
    for name in ("dance.mp4", "dance.gif"):
        with av.open(str(take / name)) as container:
            pictures = list(container.decode(video=0))
        sizes[name] = len(pictures), pictures[0].width, pictures[0].height
    assert sizes == {"dance.mp4": (90, 540 + 720, 720), "dance.gif": (45, 360, 360)}
    assert len(PoseSequence.load(take / "poses.npz")) == 90
    assert (take / "dance.json").read_bytes() != (take.parent / "1" / "dance.json").read_bytes()


@pytest.mark.slow
def test_the_page_is_told_what_was_seen_and_what_is_danced(job: Job) -> None:
    about = json.loads((job.folder / "dancer.json").read_text())
    assert (about["format"], about["media_type"]) == ("bopbot-dancer 2", "video/mp4")
    assert (about["width"], about["height"], about["frames"], about["dancer_share"]) == (540, 720, 304, 1)
    seen = json.loads((job.folder / "keypoints.json").read_text())
    danced = json.loads((job.folder / "takes" / "1" / "poses.json").read_text())
    assert (seen["fps"], seen["width"], seen["height"], len(seen["frames"])) == (20, 540, 720, 304)
    assert (danced["fps"], len(danced["frames"])) == (30, 90)
    for one in (seen, danced):
        assert all(0 < x < 540 and 0 < y < 720 for frame in one["frames"] for x, y in filter(None, frame))


@pytest.mark.slow
def test_nothing_that_is_kept_names_a_folder_of_the_server(job: Job) -> None:
    for path in (path for path in job.folder.rglob("*") if path.suffix in (".json", ".html")):
        assert str(job.folder.parent) not in path.read_text(), path


@pytest.mark.slow
def test_a_dancer_stays_in_memory_until_others_come_or_the_job_is_deleted(job: Job, tmp_path: Path) -> None:
    first = load_dancer(job.folder)
    assert load_dancer(job.folder) is first
    folders = [shutil.copytree(job.folder, tmp_path / str(number)) for number in range(CACHED_DANCERS + 1)]
    for folder in folders:
        load_dancer(folder)
    assert load_dancer(folders[-1]) is load_dancer(folders[-1])
    assert load_dancer(job.folder) is not first

    gone = weakref.ref(load_dancer(folders[-1]))
    shutil.rmtree(folders[-1])
    load_dancer(job.folder)
    assert gone() is None


REFUSED = {
    "too long": (
        EXAMPLE,
        {"video_s": 9.0},
        VideoError,
        r"^the video lasts 15 s; this server accepts at most 9 s: cut it",
    ),
    "too large": (
        EXAMPLE,
        {"picture_px": 10**5},
        VideoError,
        r"have 540 x 720 pixels; this server accepts at most 0\.1 million",
    ),
    "no video": (Path(__file__), {}, VideoError, r"^the video is not a video or sound file"),
    "nobody": (
        None,
        {},
        NobodyDancingError,
        r"^no dancer in the video: nobody stays in view for a whole second in 40 frames",
    ),
}


@pytest.mark.parametrize(("video", "limits", "error", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_danced_after_is_refused_in_plain_words(
    video: Path | None, limits: dict[str, Any], error: type[Exception], said: str, tmp_path: Path
) -> None:
    job = upload(tmp_path / "job", video or grey(tmp_path / "grey.mp4"))
    with pytest.raises(error, match=said) as refused:
        prepare(job.folder, WISHED, Limits(**limits), emit=job.told.append)
    assert str(tmp_path) not in str(refused.value)
    assert [path.name for path in job.folder.iterdir()] == ["upload"]


def test_a_dance_without_a_dancer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"^the moves of this dancer are not learned yet"):
        load_dancer(upload(tmp_path / "job").folder)


def test_paths_are_said_in_plain_words(tmp_path: Path) -> None:
    tmp_path = tmp_path / "my videos" / "job"
    for said, expected in (
        (f"{tmp_path}/upload is empty", "the video is empty"),
        (f"cannot write {tmp_path}/takes/1/.a.mp4.x/a.mp4: full", "cannot write a.mp4: full"),
        (f"{sys.prefix}/lib/model is damaged", "model is damaged"),
        ("/usr/lib/model is damaged: 10/20 words", "model is damaged: 10/20 words"),
    ):
        with pytest.raises(OutputError) as raised, redact(tmp_path):
            raise OutputError(said)
        assert str(raised.value) == expected


def test_an_error_in_plain_words_keeps_what_else_it_knows(tmp_path: Path) -> None:
    with pytest.raises(BusyError, match=r"^the video waits$") as raised, redact(tmp_path):
        raise BusyError(f"{tmp_path}/upload waits", retry_after_s=5)
    assert raised.value.retry_after_s == 5


def named(handle: int) -> str:
    return str(Path(f"/proc/self/fd/{handle}").readlink())


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_all_is_on_the_disk_before_the_file_that_says_so_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model").mkdir()
    for name in ("poses.npz", "model/words.json"):
        (tmp_path / name).write_text(name)
    settled = list[tuple[str, bool]]()
    fsync, last = os.fsync, tmp_path / "dance.json"
    monkeypatch.setattr(os, "fsync", lambda handle: (settled.append((named(handle), last.exists())), fsync(handle)))
    with durable_write(last) as beside:
        beside.write_text("done")
    before = {path for path, seen in settled if not seen}
    assert {str(beside), *map(str, [tmp_path, *tmp_path.rglob("*")])} - before == {str(last)}
    assert settled[-1] == (str(tmp_path), True)


def test_an_upload_goes_by_the_media_type_of_what_it_holds(tmp_path: Path) -> None:
    for name, expected in (
        ("a.mp4", "video/mp4"), ("a.mov", "video/mp4"), ("a.webm", "video/webm"), ("a.gif", "image/gif"),
        ("a.webp", "image/webp"),
    ):  # fmt: skip
        grey(tmp_path / name).rename(tmp_path / "upload")
        assert media_type(tmp_path / "upload") == expected, name


def test_joints_are_whole_pixels_and_null_where_they_are_not_seen(tmp_path: Path) -> None:
    keypoints = np.tile(np.array([1.6, 2.4], np.float32), (2, DANCER.n_joints, 1))
    keypoints[1, 0] = np.nan
    write_pose_json(PoseSequence.fully_seen(keypoints, 20, DANCER), tmp_path / "poses.json", (8, 6))
    said = json.loads((tmp_path / "poses.json").read_text())
    assert said["frames"] == [[[2, 2]] * 16, [None, *[[2, 2]] * 15]]
    assert (said["fps"], said["width"], said["height"], said["begin_s"]) == (20, 8, 6, 0)
    assert said["bones"] == [list(bone) for bone in DANCER.bones]
    sides = dict(zip(map(tuple, said["bones"]), said["sides"], strict=True))
    names = DANCER.joint_names
    assert sides[names.index("left_shoulder"), names.index("left_elbow")] == "left"
    assert sides[names.index("neck"), names.index("right_shoulder")] == "right"
    assert {side for (a, b), side in sides.items() if names[a] == "nose" or names[b] == "nose"} == {"middle"}
    assert said["joints"] == list(DANCER.joint_names)


def test_wishes_reach_the_line() -> None:
    take = TakeOptions(
        seconds=4, seed=2, temperature=0.5, energy=1.5, mirror=True, from_scratch=True, style="neon",
        layout="side-by-side",
    )  # fmt: skip
    wanted = choreography_options(take, DancerOptions(dancer=2, language_model="lstm"))
    assert wanted.sampling == Sampling(seconds=4, seed=2, temperature=0.5, energy=1.5)
    assert (wanted.composition.mirror, wanted.composition.from_scratch, wanted.composition.keep) == (True, True, ())
    assert (wanted.dancer, wanted.language_model, wanted.style, wanted.layout) == (2, "lstm", "neon", "side-by-side")
