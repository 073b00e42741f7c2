"""Build again elsewhere: on every Python, in other folders and surroundings, with other numbers of threads.

Numbers must be the same to ten significant digits on every Python and with any number of threads, and on one Python
every file that a build writes the same byte for byte. Other Pythons are looked for as PYTHON311, PYTHON312 and
PYTHON313, then as ``python3.11`` and so on; each gets an environment of its own from the lock.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from corrtip.report.package.contents import list_checkout
from stress.campaign import Result, total

ROOT: Final = Path(__file__).resolve().parent.parent
PYTHONS: Final = ("3.11", "3.12", "3.13")
TOLERANCE: Final = 5e-10
"""Relative; two numbers whose first ten significant digits are the same are nearer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a build runs, and what surrounds it."""

    folder: str
    umask: int
    surroundings: Mapping[str, str]


# Languages and time zones that sort, write numbers and count hours in another way; a folder whose name needs quoting.
PLACES: Final = (
    Place(
        folder="first",
        umask=0o022,
        surroundings={"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1", "OPENBLAS_NUM_THREADS": "1"},
    ),
    Place(
        folder="second/a folder, déjà vu",
        umask=0o077,
        surroundings={
            "TZ": "Asia/Kathmandu",
            "LC_ALL": "C",
            "PYTHONHASHSEED": "2",
            "OPENBLAS_NUM_THREADS": "2",
            "OMP_NUM_THREADS": "2",
            "COLUMNS": "40",
            "MPLBACKEND": "svg",
        },
    ),
)
THREADS: Final = (1, 2, 4)
COMMANDS: Final = (("study", "run", "zhang_pineda_2008", "--json"), ("study", "run", "--all", "--json"))
"""What prints its numbers in full."""


def run(budget: float) -> Result:
    """Build on every Python, in two surroundings and with three numbers of threads; below 1, with fewer notebooks."""
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    chosen = [path.name for path in notebooks[: max(1, math.ceil(budget * len(notebooks)))]]
    with tempfile.TemporaryDirectory(prefix="corrtip.reproduce.") as private:
        folder = Path(private)
        builds = [folder / place.folder / "build" for place in PLACES]
        parts = {
            "surroundings": attempt(lambda: in_places(folder, chosen, whole=len(chosen) == len(notebooks))),
            "threads": attempt(lambda: by_threads(folder)),
            "Pythons": attempt(lambda: by_python(folder, chosen, records(builds[0]))),
        }
    return total(parts)


class BuildFailedError(Exception):
    """A build or a command did not end as it must."""


def attempt(compare: Callable[[], Result]) -> Result:
    """Return what a comparison found, or that what it compares could not be made."""
    try:
        return compare()
    except BuildFailedError as error:
        return Result(tried=1, survived=0, lost=1, notes=(str(error),))


def copy(folder: Path) -> Path:
    """Return a copy of the project's own files."""
    for name, path in list_checkout(ROOT).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, folder / name)
    return folder


def in_places(private: Path, notebooks: Sequence[str], *, whole: bool) -> Result:
    """Return the files of a build in one place against those of a build in another."""
    first, second = (outputs(build_here(private, place, notebooks, whole=whole)) for place in PLACES)
    return compare_bytes(first, second)


def build_here(private: Path, place: Place, notebooks: Sequence[str], *, whole: bool) -> Path:
    """Run the notebooks of a copy, and build the report if they are all there; return its build folder."""
    checkout = copy(private / place.folder)
    home = private / f"home of {checkout.name}"
    home.mkdir()
    around = clean() | dict(place.surroundings) | {"HOME": str(home), "PYTHONPATH": str(checkout / "src")}
    steps = [["-m", "corrtip.report.notebooks", f"notebooks/{name}", f"build/notebooks/{name}"] for name in notebooks]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda step: ran([sys.executable, *step], checkout, around, place.umask), steps))
    if whole:
        ran([sys.executable, "-c", COMMAND, "report", "build"], checkout, around, place.umask)
    return checkout / "build"


COMMAND: Final = "from corrtip.cli import main; main()"


def by_threads(private: Path) -> Result:
    """Return the commands' numbers with each number of threads against those with the first."""
    found = {}
    for count in THREADS:
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        around = clean() | dict.fromkeys(names, str(count)) | {"PYTHONPATH": str(ROOT / "src")}
        found[count] = printed([sys.executable, "-c", COMMAND], private, around)
    first, *others = THREADS
    return total({f"{count} threads": compare_numbers(found[first], found[count]) for count in others})


