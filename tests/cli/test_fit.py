import json
import re

from corrtip.cli.stated import spec_of

FORMULA = "tier ~ cpi_pre2012 + infant_mortality"
VINTAGE = "infant_mortality=factbook-2005"


def test_fit_prints_estimates_and_who_is_not_in_the_model(say):
    said = say("fit", FORMULA, "--years", "2005", "--vintage", VINTAGE)
    assert said.code == 0
    assert "cpi_pre2012" in said.out
    assert "1|2" in said.out
    assert "not listed in the TIP report of 2005" in said.out
    assert " USA " in said.out


def test_fit_as_json_is_the_library_s_answer(say, panel):
    import corrtip as ct

    answer = json.loads(say("fit", FORMULA, "--years", "2005", "--vintage", VINTAGE, "--link", "probit", "--json").out)
    sample = ct.build_sample(panel, spec_of(FORMULA, years="2005", link="probit", vintages=[VINTAGE]))
    fit = ct.fit(sample)
    assert answer["spec_id"] == sample.spec.id
    assert [row["estimate"] for row in answer["estimates"]] == fit.params.tolist()
    assert [row["std_error"] for row in answer["estimates"]] == fit.bse.tolist()
    assert answer["glance"]["n"] == len(sample.y)
    assert answer["universe"] - sum(row["rows"] for row in answer["attrition"]) == len(sample.y)


def test_errors_cluster_by_country_where_asked(say):
    command = ("fit", "tier ~ cpi", "--years", "2013-2014", "--json")
    plain, clustered = (
        json.loads(say(*command, "--covariance", name).out)["estimates"][-1] for name in ("nonrobust", "cluster")
    )
    assert plain["estimate"] == clustered["estimate"]
    # A country's placements of two years are nearly one: they tell less than as many countries would.
    assert clustered["std_error"] > 1.1 * plain["std_error"]


def test_fit_refuses_to_pool_editions_that_do_not_compare(say):
    said = say("fit", "tier ~ cpi_pre2012", "--years", "2004-2005")
    assert said.code == 1
    assert "cpi_pre2012" in said.err
    assert said.out == ""


def test_fit_says_which_links_there_are(say):
    said = say("fit", "tier ~ cpi", "--years", "2013", "--link", "log")
    assert said.code == 2
    assert "cloglog" in said.err


def test_a_narrow_terminal_gets_lines_that_fit(say, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    out = re.sub(r"\x1b\[\d*m", "", say("fit", "tier ~ cpi_pre2012", "--years", "2005").out)
    estimates = out[: out.index("country-years")]
    assert "cpi_pre2012" in estimates
    assert "−0.5459" in estimates or "-0.5459" in estimates
    assert max(map(len, estimates.splitlines())) <= 40
