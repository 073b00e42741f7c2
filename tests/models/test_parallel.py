import numpy as np
import pandas as pd
import pytest
from scipy import special, stats

from corrtip.errors import ModelError
from corrtip.models.links import LINKS
from corrtip.models.model import clm, fit_arrays
from corrtip.models.parallel import has_lines, nominal_test, parallel_score_test

# R's clm stops at a gradient of 1e-6: where the larger model has its maximum (contact) that leaves all digits, and
# where the maximum lies at infinity (temp: no cold wine has level 5) the likelihood is short by 2e-8.
RS_COLUMNS = ["statistic", "df", "p_value", "llf", "aic"]
R_FINITE = 1e-10
R_AT_INFINITY = 1e-7
# The same statistic by independent algebra.
SAME = 1e-8


@pytest.mark.parametrize("link", ["logit", "probit", "cloglog", "loglog"])
def test_likelihood_ratios_are_rs(reference, fit_wine, link):
    fit = fit_wine(f"wine_temp_contact_{link}")
    printed = reference("wine_nominal_scale_tests")[f"wine_nominal_{link}"]
    table = nominal_test(fit).table.set_index("term")
    assert list(table) == [*RS_COLUMNS, "p_holm", "p_bh"]
    for term, tolerance in (("contact", R_FINITE), ("temp", R_AT_INFINITY)):
        row = printed[term]
        wanted = [row["LRT"], row["Df"], row["Pr(>Chi)"], row["logLik"], row["AIC"]]
        assert table.loc[term, RS_COLUMNS].to_numpy(dtype=float) == pytest.approx(wanted, rel=tolerance, abs=tolerance)


def test_a_limit_is_noted(fit_wine):
    (note,) = nominal_test(fit_wine("wine_temp_contact_logit")).notes
    assert note.startswith("temp: infinite are temp[T.warm][1|2], temp[T.warm][4|5]")


def test_the_cheese_data_have_the_score_test_that_sas_prints(cheese):
    # SAS/STAT User's Guide, The LOGISTIC Procedure, example on ordinal logistic regression: 17.2866 on 21 degrees of
    # freedom, p = 0.6936. SAS ends its iterations some digits earlier.
    found = parallel_score_test(clm("rating ~ additive", cheese, weights="count"))
    every = found.table.iloc[0]
    assert (every["term"], every["df"]) == ("(all)", 21)
    assert every["statistic"] == pytest.approx(17.2866, abs=5e-4)
    assert every["p_value"] == pytest.approx(0.6936, abs=5e-5)
    assert "singular" in found.notes[0]


def cumulative_score(data, columns, theta, slopes):
    """Score and information of a logit with a slope per threshold, in the order of the parameters, row by row."""
    k, p = len(theta), len(columns)
    x = data[columns].to_numpy(dtype=float)
    codes = data["y"].to_numpy() - data["y"].min()
    score, information = np.zeros(k * (1 + p)), np.zeros((k * (1 + p),) * 2)
    for row, code in zip(x, codes, strict=True):
        eta = theta + slopes @ row
        below = np.concatenate([[0.0], special.expit(eta), [1.0]])
        maps = np.zeros((k, k * (1 + p)))
        for j in range(k):
            maps[j, j] = 1.0
            maps[j, k + np.arange(p) * k + j] = row
        density = special.expit(eta) * special.expit(-eta)
        bend = density * (1.0 - 2.0 * special.expit(eta))
        chance = below[code + 1] - below[code]
        first, second = np.zeros(k), np.zeros((k, k))
        if code < k:
            first[code] += density[code]
            second[code, code] += bend[code]
        if code > 0:
            first[code - 1] -= density[code - 1]
            second[code - 1, code - 1] -= bend[code - 1]
        score += maps.T @ first / chance
        information += maps.T @ (np.outer(first, first) / chance**2 - second / chance) @ maps
    return score, information


