import numpy as np
import pandas as pd
import pytest

from corrtip.data.sample import build_sample
from corrtip.studies.describe import build_quartiles
from corrtip.studies.study import load_study


@pytest.fixture(scope="module")
def sample(panel):
    return build_sample(panel, load_study("zhang_pineda_2008").spec)


def test_every_country_stands_once_in_the_table(sample):
    table = build_quartiles(sample)
    assert table["count"].sum() == len(sample.y)
    assert list(table["level"].unique()) == list(sample.levels)
    assert table.groupby("quartile")["share"].sum().to_numpy() == pytest.approx(np.ones(4))
    by_level = table.groupby("level")["count"].sum()
    assert by_level.to_dict() == sample.data["tier"].value_counts().to_dict()


def test_the_cells_are_those_of_a_plain_crosstab(sample):
    focal, tier = sample.data["cpi_pre2012"], sample.data["tier"]
    cuts = pd.cut(focal, [-np.inf, *focal.quantile([0.25, 0.5, 0.75]), np.inf], labels=[1, 2, 3, 4])
    table = build_quartiles(sample).pivot_table("count", index="quartile", columns="level")
    assert (table[list(sample.levels)].to_numpy() == pd.crosstab(cuts, tier).to_numpy()).all()


def test_equal_scores_share_a_quartile_and_quartiles_do_not_overlap(sample):
    ends = build_quartiles(sample)[["quartile", "low", "high"]].drop_duplicates().sort_values("quartile")
    assert (ends["high"].to_numpy()[:-1] < ends["low"].to_numpy()[1:]).all()
    assert (ends["low"].iloc[0], ends["high"].iloc[-1]) == (
        sample.x["cpi_pre2012"].min(),
        sample.x["cpi_pre2012"].max(),
    )
