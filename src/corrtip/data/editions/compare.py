"""A new edition beside the last one: who is new, who is gone, what changed, and which changes are unlikely.

A change of a number is unlikely where it is larger than all but one in a thousand of the changes from year to year
that we hold of the variable; in proportion where its scale has no upper end and begins at 0 or above, as that of money
and people, else as a difference. A change of a tier is unlikely where it is of two steps or more. Such figures are
shown, never altered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from corrtip.data.catalogue import Variable
from corrtip.data.countries import Countries

RARE = 0.999
"""Share of the yearly changes held that an unlikely one exceeds."""

ENOUGH = 1_000
"""Yearly changes that must be held for the rule to say anything."""

STEPS = 2
"""Levels that an unlikely change of an ordered variable passes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One figure to look at.

    Parameters
    ----------
    what : {"new", "gone", "unlikely"}
        A country that the last edition did not have; a figure that it had and this one has not; a change.
    variable, iso3, country : str
        Of which figure.
    year : int
        Of the figure here; of the last edition where it is gone.
    before, now : str
        The figure there and here; empty where there is none.
    """

    what: Literal["new", "gone", "unlikely"]
    variable: str
    iso3: str
    country: str
    year: int
    before: str
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How one variable differs from the last edition: numbers of figures.

    Parameters
    ----------
    variable : str
        Name in the catalogue.
    before, now : int
        Figures there and here.
    same, changed : int
        Figures of both, equal or not.
    new, gone, unlikely : int
        As in `Note`; ``new`` counts figures.
    limit : float or None
        The largest change that is not unlikely; None where too few changes are held to tell.
    in_proportion : bool
        Is the limit a factor? Else it is a difference.
    """

    variable: str
    before: int
    now: int
    same: int
    changed: int
    new: int
    gone: int
    unlikely: int
    limit: float | None
    in_proportion: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A new edition beside another.

    Parameters
    ----------
    beside : str
        The edition that it is compared with: ``cpi/2025``.
    changes : tuple of Change
        Variable by variable.
    notes : tuple of Note
        Figures to look at, in the order of variables, then countries.
    """

    beside: str
    changes: tuple[Change, ...]
    notes: tuple[Note, ...]

    def count(self, what: str) -> int:
        """Return how many notes are of a kind."""
        return sum(note.what == what for note in self.notes)


def compare_editions(
    new: pd.DataFrame,
    last: pd.DataFrame,
    held: pd.DataFrame,
    *,
    catalogue: Mapping[str, Variable],
    countries: Countries,
) -> Comparison:
    """Return how an edition differs from another.

    Parameters
    ----------
    new, last : DataFrame
        Their figures, long.
    held : DataFrame
        All figures of the source, from which the rule learns what changes are usual.
    catalogue, countries
        What variables and codes are.
    """
    changes, notes = [], []
    for name in new["variable"].unique():
        variable = catalogue[name]
        pair = _Pair(variable, _figures(new, variable), _figures(last, variable), _figures(held, variable))
        changes.append(pair.change())
        notes += pair.notes(countries)
    beside = str(last["source"].iloc[0]) if len(last) else ""
    return Comparison(beside=beside, changes=tuple(changes), notes=tuple(notes))


def _figures(frame: pd.DataFrame, variable: Variable) -> pd.Series:
    """Return the figures of a variable by country and year: numbers, or places of levels."""
    rows = frame[frame["variable"] == variable.name]
    index = pd.MultiIndex.from_arrays([rows["iso3"].astype("str"), rows["year"]], names=["iso3", "year"])
    if variable.kind == "numeric":
        values = rows["value"].to_numpy()
    else:
        places = {level: float(place) for place, level in enumerate(variable.levels)}
        values = rows["level"].astype("object").map(places).astype("float64").to_numpy()
    return pd.Series(values, index=index, dtype="float64").dropna()


class _Pair:
    """One variable in two editions."""

    def __init__(self, variable: Variable, now: pd.Series, before: pd.Series, held: pd.Series) -> None:
        self.variable, self.now, self.before = variable, now, before
        if len(held):
            # Of several vintages the last stands for what is known.
            held = held[~held.index.duplicated(keep="last")]
        self.in_proportion = variable.kind == "numeric" and np.isinf(variable.scale[1]) and variable.scale[0] >= 0
        self.limit = self._limit(held)
        self.reference = self._reference()
        self.gone = self._beyond(before, now)
        self.unlikely = self._unlikely()

    def change(self) -> Change:
        both = self.reference.dropna() if self._yearly() else self.before.reindex(self.now.index).dropna()
        equal = int((self.now.reindex(both.index) == both).sum())
        return Change(
            variable=self.variable.name,
            before=len(self.before),
            now=len(self.now),
            same=equal,
            changed=len(both) - equal,
            new=len(self.now) - len(both),
            gone=len(self.gone),
            unlikely=len(self.unlikely),
            limit=self._spoken_limit(),
            in_proportion=bool(self.in_proportion),
        )

    def notes(self, countries: Countries) -> list[Note]:
        known = set(self.before.index.get_level_values("iso3"))
        first = ~self.now.index.get_level_values("iso3").isin(known)
        newcomers = self.now[first].groupby("iso3").head(1) if known else self.now[:0]
        return [
            *self._notes("new", newcomers, countries),
            *self._notes("gone", self.gone, countries),
            *self._notes("unlikely", self.unlikely, countries),
        ]

    def _notes(self, what: Literal["new", "gone", "unlikely"], figures: pd.Series, countries: Countries) -> list[Note]:
        return [
            Note(
                what=what,
                variable=self.variable.name,
                iso3=str(iso3),
                country=countries.name(str(iso3), int(year)),
                year=int(year),
                before=self._text(float(figure) if what == "gone" else self._before(iso3, year)),
                now="" if what == "gone" else self._text(float(figure)),
            )
            for (iso3, year), figure in figures.items()
        ]

    def _before(self, iso3: object, year: object) -> float:
        return float(self.reference.get((iso3, year), np.nan))

    def _text(self, figure: float) -> str:
        if np.isnan(figure):
            return ""
        return self.variable.levels[int(figure)] if self.variable.levels else f"{figure:.15g}"

    def _yearly(self) -> bool:
        """Return whether the editions are of one year each, and of different ones."""
        years = {*self.now.index.get_level_values("year")}, {*self.before.index.get_level_values("year")}
        return all(len(part) == 1 for part in years) and years[0] != years[1]

    def _reference(self) -> pd.Series:
        """Return what each figure here is compared with.

        That is the country's figure in an edition of another year, or the same figure in the last vintage, or else
        the country's figure of the year before.
        """
        if self._yearly():
            by_country = self.before.droplevel("year")
            values = by_country.reindex(self.now.index.get_level_values("iso3")).to_numpy()
            return pd.Series(values, index=self.now.index)
        same = self.before.reindex(self.now.index)
        codes, years = (self.now.index.get_level_values(level) for level in ("iso3", "year"))
        earlier = self.now.reindex(pd.MultiIndex.from_arrays([codes, years - 1], names=["iso3", "year"]))
        return same.where(same.notna(), earlier.to_numpy())

    def _beyond(self, figures: pd.Series, others: pd.Series) -> pd.Series:
        if self._yearly():
            codes = figures.index.get_level_values("iso3")
            return figures[~codes.isin(others.index.get_level_values("iso3"))]
        return figures[~figures.index.isin(others.index)]

    def _distance(self, one: pd.Series, other: pd.Series) -> pd.Series:
        if self.in_proportion:
            positive = (one > 0) & (other > 0)
            return (np.log(one.where(positive)) - np.log(other.where(positive))).abs()
        return (one - other).abs()

    def _limit(self, held: pd.Series) -> float | None:
        if self.variable.kind == "category":
            return None
        if self.variable.kind == "ordered":
            return STEPS - 1.0
        codes, years = (held.index.get_level_values(level) for level in ("iso3", "year"))
        earlier = held.reindex(pd.MultiIndex.from_arrays([codes, years - 1], names=["iso3", "year"]))
        steps = self._distance(held, pd.Series(earlier.to_numpy(), index=held.index)).dropna()
        return float(steps.quantile(RARE)) if len(steps) >= ENOUGH else None

    def _spoken_limit(self) -> float | None:
        return float(np.exp(self.limit)) if self.in_proportion and self.limit is not None else self.limit

    def _unlikely(self) -> pd.Series:
        if self.limit is None:
            return self.now[:0]
        return self.now[self._distance(self.now, self.reference) > self.limit]
