"""An archive as bytes: the project, its build, and a README in the order that data editors ask for.

The bytes of an archive depend on what it holds and on nothing else: files are sorted, and have one time, that of the
environment variable SOURCE_DATE_EPOCH, and one of two modes.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import time
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from corrtip import project
from corrtip.errors import ReportError
from corrtip.report.artifacts import Figure
from corrtip.report.documents import pdf
from corrtip.report.package.contents import Contents, files_of, read_contents
from corrtip.report.package.readme import APART, CODE, OUTPUT, title_of, write_licences, write_readme
from corrtip.report.tables import Table

# The first and the last day that an archive's directory can name.
_EPOCH: Final = 315532800
_END: Final = 4354732800
_FILE, _PROGRAM = 0o100644, 0o100755


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """An archive that was written.

    Parameters
    ----------
    path : Path
    files : int
        How many it holds.
    tables, figures : int
        Of the report.
    withheld : mapping of str to str
        Files of figures that it does not hold, with the publishers' terms.
    """

    path: Path
    files: int
    tables: int
    figures: int
    withheld: Mapping[str, str]


def save_package(path: Path | None = None, *, root: Path | None = None, build: Path | None = None) -> Package:
    """Write the project and its build as one archive, which builds the report again where it is unpacked.

    Parameters
    ----------
    path : Path, optional
        A file .zip; ``dist/corrtip-VERSION-replication.zip`` of the checkout by default. It is written whole or not at
        all.
    root : Path, optional
        The checkout; this one by default.
    build : Path, optional
        Its build; ``build/`` of the checkout by default.

    Returns
    -------
    Package

    Raises
    ------
    ReportError
        If there is no build, or it is not of the files that are there now; if SOURCE_DATE_EPOCH names no time.

    Notes
    -----
    Figures that may not be passed on are left out, as in `corrtip.export_panel`; the README names them, where
    they are to be had, and which tables and figures read them.
    """
    root = project.require_checkout("package") if root is None else root
    contents = read_contents(root, root / "build" if build is None else build)
    name = f"corrtip-{contents.manifest.libraries['corrtip']}"
    target = root / "dist" / f"{name}-replication.zip" if path is None else path
    files = dict(_files(contents))
    files["SHA256SUMS"] = "".join(
        f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items())
    ).encode()
    programs = {f"{CODE}/{name}" for name, held in contents.code.items() if held.stat().st_mode & 0o100}
    project.write_file(target, _zipped(name, files, programs))
    kinds = [exhibit.kind for exhibit in contents.exhibits]
    return Package(
        path=target,
        files=len(files),
        tables=kinds.count("Table"),
        figures=kinds.count("Figure"),
        withheld={edition.where: edition.source.licence for edition in contents.withheld},
    )


def _files(contents: Contents) -> Iterator[tuple[str, bytes]]:
    readme = write_readme(contents)
    yield "README.md", readme.encode()
    yield "README.pdf", pdf(_with_title(readme, title_of(contents)), contents.root / "report", contents.build)
    yield "LICENSE.txt", contents.code["LICENSE"].read_bytes()
    yield "LICENSES-DATA.md", write_licences(contents).encode()
    for name, path in contents.code.items():
        yield f"{CODE}/{name}", path.read_bytes()
    for edition in contents.withheld:
        _, sidecar = files_of(edition)
        yield f"{APART}/{sidecar}", (contents.root / sidecar).read_bytes()
    for name in ("manifest.json", *contents.manifest.outputs):
        yield f"{OUTPUT}/{name}", (contents.build / name).read_bytes()
    yield from _exhibits(contents)


def _exhibits(contents: Contents) -> Iterator[tuple[str, bytes]]:
    for exhibit in contents.exhibits:
        match exhibit.record.content:
            case Table() as table:
                yield f"{OUTPUT}/tables/{exhibit.stem}.md", f"{table.markdown()}\n".encode()
                yield f"{OUTPUT}/tables/{exhibit.stem}.tex", table.to("latex").encode()
            case Figure(svg=svg, png=png):
                folder = (contents.build / exhibit.artifact.path).parent
                for file in (svg, png):
                    yield f"{OUTPUT}/figures/{exhibit.stem}{Path(file).suffix}", (folder / file).read_bytes()


def _with_title(readme: str, title: str) -> str:
    """Return a README whose first heading is the document's title and the others one level up, as the PDF has it."""
    rest = re.sub(r"^##", "#", readme.partition("\n")[2], flags=re.MULTILINE)
    return f"---\ntitle: {json.dumps(title)}\nsubtitle: Replication package\nlang: en\n---\n{rest}"


def _zipped(folder: str, files: Mapping[str, bytes], programs: set[str]) -> bytes:
    moment = _moment()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{folder}/{name}", moment)
            # Made on Unix, whatever this system is: its files have modes.
            entry.create_system = 3
            entry.external_attr = (_PROGRAM if name in programs else _FILE) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            written.writestr(entry, content)
    return made.getvalue()


def _moment() -> tuple[int, int, int, int, int, int]:
    given = os.environ.get("SOURCE_DATE_EPOCH", str(_EPOCH))
    if not given.isdecimal() or int(given) > _END:
        raise ReportError("SOURCE_DATE_EPOCH", f'"{given}"', expected="seconds since 1970, to the end of 2107")
    return time.gmtime(max(int(given), _EPOCH))[:6]
