import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from bopbot.service.errors import NotWantedError, SandboxLimitError
from bopbot.service.events import Event, Notice, Progress
from bopbot.service.limits import GIB
from bopbot.service.worker.sandbox import Sandbox, SandboxClosedError
from bopbot.service.worker.sandbox_child import TASKS_PER_CHILD
from pose_vocab.errors import BopBotError, ModelError

TASKS = "service.support.sandbox_tasks"
LONG_S = 30.0
"""No task here takes so long, if all is well."""
WORKER = f"""
import pathlib, sys
from bopbot.service.worker.sandbox import Sandbox
sandboxes = [Sandbox({GIB}, {TASKS!r}) for _ in range(2)]
def say(event): print(event.text, flush=True)
for sandbox in sandboxes:
    for task in ("say_pid", "say_temporary_folder"):
        sandbox.run(task, emit=say, is_wanted=lambda: True, timeout_s=60)
sandboxes[0].run("beat", pathlib.Path(sys.argv[1]), emit=say, is_wanted=lambda: True, timeout_s=60)
"""
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc or /dev/shm")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(GIB, TASKS) as sandbox:
        assert sandbox.wait_until_warm(LONG_S)
        yield sandbox


def told(
    sandbox: Sandbox,
    task: str,
    *arguments: Any,
    is_wanted: Callable[[], bool] = lambda: True,
    timeout_s: float = LONG_S,
) -> list[Event]:
    events: list[Event] = []
    sandbox.run(task, *arguments, emit=events.append, is_wanted=is_wanted, timeout_s=timeout_s)
    return events


def text(sandbox: Sandbox, task: str, *arguments: Any) -> str:
    (event,) = told(sandbox, task, *arguments)
    assert isinstance(event, Notice)
    return event.text


