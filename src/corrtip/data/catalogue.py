"""What each variable is: the only authority on its unit, its levels, its direction and its vintages."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from corrtip.data import tier
from corrtip.declare import declared, read_toml
from corrtip.errors import DeclarationError, SpecError, nearest
from corrtip.project import figures_root, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One measured concept, as declared in ``data/variables.toml``.

    Parameters
    ----------
    name : str
        The key by which specifications and tables know it.
    label, unit : str
        For tables and axes.
    kind : {"numeric", "ordered", "category"}
        Numbers; levels from best to worst; or levels without an order.
    published_as : mapping of str to str
        Source (a folder of ``data/raw``) to what its publisher calls the variable.
    vintages : tuple of str
        The vintages in which it was published, over all its sources.
    levels : tuple of str
        For ``ordered``, best to worst; for ``category``, the reference of a model first.
    lowest, highest : float, optional
        The ends of the scale.
    better : {"high", "low"}, optional
        Which end is better. For an ordered variable ``low``: the first level is the best.
    higher : str, optional
        What a higher figure means, where "better" or "worse" would not say it.
    comparable : {"over_time", "within_year"}
        May figures of different years be pooled as they stand?
    first_year, last_year : int, optional
        The years for which the variable is defined.
    never_with : tuple of str
        Variables that measure the same on another scale; one model holds one of them.
    listed_in : str, optional
        Short name of the publication in which a country is either listed or not.

    Examples
    --------
    >>> load_catalogue()["cpi_pre2012"].direction
    'higher = cleaner'
    >>> load_catalogue()["tier"].direction
    '1 = best, 3 = worst'
    """

    name: str
    label: str
    unit: str
    kind: Literal["numeric", "ordered", "category"]
    published_as: Mapping[str, str]
    vintages: tuple[str, ...]
    levels: tuple[str, ...] = ()
    lowest: float | None = None
    highest: float | None = None
    better: Literal["high", "low"] | None = None
    higher: str | None = None
    comparable: Literal["over_time", "within_year"] = "over_time"
    first_year: int | None = None
    last_year: int | None = None
    never_with: tuple[str, ...] = ()
    listed_in: str | None = None

    def __post_init__(self) -> None:
        where = f"variables.{self.name}"
        if (self.kind == "numeric") == bool(self.levels):
            raise DeclarationError(
                where, f"{self.kind} with {len(self.levels)} levels", expected="levels unless numeric"
            )
        if len(set(self.levels)) < len(self.levels):
            raise DeclarationError(f"{where}, levels", f"{self.levels}", expected="each level once")
        if self.scale[0] >= self.scale[1]:
            raise DeclarationError(f"{where}, lowest", f"{self.scale}", expected="less than highest")
        if self.kind == "ordered" and self.better != "low":
            raise DeclarationError(
                f"{where}, better", f"{self.better!r}", expected='"low": the first level is the best'
            )

    @property
    def scale(self) -> tuple[float, float]:
        """The lowest and the highest figure that the scale allows."""
        return (
            -math.inf if self.lowest is None else self.lowest,
            math.inf if self.highest is None else self.highest,
        )

    @property
    def direction(self) -> str:
        """The direction as tables print it: "higher = cleaner", "1 = best, 3 = worst"; empty where neither end is."""
        if self.kind == "ordered":
            return f"{self.levels[0]} = best, {self.levels[-1]} = worst"
        if self.better is None:
            return ""
        return f"higher = {self.higher or ('better' if self.better == 'high' else 'worse')}"

    def levels_in(self, year: int) -> tuple[str, ...]:
        """Return the levels that existed in ``year``, in order: the watch list of ``tier`` began in 2004."""
        return tier.levels_in(year) if self.name == "tier" else self.levels

    def choose_vintage(self, asked: str | None, where: str) -> str:
        """Return the vintage asked for, or the only one.

        Raises
        ------
        SpecError
            If several exist and none is asked for, or if the one asked for does not exist.
        """
        if asked is None and len(self.vintages) == 1:
            return self.vintages[0]
        choice = ", ".join(self.vintages)
        if asked is None:
            last = self.vintages[-1]
            mend = f'Name one: vintages={{"{self.name}": "{last}"}}, or --vintage {self.name}={last}'
            raise SpecError(
                where, f'"{self.name}" has {len(self.vintages)} vintages', expected=f"one of {choice}", mend=mend
            )
        if asked not in self.vintages:
            raise SpecError(
                where,
                f'"{self.name}" has no vintage "{asked}"',
                expected=f"one of {choice}",
                mend=nearest(asked, self.vintages),
            )
        return asked


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """The two tables of ``variables.toml``."""

    vintages: Mapping[str, tuple[str, ...]]
    variables: Mapping[str, Mapping[str, Any]]


