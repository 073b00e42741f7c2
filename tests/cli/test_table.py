import json

import pypandoc
import pytest

import corrtip as ct

SMALL, LARGE = "tier ~ cpi_pre2012", "tier ~ cpi_pre2012 + infant_mortality"
FORMULAS = ("table", SMALL, LARGE, "--years", "2005", "--vintage", "infant_mortality=factbook-2005")
STUDY = ("table", "zhang_pineda_2008")


def test_formulas_are_columns_of_markdown_that_reads_as_it_stands(say):
    said = say(*FORMULAS)
    lines = said.out.splitlines()
    assert (said.code, said.err) == (0, "")
    assert lines[0].replace(" ", "") == "||(1)|(2)|"
    table = [line for line in lines if line.startswith("|")]
    assert len({len(line) for line in table}) == 1
    assert "higher = cleaner" in said.out
    assert "*" not in said.out


def test_json_has_the_table_and_every_fit_in_full(say):
    answer = json.loads(say(*FORMULAS, "--json").out)
    assert answer["table"]["columns"] == ["", "(1)", "(2)"]
    assert answer["file"] is None
    assert [len(model["estimates"]) for model in answer["models"]] == [4, 5]
    printed = [row for row in answer["table"]["rows"] if row[0].startswith("Corruption")]
    exact = [model["estimates"][3]["estimate"] for model in answer["models"]]
    assert [float(cell.replace("−", "-")) for cell in printed[0][1:]] == pytest.approx(exact, abs=0.0005)


@pytest.mark.parametrize("suffix", ["tex", "docx", "html", "typ", "md"])
def test_the_suffix_says_the_format(say, tmp_path, suffix):
    file = tmp_path / f"models.{suffix}"
    said = say(*FORMULAS, "--to", str(file))
    assert (said.code, said.out.split(".")[0]) == (0, f"Wrote {file.with_suffix('')}")
    assert (r"\usepackage{longtable,booktabs,array}" in said.out) == (suffix == "tex")
    assert list(tmp_path.iterdir()) == [file]
    assert file.stat().st_size > 500


def test_a_text_can_refer_to_the_table_by_its_file_s_name(say, tmp_path):
    said = say("table", SMALL, "--years", "2005", "--to", str(tmp_path / "my models.tex"))
    assert r"\ref{tab:my-models}" in said.out
    assert r"\label{tab:my-models}" in (tmp_path / "my models.tex").read_text(encoding="utf-8")


@pytest.mark.parametrize("suffix", ["docx", "html"])
def test_other_programs_read_word_and_html(say, tmp_path, suffix):
    file = tmp_path / f"models.{suffix}"
    assert say(*FORMULAS, "--to", str(file)).code == 0
    text = " ".join(pypandoc.convert_file(str(file), "plain", extra_args=["--columns=200"]).split())
    for part in ("Estimates and standard errors", "Infant mortality", "−0.546", "(0.096)", "higher = cleaner"):
        assert part in text


@pytest.mark.parametrize(("below", "first"), [("std_error", "("), ("interval", "["), ("p_value", "(")])
def test_what_stands_below_is_a_choice(say, below, first):
    answer = json.loads(say(*FORMULAS, "--below", below, "--stars", "--caption", "Mine", "--json").out)
    rows = answer["table"]["rows"]
    assert rows[1][1] == "−0.546***"
    assert rows[2][1].startswith(first)
    assert answer["table"]["caption"] == "Mine"


def test_a_study_is_laid_out_as_published_beside_rebuilt(say):
    answer = json.loads(say(*STUDY, "--model", "base", "--model", "probit", "--json").out)
    assert answer["table"]["columns"] == ["", "Published", "(1) base", "(2) probit"]
    assert ["Claim B", "claimed", "agrees", "agrees"] in answer["table"]["rows"]
    assert [model["name"] for model in answer["models"]] == ["base", "probit"]


def test_only_what_is_shown_is_carried_out(say, monkeypatch):
    asked = []
    carried_out = ct.replicate
    monkeypatch.setattr(
        ct, "replicate", lambda study, *given, **more: asked.append(study) or carried_out(study, *given, **more)
    )
    say(*STUDY)
    assert [variant.name for variant in asked[0].variants] == []


def test_all_models_are_one_word(say):
    answer = json.loads(say("table", "van_dijk_klerx_2014", "--model", "all", "--json").out)
    study = ct.load_study("van_dijk_klerx_2014")
    assert len(answer["models"]) == 1 + len(study.models) + len(study.variants)


@pytest.mark.parametrize(
    ("arguments", "code", "expected"),
    [
        (("zhang_pineda_2009",), 1, "Nearest: 'zhang_pineda_2008'"),
        (("zhang_pineda_2008", "--model", "probitt"), 1, "Nearest: 'probit'"),
        (("zhang_pineda_2008", "--years", "2005"), 2, "are for formulas"),
        (("zhang_pineda_2008", "--link", "probit"), 2, "choose them with --model"),
        (("zhang_pineda_2008", "lyday_2001"), 2, "one study"),
        ((SMALL,), 2, "--years 2005"),
        ((SMALL, "--years", "2005", "--model", "base"), 2, "are a study's"),
        ((SMALL, "--years", "2005", "--to", "x.xls"), 1, "one of .docx, .html, .md, .tex, .typ"),
        ((SMALL, "--years", "2005", "--below", "t"), 2, "interval"),
    ],
)
def test_what_cannot_be_laid_out_is_refused(say, arguments, code, expected):
    said = say("table", *arguments)
    assert (said.code, said.out) == (code, "")
    assert expected in " ".join(said.err.replace("│", " ").split())
