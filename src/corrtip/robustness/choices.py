"""Does the answer survive another ordinal model? One sample under each choice of link, lines, spread and covariance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from corrtip.data.sample import Sample
from corrtip.errors import ModelError
from corrtip.models.effects import average_effects
from corrtip.models.model import clm
from corrtip.models.multiplicity import adjusted

# Of every answer: where no choice gives an effect, the columns of effects are there and open.
_COLUMNS = (
    "choice",
    "level",
    "estimate",
    "std_error",
    "statistic",
    "p_value",
    "conf_low",
    "conf_high",
    "llf",
    "aic",
    "refusal",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One way to model the same rows.

    Parameters
    ----------
    name : str
        How people read it.
    options : mapping of str to str
        The arguments of `corrtip.clm` that differ from its defaults.
    """

    name: str
    options: Mapping[str, str]


def list_choices(sample: Sample) -> tuple[Choice, ...]:
    """Return the choices for a sample, the proportional-odds model with model-based standard errors first.

    Each of the others departs from the first in one thing.
    """
    focal, every = f"~ {sample.spec.focal}", f"~ {' + '.join(sample.spec.predictors)}"
    return (
        Choice(name="Logit, parallel lines", options={}),
        *(
            Choice(name=f"{link.capitalize()} link", options={"link": link})
            for link in ("probit", "cloglog", "loglog", "cauchit")
        ),
        Choice(name="Index by border", options={"nominal": focal}),
        *(
            Choice(name=f"{term.replace('_', ' ').capitalize()} by border", options={"nominal": f"~ {term}"})
            for term in sample.spec.controls
        ),
        Choice(name="All predictors by border", options={"nominal": every}),
        Choice(name="Spread differs with the index", options={"scale": focal}),
        Choice(name="Spread differs with all predictors", options={"scale": every}),
        Choice(name="Sandwich errors (HC1)", options={"cov_type": "HC1"}),
    )


def compare_choices(sample: Sample) -> pd.DataFrame:
    """Return the average effect of the focal predictor on the probability of each level, under every choice.

    Coefficients of different links and spreads are on different scales; effects on probabilities are on one.

    Parameters
    ----------
    sample : Sample

    Returns
    -------
    DataFrame
        choice, level, estimate, std_error, statistic, p_value, conf_low, conf_high (per unit of the focal predictor,
        averaged over the rows), llf and aic of the fit, and refusal: why there is no estimate, else an empty text;
        p_holm and p_bh, adjusted for the number of models that answer for a level.

    Notes
    -----
    The choices are not combined, and none is picked by its fit: a small p-value under one of ten models is no finding.
    """
    formula = f"{sample.spec.outcome} ~ {' + '.join(sample.spec.predictors)}"
    parts = [_effects(choice, formula, sample) for choice in list_choices(sample)]
    table = pd.concat(parts, ignore_index=True).reindex(columns=list(_COLUMNS))
    return table.join(adjusted(table["p_value"], table["level"]))


def _effects(choice: Choice, formula: str, sample: Sample) -> pd.DataFrame:
    options: dict[str, Any] = dict(choice.options)
    try:
        fit = clm(formula, sample.data, **options)
        effects = average_effects(fit, sample.spec.focal).drop(columns=["term", "contrast"])
    except ModelError as error:
        return pd.DataFrame({"choice": [choice.name], "level": [None], "refusal": [error.seen]})
    return effects.assign(choice=choice.name, llf=fit.llf, aic=fit.aic, refusal="")