def lives(pid: str) -> bool:
    """Whether it is there and no zombie, which whoever inherits the processes of a dead one may leave for a while."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def n_open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def soon(happens: Callable[[], bool], within_s: float = 1.0) -> bool:
    until = time.monotonic() + within_s
    while not happens():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def has_stopped(heart: Path) -> bool:
    before = heart.read_text()
    time.sleep(0.2)
    return heart.read_text() == before


def test_events_come_in_their_order(sandbox: Sandbox) -> None:
    assert told(sandbox, "count", 1000) == [Progress("drawing", done, 1000) for done in range(1, 1001)]
    assert told(sandbox, "nothing") == []


def test_threads_of_a_task_may_tell_at_once(sandbox: Sandbox) -> None:
    received = Counter(
        event.text for event in told(sandbox, "talk_in_threads", 50, 100_000) if isinstance(event, Notice)
    )
    assert received == {letter * 100_000: 50 for letter in "abcd"}


def test_events_come_while_the_task_is_at_work(sandbox: Sandbox) -> None:
    came: list[Event] = []
    with pytest.raises(NotWantedError):
        sandbox.run("sleep", LONG_S, emit=came.append, is_wanted=lambda: not came, timeout_s=LONG_S)
    assert came == [Notice("asleep")]


def test_the_same_warm_process_does_one_task_after_another(sandbox: Sandbox) -> None:
    assert text(sandbox, "say_what_is_ready") == "the stage"
    assert text(sandbox, "say_pid") == text(sandbox, "say_pid")
    took_s = []
    for _ in range(20):
        began = time.perf_counter()
        told(sandbox, "nothing")
        took_s.append(time.perf_counter() - began)
    assert min(took_s) < 0.005


def test_a_task_may_be_given_before_the_studio_is_warm() -> None:
    with Sandbox(GIB, TASKS) as sandbox:
        assert not sandbox.wait_until_warm(0)
        assert text(sandbox, "say_what_is_ready") == "the stage"
        assert sandbox.wait_until_warm(0)


def test_an_error_of_a_task_keeps_its_class_and_its_sentence(sandbox: Sandbox) -> None:
    before = text(sandbox, "say_pid")
    with pytest.raises(ModelError, match=r"^the model cannot: 3 words, at least 5 are needed$"):
        told(sandbox, "fail")
    with pytest.raises(BopBotError, match=r"^the video is strange$"):
        told(sandbox, "fail_strangely")
    assert text(sandbox, "say_pid") == before


@pytest.mark.parametrize("task", ["fail_unexpectedly", "leave", "no such task"])
def test_any_other_error_is_for_the_log_alone(task: str, capfd: pytest.CaptureFixture[str]) -> None:
    with Sandbox(GIB, TASKS) as sandbox:
        with pytest.raises(BopBotError, match=r"^something went wrong .* the reason is in the server's log$"):
            told(sandbox, task)
        assert text(sandbox, "say_what_is_ready") == "the stage"
    logged = capfd.readouterr().err
    assert f"the task {task} failed" in logged
    assert "Traceback" in logged


def test_no_id_reaches_the_log(capfd: pytest.CaptureFixture[str]) -> None:
    key = "Ab-_56789012345678901x"
    with Sandbox(GIB, TASKS) as sandbox, pytest.raises(BopBotError, match="something went wrong"):
        told(sandbox, "write_large_file", Path("/nowhere/jobs") / key / "a.mp4", 1)
    logged = capfd.readouterr().err
    assert "No such file or directory: '/nowhere/jobs/*/a.mp4'" in logged
    assert key not in logged


@on_linux
def test_the_password_of_the_database_is_not_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOPBOT_DATABASE", "postgresql://bopbot:secret@localhost/bopbot")
    monkeypatch.setenv("BOPBOT_ELSE", "here")
    with Sandbox(GIB, TASKS) as sandbox:
        known = Path(f"/proc/{text(sandbox, 'say_pid')}/environ").read_bytes()
    assert b"BOPBOT_ELSE=here" in known
    assert b"secret" not in known


def test_what_libraries_print_goes_to_the_log(capfd: pytest.CaptureFixture[str]) -> None:
    with Sandbox(GIB, TASKS) as sandbox:
        told(sandbox, "print_much")
        told(sandbox, "nothing")
    out, err = capfd.readouterr()
    assert out == ""
    assert err.count("printed ") == 100_001


@pytest.mark.slow
@on_linux
@pytest.mark.parametrize(
    ("task", "little", "much"),
    [
        ("hog", GIB // 4, 2 * GIB),
        ("hog_and_blame_the_video", GIB // 4, 2 * GIB),
        ("hog_in_a_process_of_loky", GIB // 256, 2 * GIB),
        ("resize", 1000, 30_000),
    ],
)
def test_no_task_has_more_memory_than_it_may(sandbox: Sandbox, task: str, little: int, much: int) -> None:
    before = text(sandbox, "say_pid")
    told(sandbox, task, little)
    assert text(sandbox, "say_pid") == before
    with pytest.raises(SandboxLimitError, match=r"more memory than its limit of 1 GiB; a shorter or smaller video"):
        told(sandbox, task, much)
    assert text(sandbox, "say_pid") != before


@on_linux
def test_nor_have_the_processes_that_it_starts(sandbox: Sandbox) -> None:
    assert text(sandbox, "hog_in_another_process", GIB // 4) == "0"
    assert text(sandbox, "hog_in_another_process", 2 * GIB) == "7"


def test_no_file_grows_without_end(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(BopBotError, match="something went wrong"):
        told(sandbox, "write_large_file", tmp_path / "large", 5 * GIB)
    assert (tmp_path / "large").stat().st_size == 0


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL, signal.SIGABRT])
def test_a_process_that_dies_is_replaced(sandbox: Sandbox, number: signal.Signals) -> None:
    before = int(text(sandbox, "say_pid"))
    with pytest.raises(SandboxLimitError, match=f"ended suddenly .{number.name}.* its limit is 1 GiB; a shorter"):
        told(sandbox, "die", int(number))
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)
    assert int(text(sandbox, "say_pid")) != before


def test_so_is_one_whose_readers_of_videos_die(sandbox: Sandbox) -> None:
    before = text(sandbox, "say_pid")
    with pytest.raises(SandboxLimitError, match=r"^a process that made the dance ended suddenly, perhaps"):
        told(sandbox, "die_in_a_process_of_loky")
    assert text(sandbox, "say_pid") != before


@on_linux
def test_so_is_one_that_died_while_nobody_needed_it(sandbox: Sandbox) -> None:
    before = int(text(sandbox, "say_pid"))
    os.kill(before, signal.SIGKILL)
    os.waitid(os.P_PID, before, os.WEXITED | os.WNOWAIT)
    assert text(sandbox, "say_pid") != str(before)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_is_meant_for_the_worker_ends_no_task(sandbox: Sandbox, number: signal.Signals) -> None:
    told(sandbox, "die", int(number), 0.0)
    assert sandbox.wait_until_warm(0)


@pytest.mark.parametrize("task", ["sleep", "chatter"])
def test_a_task_has_no_more_time_than_it_may(sandbox: Sandbox, task: str) -> None:
    began = time.monotonic()
    with pytest.raises(
        SandboxLimitError, match=r"^a step of the dance took longer than 0\.3 s; a shorter or smaller video"
    ):
        told(sandbox, task, *([LONG_S] if task == "sleep" else []), timeout_s=0.3)
    assert 0.3 <= time.monotonic() - began < 2
    assert sandbox.wait_until_warm(LONG_S)


def test_what_nobody_wants_is_not_begun(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(NotWantedError):
        told(sandbox, "beat", tmp_path / "heart", is_wanted=lambda: False)
    assert sandbox.wait_until_warm(0)
    assert not (tmp_path / "heart").exists()


def test_a_cancelled_task_dies_with_the_processes_it_started(sandbox: Sandbox, tmp_path: Path) -> None:
    heart = tmp_path / "heart"
    with pytest.raises(NotWantedError):
        told(sandbox, "beat", heart, is_wanted=lambda: not heart.exists())
    assert has_stopped(heart)
    assert sandbox.wait_until_warm(LONG_S)


def test_a_listener_that_fails_ends_the_task(sandbox: Sandbox) -> None:
    def fail(event: Event) -> None:
        raise OSError("the database is gone")

    before = text(sandbox, "say_pid")
    with pytest.raises(OSError, match="the database is gone"):
        sandbox.run("sleep", LONG_S, emit=fail, is_wanted=lambda: True, timeout_s=LONG_S)
    assert text(sandbox, "say_pid") != before


def test_closing_ends_a_task_that_is_at_work(sandbox: Sandbox, tmp_path: Path) -> None:
    raised: list[BaseException] = []

    def work() -> None:
        try:
            told(sandbox, "beat", tmp_path / "heart")
        except BaseException as error:
            raised.append(error)

    worker = threading.Thread(target=work)
    worker.start()
    assert soon((tmp_path / "heart").exists, LONG_S)
    sandbox.close()
    worker.join(1)
    assert [type(error) for error in raised] == [SandboxClosedError]
    assert has_stopped(tmp_path / "heart")
    with pytest.raises(SandboxClosedError):
        told(sandbox, "nothing")


def test_threads_take_turns(sandbox: Sandbox) -> None:
    came: list[list[Event]] = [[] for _ in range(4)]
    threads = [
        threading.Thread(
            target=sandbox.run,
            args=("count", 100),
            kwargs={"emit": events.append, "is_wanted": lambda: True, "timeout_s": LONG_S},
        )
        for events in came
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert came == [[Progress("drawing", done, 100) for done in range(1, 101)]] * 4


def test_a_process_is_replaced_after_many_tasks(sandbox: Sandbox) -> None:
    pids = [text(sandbox, "say_pid") for _ in range(TASKS_PER_CHILD + 1)]
    assert len(set(pids[:-1])) == 1
    assert pids[-1] != pids[0]


@on_linux
def test_a_process_that_keeps_much_memory_is_replaced(sandbox: Sandbox) -> None:
    before = text(sandbox, "say_pid")
    told(sandbox, "keep", GIB // 8)
    assert text(sandbox, "say_pid") == before
    told(sandbox, "keep", GIB // 2)
    assert text(sandbox, "say_pid") != before


def test_a_studio_that_cannot_start_says_so() -> None:
    with Sandbox(GIB, "no_such_module") as sandbox:
        for _ in range(2):
            with pytest.raises(BopBotError, match="the sandbox did not start"):
                sandbox.wait_until_warm(LONG_S)
        with pytest.raises(BopBotError, match="the sandbox did not start"):
            told(sandbox, "nothing")


@pytest.mark.slow
@on_linux
def test_a_killed_worker_takes_its_studios_along(tmp_path: Path) -> None:
    heart = tmp_path / "heart"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", WORKER, str(heart)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as worker:
        assert worker.stdout is not None
        one, folder_of_one, another, folder_of_another, beats = (worker.stdout.readline().strip() for _ in range(5))
        assert beats == "it beats"
        worker.kill()
    assert soon(lambda: not lives(one) and not lives(another))
    assert has_stopped(heart)
    assert not Path(folder_of_one).exists()
    assert not Path(folder_of_another).exists()


@on_linux
def test_a_studio_holds_no_socket_but_its_own(sandbox: Sandbox) -> None:
    with Sandbox(GIB, TASKS) as second:
        for each in (sandbox, second):
            links = [event.text for event in told(each, "say_open_files") if isinstance(event, Notice)]
            assert sum(link.startswith("socket:") for link in links) == 1


@pytest.mark.slow
@on_linux
def test_nothing_is_left_of_many_studios() -> None:
    before, children = n_open_files(), psutil.Process().children()
    for n in range(100):
        with Sandbox(GIB, TASKS):
            time.sleep(n / 4000)  # so that each is killed at another moment of its start
    assert n_open_files() == before
    assert psutil.Process().children() == children


@on_linux
def test_nothing_is_left_of_temporary_files_and_semaphores(sandbox: Sandbox) -> None:
    folder = Path(text(sandbox, "say_temporary_folder"))
    pid = text(sandbox, "start_processes_of_loky")
    semaphores = f"sem.loky-{pid}-*"
    assert folder.exists()
    assert list(Path("/dev/shm").glob(semaphores))
    sandbox.close()
    assert not folder.parent.exists()
    assert not list(Path("/dev/shm").glob(semaphores))
