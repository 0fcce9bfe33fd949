"""The wheel of the four packages works where the checkout is not."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.slow
def test_the_wheel_dances_outside_the_checkout(tmp_path: Path) -> None:
    source = tmp_path / "source"
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(source)], check=True)
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(source)],
        check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert "pose_vocab/codec/fake_words.txt.gz" in names
    assert {f"pose_vocab/extraction/pose_landmarker_full.{end}" for end in ("task", "LICENSE.txt")} <= {*names}
    tops = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert tops == {"bopbot", "models", "pose_vocab", "render"}

    installed = tmp_path / "installed"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(installed), str(wheel)]
    subprocess.run(install, check=True)
    elsewhere = os.environ | {"PYTHONPATH": str(installed)}
    video = installed / "bopbot" / "example" / "salsa.mp4"
    done = subprocess.run(
        [sys.executable, "-c", "import bopbot; print(bopbot.__file__)"],
        cwd=tmp_path, env=elsewhere, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.startswith(str(installed))
    done = subprocess.run(
        [str(installed / "bin" / "bopbot"), "choreograph", str(video), "-o", "new.mp4", "--seconds", "2"],
        cwd=tmp_path, env=elsewhere, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "new.mp4").stat().st_size > 10_000
