"""Gathers the figures of tables of series into rows of countries and years, whichever form they were issued in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from corrtip.data.catalogue import series_of
from corrtip.data.editions.draft import Draft, Request, read_rows
from corrtip.data.editions.listed import OTHER_CODES
from corrtip.data.editions.sheets import Faults, plain_number
from corrtip.data.source import Indicator
from corrtip.errors import DataError, nearest

AGGREGATES: Mapping[str, str] = {
    "AFE": "Africa Eastern and Southern",
    "AFW": "Africa Western and Central",
    "ARB": "Arab World",
    "CEB": "Central Europe and the Baltics",
    "CHI": "Channel Islands",
    "CSS": "Caribbean small states",
    "EAP": "East Asia & Pacific (excluding high income)",
    "EAR": "Early-demographic dividend",
    "EAS": "East Asia & Pacific",
    "ECA": "Europe & Central Asia (excluding high income)",
    "ECS": "Europe & Central Asia",
    "EMU": "Euro area",
    "EUU": "European Union",
    "FCS": "Fragile and conflict affected situations",
    "HIC": "High income",
    "HPC": "Heavily indebted poor countries (HIPC)",
    "IBD": "IBRD only",
    "IBT": "IDA & IBRD total",
    "IDA": "IDA total",
    "IDB": "IDA blend",
    "IDX": "IDA only",
    "INX": "Not classified",
    "LAC": "Latin America & Caribbean (excluding high income)",
    "LCN": "Latin America & Caribbean",
    "LDC": "Least developed countries: UN classification",
    "LIC": "Low income",
    "LMC": "Lower middle income",
    "LMY": "Low & middle income",
    "LTE": "Late-demographic dividend",
    "MEA": "Middle East, North Africa, Afghanistan & Pakistan",
    "MIC": "Middle income",
    "MNA": "Middle East, North Africa, Afghanistan & Pakistan (excluding high income)",
    "NAC": "North America",
    "OED": "OECD members",
    "OSS": "Other small states",
    "PRE": "Pre-demographic dividend",
    "PSS": "Pacific island small states",
    "PST": "Post-demographic dividend",
    "SAS": "South Asia",
    "SSA": "Sub-Saharan Africa (excluding high income)",
    "SSF": "Sub-Saharan Africa",
    "SST": "Small states",
    "TEA": "East Asia & Pacific (IDA & IBRD countries)",
    "TEC": "Europe & Central Asia (IDA & IBRD countries)",
    "TLA": "Latin America & the Caribbean (IDA & IBRD countries)",
    "TMN": "Middle East, North Africa, Afghanistan & Pakistan (IDA & IBRD)",
    "TSA": "South Asia (IDA & IBRD)",
    "TSS": "Sub-Saharan Africa (IDA & IBRD countries)",
    "UMC": "Upper middle income",
    "WLD": "World",
}
"""Codes of the World Bank that are no countries of our list: groups, and the Channel Islands."""

MISSING = ("", "..", "#N/A")
"""What the World Bank prints where there is no figure."""


class Cell(NamedTuple):
    """One figure of a publisher's table."""

    code: str
    """Country code; empty for some groups."""
    country: str
    year: int
    series: str
    label: str
    """What the publisher calls the series; empty where the file does not say."""
    text: str
    place: str


