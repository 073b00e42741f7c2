"""From publishers' files to a new edition: read, checked as the whole panel is, compared, and only then written."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from corrtip.data.catalogue import load_catalogue, series_of
from corrtip.data.corrections import load_corrections
from corrtip.data.countries import load_countries
from corrtip.data.editions import cpi, governance, tip, worldbank
from corrtip.data.editions.compare import Comparison, compare_editions
from corrtip.data.editions.draft import Draft, Form, Request
from corrtip.data.figures import Names, join_figures
from corrtip.data.panel import build_panel
from corrtip.data.source import Edition, Original, Source, find_editions, read_edition
from corrtip.data.sources import READERS, read_all, read_figures
from corrtip.declare import declared, read_toml
from corrtip.errors import CorrtipError, DataError, nearest
from corrtip.project import checkout_root, shown, write_files

FORMS: Mapping[str, Form] = {"cpi": cpi.read, "tip": tip.read, "wdi": worldbank.read, "wgi": governance.read}
"""The sources whose publishers' files can be read, and by whom."""

SEVERAL_FILES = ("wdi", "wgi")
"""Sources whose editions may come in several files, one a series."""

LEAST_SHARE = 0.9
"""Share of the last edition's countries that an edition must have to pass for a whole one."""

RECORD = ".fetched.toml"
"""What is appended to the name of a download for the file that says where it came from."""

