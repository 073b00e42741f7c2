"""The specification curve: one question answered by every defensible model, with intervals and a joint test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from corrtip.errors import SpecError
from corrtip.models.superiority import ordinal_superiority
from corrtip.robustness.blocks import HERE, Run, identify, remove_kept, run_blocks
from corrtip.robustness.draws import Work, gather, summarise, units_of
from corrtip.robustness.grid import Grid, Specification
from corrtip.robustness.groups import Answers, Group, fit_groups, why_lost
from corrtip.robustness.null import p_value
from corrtip.robustness.reading import Member, read_grid

if TYPE_CHECKING:
    from corrtip.data.panel import Panel

FloatArray = npt.NDArray[np.float64]

FITTED = "fitted"
"""The outcome of a specification that has an estimate."""

_NUMBERS = ("estimate", "std_error", "z", "p_value", "effect", "superiority")
# What a curve is summed up by, and the statistic of the draws that tests it: the median effect by the median z, which
# does not hang on how precise the single specifications are.
_TESTED_BY = {
    "median_effect": "median_z",
    "share_expected": "share_expected",
    "share_significant": "share_significant",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpecificationCurve:
    """Every specification of a grid with its estimate, and what resampling and the joint null say of all together.

    Parameters
    ----------
    grid : Grid
    specifications : tuple of Specification
        In the order of the rows of ``table``.
    table : DataFrame
        One row a specification: id; the option of each choice, under the choice's name; n; thin (levels with fewer than
        five countries); estimate and std_error of the focal coefficient in its own units; z, positive where the sign is
        the expected one; p_value (two-sided); effect: what the probability of the best level gains, on average over
        the rows, when the focal variable moves one standard deviation towards its better end (less corruption) and all
        else stays as it is; superiority: probability that, of two
        countries of which one is so much better, this one has the better latent placement; outcome ("fitted", or why
        not) and reason. What is not estimated is nan; no row is left out.
    bootstrap, null : DataFrame
        One row a draw: median_effect, median_z, share_expected, share_significant, models (with an estimate).
        Bootstrap: countries drawn with replacement. Null: no effect given all controls (`build_exchange`).
    doubts : tuple of str
        What must be said beside the result: figures that their sources' sidecars call implausible.
    seed : int
    """

    grid: Grid
    specifications: tuple[Specification, ...]
    table: pd.DataFrame
    bootstrap: pd.DataFrame
    null: pd.DataFrame
    doubts: tuple[str, ...]
    seed: int

    @property
    def models(self) -> int:
        """Number of specifications, those without an estimate among them."""
        return len(self.table)

    @property
    def fitted(self) -> pd.DataFrame:
        """The rows that have an estimate, by effect from the lowest."""
        return self.table[self.table["outcome"] == FITTED].sort_values("effect", kind="stable")

    def tidy(self, alpha: float = 0.05) -> pd.DataFrame:
        """Return one row a statistic: statistic, estimate, conf_low, conf_high, null_low, null_high, p_value.

        ``median_effect`` over the specifications with an estimate; ``share_expected``, of the sign that the catalogue
        leads one to expect; ``share_significant``, of that sign and with a two-sided p-value below .05. Intervals are
        percentiles of the bootstrap, ``null_`` quantiles of the draws without an effect. The p-value is one-sided: the
        share of draws under the null in which the statistic is as large, for the median effect the median z.
        """
        held = self.fitted
        observed = summarise(held["z"].to_numpy()[None], held["effect"].to_numpy()[None]).iloc[0]
        rows: list[dict[str, Any]] = []
        for name, test in _TESTED_BY.items():
            low, high = _percentiles(self.bootstrap[name], alpha)
            null_low, null_high = _percentiles(self.null[name], alpha)
            rows.append(
                {
                    "statistic": name,
                    "estimate": observed[name],
                    "conf_low": low,
                    "conf_high": high,
                    "null_low": null_low,
                    "null_high": null_high,
                    "p_value": p_value(observed[test], self.null[test].to_numpy()) if len(self.null) else np.nan,
                }
            )
        return pd.DataFrame(rows)

    def by_option(self) -> pd.DataFrame:
        """Return one row an option: choice, option, specifications, fitted, and the statistics over its models."""
        rows = []
        for choice in self.grid.choices:
            for option in choice.options:
                held = self.table[self.table[choice.name] == option.name]
                good = held[held["outcome"] == FITTED]
                found = summarise(good["z"].to_numpy()[None], good["effect"].to_numpy()[None]).iloc[0]
                rows.append(
                    {
                        "choice": choice.name,
                        "option": option.name,
                        "specifications": len(held),
                        "fitted": len(good),
                        **{name: found[name] for name in _TESTED_BY},
                    }
                )
        return pd.DataFrame(rows)

    def outcomes(self) -> pd.DataFrame:
        """Return how many specifications have an estimate, and why the others have none: outcome, specifications."""
        counts = self.table["outcome"].value_counts()
        return pd.DataFrame({"outcome": counts.index.astype(str), "specifications": counts.to_numpy()})


def run_grid(panel: Panel, grid: Grid, draws: int = 999, seed: int = 1, *, run: Run = HERE) -> SpecificationCurve:
    """Fit every specification of a grid, resample the countries, and draw from the joint null.

    Parameters
    ----------
    panel : Panel
    grid : Grid
        As from `load_grid`.
    draws : int
        Of the bootstrap, and as many of the null; 0 for the estimates alone.
    seed : int
    run : Run
        Where it is computed; the result does not depend on it.

    Returns
    -------
    SpecificationCurve

    Raises
    ------
    DeclarationError
        If a specification asks for what the catalogue does not know; names the file and the options.
    SpecError
        If ``draws`` is negative, no specification has an estimate, or a focal variable has no better end.

    Notes
    -----
    Simonsohn, Simmons and Nelson (2020, Nature Human Behaviour 4, 1208-1214), with an ordered outcome. All
    specifications of a draw share the same resampled countries (or the same exchange of residuals), the years of a
    country together, so that the draws hold how estimates of different specifications hang together. The effect is a
    difference of two predictions, ``P(best | x one standard deviation better) - P(best | x)``, averaged over the rows
    (`average_effects` with a step), and not a slope: a standard deviation is too wide for the one to stand for the
    other. It is the standard deviation of the focal variable over all countries in which its year has one: the same
    step in every specification of that variable and year, whatever its sample.
    """
    if draws < 0:
        raise SpecError("draws", f"{draws}", expected="0 or more")
    specifications = grid.specifications()
    reading = read_grid(panel, grid, specifications)
    given = [member.group for member in reading.members if member.group is not None]
    estimates = identify("estimates", given)
    fitted = iter(fit_groups(given, run, identity=estimates))
    fits: list[Mapping[str, Answers]] = [{} if member.group is None else next(fitted) for member in reading.members]
    table = _table(specifications, reading.members, fits)
    groups = [
        ahead
        for member, found in zip(reading.members, fits, strict=True)
        if member.group is not None and (ahead := _with_starts(member.group, found)).models
    ]
    if not groups:
        raise SpecError(grid.where, "no specification has an estimate", expected="one or more")
    units = units_of(groups, draws)
    work = Work(countries=len(reading.countries), exchange=reading.exchange, seed=seed)
    sizes = [unit.models for unit in units]
    drawn = gather(units, run_blocks(work, units, run, identity=identify(work, units), sizes=sizes))
    # Until here an interruption among the draws finds them kept.
    remove_kept(run, estimates)
    return SpecificationCurve(
        grid=grid,
        specifications=specifications,
        table=table,
        bootstrap=drawn["bootstrap"],
        null=drawn["null"],
        doubts=tuple(dict.fromkeys(doubt for member in reading.members for doubt in member.doubts)),
        seed=seed,
    )


def _table(
    specifications: Sequence[Specification], members: Sequence[Member], fits: Sequence[Mapping[str, Answers]]
) -> pd.DataFrame:
    rows: list[dict[str, Any]] = [{} for _ in specifications]
    for member, found in zip(members, fits, strict=True):
        shared = {
            "n": member.n,
            "thin": ", ".join(f"{level}: {count}" for level, count in member.thin.items()),
            "outcome": member.outcome,
            "reason": member.reason,
        }
        for number, place in enumerate(member.places):
            rows[place] = {**shared, **_answer(member.group, number, found)}
    numbers = pd.DataFrame(rows)[["n", "thin", *_NUMBERS, "outcome", "reason"]]
    options = pd.DataFrame([item.options for item in specifications])
    return pd.concat([pd.Series([item.spec.id for item in specifications], name="id"), options, numbers], axis=1)


def _answer(group: Group | None, number: int, found: Mapping[str, Answers]) -> dict[str, Any]:
    """Return the columns of one model's numbers; with outcome and reason where it turned out to have none."""
    if group is None:
        return dict.fromkeys(_NUMBERS, np.nan)
    link, covariance = group.models[number]
    answers = found[link]
    estimate, error = float(answers.estimate[0]), float(answers.errors[covariance][0])
    if not np.isfinite(estimate):
        lost = {"outcome": "no maximum", "reason": why_lost(group, link, int(answers.status[0]))}
        return {**dict.fromkeys(_NUMBERS, np.nan), **lost}
    z = estimate / error
    return {
        "estimate": estimate,
        "std_error": error,
        "z": float(np.sign(group.step)) * z,
        "p_value": 2.0 * float(stats.norm.sf(abs(z))),
        "effect": float(answers.effect[0]),
        "superiority": float(ordinal_superiority(link, group.step * estimate)),
    }


def _with_starts(group: Group, found: Mapping[str, Answers]) -> Group:
    """Return the group of the models that have an estimate, with where their draws start."""
    starts = {link: answers.params[0] for link, answers in found.items() if np.isfinite(answers.estimate[0])}
    models = tuple(model for model in group.models if model[0] in starts)
    return replace(group, models=models, starts=starts)


def _percentiles(draws: pd.Series[float], alpha: float) -> tuple[float, float]:
    if not len(draws):
        return np.nan, np.nan
    low, high = np.nanquantile(draws, [alpha / 2.0, 1.0 - alpha / 2.0])
    return float(low), float(high)
