"""What goes into an archive: the checkout without what may not be passed on, and a build of these very files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from corrtip.data.source import Edition, find_editions
from corrtip.data.sources import READERS
from corrtip.errors import ReportError
from corrtip.report.artifacts import Artifact, Record, read_results, sha256
from corrtip.report.manifest import Manifest, list_code, read_manifest
from corrtip.report.origins import anchor

# Named one by one, so that nothing else that lies in a checkout is ever published with it.
FOLDERS: Final = (".ci", "benchmarks", "data", "docs", "notebooks", "report", "src", "stress", "tests", "tools")
FILES: Final = (
    ".gitignore",
    "CHANGELOG.md",
    "CITATION.cff",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "SECURITY.md",
    "pyproject.toml",
    "requirements.lock",
)
_MADE: Final = re.compile(r"__pycache__|processed|.*\.(egg-info|pyc)")
_MEND: Final = "Run `make report`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """A table or figure of the report: its number there, and which cell of which notebook made it.

    Parameters
    ----------
    kind : str
        ``Table`` or ``Figure``.
    number : int
        As the report has it.
    record : Record
    artifact : Artifact
    cell : int or None
        Place of the cell in its notebook, from 1, text and code alike; None where no cell names it.
    needs : tuple of str
        Files among its inputs that the archive does not hold.
    """

    kind: str
    number: int
    record: Record
    artifact: Artifact
    cell: int | None
    needs: tuple[str, ...]

    @property
    def stem(self) -> str:
        """Name of its files without their endings: ``table-03``."""
        return f"{self.kind.lower()}-{self.number:02d}"

    @property
    def notebook(self) -> str:
        """The notebook's path in the checkout."""
        return f"notebooks/{Path(self.artifact.path).parent.name}.ipynb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Everything that an archive is made of.

    Parameters
    ----------
    root, build : Path
        The checkout and its build.
    code : mapping of str to Path
        Files of the checkout that the archive holds, by path in the checkout.
    editions : tuple of Edition
        Every edition of figures, held or not.
    manifest : Manifest
    exhibits : tuple of Exhibit
        Tables, then figures, in the order of their numbers.
    """

    root: Path
    build: Path
    code: Mapping[str, Path]
    editions: tuple[Edition, ...]
    manifest: Manifest
    exhibits: tuple[Exhibit, ...]

    @property
    def withheld(self) -> tuple[Edition, ...]:
        """The editions whose sidecars do not allow them to be passed on."""
        return tuple(edition for edition in self.editions if not edition.source.redistribute)


def read_contents(root: Path, build: Path) -> Contents:
    """Return what an archive of a checkout is made of.

    Parameters
    ----------
    root : Path
        The checkout.
    build : Path
        Its build folder.

    Raises
    ------
    ReportError
        If there is no build, or it is not one of these files; if a link leads out of the checkout.
    DataError
        If a file of figures has no sidecar.
    """
    manifest = read_manifest(build)
    files = list_checkout(root)
    check_build(root, build, manifest, files)
    editions = find_editions(READERS, root / "data")
    closed = {file for edition in editions if not edition.source.redistribute for file in files_of(edition)}
    return Contents(
        root=root,
        build=build,
        code={name: path for name, path in files.items() if name not in closed},
        editions=editions,
        manifest=manifest,
        exhibits=tuple(_exhibits(root, build, manifest, closed)),
    )


def files_of(edition: Edition) -> tuple[str, str]:
    """Return the file of an edition and its sidecar, by path in the checkout."""
    return edition.where, edition.where.removesuffix(".csv") + ".toml"


def list_checkout(root: Path) -> dict[str, Path]:
    """Return the project's own files in a checkout: nothing hidden, nothing made by tools.

    Raises
    ------
    ReportError
        If one of them is a link: what it leads to need not be the project's.
    """
    found = [root / name for name in FILES]
    found += [path for folder in FOLDERS for path in (root / folder).rglob("[!.]*")]
    listed: dict[str, Path] = {}
    for path in sorted(found):
        name = path.relative_to(root)
        if any(_MADE.fullmatch(part) or part.startswith(".") for part in name.parts[1:]):
            continue
        if path.is_symlink():
            raise ReportError(name.as_posix(), "a link", expected="the file itself", mend="Put the file in its place")
        if path.is_file():
            listed[name.as_posix()] = path
    return listed


def check_build(root: Path, build: Path, manifest: Manifest, files: Mapping[str, Path]) -> None:
    """Refuse a build that is not of these files, or whose own files are not those that it wrote.

    Raises
    ------
    ReportError
        Names the first file that differs.
    """
    code = {path.relative_to(root).as_posix() for path in list_code(root)}
    read = {name for name in files if name.startswith(("data/", "notebooks/", "report/"))} | code
    recorded = {**manifest.inputs, **manifest.code}
    for name in sorted(read | recorded.keys()):
        if name not in files:
            raise ReportError(name, "it is gone since the build", mend=_MEND)
        if name not in recorded or sha256(files[name]) != recorded[name]:
            raise ReportError(name, "it is newer than the build", expected="a build of these very files", mend=_MEND)
    for name, digest in manifest.outputs.items():
        path = build / name
        if not path.resolve().is_relative_to(build.resolve()):
            raise ReportError("build/manifest.json", f'the output "{name}"', expected="a file of the build folder")
        if not path.is_file() or sha256(path) != digest:
            raise ReportError(f"build/{name}", "it is not the file that the build wrote", mend=_MEND)


def _exhibits(root: Path, build: Path, manifest: Manifest, closed: set[str]) -> Iterator[Exhibit]:
    notebooks = sorted({Path(artifact.path).parent.name for artifact in manifest.artifacts})
    found = {anchor(record): (record, artifact) for record, artifact in read_results(build, notebooks)}
    for kind, number, place in numbered((build / "report.html").read_text(encoding="utf-8")):
        if place in found:
            record, artifact = found[place]
            cell = _cell(root / "notebooks" / f"{Path(artifact.path).parent.name}.ipynb", record.name)
            needs = tuple(sorted(closed.intersection(artifact.inputs)))
            yield Exhibit(kind=kind, number=number, record=record, artifact=artifact, cell=cell, needs=needs)


def numbered(page: str) -> Iterator[tuple[str, int, str]]:
    """Yield every numbered table and figure of the report's page: kind, number, identifier.

    Examples
    --------
    >>> list(numbered('<table id="table-a"><caption><strong>Table 1.</strong> A</caption></table>'))
    [('Table', 1, 'table-a')]
    """
    for kind in ("Table", "Figure"):
        places = re.findall(rf'<{kind.lower()}\b[^>]*\bid="([^"]+)"', page)
        numbers = re.findall(rf"<strong>{kind} (\d+)\.</strong>", page)
        for number, place in zip(map(int, numbers), places, strict=True):
            yield kind, number, place


def _cell(notebook: Path, name: str) -> int | None:
    """Return the place of the first cell of code that names a result."""
    cells = json.loads(notebook.read_bytes())["cells"]
    holds = (cell["cell_type"] == "code" and f'"{name}"' in "".join(cell["source"]) for cell in cells)
    return next((place for place, held in enumerate(holds, start=1) if held), None)