def by_python(private: Path, notebooks: Sequence[str], results: Mapping[str, Any]) -> Result:
    """Return each other Python's results and numbers against this one's; those not found are named."""
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    expected = dict(results) | printed(
        [sys.executable, "-c", COMMAND], private, clean() | {"PYTHONPATH": str(ROOT / "src")}
    )
    others = [version for version in PYTHONS if version != here]
    return total({version: against(expected, version, private, notebooks) for version in others})


def against(expected: Mapping[str, Any], version: str, private: Path, notebooks: Sequence[str]) -> Result:
    """Return what one version of Python makes against what is expected, or that it was not found."""
    python = find_python(version)
    if python is None:
        note = f"not tried: neither PYTHON{version.replace('.', '')} nor python{version} names one"
        return Result(tried=0, survived=0, notes=(note,))
    return attempt(lambda: compare_numbers(expected, made_by(python, private / f"python{version}", notebooks)))


def made_by(python: str, folder: Path, notebooks: Sequence[str]) -> dict[str, Any]:
    """Return the results and the numbers of a copy of the checkout with an environment of its own."""
    checkout = copy(folder)
    ran(["make", f"PYTHON={python}", *(f"build/notebooks/{name}" for name in notebooks)], checkout, clean())
    return records(checkout / "build") | printed([str(checkout / ".venv/bin/corrtip")], folder, clean())


def find_python(version: str) -> str | None:
    """Return the program of a version of Python that starts and is that version."""
    for name in (os.environ.get(f"PYTHON{version.replace('.', '')}"), shutil.which(f"python{version}")):
        if name is None:
            continue
        asked = [name, "-c", "import sys; print(*sys.version_info[:2], sep='.')"]
        said = subprocess.run(asked, capture_output=True, text=True, check=False)
        if said.stdout.strip() == version:
            return name
    return None


def clean() -> dict[str, str]:
    """Return this process's surroundings without what make, Python and the build read."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "MAKE", "MFLAGS", "CORRTIP_", "SOURCE_DATE"))
    }


def ran(command: Sequence[str], folder: Path, around: Mapping[str, str], umask: int = 0o022) -> str:
    """Return what a command printed.

    Raises
    ------
    BuildFailedError
        If it failed, with what it said.
    """
    done = subprocess.run(command, cwd=folder, env=around, umask=umask, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildFailedError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def printed(program: Sequence[str], folder: Path, around: Mapping[str, str]) -> dict[str, Any]:
    """Return what each of `COMMANDS` prints, by command."""
    return {" ".join(command): json.loads(ran([*program, *command], folder, around)) for command in COMMANDS}


def records(build: Path) -> dict[str, Any]:
    """Return every result that the notebooks saved, by its file."""
    folder = build / "results"
    return {
        path.relative_to(folder).as_posix(): json.loads(path.read_bytes()) for path in sorted(folder.rglob("*.json"))
    }


def outputs(build: Path) -> dict[str, bytes]:
    """Return every file of a build."""
    return {
        path.relative_to(build).as_posix(): path.read_bytes() for path in sorted(build.rglob("*")) if path.is_file()
    }


def compare_bytes(first: Mapping[str, bytes], second: Mapping[str, bytes]) -> Result:
    """Return how many files are the same in both, and which is the first that is not."""
    names = sorted({*first, *second})
    differ = [name for name in names if first.get(name) != second.get(name)]
    return _counted(len(names), differ)


def compare_numbers(first: object, second: object) -> Result:
    """Return how many values are the same in both, numbers to ten significant digits, and the first that is not."""
    before, after = dict(leaves(first)), dict(leaves(second))
    places = list(dict.fromkeys((*before, *after)))
    differ = [
        f"{place}: {before.get(place, 'nothing')!r} and {after.get(place, 'nothing')!r}"
        for place in places
        if place not in before or place not in after or not same(before[place], after[place])
    ]
    return _counted(len(places), differ)


def leaves(value: object, place: str = "") -> Iterator[tuple[str, object]]:
    """Yield every value of a JSON document with its place."""
    match value:
        case dict():
            for key, item in value.items():
                yield from leaves(item, f"{place}/{key}")
        case list():
            for number, item in enumerate(value):
                yield from leaves(item, f"{place}/{number}")
        case _:
            yield place, value


def same(first: object, second: object) -> bool:
    """Return whether two values are the same, numbers to ten significant digits."""
    if isinstance(first, float) and isinstance(second, float):
        return math.isclose(first, second, rel_tol=TOLERANCE, abs_tol=0)
    return type(first) is type(second) and first == second


def _counted(tried: int, differ: Sequence[str]) -> Result:
    notes = (f"{len(differ)} differ, the first {differ[0]}",) if differ else ()
    return Result(tried=tried, survived=tried - len(differ), silently_wrong=len(differ), notes=notes)
