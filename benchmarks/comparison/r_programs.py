"""The cases through R's ordinal::clm and MASS::polr, where Rscript is found: files out, one run, files back."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from benchmarks.comparison.case import Answer, Case

PROGRAMS = ("R ordinal::clm", "R MASS::polr")


def ask_r(cases: Sequence[Case]) -> tuple[dict[str, list[Answer]], dict[str, str]]:
    """Return the answers of each program in the order of the cases, and the versions; both empty without R."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return {}, {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write(cases, folder)
        subprocess.run([rscript, str(Path(__file__).with_name("programs.R")), name], check=True)
        told = pd.read_csv(folder / "answers.tsv", sep="\t", dtype=str, keep_default_na=False, quoting=3)
    versions = told[told["kind"] == "version"]
    answers = {
        program: [_answer(told[(told["program"] == program) & (told["case"] == f"case{k}")]) for k in range(len(cases))]
        for program in PROGRAMS
    }
    return answers, dict(zip(versions["term"], versions["value"], strict=True))


def _write(cases: Sequence[Case], folder: Path) -> None:
    rows = []
    for k, case in enumerate(cases):
        case.data.to_csv(folder / f"case{k}.csv", index=False, na_rep="NA")
        if case.new is not None:
            case.new.to_csv(folder / f"new{k}.csv", index=False)
        rows.append(
            {
                "id": f"case{k}",
                "levels": " ".join(case.levels),
                "formula": case.formula,
                "link": case.link,
                "weighted": case.weighted,
                "new": "" if case.new is None else f"new{k}.csv",
            }
        )
    pd.DataFrame(rows).to_csv(folder / "cases.tsv", sep="\t", index=False)


def _answer(told: pd.DataFrame) -> Answer:
    def numbers(kind: str) -> dict[str, float]:
        part = told[told["kind"] == kind]
        return {
            term: float("nan") if value == "NA" else float(value)
            for term, value in zip(part["term"], part["value"], strict=True)
        }

    stopped = told[told["kind"] == "stop"]["value"]
    said = stopped if len(stopped) else told[told["kind"] == "warning"]["value"]
    return Answer(
        estimates=numbers("estimate"), errors=numbers("error"), said="; ".join(said.unique()), failed=bool(len(stopped))
    )
