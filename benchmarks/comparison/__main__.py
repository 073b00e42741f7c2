"""Run every case through every program that is here, print the page, and write it to the file that is named."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Compare; 1 if corrtip is silently wrong anywhere, 2 if the call is wrong."""
    from benchmarks.comparison.cases import build_cases
    from benchmarks.comparison.page import Seen, write_page
    from benchmarks.comparison.python_programs import ask, corrtip, statsmodels
    from benchmarks.comparison.r_programs import ask_r
    from benchmarks.comparison.truth import find_truth
    from benchmarks.comparison.verdict import Verdict, judge

    if len(arguments) > 1:
        sys.stderr.write("usage: python -m benchmarks.comparison [PAGE.md]\n")
        return 2
    cases = build_cases()
    from_r, versions = ask_r(cases)
    answers = {
        "statsmodels": [ask(statsmodels, case) for case in cases],
        **from_r,
        "corrtip": [ask(corrtip, case) for case in cases],
    }
    seen = []
    for k, case in enumerate(cases):
        truth = find_truth(case)
        judged = {name: (given[k], judge(case, truth, given[k])) for name, given in answers.items()}
        seen.append(Seen(case=case, truth=truth, answers=judged))
    versions = {name: version(name) for name in ("corrtip", "statsmodels", "pandas")} | versions
    page = write_page(seen, list(answers), versions)
    sys.stdout.write(page if from_r else f"Rscript was not found: without R\n{page}")
    for file in arguments:
        Path(file).write_text(page, encoding="utf-8")
    return int(any(one.answers["corrtip"][1] == Verdict.SILENTLY_WRONG for one in seen))


if __name__ == "__main__":
    # Threads are counted when numpy is imported, which happens in main.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    sys.exit(main(sys.argv[1:]))
