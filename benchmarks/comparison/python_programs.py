"""The cases through corrtip and through statsmodels' OrderedModel, each used as its documentation shows."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from benchmarks.comparison.case import Answer, Case
from corrtip.models.model import clm


def ask(program: Callable[[Case], Answer], case: Case) -> Answer:
    """Return a program's answer, its error or its warnings included."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            answer = program(case)
        except Exception as error:  # noqa: BLE001 - whatever a program says is its answer
            return Answer(said=f"{type(error).__name__}: {error}", failed=True)
    said = "; ".join(dict.fromkeys(f"{warning.category.__name__}: {warning.message}" for warning in caught))
    return replace(answer, said=said)


def corrtip(case: Case) -> Answer:
    """Fit by formula."""
    frame = case.data.assign(y=_outcome(case))
    fit = clm(case.formula, frame, link=case.link, weights="w" if case.weighted else None)
    if case.new is not None:
        return _probability(fit.predict(case.new).iloc[0, 0])
    return Answer(estimates=fit.params.to_dict(), errors=fit.bse.to_dict())


def statsmodels(case: Case) -> Answer:
    """Fit from a Series and a DataFrame by bfgs; by formula where there is a category."""
    from scipy import stats
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    distribution = stats.cauchy if case.link == "cauchit" else case.link
    outcome, columns = _outcome(case), case.data[list(case.terms)]
    weights = {"freq_weights": case.data["w"].to_numpy()} if case.weighted else {}
    if case.new is not None:
        model = OrderedModel.from_formula(case.formula, case.data.assign(y=outcome), distr=distribution)
        return _probability(model.fit(method="bfgs", disp=0).predict(case.new).iloc[0, 0])
    fit = OrderedModel(outcome, columns, distr=distribution, **weights).fit(method="bfgs", disp=0)
    names = [name.replace("/", "|") for name in fit.params.index]
    return Answer(
        estimates=dict(zip(names, map(float, fit.params), strict=True)),
        errors=dict(zip(names, map(float, fit.bse), strict=True)),
    )


def _outcome(case: Case) -> pd.Series:
    if not case.levels:
        return case.data["y"]
    return pd.Series(pd.Categorical(case.data["y"], categories=case.levels, ordered=True), index=case.data.index)


def _probability(value: float) -> Answer:
    return Answer(
        estimates={"probability": float(value)}, errors={"probability": 0.0 if np.isfinite(value) else np.nan}
    )
