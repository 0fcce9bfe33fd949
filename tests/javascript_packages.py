"""JavaScript packages that read what BopBot writes: installed by the Makefile where it may, skipped where missing."""

from pathlib import Path

from required_programs import lacks

MODULES = Path(__file__).resolve().parent / "javascript" / "node_modules"


def require_package(name: str) -> Path:
    """Return the folder of an installed package of ``tests/javascript/package.json``; else skip the test."""
    folder = MODULES / name
    if not folder.is_dir():
        lacks(f"no {name} in {MODULES}; `make programs` installs it where it may, with npm")
    return folder
