"""The panel: every figure we hold, unique on country, year, variable and vintage, with its status and its source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corrtip.data.catalogue import Variable, find_variable, load_catalogue
from corrtip.data.checks import check_figures
from corrtip.data.column import ABSENT, Column, build_column, labelled
from corrtip.data.corrections import Correction, apply_corrections, load_corrections
from corrtip.data.countries import Countries, load_countries
from corrtip.data.figures import join_figures
from corrtip.data.listing import build_not_listed
from corrtip.data.source import Source
from corrtip.data.sources import read_all
from corrtip.errors import SpecError, nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """One figure and where it comes from.

    Parameters
    ----------
    iso3, country : str
        Code, and the name in that year.
    year : int
        The year under which it is filed.
    variable, label, unit, direction, vintage : str
        What it measures, and the state of knowledge.
    value : float
        The number; NaN where there is none.
    level : str or None
        The category of an ordered or unordered variable.
    status : str
        ``observed``, ``corrected``, ``special_case``, ``not_listed`` or ``missing``.
    raw : str
        The cell as it stands in the file.
    data_year : int
        The year that the figure is about.
    n_independent : int or None
        How many independent sources give it; None where nobody counted.
    derived : bool
        Was it deduced from an explicit statement?
    source : Source
        Publisher, edition, licence, hash of our file.
    file : str
        ``data/raw/cpi/2005.csv``.
    line : int
        Line in it, the header being line 1; 0 where the absence of a line is the figure.
    correction : Correction or None
        The declared change, where status is ``corrected``.
    doubt : str or None
        What speaks against the figure, where its source's sidecar calls it implausible.
    """

    iso3: str
    country: str
    year: int
    variable: str
    label: str
    unit: str
    direction: str
    vintage: str
    value: float
    level: str | None
    status: str
    raw: str
    data_year: int
    n_independent: int | None
    derived: bool
    source: Source
    file: str
    line: int
    correction: Correction | None
    doubt: str | None

    @property
    def sha256(self) -> str:
        """The hash of the raw file, checked when it was read."""
        return self.source.sha256

    @property
    def figure(self) -> str:
        """The figure as text: the level or the number; empty where there is none."""
        if self.level is not None:
            return self.level
        return "" if np.isnan(self.value) else f"{self.value:.15g}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Panel:
    """All figures, with their catalogue, sources and list of countries.

    Parameters
    ----------
    frame : DataFrame
        The long table, unique on (iso3, year, variable, vintage). Columns: iso3, year, variable, vintage, value,
        level, status, raw, source, line, data_year, n_independent, derived. Read-only by convention.
    catalogue : mapping of str to Variable
        What each variable is.
    sources : mapping of str to Source
        Editions by id: ``cpi/2005``.
    countries : Countries
        Which countries existed when.
    corrections : mapping of str to Correction
        The declared changes, by file.
    iso3 : tuple of str
        The codes of the rows of a `Column`, sorted.
    """

    frame: pd.DataFrame
    catalogue: Mapping[str, Variable]
    sources: Mapping[str, Source]
    countries: Countries
    corrections: Mapping[str, Correction]
    iso3: tuple[str, ...]
    _columns: dict[tuple[str, str], Column] = field(default_factory=dict, init=False, repr=False)

    def column(self, variable: str, vintage: str | None = None) -> Column:
        """Return one variable in one vintage by country and year; made once, then kept.

        Parameters
        ----------
        variable : str
            A name of the catalogue.
        vintage : str, optional
            May be left out where only one exists.

        Raises
        ------
        SpecError
            If the variable or the vintage is unknown, or the vintage is ambiguous.
        """
        known = find_variable(self.catalogue, variable, "panel")
        chosen = known.choose_vintage(vintage, "panel")
        if (variable, chosen) not in self._columns:
            self._columns[variable, chosen] = build_column(
                self.frame,
                known,
                chosen,
                iso3=self.iso3,
                partial={edition for edition, source in self.sources.items() if not source.complete},
                doubts=self._doubts(known),
            )
        return self._columns[variable, chosen]

    def universe(self, years: tuple[int, int]) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        """Return the country-years that exist from the first to the last year: places in ``iso3``, and years.

        They are sorted by country, then year.
        """
        place = {iso3: number for number, iso3 in enumerate(self.iso3)}
        every = range(years[0], years[1] + 1)
        counted = [[place[iso3] for iso3 in self.countries.counted(year)] for year in every]
        country = np.fromiter(chain.from_iterable(counted), dtype=np.intp)
        year = np.repeat(np.array(every, dtype=np.int64), [len(places) for places in counted])
        order = np.lexsort((year, country))
        return country[order], year[order]

    def wide(
        self,
        years: int | tuple[int, int],
        variables: Sequence[str],
        vintages: Mapping[str, str] | None = None,
    ) -> pd.DataFrame:
        """Return figures side by side: a row a country-year, a column a variable.

        Parameters
        ----------
        years : int or (int, int)
            One year, or the first and the last.
        variables : sequence of str
            Names of the catalogue.
        vintages : mapping of str to str, optional
            Vintage by variable; needed where several exist.

        Returns
        -------
        DataFrame
            Indexed by iso3 and year, sorted. One row for each country-year of which the panel has a row in any of
            the variables, whatever its status; countries that did not exist then included, where a publisher looks
            back. Numbers as float, levels as categoricals (ordered from best to worst where they have an order);
            missing is NaN.

        Raises
        ------
        SpecError
            If a name is unknown, a vintage is ambiguous, or nothing is asked for.

        Examples
        --------
        >>> wide = load_panel().wide(2005, ["tier", "cpi_pre2012"])
        >>> wide.loc["NGA", "tier"].item(), wide.loc["NGA", "cpi_pre2012"].item()
        ('2', 1.9)
        """
        first, last = (years, years) if isinstance(years, int) else years
        if first > last or not variables:
            raise SpecError(
                "panel.wide", f"years {first} to {last}, {len(variables)} variables", expected="some of each"
            )
        columns = [self.column(name, (vintages or {}).get(name)) for name in variables]
        country = np.repeat(np.arange(len(self.iso3)), last - first + 1)
        year = np.tile(np.arange(first, last + 1), len(self.iso3))
        read = [column.at(country, year) for column in columns]
        present = np.logical_or.reduce([status != ABSENT for _, status in read])
        index = build_index(self, country[present], year[present])
        data = {
            column.variable.name: labelled(column.variable, numbers[present])
            for column, (numbers, _) in zip(columns, read, strict=True)
        }
        return pd.DataFrame(data, index=index)

    def lineage(self, iso3: str, year: int, variable: str, vintage: str | None = None) -> Lineage:
        """Return one figure with its source, file and line.

        Parameters
        ----------
        iso3 : str
            Country code.
        year : int
            The year under which the figure is filed.
        variable : str
            A name of the catalogue.
        vintage : str, optional
            May be left out where only one exists.

        Raises
        ------
        SpecError
            If the code, the variable or the vintage is unknown, the vintage is ambiguous, or the panel has no row.

        Examples
        --------
        >>> found = load_panel().lineage("NGA", 2005, "cpi_pre2012")
        >>> found.figure, found.file, found.source.publisher
        ('1.9', 'data/raw/cpi/2005.csv', 'Transparency International')
        """
        column = self.column(variable, vintage)
        if iso3 not in self.iso3:
            mend = nearest(iso3, self.iso3)
            raise SpecError("iso3", f'"{iso3}"', expected="a code of data/countries.csv", mend=mend)
        place, offset = self.iso3.index(iso3), year - column.first_year
        row = int(column.rows[place, offset]) if 0 <= offset < column.rows.shape[1] else -1
        if row < 0:
            raise SpecError(f"{iso3} {year}", f"no {variable} ({column.vintage})", expected=_years_held(column, place))
        return _lineage(self, column, row)

    def _doubts(self, variable: Variable) -> dict[str, dict[tuple[str, int], str]]:
        """Return, by edition, what speaks against figures that its sidecar calls implausible."""
        return {
            edition: {
                (self.countries.unit(flag.iso3), flag.year): flag.why
                for flag in source.implausible
                if flag.indicator == variable.published_as.get(edition.partition("/")[0])
            }
            for edition, source in self.sources.items()
            if source.implausible
        }


def load_panel(root: Path | None = None) -> Panel:
    """Return the panel of all figures, read from the raw files and checked.

    Parameters
    ----------
    root : Path, optional
        Folder that holds ``raw/``, ``countries.csv`` and ``variables.toml``; by default the project's.

    Raises
    ------
    DataError
        If a file, sidecar or figure is not what it must be; names file and row.
    DeclarationError
        If the catalogue, a sidecar or a correction is not what it must be.
    """
    sources, frame = read_all(root)
    return build_panel(
        frame,
        catalogue=load_catalogue(root),
        sources=sources,
        countries=load_countries(root),
        corrections=load_corrections(root),
    )


def build_panel(
    frame: pd.DataFrame,
    *,
    catalogue: Mapping[str, Variable],
    sources: Mapping[str, Source],
    countries: Countries,
    corrections: Mapping[str, Correction],
) -> Panel:
    """Return the panel of figures already read: corrected, checked, and with those who are not listed.

    Parameters
    ----------
    frame : DataFrame
        What the readers return, joined.
    catalogue, sources, countries, corrections
        As in `Panel`.

    Raises
    ------
    DataError
        If a figure is not what the catalogue says, or a correction does not find what it expects.
    """
    corrected = apply_corrections(frame, corrections, catalogue)
    check_figures(corrected, catalogue)
    not_listed = build_not_listed(corrected, catalogue, sources, countries)
    whole = join_figures([corrected, not_listed])
    return Panel(
        frame=whole,
        catalogue=catalogue,
        sources=sources,
        countries=countries,
        corrections=corrections,
        iso3=tuple(sorted({*whole["iso3"].cat.categories, *(row.unit for row in countries.rows)})),
    )


def build_index(panel: Panel, country: NDArray[np.intp], year: NDArray[np.int64]) -> pd.MultiIndex:
    """Return the index of country-years that tables of the panel share: iso3, year."""
    return pd.MultiIndex.from_arrays([np.array(panel.iso3, dtype=object)[country], year], names=["iso3", "year"])


def _lineage(panel: Panel, column: Column, row: int) -> Lineage:
    held = panel.frame.iloc[row]
    variable, source = column.variable, str(held["source"])
    key = (str(held["iso3"]), int(held["year"]), variable.name, column.vintage)
    corrections = {item.key: item for item in panel.corrections.values()}
    return Lineage(
        iso3=key[0],
        country=panel.countries.name(key[0], key[1]),
        year=key[1],
        variable=variable.name,
        label=variable.label,
        unit=variable.unit,
        direction=variable.direction,
        vintage=column.vintage,
        value=float(held["value"]),
        level=None if pd.isna(held["level"]) else str(held["level"]),
        status=str(held["status"]),
        raw=str(held["raw"]),
        data_year=int(held["data_year"]),
        n_independent=None if pd.isna(held["n_independent"]) else int(held["n_independent"]),
        derived=bool(held["derived"]),
        source=panel.sources[source],
        file=f"data/raw/{source}.csv",
        line=int(held["line"]),
        correction=corrections.get(key),
        doubt=column.doubts.get(key[:2]),
    )


def _years_held(column: Column, place: int) -> str:
    years = np.flatnonzero(column.rows[place] >= 0) + column.first_year
    return (
        f"one of the years {', '.join(map(str, years))}" if years.size else "another country: it has none in any year"
    )