_EDITION = re.compile(r"(?:19|20)[0-9]{2}(?:-(?:0[1-9]|1[0-2]))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """An edition that is checked and ready to be written.

    Parameters
    ----------
    id : str
        ``cpi/2026``.
    where : str
        Its raw file as people know it.
    replaces : bool
        Does it take the place of an edition that we hold?
    complete : bool
        Does it list all countries that the publisher lists?
    countries, figures : int
        How many it has.
    remarks : tuple of str
        What the reader left out.
    comparison : Comparison
        Beside the edition that it replaces, or else the last.
    new_years : tuple of int
        Years of which no edition of the source had a figure.
    new_variables : tuple of str
        Variables of which none had.
    ambiguous : tuple of str
        Variables that had one vintage and now have two, so that a specification must name one.
    contents : mapping of Path to bytes
        What will be written.
    """

    id: str
    where: str
    replaces: bool
    complete: bool
    countries: int
    figures: int
    remarks: tuple[str, ...]
    comparison: Comparison
    new_years: tuple[int, ...]
    new_variables: tuple[str, ...]
    ambiguous: tuple[str, ...]
    contents: Mapping[Path, bytes]

    @property
    def doubtful(self) -> bool:
        """Is there anything that a person should look at before it is written?"""
        noted = self.comparison.count("unlikely") or self.comparison.count("gone")
        return bool(self.replaces or self.ambiguous or noted)

    @property
    def path(self) -> Path:
        """The raw file that will be written."""
        return next(path for path in self.contents if path.suffix == ".csv")

    def write(self) -> None:
        """Write raw file, sidecar and, for a new vintage, its line in ``variables.toml``: all or nothing."""
        write_files(self.contents)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """What is there before."""

    root: Path
    editions: tuple[Edition, ...]
    sources: Mapping[str, Source]
    frame: pd.DataFrame
    names: Names


def prepare_edition(
    files: Sequence[Path],
    source: str,
    *,
    edition: str | None = None,
    root: Path | None = None,
    replace: bool = False,
    partial: bool = False,
) -> Addition:
    """Return a new edition, read from publishers' files and checked; nothing is written.

    Parameters
    ----------
    files : sequence of Path
        What the publisher issued; several for series of the World Bank.
    source : {"cpi", "tip", "wdi", "wgi"}
        Folder of ``data/raw``.
    edition : str, optional
        Year, or year and month of a vintage, where the file does not say.
    root : Path, optional
        Folder that holds ``raw/``, ``countries.csv`` and ``variables.toml``; by default the checkout's ``data/``.
    replace : bool
        May an edition that we hold be replaced?
    partial : bool
        Is it known to hold only a part of the publisher's list? Then absence says nothing.

    Raises
    ------
    DataError
        If a file cannot be read, a name is unknown, a figure is off its scale or stands twice, the edition exists,
        or a list is too short to be whole; names file and row.
    CorrtipError
        If there is no folder to write to.
    """
    base = _figures_folder(root)
    if source not in FORMS:
        raise DataError("--source", f'"{source}"', expected=f"one of {', '.join(FORMS)}", mend=nearest(source, FORMS))
    if len(files) != 1 and not (files and source in SEVERAL_FILES):
        raise DataError("FILE", f"{len(files)} files", expected=f"one for {source}; several for wdi and wgi")
    held = _hold(base)
    own = [item for item in held.editions if item.path.parent.name == source]
    draft = FORMS[source](
        Request(
            source=source,
            files=tuple(files),
            edition=edition,
            names=held.names,
            last=own[-1] if own else None,
        )
    )
    return _check(draft, held, own, originals=find_originals(files), replace=replace, partial=partial)


def find_originals(files: Sequence[Path]) -> tuple[Original, ...]:
    """Return name and hash of each file, and where it came from if it was downloaded.

    Raises
    ------
    DataError
        If a file is not what was downloaded, or its name is no text.
    """
    found = []
    for path in files:
        try:
            path.name.encode()
        except UnicodeEncodeError as error:
            raise DataError(ascii(path.name), "a name that is not UTF-8", mend="Rename the file") from error
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        original = Original(name=path.name, sha256=digest)
        record = path.with_name(path.name + RECORD)
        if record.is_file():
            original = declared(Original, read_toml(record, record.name), record.name)
            if original.sha256 != digest:
                raise DataError(
                    path.name,
                    f"sha256 {digest}",
                    expected=f"{original.sha256}, as it was downloaded",
                    mend=f"Download it again; or remove {record.name} if you changed the file on purpose",
                )
        found.append(original)
    return tuple(found)


def _figures_folder(root: Path | None) -> Path:
    checkout = checkout_root()
    if root is None and checkout is None:
        raise CorrtipError(
            "data add",
            "this is an installed package, whose figures are not to be changed",
            expected="a checkout of the project, or a folder of your own",
            mend="Name with --root a folder that holds raw/, countries.csv and variables.toml",
        )
    return root if root is not None else Path(checkout or "", "data")


def _hold(base: Path) -> _Held:
    sources, frame = read_all(base)
    return _Held(
        root=base,
        editions=find_editions(READERS, base),
        sources=sources,
        frame=frame,
        names=Names(countries=load_countries(base), catalogue=load_catalogue(base)),
    )


def _check(
    draft: Draft,
    held: _Held,
    own: Sequence[Edition],
    *,
    originals: tuple[Original, ...],
    replace: bool,
    partial: bool,
) -> Addition:
    """Return the addition of a draft, read and checked by the same code as every edition."""
    path = held.root / "raw" / draft.source / f"{draft.edition}.csv"
    _check_place(draft, path, held.root, replace=replace)
    if not own:
        raise DataError(draft.source, "no edition that a new one could be compared with", expected="at least one")
    earlier = [item for item in own if item.source.edition <= draft.edition]
    beside = earlier[-1] if earlier else own[0]
    listing = draft.source not in SEVERAL_FILES
    complete = listing and not partial
    contents = {
        path.with_suffix(".toml"): draft.sidecar_bytes(beside, originals, complete=complete),
        path: draft.csv_bytes(),
    }
    vintage = None if listing else f"{draft.source}-{draft.edition}"
    if vintage and (catalogue := _with_vintage(held.root / "variables.toml", draft.source, vintage)):
        contents = {held.root / "variables.toml": catalogue, **contents}
    frame, names = _read_staged(draft, held, contents)
    if complete:
        _check_length(frame, held, beside, path.name)
    of_source = held.frame[held.frame["source"].isin([item.id for item in own])]
    return Addition(
        id=f"{draft.source}/{draft.edition}",
        where=shown(path, held.root),
        replaces=path.exists(),
        complete=complete,
        countries=int(frame["iso3"].nunique()),
        figures=int((frame["status"] == "observed").sum()),
        remarks=draft.remarks,
        comparison=compare_editions(
            frame,
            of_source[of_source["source"] == beside.id],
            _trusted(of_source, own, held.names),
            catalogue=names.catalogue,
            countries=names.countries,
        ),
        new_years=tuple(sorted({*frame["year"]} - {*of_source["year"]})),
        new_variables=tuple(sorted({*map(str, frame["variable"])} - {*map(str, of_source["variable"])})),
        ambiguous=tuple(
            name
            for name, variable in held.names.catalogue.items()
            if len(variable.vintages) == 1 < len(names.catalogue[name].vintages)
        ),
        contents=contents,
    )


def _trusted(frame: pd.DataFrame, editions: Sequence[Edition], names: Names) -> pd.DataFrame:
    """Return figures without those that the sidecars call implausible: they do not teach what is usual."""
    doubted = {
        (
            item.id,
            names.countries.unit(flag.iso3),
            flag.year,
            series_of(names.catalogue, item.path.parent.name)[flag.indicator],
        )
        for item in editions
        for flag in item.source.implausible
    }
    if not doubted:
        return frame
    keys = zip(*(frame[name] for name in ("source", "iso3", "year", "variable")), strict=True)
    return frame[[key not in doubted for key in keys]]


def _check_place(draft: Draft, path: Path, root: Path, *, replace: bool) -> None:
    if not _EDITION.fullmatch(draft.edition):
        raise DataError("--edition", f'"{draft.edition}"', expected="a year, or year and month as in 2026-12")
    if path.exists() and not replace:
        raise DataError(
            shown(path, root),
            "the edition exists",
            expected="a new one",
            mend="Say --replace to put this one in its place; a single wrong figure is better declared as a correction",
        )


def _with_vintage(path: Path, source: str, vintage: str) -> bytes | None:
    """Return ``variables.toml`` with a vintage more, or None where it has it."""
    text = path.read_text(encoding="utf-8")
    line = re.search(rf"^{source} = \[(.*)\]$", text, flags=re.MULTILINE)
    if line is None:
        raise DataError(path.name, f"no line {source} = [...] under [vintages]", mend="Add the vintage by hand")
    if f'"{vintage}"' in line[1]:
        return None
    return (text[: line.end(1)] + f', "{vintage}"' + text[line.end(1) :]).encode()


def _read_staged(draft: Draft, held: _Held, contents: Mapping[Path, bytes]) -> tuple[pd.DataFrame, Names]:
    """Return the figures of the edition, read from a folder of its own and checked with all others."""
    with tempfile.TemporaryDirectory() as folder:
        stage = Path(folder)
        # The catalogue and the list of countries stand in the folder too, so that the checks see what will be.
        for name in ("variables.toml", "countries.csv"):
            (stage / name).write_bytes((held.root / name).read_bytes())
        for path, content in contents.items():
            target = stage / path.relative_to(held.root)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        names = Names(countries=load_countries(stage), catalogue=load_catalogue(stage))
        edition = read_edition(stage / "raw" / draft.source / f"{draft.edition}.csv", stage)
        try:
            frame = read_figures(edition, names)
            others = held.frame[held.frame["source"] != edition.id]
            build_panel(
                join_figures([others, frame]),
                catalogue=names.catalogue,
                sources={**held.sources, edition.id: edition.source},
                countries=names.countries,
                corrections=load_corrections(held.root),
            )
        except DataError as error:
            raise _placed(error, edition.where, draft) from error
    return frame, names


def _placed(error: DataError, where: str, draft: Draft) -> DataError:
    """Return an error of the raw file with the row of the publisher's file, which is what the user can look at."""
    found = re.fullmatch(rf"{re.escape(where)}, row ([0-9]+)", error.where)
    if found is None:
        return error
    place = draft.places[int(found[1]) - 2]
    return DataError(place, error.seen, expected=error.expected, mend="Correct it against the published table")


def _check_length(frame: pd.DataFrame, held: _Held, beside: Edition, name: str) -> None:
    before = held.frame[held.frame["source"] == beside.id]["iso3"].nunique()
    now = frame["iso3"].nunique()
    if now < LEAST_SHARE * before:
        raise DataError(
            name,
            f"{now} countries",
            expected=f"at least nine in ten of the {before} of {beside.id}",
            mend="Say --partial if it is known to hold a part: then the absence of a country says nothing",
        )
