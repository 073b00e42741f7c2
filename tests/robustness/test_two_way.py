import numpy as np
import pandas as pd
import pytest

from corrtip.errors import SpecError
from corrtip.robustness.two_way import _corruption_leads, _lagged, _placement_leads, two_way
from corrtip.spec import Spec


class Invented:
    """A panel of invented countries in which the score of the year before moves the level, and nothing else leads."""

    def __init__(self, seed, *, lead):
        rng = np.random.default_rng(seed)
        rows = []
        for country in range(80):
            own, score = rng.normal(), rng.normal()
            for year in range(2001, 2013):
                latent = lead * (score - own) + own + rng.logistic()
                level = int(np.digitize(latent, [-1.0, 0.5, 2.0]))
                score = own + 0.3 * (score - own) + rng.normal()
                rows.append((f"C{country:02d}", year, str(level), score))
        frame = pd.DataFrame(rows, columns=["iso3", "year", "tier", "x"]).set_index(["iso3", "year"])
        self.frame = frame.assign(tier=pd.Categorical(frame["tier"], list("0123"), ordered=True))

    def wide(self, years, variables, vintages=None):
        return self.frame[list(variables)]


SPEC = Spec(outcome="tier", focal="x", years=(2001, 2012))
SAMPLES = 12


def test_a_lead_of_the_score_is_found_and_none_of_the_level():
    found = [two_way(Invented(seed, lead=1.0), SPEC).set_index("direction") for seed in range(SAMPLES)]
    forward = np.array([table.loc["corruption leads", "estimate"] for table in found])
    assert forward.mean() == pytest.approx(1.0, abs=0.25)  # a mean over eleven years is not quite the country's own
    assert sum(table.loc["corruption leads", "p_value"] < 0.05 for table in found) == SAMPLES
    assert sum(table.loc["placement leads", "p_value"] < 0.05 for table in found) <= 3  # one in 50 runs has more


def test_without_a_lead_neither_direction_is_found_often():
    found = [two_way(Invented(seed, lead=0.0), SPEC).set_index("direction") for seed in range(SAMPLES)]
    assert sum(table.loc["corruption leads", "p_value"] < 0.05 for table in found) <= 3


def test_the_lag_is_a_join_and_a_gap_gives_no_row():
    panel = Invented(1, lead=0.0)
    panel.frame = panel.frame.drop(("C00", 2005))
    data = _lagged(panel, SPEC).set_index(["iso3", "year"])
    assert ("C00", 2006) not in data.index
    assert data.loc[("C01", 2006), "score_before"] == panel.frame.loc[("C01", 2005), "x"]
    assert ("C00", 2001) not in data.index
    assert len(data) == 80 * 11 - 2


def test_both_directions_stand_on_the_same_rows():
    data = _lagged(Invented(2, lead=0.5), SPEC)
    one, other = _corruption_leads(data), _placement_leads(data)
    assert (one["rows"], one["countries"]) == (other["rows"], other["countries"]) == (880, 80)


def test_two_years_are_too_few(panel):
    with pytest.raises(SpecError, match="three years or more"):
        two_way(panel, Spec(outcome="tier", focal="cpi", years=(2013, 2014)))
