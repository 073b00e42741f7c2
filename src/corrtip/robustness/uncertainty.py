"""One coefficient under every kind of uncertain figure: as published, without error, completed, and at its worst."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corrtip.data.sample import Sample, build_sample
from corrtip.errors import CorrtipError, ModelError, SpecError
from corrtip.models.model import fit_arrays
from corrtip.robustness.contested import extreme_placement
from corrtip.robustness.imputation import impute
from corrtip.robustness.measurement import published_error
from corrtip.robustness.overimputation import overimpute
from corrtip.robustness.pooling import Pooled
from corrtip.robustness.simex import Simex, simex

if TYPE_CHECKING:
    from corrtip.data.panel import Panel
    from corrtip.spec import Spec

WAYS: Mapping[str, str] = {
    "naive": "As published",
    "simex": "Without error of the score (SIMEX)",
    "overimputed": "Scores drawn within their error",
    "imputed": "Missing figures imputed",
    "against": "Unranked countries placed against the finding",
    "with": "Unranked countries placed with the finding",
}
"""The ways by name, as people read them."""


def compare_uncertainty(panel: Panel, spec: Spec, *, draws: int = 100, seed: int = 1) -> pd.DataFrame:
    """Return the focal coefficient of one year in every way that this package treats uncertain figures.

    Parameters
    ----------
    panel : Panel
    spec : Spec
        A clm of one year.
    draws : int
        Of SIMEX (at each multiple of the error) and of overimputation; imputation takes a fifth of them.
    seed : int

    Returns
    -------
    DataFrame
        One row a way (a name of `WAYS`): way, estimate, std_error, conf_low, conf_high (95 %), n, ratio (to the naive
        estimate), refusal (why there is no estimate, else an empty text). ``attrs["reliability"]`` holds the published
        reliability of the scores, nan where none is published.

    Notes
    -----
    ``against`` and ``with`` are no estimates: countries that have every predictor but no rank (special cases and
    countries that the report does not list) are placed so that the coefficient comes out as near to zero (or beyond
    it), or as far from it, as changing one placement after another can make it (`extreme_placement`). It is a stress:
    no other placement of a single country goes further; of several at once one might.
    """
    if spec.estimator != "clm" or spec.years[0] != spec.years[1]:
        raise SpecError("Spec", f"{spec.estimator}, years {spec.years}", expected="a clm of one year")
    sample = build_sample(panel, spec)

    def corrected(correct: Callable[..., Simex | Pooled]) -> dict[str, Any]:
        return _row(correct(sample, published_error(panel, sample), draws, seed).tidy(), spec.focal, len(sample.y))

    ways: dict[str, Callable[[], dict[str, Any]]] = {
        "naive": lambda: _of_fit(sample, sample.y, sample.x),
        "simex": lambda: corrected(simex),
        "overimputed": lambda: corrected(overimpute),
        "imputed": lambda: _imputed(panel, spec, max(draws // 5, 2), seed),
        "against": lambda: _placed(panel, sample, favourable=False),
        "with": lambda: _placed(panel, sample, favourable=True),
    }
    rows = [{"way": name, "refusal": "", **_tried(answer)} for name, answer in ways.items()]
    columns = ["way", "estimate", "std_error", "conf_low", "conf_high", "n", "refusal"]
    table = pd.DataFrame(rows).reindex(columns=columns)
    table.insert(6, "ratio", table["estimate"] / table["estimate"].iloc[0])
    try:
        table.attrs["reliability"] = published_error(panel, sample).reliability
    except CorrtipError:
        table.attrs["reliability"] = np.nan  # the refusals of SIMEX and overimputation say why
    return table


def _tried(answer: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return answer()
    except CorrtipError as error:
        return {"refusal": error.seen}


def _row(table: pd.DataFrame, focal: str, n: float) -> dict[str, Any]:
    return {**table.set_index("term").loc[focal, ["estimate", "std_error", "conf_low", "conf_high"]], "n": int(n)}


def _of_fit(sample: Sample, codes: np.ndarray, x: pd.DataFrame) -> dict[str, Any]:
    fitted = fit_arrays(codes, x.to_numpy(), levels=sample.levels, names=list(x.columns), link=sample.spec.link)
    return _row(fitted.tidy(), sample.spec.focal, len(codes))


def _imputed(panel: Panel, spec: Spec, draws: int, seed: int) -> dict[str, Any]:
    pooled = impute(panel, spec, draws, seed).pooled
    return _row(pooled.tidy(), spec.focal, pooled.nobs)


def _placed(panel: Panel, sample: Sample, *, favourable: bool) -> dict[str, Any]:
    """Return the coefficient with the unranked countries placed for the finding or against it."""
    spec = sample.spec
    if list(sample.x.columns) != list(spec.predictors) or spec.transforms or spec.lag:
        raise SpecError("Spec", "levels, transforms or lags among the predictors", expected="figures as published")
    columns = panel.wide(spec.years, list(spec.predictors), dict(spec.vintages)).astype(float).dropna()
    unranked = columns.loc[columns.index.difference(sample.data.index), list(spec.predictors)]
    ranked_elsewhere = panel.wide(spec.years, [spec.outcome])[spec.outcome].dropna().index
    unranked = unranked.loc[unranked.index.difference(ranked_elsewhere)]
    if unranked.empty:
        raise ModelError("placements", "every country with all figures is ranked", expected="unranked countries")
    everyone = pd.concat([sample.x, unranked])
    towards = np.sign(_of_fit(sample, sample.y, sample.x)["estimate"]) * (1.0 if favourable else -1.0)
    free = np.arange(len(sample.x), len(everyone))
    codes = extreme_placement(
        np.append(sample.y, np.zeros(len(free), dtype=np.intp)),
        everyone[[spec.focal, *everyone.columns.drop(spec.focal)]].to_numpy(),
        free,
        n_levels=len(sample.levels),
        link=spec.link,
        towards=float(towards),
    )
    return _of_fit(sample, codes, everyone)
