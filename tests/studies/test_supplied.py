import contextlib
import dataclasses
import warnings

import numpy as np
import pandas as pd
import pytest
from statsmodels.discrete.discrete_model import Logit

from corrtip.errors import DataError, DeclarationError
from corrtip.studies.replication import replicate
from corrtip.studies.study import load_study
from corrtip.studies.supplied import FileModel, Step, Supplied, fit_supplied, read_supplied

AGREEMENT = 1e-8  # statsmodels stops where its gradient is about 1e-8
YEARS = range(1989, 2012)
TIERS = np.array([1, 2, 2.5, 3, 555, 666, np.nan])


@pytest.fixture(scope="session")
def study():
    return load_study("kelley_simmons_2015")


@pytest.fixture(scope="session")
def invented():
    """Invented country-years with the columns of the authors' file, unsorted, with gaps."""
    rng = np.random.default_rng(5)
    rows = pd.DataFrame([(country, year) for country in range(2, 62) for year in YEARS], columns=["cowcode", "year"])
    n = len(rows)
    for name in ("corruption", "rule_of_law"):
        rows[name] = rng.normal(size=n)
    rows["fh_cl"] = rng.integers(1, 8, n).astype(float)
    rows["ratproto2000"] = rng.integers(0, 2, n).astype(float)
    rows["missinfo8"] = rng.integers(0, 5, n).astype(float)
    rows["ngos_ave"] = rng.gamma(3.0, 100.0, n)
    rows["data2"], rows["data9"] = rng.lognormal(24, 2, n), rng.lognormal(16, 1.5, n)
    rows["econasst"] = np.where(rng.random(n) < 0.3, 0.0, rng.lognormal(2, 1, n))
    for name in ("origin", "transit", "destination"):
        rows[f"ht_incidence_{name}"] = np.where(rng.random(n) < 0.4, np.nan, rng.integers(1, 6, n))
    shamed = 1.0 / (1.0 + np.exp(1.0 + 0.6 * rows["corruption"].shift(1).fillna(0.0)))
    rows["tier"] = np.where(rng.random(n) < shamed, rng.choice([2.5, 3.0], n), rng.choice(TIERS[[0, 1, 4, 5, 6]], n))
    for name in ("corruption", "fh_cl", "econasst", "data2"):
        rows.loc[rng.random(n) < 0.05, name] = np.nan
    return rows.sample(frac=1.0, random_state=1)


@pytest.fixture(scope="session")
def file(invented, tmp_path_factory):
    path = tmp_path_factory.mktemp("file") / "kelley_simmons_ajps_2014_replication.dta"
    invented.to_stata(path, write_index=False)
    return path


@pytest.fixture(scope="session")
def by_hand(invented):
    """The same preparation written out, as the authors' commands do it."""
    rows = invented.sort_values(["cowcode", "year"])
    incidence = [f"ht_incidence_{name}" for name in ("origin", "transit", "destination")]
    named = rows[incidence].notna().any(axis=1)
    rows = rows.assign(**{name: rows[name].mask(rows[name].isna() & named, 0.0) for name in incidence})
    rows = rows[rows["year"] >= 1991]
    aid = rows["econasst"] * 1e6
    return pd.DataFrame(
        {
            "shamed": rows["tier"].isin([2.5, 3.0]).astype(int),
            "corruption_1": rows["corruption"].shift(1),
            "fh_cl1": rows["fh_cl"].shift(1),
            "logeconasstP_1": np.log(aid.mask(aid.isna() | (aid == 0.0), 1.0)).shift(1),
            "loggdp_1": np.log(rows["data2"]).shift(1),
            "logpop": np.log(rows["data9"]),
            "ratproto2000_1": rows["ratproto2000"].shift(1),
            "ngos_ave": rows["ngos_ave"],
            "missinfo8_1": rows["missinfo8"].shift(1),
            **{name: rows[name] for name in incidence},
        }
    ).dropna()


def test_the_models_on_the_file_are_those_of_an_independent_preparation(study, file, by_hand):
    rows = read_supplied(file, study.supplied)
    fitted = fit_supplied(rows, study.supplied.models[0])
    design = by_hand.drop(columns="shamed").assign(constant=1.0)
    apart = Logit(by_hand["shamed"], design).fit(disp=0)
    assert fitted.nobs == len(by_hand)
    names = list(study.supplied.models[0].predictors)
    assert fitted.params[names].to_numpy() == pytest.approx(apart.params[names].to_numpy(), rel=AGREEMENT)
    assert fitted.bse[names].to_numpy() == pytest.approx(apart.bse[names].to_numpy(), rel=AGREEMENT)
    assert fitted.prsquared == pytest.approx(apart.prsquared, rel=AGREEMENT)


def test_the_printed_numbers_are_met_only_by_their_digits(study, file, by_hand, panel):
    design = by_hand.drop(columns="shamed").assign(constant=1.0)
    apart = Logit(by_hand["shamed"], design).fit(disp=0)
    ratio = np.exp(apart.params["corruption_1"])
    printed = {
        "joint.corruption_1.odds_ratio": f"{ratio:.3f}",
        "joint.corruption_1.odds_ratio_std_error": f"{ratio * apart.bse['corruption_1']:.3f}",
        "joint.n": f"{len(by_hand)}",
        "joint.mcfadden_r2": f"{apart.prsquared:.4f}",
    }

    def verdict(numbers):
        claims = tuple(
            dataclasses.replace(claim, printed=numbers) if claim.id == "C" else claim for claim in study.claims
        )
        invented_study = dataclasses.replace(study, claims=claims)
        return replicate(invented_study, panel, data=file, variants=False).verdicts["C"]

    assert verdict(printed).verdict == "met"
    missed = {**printed, "joint.mcfadden_r2": f"{apart.prsquared + 0.0001:.4f}"}
    assert verdict(missed).verdict == "agrees"  # the sign is as claimed, a digit is not
    assert "joint.mcfadden_r2 printed" in verdict(missed).because


