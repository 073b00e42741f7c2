"""Draws of a whole curve: in each, all specifications share the same countries, or the same exchange of residuals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from corrtip.robustness.groups import Group, refit_columns, refit_rows
from corrtip.robustness.null import Exchange, focal_columns, permutations
from corrtip.robustness.resampling import draw_block

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Kind = Literal["bootstrap", "null"]

# Draws of one block: the unit that is seeded. Fixed, so that the same seed gives the same draws whoever computes them.
BLOCK = 200
# Samples of one unit of work: some ten thousand fits, about a second.
_SAMPLES = 32
# Two-sided at 5 %.
_CRITICAL = float(stats.norm.ppf(0.975))
_KINDS: tuple[Kind, ...] = ("bootstrap", "null")
# The null draws from another stream of the same seed than the bootstrap.
_NULL_STREAM = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What is computed, kept and handed out as one: some groups in one block of draws."""

    kind: Kind
    block: int
    draws: int
    groups: tuple[Group, ...]

    @property
    def models(self) -> int:
        """Number of models in all draws."""
        return self.draws * sum(len(group.models) for group in self.groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The work on a unit: z and effect of every model in every draw, both of shape (draws, models).

    Parameters
    ----------
    countries : int
    exchange : Exchange
    seed : int
    """

    countries: int
    exchange: Exchange
    seed: int

    def __call__(self, unit: Unit) -> tuple[FloatArray, FloatArray]:
        """Return z and effect of the unit's models in its draws."""
        if unit.kind == "bootstrap":
            weights = _drawn(self.countries, self.seed, unit.block, unit.draws)
            found = [refit_rows(group, weights[:, group.country]) for group in unit.groups]
        else:
            taken = _exchanged(self.exchange.strata.tobytes(), self.seed, unit.block, unit.draws)
            found = [
                refit_columns(group, focal_columns(self.exchange, taken, group.measure, group.country))
                for group in unit.groups
            ]
        z, effect = (np.concatenate(part, axis=1) for part in zip(*found, strict=True))
        return z, effect


def units_of(groups: Sequence[Group], draws: int) -> list[Unit]:
    """Return the units of a curve, block by block, of each the bootstrap first."""
    return [
        Unit(kind=kind, block=block, draws=min(BLOCK, draws - first), groups=tuple(groups[start : start + _SAMPLES]))
        for block, first in enumerate(range(0, draws, BLOCK))
        for kind in _KINDS
        for start in range(0, len(groups), _SAMPLES)
    ]


def gather(units: Sequence[Unit], results: Iterator[tuple[FloatArray, ...]]) -> dict[Kind, pd.DataFrame]:
    """Return the statistics of every draw, from the results of the units in their order."""
    found: dict[Kind, list[pd.DataFrame]] = {"bootstrap": [], "null": []}
    held: list[tuple[FloatArray, ...]] = []
    for place, (unit, result) in enumerate(zip(units, results, strict=True)):
        held.append(result)
        ahead = units[place + 1] if place + 1 < len(units) else None
        if ahead is None or (ahead.kind, ahead.block) != (unit.kind, unit.block):
            z, effect = (np.concatenate(part, axis=1) for part in zip(*held, strict=True))
            found[unit.kind].append(summarise(z, effect))
            held = []
    none = summarise(np.empty((0, 1)), np.empty((0, 1)))
    return {kind: pd.concat(parts or [none], ignore_index=True) for kind, parts in found.items()}


def summarise(z: FloatArray, effect: FloatArray) -> pd.DataFrame:
    """Return one row a draw: median_effect, median_z, share_expected, share_significant, models.

    Parameters
    ----------
    z, effect : ndarray, shape (draws, models)
        Positive where the sign is the expected one; nan where the model has no estimate in the draw, which then is not
        counted there.
    """
    usable = np.isfinite(z)
    models = usable.sum(axis=1)
    with np.errstate(invalid="ignore"):
        counts = np.where(models > 0, models, np.nan)
        return pd.DataFrame(
            {
                "median_effect": _median(effect),
                "median_z": _median(z),
                "share_expected": (z > 0.0).sum(axis=1) / counts,
                "share_significant": (z > _CRITICAL).sum(axis=1) / counts,
                "models": models,
            }
        )


def _median(values: FloatArray) -> FloatArray:
    """Return the median of each row over what is not nan; nan where nothing is left."""
    if not values.shape[1]:
        return np.full(len(values), np.nan)
    ordered = np.sort(values, axis=1)  # nan last
    known = np.isfinite(values).sum(axis=1)
    rows, upper = np.arange(len(values)), np.maximum(known, 1)
    middle = 0.5 * (ordered[rows, (upper - 1) // 2] + ordered[rows, upper // 2])
    return np.where(known > 0, middle, np.nan)


@lru_cache(maxsize=2)
def _drawn(countries: int, seed: int, block: int, draws: int) -> FloatArray:
    return draw_block(np.arange(countries), seed, block, draws)


@lru_cache(maxsize=2)
def _exchanged(strata: bytes, seed: int, block: int, draws: int) -> IntArray:
    rng = np.random.default_rng([seed, block, _NULL_STREAM])
    return permutations(np.frombuffer(strata, dtype=np.intp), rng, draws)
