"""From a grid to arrays: one group for each sample, and every focal variable and control by country and year."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from corrtip.data.plan import build_plan
from corrtip.data.sample import THIN, Sample, build_sample
from corrtip.errors import DeclarationError, SpecError
from corrtip.robustness.groups import Group
from corrtip.robustness.null import Exchange, build_exchange
from corrtip.spec import Spec, SpecialCases

if TYPE_CHECKING:
    from corrtip.data.panel import Panel
    from corrtip.robustness.grid import Grid, Specification

FloatArray = npt.NDArray[np.float64]

_SETTINGS = ("vintages", "transforms", "lag", "merge")
COVARIANCES = ("nonrobust", "HC0", "HC1")
"""The covariances that a batch can have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """The specifications of one sample.

    Parameters
    ----------
    places : tuple of int
        Their places among all specifications, in the order of ``group.models``.
    n : int
        Rows of the sample; 0 where there is none.
    thin : mapping of str to int
        Levels of the outcome with fewer than five countries.
    outcome, reason : str
        "fitted" where it may be fitted, else why not: "no sample", "too few rows", "thin level"; and the figures of it.
    group : Group or None
        None where it may not be fitted.
    doubts : tuple of str
        What must be said beside the results.
    """

    places: tuple[int, ...]
    n: int
    thin: Mapping[str, int]
    outcome: str
    reason: str
    group: Group | None
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that a curve computes with.

    Parameters
    ----------
    countries : tuple of str
        Every country that has an outcome and a focal variable in some year of the grid: what is resampled.
    exchange : Exchange
    members : tuple of Member
    """

    countries: tuple[str, ...]
    exchange: Exchange
    members: tuple[Member, ...]


def read_grid(panel: Panel, grid: Grid, specifications: Sequence[Specification]) -> Reading:
    """Return the arrays of a grid.

    Raises
    ------
    DeclarationError
        If a specification asks for what the catalogue does not know, names the file and the options; or is no
        cumulative link model with a covariance that batches have.
    SpecError
        If a focal variable has no better end.
    """
    for item in specifications:
        _check(panel, grid, item)
    alone = _read_alone(panel, [item.spec for item in specifications])
    members: list[Member] = []
    # The coding of the outcome changes no row: a sample is read once for all codings.
    for places in _grouped(range(len(specifications)), lambda place: _rows_key(specifications[place].spec)):
        rows = _rows_or_reason(panel, alone, specifications[places[0]].spec)
        for same in _grouped(places, lambda place: _sample_key(specifications[place].spec)):
            specs = [specifications[place].spec for place in same]
            coded = rows if isinstance(rows, str) else _coded(panel, rows, specs[0])
            members.append(_member(grid, coded, same, specs))
    return Reading(countries=alone.countries, exchange=_exchange(alone), members=tuple(members))


def expected_sign(panel: Panel, spec: Spec) -> float:
    """Return the sign that the focal coefficient has if the better figure goes with the better level: -1 or 1.

    Raises
    ------
    SpecError
        If the catalogue calls neither end of the focal variable better.
    """
    better = panel.catalogue[spec.focal].better
    if better is None:
        raise SpecError(
            f"Spec.focal {spec.focal}", "neither end is better", expected="a variable with a direction in the catalogue"
        )
    # A higher linear predictor leads to worse levels.
    return -1.0 if better == "high" else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Alone:
    """The focal variables and the controls of a grid, each by itself: the widest sample that it has."""

    focal: Mapping[Any, Sample]
    controls: Mapping[Any, Sample]
    countries: tuple[str, ...]
    measures: Mapping[Any, int]


def _read_alone(panel: Panel, specs: Sequence[Spec]) -> _Alone:
    widest: SpecialCases = next((spec.special_cases for spec in specs if spec.special_cases != "drop"), "drop")
    wanted = {_variable_key(spec, name): (spec, name) for spec in specs for name in spec.predictors}
    samples = {}
    for key, (spec, name) in wanted.items():
        own: dict[str, Any] = {setting: _only(getattr(spec, setting), name) for setting in _SETTINGS}
        alone = Spec(outcome=spec.outcome, focal=name, years=spec.years, special_cases=widest).replace(**own)
        try:
            samples[key] = build_sample(panel, alone)
        except SpecError:
            continue  # no row, or no variation: no specification has it either, and each says so in its place
    focal = dict.fromkeys(_variable_key(spec, spec.focal) for spec in specs)
    controls = dict.fromkeys(_variable_key(spec, name) for spec in specs for name in spec.controls)
    held = {key: samples[key] for key in focal if key in samples}
    measures = [(key, year) for key, sample in held.items() for year in _years(sample)]
    return _Alone(
        focal=held,
        controls={key: samples[key] for key in controls if key in samples},
        countries=tuple(sorted({iso3 for sample in held.values() for iso3 in sample.clusters})),
        measures={measure: place for place, measure in enumerate(measures)},
    )


def _exchange(alone: _Alone) -> Exchange:
    values = [_by_country(alone, alone.focal[key], year)[:, 0] for key, year in alone.measures]
    union = {}
    for year in {year for _, year in alone.measures}:
        held = [_by_country(alone, sample, year) for sample in alone.controls.values() if year in _years(sample)]
        union[year] = np.concatenate([np.empty((len(alone.countries), 0)), *held], axis=1)
    return build_exchange(np.array(values), [union[year] for _, year in alone.measures])


def _by_country(alone: _Alone, sample: Sample, year: int) -> FloatArray:
    """Return the design columns of a variable by itself in one year, shape (countries, columns)."""
    here = sample.x[sample.x.index.get_level_values("year") == year].droplevel("year")
    return np.asarray(here.reindex(alone.countries).to_numpy(dtype=float))


def _years(sample: Sample) -> range:
    return range(sample.spec.years[0], sample.spec.years[1] + 1)


def _variable_key(spec: Spec, name: str) -> Any:
    settings = tuple(_frozen(getattr(spec, setting).get(name)) for setting in _SETTINGS)
    return (spec.outcome, spec.years, name, *settings)


def _sample_key(spec: Spec) -> Any:
    """Return what specifications have in common that differ in link and covariance only."""
    fields = (getattr(spec, item.name) for item in dataclasses.fields(spec) if item.name not in ("link", "covariance"))
    return tuple(_frozen(value) for value in fields)


def _rows_key(spec: Spec) -> Any:
    """Return what specifications have in common that also differ in the coding of the outcome."""
    if spec.outcome in spec.sample:  # the restriction is on coded levels
        return _sample_key(spec)
    return _sample_key(spec.replace(merge=_without(spec.merge, spec.outcome)))


def _grouped(places: Sequence[int], key: Callable[[int], Any]) -> list[list[int]]:
    groups: dict[Any, list[int]] = {}
    for place in places:
        groups.setdefault(key(place), []).append(place)
    return list(groups.values())


def _without(settings: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in settings.items() if key != name}


def _frozen(value: Any) -> Any:
    return tuple((key, _frozen(item)) for key, item in value.items()) if isinstance(value, Mapping) else value


def _only(settings: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {name: settings[name]} if name in settings else {}


def _check(panel: Panel, grid: Grid, item: Specification) -> None:
    spec = item.spec
    try:
        build_plan(spec, panel.catalogue)
        if spec.estimator != "clm" or spec.covariance not in COVARIANCES:
            raise SpecError(
                "Spec",
                f"estimator {spec.estimator}, covariance {spec.covariance}",
                expected=f"a clm with one of {', '.join(COVARIANCES)}: a curve compares one kind of effect",
            )
    except SpecError as error:
        options = ", ".join(f'{choice} "{option}"' for choice, option in item.options.items())
        raise DeclarationError(f"{grid.where}, {options}", str(error)) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """A sample as arrays, with the outcome as published."""

    y: npt.NDArray[np.intp]
    levels: tuple[str, ...]
    focal: FloatArray
    controls: FloatArray
    country: npt.NDArray[np.intp]
    measure: npt.NDArray[np.intp]
    step: float
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Coded:
    """Rows with one coding of their outcome."""

    rows: _Rows
    codes: npt.NDArray[np.intp]
    n_levels: int
    thin: Mapping[str, int]


def _rows_or_reason(panel: Panel, alone: _Alone, spec: Spec) -> _Rows | str:
    """Return the sample with the outcome as published, or why there is none."""
    merge = spec.merge if spec.outcome in spec.sample else _without(spec.merge, spec.outcome)
    try:
        sample = build_sample(panel, spec.replace(merge=merge))
    except SpecError as error:
        return error.seen
    key = _variable_key(spec, spec.focal)
    places = {iso3: number for number, iso3 in enumerate(alone.countries)}
    years = sample.x.index.get_level_values("year")
    return _Rows(
        y=sample.y,
        levels=sample.levels,
        focal=sample.x[spec.focal].to_numpy(),
        controls=sample.x.drop(columns=spec.focal).to_numpy(),
        country=np.array([places[iso3] for iso3 in sample.clusters], dtype=np.intp),
        measure=np.array([alone.measures[key, year] for year in years], dtype=np.intp),
        step=expected_sign(panel, spec) * float(alone.focal[key].x[spec.focal].std(ddof=0)),
        doubts=sample.doubts,
    )


def _coded(panel: Panel, rows: _Rows, spec: Spec) -> _Coded | str:
    """Return the rows under the specification's coding of the outcome, or why there is no such sample."""
    term = build_plan(spec, panel.catalogue).outcome
    place = dict(zip(term.variable.levels, term.merged, strict=True))
    merged = np.array([place[level] for level in rows.levels])[rows.y]
    present, codes = np.unique(merged, return_inverse=True)
    if len(present) < 2:
        return f'every one of {len(codes)} rows is in level "{term.levels[present[0]]}"'
    counts = {level: len(np.unique(rows.country[merged == place[level]])) for level in term.levels_in(spec.years[1])}
    thin = {level: count for level, count in counts.items() if count < THIN}
    return _Coded(rows=rows, codes=codes, n_levels=len(present), thin=thin)


def _member(grid: Grid, coded: _Coded | str, places: Sequence[int], specs: Sequence[Spec]) -> Member:
    if isinstance(coded, str):
        return Member(places=tuple(places), n=0, thin={}, outcome="no sample", reason=coded, group=None, doubts=())
    n = len(coded.codes)
    outcome, reason = "fitted", ""
    if coded.thin:
        named = ", ".join(f'{count} in "{level}"' for level, count in coded.thin.items())
        outcome, reason = "thin level", f"countries: {named}; expected {THIN} or more in each level"
    if n < grid.fewest:
        outcome, reason = "too few rows", f"{n} rows; expected {grid.fewest} or more"
    return Member(
        places=tuple(places),
        n=n,
        thin=coded.thin,
        outcome=outcome,
        reason=reason,
        group=_group(coded, specs) if outcome == "fitted" else None,
        doubts=coded.rows.doubts,
    )


def _group(coded: _Coded, specs: Sequence[Spec]) -> Group:
    rows = coded.rows
    return Group(
        codes=coded.codes,
        n_levels=coded.n_levels,
        focal=rows.focal,
        controls=rows.controls,
        country=rows.country,
        measure=rows.measure,
        step=rows.step,
        models=tuple((item.link, item.covariance) for item in specs),
    )
