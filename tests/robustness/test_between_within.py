import numpy as np
import pandas as pd
import pytest

from corrtip.errors import SpecError
from corrtip.models.model import clm
from corrtip.robustness.between_within import MODELS, between_within, fit_split, split_predictors
from corrtip.spec import Spec

BETWEEN, WITHIN = -1.0, 0.5
SAMPLES = 20
# A mean of so many estimates lies within three of its standard errors of the truth, but for one run in 400.
THREE = 3.0


def simulated(seed):
    """A panel in which countries differ the other way than their years do, with intercepts of their own."""
    rng = np.random.default_rng(seed)
    countries, years = 100, 4
    own = rng.normal(size=countries)
    x = own[:, None] + 0.7 * rng.normal(size=(countries, years))
    mean = x.mean(axis=1, keepdims=True)
    latent = BETWEEN * mean + WITHIN * (x - mean) + rng.normal(size=(countries, 1)) + rng.logistic(size=x.shape)
    y = np.digitize(latent + 0.3 * np.arange(years), [-1.0, 1.0, 2.0])
    index = pd.MultiIndex.from_product([[f"C{i:03d}" for i in range(countries)], range(2001, 2001 + years)])
    index.names = ["iso3", "year"]
    levels = pd.Categorical.from_codes(y.ravel(), categories=list("1234"), ordered=True)
    return pd.DataFrame({"y": levels, "x": x.ravel()}, index=index)


def fitted(seed):
    data = split_predictors(simulated(seed), ["x"])
    before = data.groupby("iso3")["y"].shift()
    known = data.assign(previous=pd.Categorical(before, categories=list("1234"))).dropna(subset="previous")
    known["year"] = known["year"].cat.remove_unused_categories()
    return fit_split(data, known, "y", ["x"])


def test_random_intercepts_recover_both_effects_where_one_coefficient_would_mix_them():
    tables = [fitted(seed) for seed in range(SAMPLES)]
    for part, truth in (("between", BETWEEN), ("within", WITHIN)):
        rows = pd.concat([table[(table["model"] == "intercepts") & (table["part"] == part)] for table in tables])
        mean, spread = rows["estimate"].mean(), rows["estimate"].std(ddof=1)
        # Laplace's method and 100 countries leave a bias of a few hundredths.
        assert abs(mean - truth) < THREE * spread / np.sqrt(SAMPLES) + 0.05
        covered = ((rows["conf_low"] < truth) & (truth < rows["conf_high"])).sum()
        assert covered >= 16  # 95 % of 20 is 19; fewer than 16 happens in one run in 400
    mixed = clm("y ~ x", simulated(0).reset_index(drop=True)).params["x"]
    assert BETWEEN < mixed < WITHIN


def test_the_split_adds_up_and_means_are_those_of_the_country():
    data = split_predictors(simulated(1), ["x"])
    np.testing.assert_allclose(data["x_between"] + data["x_within"], data["x"])
    assert data.groupby("iso3")["x_within"].sum().abs().max() < 1e-12
    assert (data.groupby("iso3")["x_between"].std() == 0.0).all()


def test_the_real_panel_answers_both_questions_in_one_table(panel):
    spec = Spec(outcome="tier", focal="cpi", years=(2013, 2016))
    table = between_within(panel, spec)
    assert set(table["model"]) == set(MODELS)
    assert set(table.loc[table["part"] == "previous", "term"]) == {"2", "2WL", "3"}
    pooled = table.set_index(["model", "part", "term"]).loc[("pooled", "between", "cpi")]
    assert pooled["conf_high"] < 0.0
    # Country-years without a level in the year before are not in the third model.
    assert table.groupby("model")["rows"].first()["persistence"] < pooled["rows"]


def test_what_cannot_be_asked_is_refused(panel):
    with pytest.raises(SpecError, match="several years"):
        between_within(panel, Spec(outcome="tier", focal="cpi", years=(2013, 2013)))
    with pytest.raises(SpecError, match="has levels"):
        between_within(panel, Spec(outcome="tier", focal="cpi", controls=("region",), years=(2013, 2014)))