def test_what_was_published_is_what_must_be_met(study):
    printed = {claim.id: dict(claim.printed) for claim in study.claims if claim.printed}
    assert printed == {
        "C": {
            "joint.corruption_1.odds_ratio": "0.568",
            "joint.corruption_1.odds_ratio_std_error": "0.081",
            "joint.n": "1846",
            "joint.mcfadden_r2": "0.1641",
        },
        "D": {
            "joint.rule_of_law_1.odds_ratio": "0.698",
            "joint.rule_of_law_1.odds_ratio_std_error": "0.099",
            "joint.n": "1846",
            "joint.mcfadden_r2": "0.1591",
        },
    }


def test_without_the_file_its_claims_are_not_attempted_and_say_how(study, panel):
    found = replicate(study, panel, variants=False).verdicts
    for claim in "CD":
        assert found[claim].verdict == "not_attempted"
        assert "--data FILE" in found[claim].because


def test_a_file_without_the_columns_names_those_it_lacks(study, invented, tmp_path):
    path = tmp_path / "other.dta"
    invented.drop(columns=["corruption", "ngos_ave"]).to_stata(path, write_index=False)
    with pytest.raises(DataError, match="no column corruption, ngos_ave"):
        read_supplied(path, study.supplied)


def test_text_where_numbers_belong_is_refused(study, invented, tmp_path):
    path = tmp_path / "other.dta"
    invented.assign(tier=invented["tier"].astype(str)).to_stata(path, write_index=False)
    with pytest.raises(DataError, match="column tier holds text"):
        read_supplied(path, study.supplied)


def test_a_tier_that_the_recoding_does_not_know_is_refused(study, invented, tmp_path):
    path = tmp_path / "other.dta"
    invented.assign(tier=invented["tier"].replace(3.0, 4.0)).to_stata(path, write_index=False)
    with pytest.raises(DataError, match="column tier: 4"):
        read_supplied(path, study.supplied)


@pytest.mark.parametrize("content", [b"", b"country,year\n"])
def test_what_is_no_stata_file_is_refused(study, tmp_path, content):
    path = tmp_path / "other.dta"
    path.write_bytes(content)
    with pytest.raises(DataError, match="not read"):
        read_supplied(path, study.supplied)
    with pytest.raises(DataError, match="not read"):
        read_supplied(tmp_path / "nowhere.dta", study.supplied)


def test_whatever_pandas_raises_on_a_damaged_file_is_our_error(study, invented, tmp_path):
    path = tmp_path / "other.dta"
    invented.to_stata(path, write_index=False)
    data = path.read_bytes()
    # The kind of a column, the number of rows, the order of bytes: each with an error of its own in pandas.
    for place in range(min(200, len(data))):
        path.write_bytes(data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :])
        with contextlib.suppress(DataError), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read_supplied(path, study.supplied)


MODEL = FileModel(name="m", outcome="y", focal="x")


def test_the_columns_of_the_file_are_those_that_no_step_makes():
    steps = (Step(make="x", verb="log", of="a"), Step(make="y", verb="recode", of="x", to={"0": 0.0}))
    supplied = Supplied(file="f.dta", where="", order=("id",), first={"year": 1.0}, steps=steps, models=(MODEL,))
    assert supplied.columns == ("id", "year", "a")


def test_the_previous_row_does_not_stop_at_a_country(tmp_path):
    path = tmp_path / "f.dta"
    table = pd.DataFrame({"id": [1, 1, 2, 2], "year": [1, 2, 1, 2], "a": [1.0, 2.0, 3.0, 4.0]})
    table.to_stata(path, write_index=False)
    steps = (Step(make="b", verb="previous_row", of="a"),)
    model = FileModel(name="m", outcome="a", focal="b")
    supplied = Supplied(file="f.dta", where="", order=("id", "year"), steps=steps, models=(model,))
    assert read_supplied(path, supplied)["b"].tolist()[1:] == [1.0, 2.0, 3.0]


def test_a_logarithm_of_nothing_is_missing(tmp_path):
    path = tmp_path / "f.dta"
    pd.DataFrame({"id": [1, 2, 3], "a": [-1.0, 0.0, 1.0]}).to_stata(path, write_index=False)
    steps = (Step(make="b", verb="log", of="a"),)
    model = FileModel(name="m", outcome="a", focal="b")
    supplied = Supplied(file="f.dta", where="", order=("id",), steps=steps, models=(model,))
    assert read_supplied(path, supplied)["b"].isna().tolist() == [True, True, False]


@pytest.mark.parametrize("outcome", [[0.0, 0.0, 0.0], [0.0, 1.0, 2.0], [np.nan] * 3])
def test_an_outcome_that_is_not_zeros_and_ones_is_refused(outcome):
    with pytest.raises(DataError, match="zeros and ones"):
        fit_supplied(pd.DataFrame({"y": outcome, "x": [1.0, 2.0, 3.0]}), MODEL)


def test_a_file_without_a_model_is_refused():
    with pytest.raises(DeclarationError, match="one or more"):
        Supplied(file="f.dta", where="", order=("id",), models=())
