"""Carries tables of gathered figures over into data/raw: one CSV a published edition, with its sidecar.

    python tools/transcribe.py FACTS_FOLDER [SOURCE ...]

A figure is carried over as printed. Every printed country name must resolve through data/countries.csv to the code of
the table in that year. All tables are read before anything is written; a file whose bytes would not change is left
alone, so that a second run changes nothing. A new source is one function in ``TRANSCRIPTIONS`` and one table in
``sidecars.toml``.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import itertools
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corrtip.data.catalogue import load_catalogue, series_of
from corrtip.data.countries import load_countries
from corrtip.data.editions.sidecar import csv_bytes, to_toml
from corrtip.data.sources import cpi, factbook, groups, tip, treaties
from corrtip.errors import CorrtipError, DataError, nearest
from corrtip.project import figures_root, write_file

SIDECARS = Path(__file__).with_name("sidecars.toml")

Row = dict[str, str]
Texts = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """One edition, ready to be written.

    Parameters
    ----------
    source, edition : str
        Folder and stem: ``cpi``, ``2005``.
    header : tuple of str
        Columns of the file.
    rows : tuple of Row
        Its rows, by column.
    sidecar : mapping
        What the sidecar says beyond the texts of its source.
    """

    source: str
    edition: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    sidecar: Mapping[str, Any] = field(default_factory=dict)

    def csv_bytes(self) -> bytes:
        """Return the file: UTF-8, line feeds, quotes only where they are needed."""
        return csv_bytes(self.header, ([row.get(column, "") for column in self.header] for row in self.rows))

    def sidecar_bytes(self, texts: Texts) -> bytes:
        """Return the sidecar, with the confirmation counted and the hash of the file."""
        counts = [int(row["n_independent"]) for row in self.rows if row.get("n_independent")]
        known = {"edition": self.edition, "rows": len(counts), "confirmed": sum(count >= 2 for count in counts)}
        incomplete = texts.get("incomplete", {}).get(self.edition, "")
        remarks = (texts["confirmation"].format_map(known), texts.get("remarks", {}).get(self.edition, ""), incomplete)
        table = {
            "publisher": texts["publisher"],
            "title": texts["title"].format_map(known),
            "edition": self.edition,
            "landing_page": texts["landing_page"],
            "licence": texts["licence"],
            **({"licence_url": texts["licence_url"]} if "licence_url" in texts else {}),
            "redistribute": texts["redistribute"],
            "transcription": texts["transcription"],
            "confirmation": " ".join(filter(None, remarks)),
            "complete": texts["complete"] and not incomplete,
            "sha256": hashlib.sha256(self.csv_bytes()).hexdigest(),
            **self.sidecar,
        }
        return to_toml(table).encode()


def transcribe_cpi(facts: Path, texts: Texts) -> Iterator[Transcript]:
    """Yield the editions of ``cpi.csv``."""
    columns = ("iso3", "country", "year", "source", "scale_max", *cpi.COLUMNS[1:-2], "n_independent")
    for year, rows in by(read_table(facts / "cpi.csv", columns), "year"):
        # From 2012 the publisher prints whole points; ranges got decimals in 2019.
        whole = ("score",) if year >= "2019" else ("score", "ci_low", "ci_high") if year >= "2012" else ()
        for row in rows:
            check_name(row, "cpi.csv")
            row["from"] = row["source"]
            for column in whole:
                row[column] = whole_number(row[column], f"cpi.csv, {row['iso3']} {year}, {column}")
        yield Transcript(source="cpi", edition=year, header=cpi.COLUMNS, rows=tuple(rows))


def transcribe_tip(facts: Path, texts: Texts) -> Iterator[Transcript]:
    """Yield the reports of ``tip_tiers.csv``, with the sets of ``tip_unresolved.csv``."""
    columns = ("iso3", "country", "year", "source", *(name for name in tip.COLUMNS[1:] if name != "from"))
    placed = read_table(facts / "tip_tiers.csv", columns)
    for row in placed:
        row["from"] = row["source"]
        row["derived"] = row["derived"].lower()
    sets = read_table(facts / "tip_unresolved.csv", ("iso3", "country", "year", "possible", "evidence"))
    for row in sets:
        row.update({"tier": row["possible"], "derived": "false", "n_independent": "", "from": "", "note": ""})
    for year, rows in by(sorted(placed + sets, key=lambda row: (row["year"], row["iso3"])), "year"):
        for row in rows:
            check_name(row, "tip_tiers.csv or tip_unresolved.csv")
        yield Transcript(source="tip", edition=year, header=tip.COLUMNS, rows=tuple(rows))


def transcribe_wdi(facts: Path, texts: Texts) -> Iterator[Transcript]:
    """Yield the one vintage of ``wdi.csv``, with labels and dates of ``wdi_dictionary.csv``."""
    dictionary = read_table(facts / "wdi_dictionary.csv", ("indicator", "label", "vintage"))
    indicators = {
        row["indicator"]: {"label": row["label"], "as_of": row["vintage"].removeprefix("WDI as of ")}
        for row in dictionary
    }
    rows = read_table(facts / "wdi.csv", ("iso3", "year", *indicators))
    yield series("wdi", rows, {**texts, "indicators": indicators})


def transcribe_factbook(facts: Path, texts: Texts) -> Iterator[Transcript]:
    """Yield the editions of ``factbook.csv``."""
    columns = ("iso3", "edition", "data_year", "indicator", "value", "note")
    series = series_of(load_catalogue(), "factbook")
    rows = sorted(read_table(facts / "factbook.csv", columns), key=lambda row: (row["edition"], row["iso3"]))
    for edition, book in by(rows, "edition"):
        for row in book:
            where = f"factbook.csv, {row['iso3']} {edition}, {row['indicator']}"
            row["indicator"] = our_name(row["indicator"], series, where)
            row["data_year"] = whole_number(row["data_year"], where)
            if row["indicator"] in texts["whole"]:
                row["value"] = whole_number(row["value"], where)
        yield Transcript(source="factbook", edition=edition, header=factbook.COLUMNS, rows=tuple(book))


def transcribe_groups(facts: Path, texts: Texts) -> Iterator[Transcript]:
    """Yield the one table of ``country_groups.csv``."""
    rows = read_table(facts / "country_groups.csv", ("iso3", "year", "income_group", "wb_region_current"))
    for row in rows:
        row["region"] = row["wb_region_current"]
    yield Transcript(source="groups", edition=texts["edition"], header=groups.COLUMNS, rows=tuple(rows))


def transcribe_wgi(facts: Path, texts: Texts) -> Iterator[Transcript]:
    """Yield the one release of ``wgi.csv``: estimate, standard error and number of sources side by side."""
    parts = {"EST": "estimate", "STD.ERR": "stderr", "NO.SRC": "n_sources"}
    rows = read_table(facts / "wgi.csv", ("iso3", "year", "indicator", *parts.values()))
    cells = (
        (row, row["indicator"].replace("EST", part), row[column]) for row in rows for part, column in parts.items()
    )
    yield series("wgi", side_by_side(cells, texts["indicators"], "wgi.csv"), texts)


def transcribe_vdem(facts: Path, texts: Texts) -> Iterator[Transcript]:
    """Yield the one table of ``vdem.csv``."""
    yield series("vdem", read_table(facts / "vdem.csv", ("iso3", "year", *texts["indicators"])), texts)


def transcribe_freedom_house(facts: Path, texts: Texts) -> Iterator[Transcript]:
    """Yield the one edition of ``freedom_house.csv``, under the publisher's names of its columns."""
    names = {"fh_pr": "PR", "fh_cl": "CL", "fh_status": "Status"}
    rows = read_table(facts / "freedom_house.csv", ("iso3", "year", *names))
    renamed = [{names.get(column, column): cell for column, cell in row.items()} for row in rows]
    yield series("freedom_house", renamed, texts)


