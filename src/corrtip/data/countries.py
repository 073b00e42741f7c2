"""Country names and codes: which unit a printed name means in a given year, and which units existed then."""

from __future__ import annotations

import csv
import difflib
import io
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from corrtip.errors import DataError
from corrtip.project import figures_root, shown

COLUMNS = ("iso3", "name", "first_year", "last_year", "counted_from", "unit", "aliases", "note")
"""The header of ``data/countries.csv``."""

_CODE = re.compile(r"[A-Z]{3}(_[A-Z]{2})?")
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bb\u02bc\u00b4`", "'"))
_ALWAYS = (0, 9999)


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """One row of ``data/countries.csv``: a unit under the names that it had in some years.

    Parameters
    ----------
    iso3 : str
        The code that publishers use for it. ISO 3166 with ``XKX`` (Kosovo), ``ANT``, ``SCG``, ``YUG`` (former
        codes) and ``PSE_GZ`` (the Factbook's Gaza Strip).
    name : str
        The name that tables show.
    first_year, last_year : int
        Years in which its names are valid.
    counted_from : int or None
        First year in which it is counted among the countries of the world; None for territories that neither the
        reports nor the ordinary lists of states place.
    unit : str
        The code under which the panel holds it: ``SRB`` for ``SCG`` and ``YUG``, else ``iso3``.
    aliases : tuple of str
        Other spellings, as the publishers print them, misprints included.
    note : str
        The rule that a special territory follows.
    """

    iso3: str
    name: str
    first_year: int
    last_year: int
    counted_from: int | None
    unit: str
    aliases: tuple[str, ...]
    note: str

    @property
    def names(self) -> tuple[str, ...]:
        """The name and its aliases."""
        return (self.name, *self.aliases)

    def named_in(self, year: int) -> bool:
        """Return whether the names are valid in ``year``."""
        return self.first_year <= year <= self.last_year


@dataclass(frozen=True, slots=True, kw_only=True)
class Countries:
    """The list of countries: names to codes, codes to units, and who is counted in which year.

    Parameters
    ----------
    rows : tuple of Country
        The rows of the file, in its order.
    where : str
        The file as people know it, for errors.
    by_name : mapping of str to tuple of Country
        Rows under each name, brought to the form in which names are compared.
    by_code : mapping of str to tuple of Country
        Rows under each code.
    """

    rows: tuple[Country, ...]
    where: str
    by_name: Mapping[str, tuple[Country, ...]]
    by_code: Mapping[str, tuple[Country, ...]]

    def iso3(self, name: str, year: int, where: str = "country name") -> str:
        """Return the code of the unit that ``name`` means in ``year``.

        Parameters
        ----------
        name : str
            The name as printed. Case, accents, kinds of apostrophe and surplus blanks do not matter; nothing else
            is forgiven.
        year : int
            The year of the figure.
        where : str
            File and row, for the error.

        Raises
        ------
        DataError
            If no row has the name, or none in that year.

        Examples
        --------
        >>> countries = load_countries()
        >>> countries.iso3("Burma", 2009), countries.iso3("Cote D'Ivoire", 2008)
        ('MMR', 'CIV')
        >>> countries.iso3("Serbia and Montenegro", 2005), countries.iso3("Serbia", 2007)
        ('SRB', 'SRB')
        """
        rows = self.by_name.get(comparable(name), ())
        for row in rows:
            if row.named_in(year):
                return row.unit
        if rows:
            raise DataError(
                where,
                f'country "{name}" in {year}',
                expected=f"a year in which {self.where} has the name: {' or '.join(_spoken(row) for row in rows)}",
                mend="Correct the name or the year",
            )
        raise DataError(
            where,
            f'country "{name}" is not in {self.where}',
            mend=f"{self._nearest(name)}Add a row if it is the same country",
        )

    def unit(self, code: str, where: str = "country code") -> str:
        """Return the code under which the panel holds what a publisher files under ``code``.

        Years are not checked here: retrospective series give figures for today's territories.

        Raises
        ------
        DataError
            If the code is unknown.

        Examples
        --------
        >>> load_countries().unit("SCG")
        'SRB'
        """
        rows = self.by_code.get(code)
        if rows is None:
            raise DataError(
                where,
                f'country code "{code}" is not in {self.where}',
                expected="an ISO 3166 code of three capital letters, or one of XKX, ANT, SCG, YUG, PSE_GZ",
                mend="Correct the code, or add a row if it is right",
            )
        return rows[0].unit

    def counted(self, year: int) -> tuple[str, ...]:
        """Return the codes of the units that are counted among the countries of the world in ``year``, sorted.

        They are the universe of every account of who is missing: the members of the United Nations and its two
        observers (Holy See, Palestine), and what the reports place apart: Taiwan, Hong Kong, Macau; Kosovo from 2008;
        the Netherlands Antilles in 2009 and 2010; Aruba, Curacao and Sint Maarten from 2011.

        Examples
        --------
        >>> countries = load_countries()
        >>> "MNE" in countries.counted(2006), "MNE" in countries.counted(2007)
        (False, True)
        """
        return tuple(
            sorted({row.unit for row in self.rows if row.counted_from and row.counted_from <= year <= row.last_year})
        )

    def name(self, iso3: str, year: int | None = None) -> str:
        """Return the name to show for a unit: the one valid in ``year``, or else its latest.

        Raises
        ------
        DataError
            If the code is unknown.

        Examples
        --------
        >>> countries = load_countries()
        >>> countries.name("SRB", 2005), countries.name("SRB")
        ('Serbia and Montenegro', 'Serbia')
        """
        unit = self.unit(iso3)
        rows = [row for row in self.rows if row.unit == unit]
        valid = [row for row in rows if year is not None and row.named_in(year)]
        return max(valid or rows, key=lambda row: (row.last_year, row.first_year)).name

    def _nearest(self, name: str) -> str:
        close = difflib.get_close_matches(comparable(name), self.by_name, n=5, cutoff=0.6)
        shown_names = list(dict.fromkeys(self.by_name[match][0].name for match in close))[:3]
        quoted = ", ".join(f'"{match}"' for match in shown_names)
        return f"Nearest: {quoted}. " if quoted else ""


@cache
def comparable(name: str) -> str:
    """Return the form in which two spellings of one name are compared.

    Case, accents, the kind of apostrophe and surplus blanks are levelled; punctuation, articles and word order are
    not, since they tell countries apart: that is what aliases are for.

    Examples
    --------
    >>> comparable("Côte  d'Ivoire ") == comparable("COTE D`IVOIRE")
    True
    """
    decomposed = unicodedata.normalize("NFKD", name.translate(_APOSTROPHES))
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(bare.casefold().split())


@cache
def load_countries(root: Path | None = None) -> Countries:
    """Return the list of countries of ``data/countries.csv``.

    Parameters
    ----------
    root : Path, optional
        Folder that holds ``countries.csv``; by default the project's.

    Raises
    ------
    DataError
        If the file is missing or not UTF-8, a row is malformed, or one name means two units in the same year.
    """
    base = figures_root() if root is None else root
    path = base / "countries.csv"
    where = shown(path, base)
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError as error:
        raise DataError(where, "the file does not exist", mend="Restore it from the repository") from error
    except UnicodeDecodeError as error:
        raise DataError(where, f"byte {error.start} is not UTF-8", mend="Save the file as UTF-8") from error
    rows = _rows(text, where)
    by_name: dict[str, tuple[Country, ...]] = {}
    by_code: dict[str, tuple[Country, ...]] = {}
    for row in rows:
        by_code[row.iso3] = (*by_code.get(row.iso3, ()), row)
        for name in map(comparable, row.names):
            by_name[name] = (*by_name.get(name, ()), row)
    _check(by_name, by_code, where)
    return Countries(rows=rows, where=where, by_name=by_name, by_code=by_code)


def _rows(text: str, where: str) -> tuple[Country, ...]:
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = tuple(next(lines, ()))
        if header != COLUMNS:
            raise DataError(
                where, f"header {','.join(header)!r}", expected=",".join(COLUMNS), mend="Restore the header"
            )
        rows = tuple(_country(fields, f"{where}, row {lines.line_num}") for fields in lines)
    except csv.Error as error:
        raise DataError(f"{where}, row {lines.line_num}", str(error), expected="rows of a CSV file") from error
    if not text.endswith("\n"):
        raise DataError(where, "the file ends within a line", mend="Restore it from the repository")
    return rows


def _country(fields: list[str], where: str) -> Country:
    if len(fields) != len(COLUMNS):
        raise DataError(where, f"{len(fields)} fields", expected=f"{len(COLUMNS)}: {', '.join(COLUMNS)}")
    row = dict(zip(COLUMNS, fields, strict=True))
    for column in ("iso3", "unit"):
        if not _CODE.fullmatch(row[column] or row["iso3"]):
            raise DataError(where, f'{column} "{row[column]}"', expected="a code of three capital letters")
    if not row["name"].strip():
        raise DataError(where, "no name", expected="the name that tables show")
    first_year = _year(row, "first_year", where) or _ALWAYS[0]
    last_year = _year(row, "last_year", where) or _ALWAYS[1]
    if first_year > last_year:
        raise DataError(where, f"first_year {first_year}", expected=f"a year to {last_year}, the last")
    return Country(
        iso3=row["iso3"],
        name=row["name"],
        first_year=first_year,
        last_year=last_year,
        counted_from=_year(row, "counted_from", where),
        unit=row["unit"] or row["iso3"],
        aliases=tuple(filter(None, row["aliases"].split("|"))),
        note=row["note"],
    )


def _year(row: Mapping[str, str], column: str, where: str) -> int | None:
    if row[column] and not re.fullmatch(r"(19|20)[0-9]{2}", row[column]):
        raise DataError(where, f'{column} "{row[column]}"', expected="a year of four digits, or nothing")
    return int(row[column]) if row[column] else None


def _check(by_name: Mapping[str, tuple[Country, ...]], by_code: Mapping[str, tuple[Country, ...]], where: str) -> None:
    for name, rows in by_name.items():
        for place, row in enumerate(rows):
            for other in rows[place + 1 :]:
                overlap = row.first_year <= other.last_year and other.first_year <= row.last_year
                if overlap and row.unit != other.unit:
                    raise DataError(
                        where,
                        f'"{name}" means both {row.unit} and {other.unit}',
                        expected="one country a name and year",
                        mend="Take the alias from one of them",
                    )
    for code, rows in by_code.items():
        if {row.unit for row in rows} - set(by_code) or len({row.unit for row in rows}) > 1:
            raise DataError(
                where, f"{code} has unit {rows[0].unit}", expected="one unit a code, itself a code in the list"
            )


def _spoken(row: Country) -> str:
    if row.first_year == _ALWAYS[0]:
        return f"to {row.last_year}"
    return f"{row.first_year} on" if row.last_year == _ALWAYS[1] else f"{row.first_year} to {row.last_year}"
