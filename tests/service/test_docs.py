"""What the documentation of the service says is so: commands, limits, names, messages, and the examples beside it."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from typing import cast

import pytest
import requests
import typer
from required_programs import require_program
from service.support.service_processes import ServiceProcesses
from typer.core import TyperGroup

from bopbot.cli import app
from bopbot.service.http.event_broker import STREAMS
from bopbot.service.http.file_routes import GIFS
from bopbot.service.limits import GIB, MIB, Limits
from bopbot.service.middleware.rate_limit import REQUESTS_PER_MINUTE, TAKES_A_VIDEO
from bopbot.service.store.jobs import AT_ONCE

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "examples"
UNITS = ("bopbot.service", "bopbot-worker.service")
GUIDE = (ROOT / "docs" / "service.md").read_text()
README = (ROOT / "README.md").read_text()
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SECTION = README.partition("## The web service\n")[2].partition("\n## ")[0]
COMMANDS = cast(TyperGroup, typer.main.get_command(app)).commands


def commands() -> list[str]:
    """Every line that starts BopBot, in the guide and in the units."""
    in_text = [line for _, block in BLOCK.findall(GUIDE + SECTION) for line in block.splitlines()]
    in_units = [unit(name)["ExecStart"].removeprefix("/opt/bopbot/bin/") for name in UNITS]
    return [line for line in [*in_text, *in_units] if line.startswith("bopbot ")]


def unit(name: str) -> dict[str, str]:
    """What a unit says of its service."""
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment]  # as ConfigParser's documentation does
    parser.read(EXAMPLES / name)
    return dict(parser["Service"])


def rows(heading: str) -> list[list[str]]:
    """The cells of the table below a heading of the guide, without its first two lines."""
    text = GUIDE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in re.findall(r"^\|.*$", text, re.M)][2:]


@pytest.mark.parametrize("line", commands())
def test_every_command_would_be_taken(line: str) -> None:
    _, name, *arguments = shlex.split(line)
    COMMANDS[name].make_context(name, arguments)


def test_every_option_that_is_named_exists() -> None:
    known = {each for name in ("serve", "worker") for option in COMMANDS[name].params for each in option.opts}
    assert set(re.findall(r"`(--[a-z-]+)[ `]", GUIDE)) - {"--dir-cache-time"} <= known


def test_the_limits_are_those_that_hold() -> None:
    """The table says what `Limits` has where nothing else is asked for, and `bopbot serve` as well."""
    default = Limits()
    said = {what: (option.strip("`"), value) for what, option, value, _ in rows("Limits")}
    assert said == {
        "size of a video": ("--upload-mib", f"{default.upload_bytes // MIB} MiB"),
        "length of a video": ("--video-seconds", f"{default.video_s:g} s"),
        "pixels of a video frame": ("", "4096 x 2304"),
        "memory of each process that makes a dance": ("--memory-gib", f"{default.memory_bytes // GIB} GiB"),
        "time for one step of a dance: learning; generating; drawing": (
            "--take-seconds",
            f"{default.take_s:g} s",
        ),
        "dances in the queue": ("--waiting", f"{default.waiting}"),
        "uploads of one address in an hour": ("--uploads-per-hour", f"{default.uploads_per_hour}"),
        "requests of one address in a minute": ("", f"{REQUESTS_PER_MINUTE}"),
        "dances of one upload": ("", f"{default.takes}, and {AT_ONCE} at a time"),
        "dances that one address requests in an hour": ("", f"{TAKES_A_VIDEO} for each allowed upload"),
        "GIFs that one address requests in an hour": ("", f"{GIFS.amount}"),
        "parallel event streams of one address": ("", f"{STREAMS}"),
        "time until an upload and its dances are removed": ("--keep-hours", f"{default.keep_h:g} h"),
        "size of the folder": ("--disk-gib", f"{default.disk_bytes // GIB} GiB"),
    }
    assert default.picture_px == 4096 * 2304
    for name in ("serve", "worker"):
        usual = {option.opts[0]: option.default for option in COMMANDS[name].params}
        for option, value in said.values():
            if option in usual:
                assert usual[option] == float(value.split()[0])


def test_messages_that_are_explained_are_said() -> None:
    ours = "".join(path.read_text() for path in (ROOT / "bopbot" / "service").rglob("*.py"))
    explained = [message for said, _ in rows("Troubleshooting") for message in re.findall("`([^`]+)`", said)]
    assert len(explained) > 10
    assert [said for said in explained if said not in ours and said != "Permission denied"] == []


def test_links_lead_somewhere() -> None:
    headings = {re.sub(r"[^\w -]", "", line).lower().replace(" ", "-") for line in re.findall("^#+ (.*)$", GUIDE, re.M)}
    for link in re.findall(r"\]\(([^)]+)\)", GUIDE):
        assert link.removeprefix("#") in headings if link.startswith("#") else (ROOT / "docs" / link).exists()


def test_server_and_worker_are_protected_alike() -> None:
    of_one_only = {"ExecStart", "EnvironmentFile", "StateDirectory", "StateDirectoryMode", "ReadWritePaths"}
    server, worker = ({key: unit(name)[key] for key in unit(name).keys() - of_one_only} for name in UNITS)
    assert server == worker
    assert server["UMask"] == "0077"
    assert "MemoryDenyWriteExecute" not in server


@pytest.mark.parametrize("name", UNITS)
def test_systemd_takes_the_units(name: str, tmp_path: Path) -> None:
    require_program("systemd-analyze", package="systemd")
    (tmp_path / name).write_text((EXAMPLES / name).read_text().replace("/opt/bopbot/bin/bopbot", "/bin/true"))
    done = subprocess.run(["systemd-analyze", "verify", str(tmp_path / name)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_nginx_takes_its_example(tmp_path: Path) -> None:
    nginx = require_program("nginx")
    require_program("openssl")
    key_options = [
        "-keyout",
        str(tmp_path / "key"),
        "-out",
        str(tmp_path / "certificate"),
        "-subj",
        "/CN=dance.example.org",
    ]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *key_options], check=True, capture_output=True
    )
    site = (EXAMPLES / "nginx.conf").read_text().replace("/var/log/nginx", str(tmp_path))
    for name, ours in (("fullchain.pem", "certificate"), ("privkey.pem", "key")):
        site = site.replace(f"/etc/letsencrypt/live/dance.example.org/{name}", str(tmp_path / ours))
    logs = f"pid {tmp_path}/pid; error_log {tmp_path}/error;"
    (tmp_path / "nginx.conf").write_text(f"{logs} events {{}} http {{ access_log off; {site} }}")
    done = subprocess.run([nginx, "-t", "-c", str(tmp_path / "nginx.conf")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_caddy_takes_its_example() -> None:
    require_program("caddy")
    command = ["caddy", "adapt", "--adapter", "caddyfile", "--config", str(EXAMPLES / "Caddyfile")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_what_is_counted_is_named(service: ServiceProcesses) -> None:
    told = requests.get(f"{service.url}/metrics", timeout=30).text
    counted = {re.sub("_(total|created|gcount|gsum)$", "", name) for name in re.findall(r"^# HELP (\w+)", told, re.M)}
    named = [cells[0].strip("`").partition("{")[0] for cells in rows("Monitoring")]
    assert {name.removesuffix("_total") for name in named} == counted


@pytest.mark.slow
def test_a_backup_can_be_made_meanwhile(service: ServiceProcesses, tmp_path: Path) -> None:
    require_program("sqlite3")
    require_program("rsync")
    section = GUIDE.partition("\n## Backup\n")[2]
    (block,) = (text for _, text in BLOCK.findall(section.partition("\n## ")[0]))
    there = block.replace("/var/lib/bopbot", str(service.folder)).replace("/var/backups/bopbot", str(tmp_path))
    subprocess.run(["sh", "-euc", there], check=True)
    checked = ["sqlite3", str(tmp_path / "bopbot.sqlite"), "PRAGMA integrity_check"]
    assert subprocess.run(checked, check=True, capture_output=True, text=True).stdout == "ok\n"
    assert {path.name for path in tmp_path.iterdir()} == {"bopbot.sqlite", "folder.id", "jobs", "uploads", "workers"}
    assert (tmp_path / "bopbot.sqlite").stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_the_readme_dances(service: ServiceProcesses, short_clip: Path, tmp_path: Path) -> None:
    """From the command line, from Python and with curl, with the id that its first call answers."""
    require_program("curl")
    shutil.copy(short_clip, tmp_path / "dance.mp4")
    (_, serving), (_, sending), (_, program), (_, calls) = BLOCK.findall(
        SECTION.replace("http://127.0.0.1:8000", service.url)
    )
    assert serving == "bopbot serve\n"
    for made, command in (
        ("new.mp4", [sys.executable, "-m", *shlex.split(sending)]),
        ("another.mp4", [sys.executable, "-c", program]),
    ):
        subprocess.run(command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=True)
        assert (tmp_path / made).stat().st_size > 10_000
    (tmp_path / "new.mp4").unlink()
    upload, *later = calls.splitlines()
    job = json.loads(subprocess.run(shlex.split(upload), cwd=tmp_path, check=True, capture_output=True).stdout)
    for call in later:
        subprocess.run(shlex.split(f"{call} --fail".replace("/ID", f"/{job['id']}")), cwd=tmp_path, check=True)
    assert (tmp_path / "new.mp4").stat().st_size > 10_000
    assert requests.get(service.url + job["links"]["self"], timeout=30).status_code == 404
