"""The README of an archive, in the order of the Social Science Data Editors' template: report/package.md, filled.

What a sidecar, the manifest, the lock or the report says is read from there. What the template has an author certify is
left open.
"""

from __future__ import annotations

import ast
import json
import platform
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from corrtip.data.source import Edition, Source
from corrtip.errors import ReportError, nearest
from corrtip.report.export import pandoc
from corrtip.report.markdown import escape
from corrtip.report.package.contents import Contents, Exhibit, files_of

CODE: Final = "code"
"""Folder of the checkout in an archive."""
OUTPUT: Final = "output"
"""Folder of the build in an archive."""
APART: Final = "not-provided"
"""Folder of the sidecars whose figures are not in the archive."""

TEXT: Final = "report/package.md"
_SEED: Final = "src/corrtip/studies/evidence.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """What a build takes.

    Parameters
    ----------
    minutes, install : int
        Of `make report` on two cores, and of the installation before it.
    memory, storage : float
        In GB: of all processes at once, and of the environment with the build.
    """

    minutes: int
    install: int
    memory: float
    storage: float


EFFORT: Final = Effort(minutes=5, install=2, memory=1.5, storage=2)
"""As measured on two cores of an x86-64 machine with Linux and Python 3.11, rounded up."""


def write_readme(contents: Contents) -> str:
    """Return the README of an archive as Markdown.

    Parameters
    ----------
    contents : Contents
        What the archive holds.

    Raises
    ------
    ReportError
        If the text names what is not known.
    """
    known = {**_counts(contents), **_data(contents), **_programs(contents), "references": _references(contents)}

    def value(hole: re.Match[str]) -> str:
        if hole[1] not in known:
            raise ReportError(TEXT, f"nothing is named {{{{{hole[1]}}}}}", mend=nearest(hole[1], known))
        return known[hole[1]]

    filled = re.sub(r"\{\{(.*?)\}\}", value, contents.code[TEXT].read_text(encoding="utf-8"))
    return re.sub(r"\n{3,}", "\n\n", filled)


def write_licences(contents: Contents) -> str:
    """Return who published each file of figures, and under which terms, as Markdown."""
    lines = ["# Licences of the figures", "", "The figures belong to their publishers."]
    for source, editions in _sources(contents.editions):
        lines += ["", f"## {escape(source.publisher)}: {escape(_name(editions))}", "", _terms(source), ""]
        lines += [f"- `{CODE}/{edition.where}`{_absent(edition)}" for edition in editions]
    return "\n".join(lines) + "\n"


def title_of(contents: Contents) -> str:
    """Return the title of the report."""
    text = contents.code["report/report.md"].read_text(encoding="utf-8")
    return text.partition("\ntitle: ")[2].partition("\n")[0]


def _counts(contents: Contents) -> dict[str, str]:
    made = contents.manifest
    setup = tomllib.loads(contents.code["pyproject.toml"].read_text(encoding="utf-8"))["project"]
    pins = re.findall(r"^[\w.-]+==", contents.code["requirements.lock"].read_text(encoding="utf-8"), re.MULTILINE)
    kinds = [exhibit.kind for exhibit in contents.exhibits]
    seeds = enumerate(contents.code[_SEED].read_text(encoding="utf-8").splitlines(), start=1)
    minutes = EFFORT.minutes + EFFORT.install
    return {
        "title": escape(title_of(contents)),
        "files": str(len(contents.editions)),
        "provided": str(len(contents.editions) - len(contents.withheld)),
        "publishers": str(len({edition.source.publisher for edition in contents.editions})),
        "notebooks": str(len(_notebooks(contents))),
        "tables": str(kinds.count("Table")),
        "figures": str(kinds.count("Figure")),
        "minutes": str(EFFORT.minutes),
        "install": str(EFFORT.install),
        "memory": f"{EFFORT.memory:g}",
        "gigabytes": f"{EFFORT.storage:g}",
        "runtime": _scale(minutes, ("<10 minutes", 10), ("10-60 minutes", 60)),
        "storage": _scale(EFFORT.storage, ("25 MB - 250 MB", 0.25), ("250 MB - 2 GB", 2), ("2 GB - 25 GB", 25)),
        "pythons": escape(setup["requires-python"]),
        "licence": setup["license"],
        "python": made.python,
        "system": f"{platform.system()}, {platform.machine()}",
        "libraries": "\n".join(f"  - `{name}` {version}" for name, version in made.libraries.items()),
        "pinned": str(len(pins)),
        "seed": str(made.seed),
        "seed.program": _SEED,
        "seed.line": next(str(line) for line, text in seeds if text.startswith("SEED")),
    }


def _data(contents: Contents) -> dict[str, str]:
    closed = bool(contents.withheld)
    rows = [
        f"| `{CODE}/{edition.where}` | {escape(edition.source.publisher)}, {escape(edition.source.title)} "
        f"| {escape(edition.source.confirmation)} | {'Yes' if edition.source.redistribute else 'No'} |"
        for edition in contents.editions
    ]
    return {
        "availability": _boxes(
            ("All data **are** publicly available.", not closed),
            ("Some data **cannot be made** publicly available.", closed),
            ("**No data can be made** publicly available.", False),
        ),
        "withheld": _withheld(contents) if closed else "",
        "details": "\n\n".join(_details(source, editions) for source, editions in _sources(contents.editions)),
        "datasets": "\n".join(
            ["| Data file | Source | Notes | Provided |", "|:-------|:------|:--------|:---|", *rows]
        ),
    }


def _withheld(contents: Contents) -> str:
    files = [
        f"- `{CODE}/{edition.where}`: {escape(edition.source.publisher)}, {escape(edition.source.title)}. "
        f"{_terms(edition.source)} The publisher's own: {edition.source.landing_page}. "
        f"SHA-256 of the file that was read: `{edition.source.sha256}`"
        for edition in contents.withheld
    ]
    needing = [f"{exhibit.kind} {exhibit.number}" for exhibit in contents.exhibits if exhibit.needs]
    absent = {name for edition in contents.withheld for name in files_of(edition)}
    needing += [
        f"`{artifact.name}`"
        for artifact in contents.manifest.artifacts
        if artifact.kind in {"number", "sentence"} and absent.intersection(artifact.inputs)
    ]
    return "\n".join(
        [
            "Their publishers say nowhere that others may pass these figures on, and they are left out:",
            "",
            *files,
            "",
            "A clone of the project has them in the layout that the programs read. Whoever has one puts the file into "
            f"the place named above, with its sidecar, which is in `{APART}/`. Without them `make report` passes, and "
            'claims that rest on them get the verdict "not attempted", with the reason. They are among what was read '
            f"for {', '.join(needing)}; no other table, figure or number in the text changes.",
        ]
    )


def _details(source: Source, editions: Sequence[Edition]) -> str:
    where = editions[-1].where if len(editions) == 1 else f"{editions[-1].where.rpartition('/')[0]}/*.csv"
    return (
        f"#### {escape(_name(editions))}\n\n{escape(source.publisher)}. {escape(source.transcription)} "
        f"The publisher's own: {source.landing_page}. {_terms(source)}\n\n"
        f"Datafile{'s' if len(editions) > 1 else ''}: `{CODE}/{where}`{_absent(editions[-1])}"
    )


def _programs(contents: Contents) -> dict[str, str]:
    programs = []
    for name in _notebooks(contents):
        first = "".join(json.loads(contents.code[name].read_bytes())["cells"][0]["source"])
        programs.append(f"- `{CODE}/{name}`: {first.splitlines()[0].lstrip('# ')}")
    for name, path in contents.code.items():
        if re.fullmatch(r"src/corrtip/\w+/__init__\.py", name):
            said = ast.get_docstring(ast.parse(path.read_bytes())) or ""
            programs.append(f"- `{CODE}/{name.removesuffix('__init__.py')}`: {said.partition(chr(10))[0]}")
    whole = not any(exhibit.needs for exhibit in contents.exhibits)
    rows = [_row(exhibit) for exhibit in contents.exhibits]
    return {
        "programs": "\n".join(programs),
        "reproduced": _boxes(
            ("All numbers provided in text in the paper", whole),
            ("All tables and figures in the paper", whole),
            ("Selected tables and figures in the paper, as explained and justified below.", not whole),
        ),
        "exhibits": "\n".join(
            [
                f"| Figure/Table # | Program | Cell | Output file in `{OUTPUT}/` | Note |",
                "|:---|:-------|--:|:-------|:------|",
                *rows,
            ]
        ),
    }


def _row(exhibit: Exhibit) -> str:
    endings = (".tex", ".md") if exhibit.kind == "Table" else (".svg", ".png")
    files = ", ".join(f"`{exhibit.kind.lower()}s/{exhibit.stem}{ending}`" for ending in endings)
    needs = ", ".join(f"`{name}`" for name in exhibit.needs if name.endswith(".csv"))
    note = f"Reads {needs}, not provided" if needs else ""
    return (
        f"| {exhibit.kind} {exhibit.number} | `{CODE}/{exhibit.notebook}` | {exhibit.cell or ''} | {files} | {note} |"
    )


def _references(contents: Contents) -> str:
    cited = pandoc(
        "---\nnocite: '@*'\n---\n\n::: {#refs}\n:::\n",
        "--to=plain",
        "--citeproc",
        f"--bibliography={contents.code['report/references.bib']}",
        where="report/references.bib",
    ).decode()
    # An address is known by its look, in which no sign is obeyed.
    literature = [
        re.sub(r"https://\S+", lambda address: address[0].replace("\\", ""), escape(entry))
        for entry in cited.strip().split("\n\n")
    ]
    figures = [
        f"{escape(source.publisher)}. {escape(_name(editions))} \\[dataset\\]. {source.landing_page}"
        for source, editions in _sources(contents.editions)
    ]
    return "\n\n".join(sorted([*figures, *literature], key=str.casefold))


def _notebooks(contents: Contents) -> list[str]:
    return [name for name in contents.code if name.startswith("notebooks/")]


def _sources(editions: Iterable[Edition]) -> Iterator[tuple[Source, list[Edition]]]:
    """Yield each publisher's series with its editions; the last speaks for all."""
    for _, found in groupby(editions, key=lambda edition: edition.path.parent.name):
        series = list(found)
        yield series[-1].source, series


def _name(editions: Sequence[Edition]) -> str:
    title, last = editions[-1].source.title, editions[-1].source.edition
    if len(editions) == 1:
        return title
    return f"{title.removesuffix(last).strip()}, {len(editions)} editions from {editions[0].source.edition} to {last}"


def _terms(source: Source) -> str:
    where = f" ({source.licence_url})" if source.licence_url else ""
    return f"{escape(source.licence)}{where}."


def _absent(edition: Edition) -> str:
    return "" if edition.source.redistribute else " (not provided)"


def _boxes(*choices: tuple[str, bool]) -> str:
    return "\n".join(f"- [{'x' if chosen else ' '}] {words}" for words, chosen in choices)


def _scale(value: float, *steps: tuple[str, float]) -> str:
    right = min(bound for _, bound in steps if value <= bound)
    return _boxes(*((words, bound == right) for words, bound in steps))
