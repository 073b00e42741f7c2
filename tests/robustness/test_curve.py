import os
import subprocess
import sys

import numpy as np
import pytest

from corrtip.data.sample import build_sample
from corrtip.errors import SpecError
from corrtip.estimate import fit
from corrtip.models.effects import average_effects
from corrtip.robustness import draws as draws_of_curve
from corrtip.robustness import groups
from corrtip.robustness.blocks import Run
from corrtip.robustness.curve import run_grid
from corrtip.robustness.grid import Choice, Grid, Option
from corrtip.spec import Spec

DRAWS = 39
BITS = """
import corrtip as ct
from corrtip.robustness.grid import Choice, Grid, Option

spec = ct.Spec(outcome="tier", focal="cpi_pre2012", years=(2005, 2005))
options = (Option(name="no", why="w"), Option(name="yes", why="w", change={"controls": ["vdem_polyarchy"]}))
grid = Grid(id="own", question="?", spec=spec, choices=(Choice(name="control", options=options),))

def bits(jobs):
    # More draws than one block has, so that each process has some of them.
    found = ct.run_grid(panel, grid, draws=220, run=ct.Run(jobs=jobs))
    return [frame.to_numpy().tobytes() for frame in (found.table[NUMBERS], found.bootstrap, found.null)]

if __name__ == "__main__":
    NUMBERS = ["estimate", "std_error", "z", "p_value", "effect", "superiority"]
    panel = ct.load_panel()
    assert bits(1) == bits(2)
"""


@pytest.fixture(scope="module")
def curve(panel, small):
    return run_grid(panel, small, draws=DRAWS, seed=3)


def test_every_row_is_the_single_fit_of_its_specification(panel, curve):
    deviations = {
        focal: build_sample(panel, Spec(outcome="tier", focal=focal, years=(2005, 2005))).x[focal].std(ddof=0)
        for focal in ("cpi_pre2012", "vdem_corruption")
    }
    assert len(curve.table) == curve.models == len(curve.specifications)
    for row, item in zip(curve.table.itertuples(), curve.specifications, strict=True):
        sample = build_sample(panel, item.spec)
        single = fit(sample)
        focal = item.spec.focal
        assert row.id == item.spec.id
        assert row.n == len(sample.y)
        assert row.estimate == pytest.approx(single.params[focal], rel=1e-9)
        assert row.std_error == pytest.approx(single.bse[focal], rel=1e-9)
        assert row.p_value == pytest.approx(single.pvalues[focal], rel=1e-6)
        better = 1.0 if focal == "cpi_pre2012" else -1.0
        moved = average_effects(single, focal, step=better * deviations[focal]).set_index("level")
        assert row.effect == pytest.approx(moved.loc["1", "estimate"], rel=1e-8)
        assert row.z == pytest.approx(-better * row.estimate / row.std_error, rel=1e-12)
        assert (row.superiority > 0.5) == (row.effect > 0.0)
        assert (row.outcome, row.reason) == ("fitted", "")


def test_the_table_has_the_option_of_every_choice(curve):
    for choice in curve.grid.choices:
        expected = [item.options[choice.name] for item in curve.specifications]
        assert curve.table[choice.name].tolist() == expected


def test_the_sum_of_it_has_intervals_and_p_values(curve):
    found = curve.tidy().set_index("statistic")
    assert list(found.index) == ["median_effect", "share_expected", "share_significant"]
    assert found.loc["median_effect", "estimate"] == pytest.approx(curve.table["effect"].median(), rel=1e-12)
    assert found.loc["share_expected", "estimate"] == (curve.table["z"] > 0).mean()
    low, high = found.loc["median_effect", ["conf_low", "conf_high"]]
    assert low < found.loc["median_effect", "estimate"] < high
    # Corruption and tiers hang together in 2005 beyond what a shared control explains: no draw comes near.
    assert found.loc["median_effect", "p_value"] == 1 / (1 + DRAWS)
    assert found.loc["median_effect", "null_high"] < found.loc["median_effect", "estimate"]
    assert len(curve.null) == len(curve.bootstrap) == DRAWS