def transcribe_hdr(facts: Path, texts: Texts) -> Iterator[Transcript]:
    """Yield the reports of ``hdi.csv``."""
    for vintage, rows in by(read_table(facts / "hdi.csv", ("iso3", "year", "value", "vintage")), "vintage"):
        edition = vintage.removeprefix("HDR ")
        index = {"HDI": {"label": "Human Development Index", "as_of": edition}}
        cells = side_by_side(((row, "HDI", row["value"]) for row in rows), index, "hdi.csv")
        yield series("hdr", cells, {**texts, "edition": edition, "indicators": index})


def transcribe_treaties(facts: Path, texts: Texts) -> Iterator[Transcript]:
    """Yield the consents of ``treaties.csv`` and ``treaties_after_2014.csv``, a row a state and treaty."""
    listed = read_table(facts / "treaties.csv", ("iso3", "treaty", "signature", "consent", "kind"))
    later = read_table(facts / "treaties_after_2014.csv", ("iso3", "treaty", "consent", "kind", "grade", "evidence"))
    states = {*load_countries().counted(treaties.LISTED_TO)} - {*texts["territories"]}
    states |= {row["iso3"] for row in (*listed, *later)}
    names = texts["numbers"]
    acts = {(iso3, number): dict.fromkeys(treaties.COLUMNS, "") for iso3 in states for number in names.values()}
    for row in listed:
        number = our_name(row["treaty"], names, f"treaties.csv, {row['iso3']}")
        acts[row["iso3"], number].update({name: row[name] for name in ("signature", "consent", "kind")})
    for row in later:
        number = our_name(row["treaty"], names, f"treaties_after_2014.csv, {row['iso3']}")
        act = acts[row["iso3"], number]
        if act["consent"]:
            raise DataError(f"treaties_after_2014.csv, {row['iso3']} {number}", "a second consent", expected="one")
        act.update({name: row[name] for name in ("consent", "kind", "grade", "evidence")}, **{"from": row["source"]})
    rows = tuple({**act, "iso3": iso3, "treaty": number} for (iso3, number), act in sorted(acts.items()))
    yield Transcript(source="treaties", edition=texts["edition"], header=treaties.COLUMNS, rows=rows)


