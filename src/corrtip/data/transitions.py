"""How countries move between the levels of an ordered variable from year to year, and how long they stay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from corrtip.data.figures import STATUSES
from corrtip.data.panel import Panel
from corrtip.errors import SpecError

SPECIAL = "special case"
"""State of a country that is listed without a rank."""

NOT_LISTED = "not listed"
"""State of a country that exists and is not in the publication."""

_STATE_OF_STATUS = {STATUSES.index("special_case"): SPECIAL, STATUSES.index("not_listed"): NOT_LISTED}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class History:
    """The state of each country in each year.

    Parameters
    ----------
    levels : tuple of str
        Best to worst.
    states : DataFrame
        Countries (iso3) by years: a level, ``special case``, ``not listed``, or missing (we do not know it, or there
        was no such country). A year between two others that has no column is one in which no state is known.
    """

    levels: tuple[str, ...]
    states: pd.DataFrame

    def transitions(self) -> pd.DataFrame:
        """Return how often a country went from the state of the row to that of the column within one year.

        Only pairs of a year and the next of which both states are known count; `gaps` says how many are broken off.
        Rows and columns: the levels, special case, not listed.

        Examples
        --------
        >>> states = pd.DataFrame({2004: ["1", "2"], 2005: ["1", "3"], 2006: ["2", None]}, index=["AAA", "BBB"])
        >>> counts = History(levels=("1", "2", "3"), states=states).transitions()
        >>> counts.loc[["1", "2"], ["1", "2", "3"]].values.tolist()
        [[1, 1, 0], [0, 0, 1]]
        """
        before, after = self._pairs()
        order = [*self.levels, SPECIAL, NOT_LISTED]
        counts = pd.crosstab(before, after)
        return counts.reindex(index=order, columns=order, fill_value=0).rename_axis(index="from", columns="to")

    def gaps(self) -> int:
        """Return the number of country-years whose state is known and whose next year's is not, the last year aside."""
        known = self._year_by_year().notna().to_numpy()
        return int((known[:, :-1] & ~known[:, 1:]).sum())

    def _year_by_year(self) -> pd.DataFrame:
        """Return the states with a column for each year from the first to the last: neighbours are a year apart."""
        years = self.states.columns
        return self.states.reindex(columns=range(min(years), max(years) + 1))

    def _pairs(self) -> tuple[pd.Series, pd.Series]:
        states = self._year_by_year().to_numpy()
        before, after = states[:, :-1].ravel(), states[:, 1:].ravel()
        both = pd.notna(before) & pd.notna(after)
        return pd.Series(before[both]), pd.Series(after[both])

    def spells(self) -> pd.DataFrame:
        """Return the unbroken runs of one state: iso3, state, first, last, years, begun, ended.

        ``begun`` and ``ended`` say whether the run is seen to begin and to end: it does where the year before (after)
        is known and differs. A run at the edge of what we know is at least so long.
        """
        return pd.DataFrame(
            [spell for iso3, row in self._year_by_year().iterrows() for spell in _spells(str(iso3), row)],
            columns=["iso3", "state", "first", "last", "years", "begun", "ended"],
        )

    def movers(self) -> pd.DataFrame:
        """Return one row a country, the most restless first: iso3, better, worse, moves, years.

        ``better`` and ``worse`` count steps from the level of a year to another in the next (a special case, an
        unlisted or an unknown year in between is no step), ``years`` the years with a level.
        """
        places = {level: place for place, level in enumerate(self.levels)}
        rows = []
        for iso3, states in self._year_by_year().iterrows():
            ranks = states.map(places)
            steps = (ranks - ranks.shift()).dropna()
            better, worse = int((steps < 0).sum()), int((steps > 0).sum())
            rows.append((str(iso3), better, worse, better + worse, int(ranks.notna().sum())))
        table = pd.DataFrame(rows, columns=["iso3", "better", "worse", "moves", "years"])
        return table.sort_values(["moves", "iso3"], ascending=[False, True], ignore_index=True)


def build_history(panel: Panel, years: Iterable[int], variable: str = "tier") -> History:
    """Return the states of all countries that a publication ever listed, year by year.

    Parameters
    ----------
    panel : Panel
    years : iterable of int
        Years that we hold in part only are left out: what we lack would look like movement.
    variable : str
        A variable with ordered levels.

    Raises
    ------
    SpecError
        If the variable has no ordered levels, or fewer than two of the years are whole.

    Examples
    --------
    >>> from corrtip.data.panel import load_panel
    >>> build_history(load_panel(), range(2004, 2007)).states.loc["NGA"].tolist()
    ['2WL', '2', '2']
    """
    known = panel.catalogue[variable]
    if known.kind != "ordered":
        raise SpecError(variable, f"its kind is {known.kind}", expected="ordered levels")
    column = panel.column(variable, known.choose_vintage(None, variable))
    last = column.first_year + column.numbers.shape[1] - 1
    whole = [year for year in years if column.first_year <= year <= last and year not in column.partial]
    if len(whole) < 2:
        raise SpecError("years", f"{len(whole)} that we hold whole", expected="two or more")
    names = np.array([*known.levels, None], dtype=object)
    cells = {}
    for year in whole:
        place = year - column.first_year
        numbers, status = column.numbers[:, place], column.status[:, place]
        states = names[np.where(np.isnan(numbers), -1, numbers).astype(np.intp)]
        for code, state in _STATE_OF_STATUS.items():
            states[status == code] = state
        cells[year] = states
    frame = pd.DataFrame(cells, index=pd.Index(panel.iso3, name="iso3"), dtype=object)
    return History(levels=known.levels, states=frame[frame.isin([*known.levels, SPECIAL]).any(axis=1)])


def _spells(iso3: str, row: pd.Series) -> Iterator[tuple[str, str, int, int, int, bool, bool]]:
    years, states = list(row.index), list(row)
    first = 0
    for place in range(1, len(states) + 1):
        if place < len(states) and states[place] == states[first]:
            continue
        if isinstance(states[first], str):
            begun = first > 0 and isinstance(states[first - 1], str)
            ended = place < len(states) and isinstance(states[place], str)
            length = years[place - 1] - years[first] + 1
            yield iso3, states[first], years[first], years[place - 1], length, begun, ended
        first = place