class Gathered:
    """Figures by country and year, as they come.

    Parameters
    ----------
    request : Request
        What was asked for. Kept are the series that ``data/variables.toml`` has, the countries of our list, and the
        years from the first of the last edition; what is left out is counted.
    """

    def __init__(self, request: Request) -> None:
        self.known = series_of(request.names.catalogue, request.source)
        """Our name of each series that is wanted."""
        self._request = request
        self._first = _first_year(request)
        self._figures: dict[tuple[str, int], dict[str, str]] = {}
        self._places: dict[tuple[str, int], str] = {}
        self._indicators: dict[str, Indicator] = {}
        self._unknown: set[str] = set()
        self._groups: set[str] = set()
        self._early = 0

    def gather(self, cells: Iterable[Cell]) -> dict[str, str]:
        """Add the figures of one file and return its wanted series, each with what the file calls it.

        Raises
        ------
        DataError
            For all cells at once: unknown codes of countries, figures that are no numbers or stand twice.
        """
        labels: dict[str, str] = {}
        with Faults() as faults:
            for cell in cells:
                try:
                    if self._add(cell):
                        labels[cell.series] = cell.label
                except DataError as fault:
                    faults.add(fault)
        return labels

    def date(self, labels: Mapping[str, str], as_of: str) -> None:
        """Say of which release the series of a file are."""
        for code, label in labels.items():
            self._indicators[code] = Indicator(label=label, as_of=as_of)

    def _add(self, cell: Cell) -> bool:
        """Add a figure; return whether its series is wanted."""
        if cell.series not in self.known:
            self._unknown.add(cell.series)
            return False
        if cell.code in AGGREGATES or (not cell.code and cell.country in AGGREGATES.values()):
            self._groups.add(cell.code or cell.country)
            return True
        if cell.year < self._first:
            self._early += cell.text not in MISSING
            return True
        code = OTHER_CODES.get(cell.code, cell.code)
        countries = self._request.names.countries
        if code not in countries.by_code:
            raise DataError(
                cell.place,
                f'country code "{cell.code}" ({cell.country})',
                expected=f"a code of {countries.where}, or one of the World Bank's groups",
                mend=nearest(code, countries.by_code) or "Add a row if it is a country",
            )
        figure = plain_number(cell.text, cell.place, f"{cell.series} of {code} {cell.year}", missing=MISSING)
        held = self._figures.setdefault((code, cell.year), {})
        self._places.setdefault((code, cell.year), cell.place)
        if held.get(cell.series, figure) != figure:
            raise DataError(cell.place, f'{cell.series} of {code} {cell.year}: "{figure}"', expected=held[cell.series])
        held[cell.series] = figure
        return True

    def draft(self, edition: str) -> Draft:
        """Return the draft of the edition, its series in the order of the last one.

        Raises
        ------
        DataError
            If no series is known.
        """
        before = self._request.last.source.indicators if self._request.last else {}
        found = {series for held in self._figures.values() for series, figure in held.items() if figure}
        if not found:
            raise DataError(
                self._request.files[0].name,
                f"no figure of a series of {self._request.source}; others: {', '.join(sorted(self._unknown)[:5])}",
                expected=f"one of {', '.join(sorted(self.known)[:5])} and so on, as in data/variables.toml",
                mend=nearest(min(self._unknown, default=""), self.known),
            )
        series = [code for code in before if code in found] + sorted(found - set(before))
        keys = sorted(key for key, held in self._figures.items() if any(held.values()))
        return Draft(
            source=self._request.source,
            edition=edition,
            header=("iso3", "year", *series),
            rows=tuple((code, str(year), *self._row(code, year, series)) for code, year in keys),
            places=tuple(self._places[key] for key in keys),
            remarks=self._remarks(),
            indicators={code: self._indicator(code, before) for code in series},
        )

    def _row(self, code: str, year: int, series: list[str]) -> list[str]:
        return [self._figures[code, year].get(name, "") for name in series]

    def _indicator(self, code: str, before: Mapping[str, Indicator]) -> Indicator:
        found = self._indicators[code]
        label = found.label or (before[code].label if code in before else self.known[code])
        return Indicator(label=label, as_of=found.as_of)

    def _remarks(self) -> tuple[str, ...]:
        counts = (
            (len(self._unknown), "series that data/variables.toml does not have were left out"),
            (len(self._groups), "groups of countries were left out"),
            (self._early, f"figures of years before {self._first}, where the last edition begins, were left out"),
        )
        return tuple(f"{count:,} {what}." for count, what in counts if count)


def _first_year(request: Request) -> int:
    """Return the first year of the last edition: older figures would only widen the panel."""
    return 0 if request.last is None else min(int(row["year"]) for row in read_rows(request.last))