def transcribe_three_p(facts: Path, texts: Texts) -> Iterator[Transcript]:
    """Yield the 3P index of ``trafficking_outcomes.csv``."""
    yield series("three_p", outcomes(facts, texts), texts)


def transcribe_unodc(facts: Path, texts: Texts) -> Iterator[Transcript]:
    """Yield the incidence of reporting of ``trafficking_outcomes.csv``."""
    yield series("unodc", outcomes(facts, texts), texts)


TRANSCRIPTIONS: Mapping[str, Callable[[Path, Texts], Iterator[Transcript]]] = {
    "cpi": transcribe_cpi,
    "factbook": transcribe_factbook,
    "freedom_house": transcribe_freedom_house,
    "groups": transcribe_groups,
    "hdr": transcribe_hdr,
    "three_p": transcribe_three_p,
    "tip": transcribe_tip,
    "treaties": transcribe_treaties,
    "unodc": transcribe_unodc,
    "vdem": transcribe_vdem,
    "wdi": transcribe_wdi,
    "wgi": transcribe_wgi,
}


def series(source: str, rows: Iterable[Row], texts: Texts) -> Transcript:
    """Return a table of series, a row a country and year, with the columns that the texts list under ``indicators``."""
    indicators = texts["indicators"]
    ordered = sorted(rows, key=lambda row: (row["iso3"], row["year"]))
    for row in ordered:
        for code in texts.get("whole", ()):
            row[code] = whole_number(row.get(code, ""), f"{source}, {row['iso3']} {row['year']}, {code}")
    sidecar = {"indicators": indicators} | {name: texts[name] for name in ("implausible",) if name in texts}
    header = ("iso3", "year", *indicators)
    return Transcript(source=source, edition=texts["edition"], header=header, rows=tuple(ordered), sidecar=sidecar)


def side_by_side(cells: Iterable[tuple[Row, str, str]], indicators: Texts, where: str) -> list[Row]:
    """Return one row a country and year from cells: the row of the table, the series, the figure."""
    wide: dict[tuple[str, str], Row] = {}
    for row, code, figure in cells:
        place = f"{where}, {row['iso3']} {row['year']}"
        if code not in indicators:
            raise DataError(place, f'series "{code}"', expected=f"one of {', '.join(indicators)}")
        held = wide.setdefault((row["iso3"], row["year"]), {"iso3": row["iso3"], "year": row["year"]})
        if code in held:
            raise DataError(place, f"a second {code}", expected="one")
        held[code] = figure
    return list(wide.values())


def outcomes(facts: Path, texts: Texts) -> list[Row]:
    """Return the figures of ``trafficking_outcomes.csv`` whose indicators the texts list by label."""
    codes = {item["label"]: code for code, item in texts["indicators"].items()}
    rows = read_table(facts / "trafficking_outcomes.csv", ("iso3", "year", "indicator", "value"))
    cells = ((row, codes[row["indicator"]], row["value"]) for row in rows if row["indicator"] in codes)
    return side_by_side(cells, texts["indicators"], "trafficking_outcomes.csv")


