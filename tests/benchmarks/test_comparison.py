import json
from pathlib import Path

import pandas as pd
import pytest
from benchmarks.comparison.case import Answer, Case, Truth
from benchmarks.comparison.cases import build_cases
from benchmarks.comparison.python_programs import ask, corrtip
from benchmarks.comparison.truth import find_truth
from benchmarks.comparison.verdict import Verdict, is_wanted, judge

REFERENCE = Path(__file__).resolve().parent.parent / "reference"
CASES = {case.name: case for case in build_cases()}
# A difference of fourth order with steps of 1e-4 leaves ten digits of the Hessian.
TRUTH = 1e-8


def test_the_truth_is_that_of_fifty_digits():
    wine = pd.read_csv(REFERENCE / "wine.csv")
    rows = pd.DataFrame(
        {
            "y": wine["rating"].astype(str),
            "x": (wine["temp"] == "warm").astype(float),
            "z": (wine["contact"] == "yes").astype(float),
        }
    )
    known = json.loads((REFERENCE / "mp_wine_50digits.json").read_text())["wine_temp_contact_logit"]
    truth = find_truth(Case(name="wine", question="", data=rows, levels=tuple("12345"), reference=rows))
    assert truth is not None
    assert list(truth.estimates.values()) == pytest.approx([float(part) for part in known["par"]], rel=TRUTH)
    assert list(truth.errors.values()) == pytest.approx([float(part) for part in known["se"]], rel=TRUTH)


@pytest.mark.parametrize(
    ("truth", "answer", "verdict", "wanted"),
    [
        (2.0, {"estimates": {"x": 2.0}, "errors": {"x": 1.0}}, "right", True),
        (2.0, {"estimates": {"x": 2.0}, "errors": {"x": 1.0}, "said": "check this"}, "right", True),
        (2.0, {"estimates": {"x": 2.02}, "errors": {"x": 1.0}}, "silently wrong", False),
        (2.0, {"estimates": {"x": 2.0}, "errors": {"x": 1.02}}, "silently wrong", False),
        (2.0, {"estimates": {"x": 9.0}, "errors": {"x": 1.0}, "said": "not converged"}, "warns", False),
        (2.0, {"estimates": {"x": 2.0}, "errors": {"x": float("nan")}}, "refuses", False),
        (None, {"failed": True, "said": "no"}, "refuses", True),
        (None, {"estimates": {"x": 17.0}, "errors": {"x": 1100.0}}, "silently wrong", False),
    ],
)
def test_the_rule(truth, answer, verdict, wanted):
    case = Case(name="", question="", data=pd.DataFrame(), judged=("x",))
    known = None if truth is None else Truth(estimates={"x": truth}, errors={"x": 1.0})
    given = judge(case, known, Answer(**answer))
    assert given == verdict
    assert is_wanted(known, given) is wanted


@pytest.mark.parametrize("name", CASES)
def test_corrtip_is_right_or_refuses(name):
    case = CASES[name]
    verdict = judge(case, find_truth(case), ask(corrtip, case))
    # Rows and levels are never dropped without being told: here it refuses where an answer could be had.
    strict = {"empty level": Verdict.REFUSES, "missing value": Verdict.REFUSES}
    assert verdict == strict.get(name, Verdict.REFUSES if case.reference is None else Verdict.RIGHT)