def test_options_and_outcomes_count_their_specifications(curve):
    found = curve.by_option()
    assert len(found) == sum(len(choice.options) for choice in curve.grid.choices)
    covariance = found[found["choice"] == "covariance"]
    assert covariance["specifications"].tolist() == [curve.models / 2] * 2
    assert curve.outcomes().to_dict("list") == {"outcome": ["fitted"], "specifications": [curve.models]}


def test_fitted_rows_go_from_the_lowest_effect_up(curve):
    assert curve.fitted["effect"].is_monotonic_increasing


def test_the_draws_do_not_depend_on_processes_and_a_shorter_series_begins_a_longer_one(panel, small, curve, tmp_path):
    seen = []
    run = Run(jobs=2, keep=tmp_path, progress=lambda done, total: seen.append((done, total)))
    again = run_grid(panel, small, draws=DRAWS, seed=3, run=run)
    # Another number of BLAS threads may round differently.
    for name in ("bootstrap", "null"):
        np.testing.assert_allclose(getattr(again, name), getattr(curve, name), rtol=1e-10)
    assert (curve.models,) * 2 in seen
    assert seen[-1] == (2 * DRAWS * curve.models,) * 2
    assert list(tmp_path.iterdir()) == []


def test_an_interruption_among_the_draws_finds_the_estimates_and_the_draws_kept(
    panel, small, curve, tmp_path, monkeypatch
):
    fits, draws = [], []

    def counting(seen, work):
        return lambda *arguments: seen.append(1) or work(*arguments)

    def interrupt(done, total):
        if total == 2 * DRAWS * curve.models and done:
            raise KeyboardInterrupt

    monkeypatch.setattr(groups, "fit_group", counting(fits, groups.fit_group))
    monkeypatch.setattr(draws_of_curve, "refit_rows", counting(draws, draws_of_curve.refit_rows))
    with pytest.raises(KeyboardInterrupt):
        run_grid(panel, small, draws=DRAWS, seed=3, run=Run(keep=tmp_path, progress=interrupt))
    assert fits
    assert draws
    fits.clear(), draws.clear()
    again = run_grid(panel, small, draws=DRAWS, seed=3, run=Run(keep=tmp_path))
    assert (fits, draws) == ([], [])
    assert again.table.equals(curve.table)
    assert again.bootstrap.equals(curve.bootstrap)
    assert list(tmp_path.iterdir()) == []


def test_two_processes_give_the_bits_of_one(tmp_path):
    script = tmp_path / "bits.py"
    script.write_text(BITS, encoding="utf-8")
    # One thread of BLAS, which must be asked for before numpy is loaded: sums in another order have other last bits.
    one_thread = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    subprocess.run([sys.executable, str(script)], env=one_thread, check=True, timeout=600)


def test_without_draws_there_are_estimates_and_no_more(panel, small, curve):
    bare = run_grid(panel, small, draws=0)
    assert bare.table.equals(curve.table)
    assert bare.tidy()[["conf_low", "conf_high", "null_low", "p_value"]].isna().all(axis=None)


def test_a_model_without_a_maximum_keeps_its_row(panel):
    spec = Spec(outcome="tier", focal="cpi_pre2012", years=(2005, 2005), merge={"tier": {"2": "3", "2WL": "3"}})
    options = (
        Option(name="no", why="w"),
        Option(name="yes", why="w", change={"controls": ["region"]}),
    )
    grid = Grid(id="own", question="?", spec=spec, choices=(Choice(name="region", options=options),))
    found = run_grid(panel, grid, draws=5)
    assert found.table["outcome"].tolist() == ["fitted", "no maximum"]
    assert "separate" in found.table["reason"][1]
    assert found.table.loc[1, ["estimate", "z", "effect", "superiority"]].isna().all()
    assert found.table.loc[1, "n"] > 100
    assert (found.null["models"] == 1).all()
    assert found.outcomes()["specifications"].tolist() == [1, 1]


def test_what_cannot_be_asked_is_refused(panel, small):
    with pytest.raises(SpecError, match="draws: -1"):
        run_grid(panel, small, draws=-1)
    few = Grid(id="own", question="?", spec=small.spec, choices=small.choices, fewest=1000)
    with pytest.raises(SpecError, match="no specification has an estimate"):
        run_grid(panel, few, draws=0)
