"""A specification checked against the catalogue: what will be read, from which vintage, and how it is recoded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from corrtip.data.catalogue import Variable, find_variable
from corrtip.data.transforms import Transform, find_transform
from corrtip.errors import SpecError, nearest
from corrtip.spec import Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One variable as a specification uses it.

    Parameters
    ----------
    variable : Variable
        What it is.
    vintage : str
        Which state of knowledge.
    lag : int
        Years by which it precedes the outcome.
    transform : Transform or None
        The named transform.
    levels : tuple of str
        Levels after the merge, in order; empty for numbers.
    merged : tuple of int
        For each published level its place in ``levels``.
    """

    variable: Variable
    vintage: str
    lag: int
    transform: Transform | None
    levels: tuple[str, ...]
    merged: tuple[int, ...]

    @property
    def name(self) -> str:
        """The variable's name."""
        return self.variable.name

    @property
    def shown(self) -> str:
        """The name, with its vintage where the variable has several."""
        return self.name if len(self.variable.vintages) == 1 else f"{self.name} ({self.vintage})"

    def levels_in(self, year: int) -> tuple[str, ...]:
        """Return the merged levels that could be given in ``year``."""
        published = self.variable.levels
        places = {self.merged[published.index(level)] for level in self.variable.levels_in(year)}
        return tuple(self.levels[place] for place in sorted(places))


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """Only rows whose ``term`` has one of ``levels``."""

    term: Term
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a specification reads.

    Parameters
    ----------
    outcome : Term
        The ordered outcome.
    predictors : tuple of Term
        The focal variable, then the controls.
    restrictions : tuple of Restriction
        In the order of the specification.
    """

    outcome: Term
    predictors: tuple[Term, ...]
    restrictions: tuple[Restriction, ...]


def build_plan(spec: Spec, catalogue: Mapping[str, Variable]) -> Plan:
    """Return what ``spec`` reads, checked.

    Raises
    ------
    SpecError
        If a variable, vintage, transform or level is unknown, a vintage is ambiguous, a merge would break the order
        of levels, or the specification would compare what is not comparable: several years of a variable that is
        comparable within a year only, the two lives of the CPI, years outside a variable's own, or reports from before
        and after the watch list.
    """
    terms = {name: _term(spec, catalogue, name) for name in (spec.outcome, *spec.predictors, *spec.sample)}
    outcome = terms[spec.outcome]
    for name in (spec.outcome, *spec.predictors):
        _check_alone(terms[name], (spec.outcome, *spec.predictors))
        _check_years(spec, terms[name])
    _check_outcome(spec, outcome)
    return Plan(
        outcome=outcome,
        predictors=tuple(terms[name] for name in spec.predictors),
        restrictions=tuple(_restriction(terms[name], levels) for name, levels in spec.sample.items()),
    )


def _term(spec: Spec, catalogue: Mapping[str, Variable], name: str) -> Term:
    variable = find_variable(catalogue, name, "Spec")
    transform = find_transform(spec.transforms[name], f"Spec.transforms.{name}") if name in spec.transforms else None
    if transform is not None and variable.kind != "numeric":
        raise SpecError(f"Spec.transforms.{name}", f"{name} has levels, not numbers", expected="a numeric variable")
    levels, merged = _merged(variable, spec.merge.get(name, {}), f"Spec.merge.{name}")
    return Term(
        variable=variable,
        vintage=variable.choose_vintage(spec.vintages.get(name), f"Spec.vintages.{name}"),
        lag=spec.lag.get(name, 0),
        transform=transform,
        levels=levels,
        merged=merged,
    )


def _merged(variable: Variable, merge: Mapping[str, str], where: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    for level in (*merge, *merge.values()):
        if level not in variable.levels:
            expected = f"one of {', '.join(variable.levels)}" if variable.levels else "a variable with levels"
            raise SpecError(where, f'level "{level}"', expected=expected, mend=nearest(level, variable.levels))
    for level, target in merge.items():
        if target in merge:
            seen = f'"{level}" goes to "{target}", which goes to "{merge[target]}"'
            raise SpecError(where, seen, expected=f'"{level}" sent where it ends', mend=f'{level} = "{merge[target]}"')
    levels = tuple(level for level in variable.levels if level not in merge)
    merged = tuple(levels.index(merge.get(level, level)) for level in variable.levels)
    if variable.kind == "ordered" and list(merged) != sorted(merged):
        joined = ", ".join(f'"{level}" with "{target}"' for level, target in merge.items())
        raise SpecError(where, f"{joined}", expected=f"neighbours joined in the order {' < '.join(variable.levels)}")
    return levels, merged


def _check_outcome(spec: Spec, outcome: Term) -> None:
    where = f"Spec.outcome {outcome.name}"
    if outcome.variable.kind != "ordered":
        raise SpecError(where, f"it is {outcome.variable.kind}", expected="a variable with ordered levels")
    if outcome.lag:
        raise SpecError(where, f"lag {outcome.lag}", expected="lags of predictors only", mend="Choose other years")
    before, after = (outcome.levels_in(year) for year in spec.years)
    if before != after:
        new = ", ".join(f'"{level}"' for level in after if level not in before)
        raise SpecError(
            where,
            f"level {new} did not exist in {spec.years[0]} and did in {spec.years[1]}",
            expected="years with the same levels",
            mend='Start in 2004, end in 2003, or join the watch list to a tier: merge={"tier": {"2WL": "2"}}',
        )


def _check_years(spec: Spec, term: Term) -> None:
    variable, first, last = term.variable, spec.years[0] - term.lag, spec.years[1] - term.lag
    start, end = variable.first_year or first, variable.last_year or last
    if first < start or last > end:
        other = f"; {' or '.join(variable.never_with)} covers other years" if variable.never_with else ""
        raise SpecError(
            f"Spec.years {spec.years[0]}-{spec.years[1]}",
            f"{term.name} is needed from {first} to {last}",
            expected=f"years from {variable.first_year or 'any'} to {variable.last_year or 'any'}{other}",
            mend="Take these years, or the other variable",
        )
    pooled = first < last and variable.comparable == "within_year"
    if pooled and not (term.transform is not None and term.transform.within_year):
        raise SpecError(
            f"Spec.years {spec.years[0]}-{spec.years[1]}",
            f"{term.name} is comparable within a year only",
            expected="one year at a time, or ranks or z-scores within each year",
            mend=f'Set transforms={{"{term.name}": "zscore_within_year"}} or "rank_within_year"',
        )


def _check_alone(term: Term, names: tuple[str, ...]) -> None:
    both = [other for other in term.variable.never_with if other in names]
    if both:
        raise SpecError(
            "Spec",
            f"{term.name} together with {', '.join(both)}",
            expected="one of them: they are the same concept on two scales that cannot be joined",
            mend="Fit each in its own years; ranks or z-scores within a year make the results comparable",
        )


def _restriction(term: Term, levels: tuple[str, ...]) -> Restriction:
    where = f"Spec.sample.{term.name}"
    if not term.levels:
        raise SpecError(where, f"{term.name} has numbers, not levels", expected="an ordered or unordered category")
    if not levels:
        raise SpecError(where, "no level", expected=f"some of {', '.join(term.levels)}")
    for level in levels:
        if level not in term.levels:
            known = ", ".join(term.levels)
            raise SpecError(where, f'level "{level}"', expected=f"one of {known}", mend=nearest(level, term.levels))
    return Restriction(term=term, levels=levels)