def test_the_score_test_is_the_quadratic_form_written_down_row_by_row(sim400):
    fit = clm("y ~ a + b + c", sim400)
    theta, beta = fit.thresholds.to_numpy(), fit.coefficients.to_numpy()
    score, information = cumulative_score(sim400, ["a", "b", "c"], theta, np.tile(-beta, (3, 1)))
    table = parallel_score_test(fit).table.set_index("term")
    assert list(table.index) == ["(all)", "a", "b", "c"]
    assert table.loc["(all)", "statistic"] == pytest.approx(score @ np.linalg.solve(information, score), rel=SAME)
    # Term b alone: the slopes of a and c move together over the thresholds.
    free = np.zeros((12, 8))
    free[:3, :3] = np.eye(3)
    free[3:6, 3], free[6:9, 4:7], free[9:, 7] = 1.0, np.eye(3), 1.0
    part = free.T @ score
    wanted = part @ np.linalg.solve(free.T @ information @ free, part)
    assert table.loc["b", "statistic"] == pytest.approx(wanted, rel=SAME)
    assert table["df"].tolist() == [6, 2, 2, 2]
    assert table["p_value"].to_numpy() == pytest.approx(stats.chi2.sf(table["statistic"], table["df"]), rel=1e-12)


@pytest.mark.parametrize("link", LINKS)
def test_score_and_likelihood_ratio_agree_in_large_samples(link):
    rng = np.random.default_rng(6)
    x = rng.normal(size=(40_000, 2))
    y = np.digitize(x @ [0.5, -0.3] + rng.logistic(size=len(x)) * np.exp(0.01 * x[:, 0]), [-1.0, 0.5, 1.5])
    fit = fit_arrays(y, x, levels=list("abcd"), names=["u", "v"], link=link)
    ratio = nominal_test(fit).table.set_index("term")["statistic"]
    score = parallel_score_test(fit).table.set_index("term")["statistic"]
    # The two differ by a third-order term; the logit's is the smallest, for the others are the wrong link.
    assert score[["u", "v"]].to_numpy() == pytest.approx(ratio.to_numpy(), rel=0.05)


def test_other_nominal_and_scale_terms_stay(sim400):
    fit = clm("y ~ a + b", sim400, nominal="~ c", scale="~ a")
    wanted = clm("y ~ b", sim400, nominal="~ c + a", scale="~ a")
    table = nominal_test(fit).table.set_index("term")
    assert list(table.index) == ["a", "b"]
    assert table.loc["a", "llf"] == pytest.approx(wanted.llf, rel=1e-12)
    assert table.loc["a", "aic"] == pytest.approx(wanted.aic, rel=1e-12)
    assert parallel_score_test(fit).table["df"].tolist() == [4, 2, 2]


def test_a_failing_term_is_named_with_its_remedy():
    rng = np.random.default_rng(0)
    data = pd.DataFrame({"x": rng.normal(size=500), "group": rng.choice(["a", "b", "c"], 500)})
    data["y"] = np.digitize(data["x"] + np.exp(0.7 * data["x"]) * rng.logistic(size=500), [-1.0, 0.5, 1.5])
    fit = clm("y ~ x + group", data)
    for test in (nominal_test, parallel_score_test):
        found = test(fit)
        assert found.failing == ("x",)
        assert 'nominal="~ x"' in str(found)
        assert found.table.set_index("term").loc["group", "df"] == 4


def test_weights_count_as_rows(wine):
    weights = np.tile([1, 3], 36)
    long = wine.loc[np.repeat(wine.index, weights)].reset_index(drop=True)
    for test in (nominal_test, parallel_score_test):
        one = test(clm("rating ~ x1 + contact", wine, weights=weights)).table["statistic"]
        two = test(clm("rating ~ x1 + contact", long)).table["statistic"]
        assert one.to_numpy() == pytest.approx(two.to_numpy(), rel=1e-8)


def test_one_line_or_none_has_nothing_parallel(wine, sim400):
    two = clm("y ~ a", sim400.assign(y=(sim400["y"] > 2).astype(int)))
    nothing = clm("rating ~ 1", wine)
    sampled = clm("rating ~ temp", wine, weights="w", weight_type="sampling", cov_type="HC0")
    for fit, message in ((two, "two levels"), (nothing, "no location term"), (sampled, "sampling weights")):
        assert not has_lines(fit)
        for test in (nominal_test, parallel_score_test):
            with pytest.raises(ModelError, match=message):
                test(fit)
    assert has_lines(clm("rating ~ temp", wine))