def load_catalogue(root: Path | None = None) -> Mapping[str, Variable]:
    """Return every variable by name, in the order of ``variables.toml``.

    Parameters
    ----------
    root : Path, optional
        Folder that holds ``variables.toml``; by default the project's.

    Raises
    ------
    DeclarationError
        If the file or a variable in it is not as declared, or two variables claim the same published series.
    """
    base = figures_root() if root is None else root
    where = shown(base / "variables.toml", base)
    file = declared(_File, read_toml(base / "variables.toml", where), where)
    catalogue = {name: _variable(name, table, file.vintages, where) for name, table in file.variables.items()}
    for variable in catalogue.values():
        for other in variable.never_with:
            if other not in catalogue:
                raise DeclarationError(
                    f"{where}, variables.{variable.name}, never_with", f'"{other}" is not a variable'
                )
    for source in file.vintages:
        _check_series(catalogue, source, where)
    return MappingProxyType(catalogue)


def series_of(catalogue: Mapping[str, Variable], source: str) -> dict[str, str]:
    """Return what the publisher calls each variable of ``source`` (a folder of ``data/raw``), with our name for it.

    Examples
    --------
    >>> series_of(load_catalogue(), "wdi")["SP.DYN.IMRT.IN"]
    'infant_mortality'
    """
    return {item.published_as[source]: item.name for item in catalogue.values() if source in item.published_as}


def find_variable(catalogue: Mapping[str, Variable], name: str, where: str) -> Variable:
    """Return the variable ``name``.

    Raises
    ------
    SpecError
        If there is none; names the nearest.
    """
    if name not in catalogue:
        mend = nearest(name, catalogue) or "corrtip data list names them all"
        raise SpecError(where, f'"{name}" is not a variable', expected="a name of data/variables.toml", mend=mend)
    return catalogue[name]


def _variable(name: str, table: Mapping[str, Any], vintages: Mapping[str, tuple[str, ...]], where: str) -> Variable:
    place = f"{where}, variables.{name}"
    for key in {"name", "vintages"} & set(table):
        raise DeclarationError(
            f"{place}, {key}", "is given twice", expected="nothing: it follows from the rest of the file"
        )
    own: tuple[str, ...] = ()
    published = table.get("published_as", {})
    # Anything else is refused below, with the other fields.
    for source in published if isinstance(published, dict) else ():
        if source not in vintages:
            known = ", ".join(vintages)
            raise DeclarationError(f"{place}, published_as", f'source "{source}"', expected=f"one of {known}")
        own = (*own, *vintages[source])
    return declared(Variable, {**table, "name": name, "vintages": own}, place)


def _check_series(catalogue: Mapping[str, Variable], source: str, where: str) -> None:
    seen: dict[str, str] = {}
    for variable in catalogue.values():
        series = variable.published_as.get(source)
        if series in seen:
            raise DeclarationError(
                f"{where}, variables.{variable.name}, published_as",
                f'{source} "{series}" is already "{seen[series]}"',
                expected="one variable a published series",
            )
        if series is not None:
            seen[series] = variable.name