def read_table(path: Path, columns: Sequence[str]) -> list[Row]:
    """Return the rows of a table of facts as text; ``columns`` must be among its columns."""
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, UnicodeDecodeError) as error:
        raise DataError(
            path.name, str(error), expected="a table in UTF-8", mend="Name the folder that holds it"
        ) from error
    table = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    missing = [column for column in columns if column not in (table.fieldnames or ())]
    if missing:
        raise DataError(path.name, f"no column {', '.join(missing)}", expected=f"the columns {', '.join(columns)}")
    rows = list(table)
    for place, row in enumerate(rows):
        if None in row or None in row.values():
            raise DataError(f"{path.name}, record {place + 1}", "too many or too few fields", expected="one a column")
    return rows


def by(rows: Iterable[Row], column: str) -> Iterator[tuple[str, list[Row]]]:
    """Yield the rows of each value of ``column``, in order of the values; within one, the table's order stays."""
    for value, group in itertools.groupby(sorted(rows, key=lambda row: row[column]), key=lambda row: row[column]):
        yield value, list(group)


def check_name(row: Row, where: str) -> None:
    """Refuse a printed name that data/countries.csv does not resolve to the table's code in that year."""
    countries = load_countries()
    place = f"{where}, {row['iso3']} {row['year']}"
    found, filed = countries.iso3(row["country"], int(row["year"]), place), countries.unit(row["iso3"], place)
    if found != filed:
        raise DataError(
            place,
            f'country "{row["country"]}" means {found} in {row["year"]}',
            expected=f"{filed}, the unit of the table's code",
            mend="Correct the table or data/countries.csv",
        )


def our_name(label: str, names: Mapping[str, str], where: str) -> str:
    """Return our name of a publisher's indicator."""
    if label not in names:
        raise DataError(
            where, f'indicator "{label}" has no variable in data/variables.toml', mend=nearest(label, names)
        )
    return names[label]


def whole_number(text: str, where: str) -> str:
    """Return ``text`` without the ``.0`` that a table of floats appends to what is printed as a whole number."""
    bare = text.removesuffix(".0")
    if bare and not bare.removeprefix("-").isdecimal():
        raise DataError(where, f'"{text}"', expected="a whole number", mend="Correct the table or sidecars.toml")
    return bare


def write_transcripts(transcripts: Iterable[Transcript], texts: Texts, raw: Path) -> list[Path]:
    """Write files and sidecars whose bytes change, each whole or not at all, and return them."""
    written = []
    for transcript in transcripts:
        path = raw / transcript.source / f"{transcript.edition}.csv"
        sidecar = transcript.sidecar_bytes(texts[transcript.source])
        for target, content in ((path, transcript.csv_bytes()), (path.with_suffix(".toml"), sidecar)):
            if not target.is_file() or target.read_bytes() != content:
                write_file(target, content)
                written.append(target)
    return written


def main(arguments: Sequence[str] | None = None) -> int:
    """Transcribe the sources that the command line names, by default all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("facts", type=Path, help="folder with the tables of gathered figures")
    parser.add_argument("sources", nargs="*", metavar="source", help=f"among {', '.join(TRANSCRIPTIONS)}; default: all")
    parser.add_argument("--out", type=Path, default=figures_root() / "raw", help="folder to write to")
    options = parser.parse_args(arguments)
    for name in options.sources:
        if name not in TRANSCRIPTIONS:
            parser.error(f'no source "{name}"; one of {", ".join(TRANSCRIPTIONS)}')
    texts = tomllib.loads(SIDECARS.read_text(encoding="utf-8"))
    try:
        transcripts = [
            transcript
            for name in options.sources or TRANSCRIPTIONS
            for transcript in TRANSCRIPTIONS[name](options.facts, texts[name])
        ]
    except CorrtipError as error:
        print(f"{error} Nothing was written.", file=sys.stderr)
        return 1
    written = write_transcripts(transcripts, texts, options.out)
    print(f"{len(transcripts)} editions, {len(written)} files written, the others unchanged")
    return 0


if __name__ == "__main__":
    sys.exit(main())
