"""Write what was seen as a page: the rule, the table, the counts, and the words behind each cell that falls short."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.comparison.case import Answer, Case, Truth
from benchmarks.comparison.verdict import ERROR_TOLERANCE, ESTIMATE_TOLERANCE, Verdict, is_wanted

WORDS = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One case with its truth, and for each program its answer and the verdict on it."""

    case: Case
    truth: Truth | None
    answers: Mapping[str, tuple[Answer, Verdict]]


def write_page(seen: Sequence[Seen], programs: Sequence[str], versions: Mapping[str, str]) -> str:
    """Return the page in Markdown."""
    return "\n".join(
        [
            "# Hard cases, and what each program answers",
            "",
            "`make compare` ran every case and wrote this page. Versions: "
            + ", ".join(f"{name} {version}" for name, version in versions.items())
            + ".",
            "",
            *_rule(),
            "",
            "## The table",
            "",
            *_table(seen, programs),
            "",
            *_counts(seen, programs),
            "",
            "## What is asked",
            "",
            *(f"- **{one.case.name}.** {one.case.question}" for one in seen),
            "",
            "## What was said in the cells that fall short",
            "",
            *_shortfalls(seen, programs),
            "",
        ]
    )


def _rule() -> list[str]:
    text = (
        "The verdicts are given by a rule in code (`benchmarks/comparison/verdict.py`). The truth of a case is a plain "
        "likelihood, maximised in the benchmark without any of the programs; or, by construction, that no answer "
        f"exists. *Right*: every judged estimate lies within {ESTIMATE_TOLERANCE:.0%} of its true standard error of "
        f"the truth, every judged standard error within {ERROR_TOLERANCE:.0%} of its own. *Refuses*: an error, or no "
        "number for a judged estimate or standard error. *Warns*: wrong numbers, or numbers for what does not exist, "
        "and a warning of any kind. *Silently wrong*: the same, and not a word. Bold is the best answer there is: "
        "right where an answer exists, a refusal where none does."
    )
    return textwrap.wrap(text, 120)


def _table(seen: Sequence[Seen], programs: Sequence[str]) -> list[str]:
    lines = [f"| Case | Does an answer exist? | {' | '.join(programs)} |", "|:--|:--|" + ":--|" * len(programs)]
    for one in seen:
        cells = [_cell(one.truth, one.answers[program][1]) for program in programs]
        lines.append(f"| {one.case.name} | {'no' if one.truth is None else 'yes'} | {' | '.join(cells)} |")
    return lines


def _cell(truth: Truth | None, verdict: Verdict) -> str:
    return f"**{verdict}**" if is_wanted(truth, verdict) else str(verdict)


def _counts(seen: Sequence[Seen], programs: Sequence[str]) -> list[str]:
    lines = [f"| Count of {len(seen)} | {' | '.join(programs)} |", "|:--|" + "--:|" * len(programs)]
    wanted = [sum(is_wanted(one.truth, one.answers[program][1]) for one in seen) for program in programs]
    lines.append(f"| the best answer | {' | '.join(map(str, wanted))} |")
    for verdict in Verdict:
        counts = [sum(one.answers[program][1] == verdict for one in seen) for program in programs]
        lines.append(f"| {verdict} | {' | '.join(map(str, counts))} |")
    return lines


def _shortfalls(seen: Sequence[Seen], programs: Sequence[str]) -> list[str]:
    return [
        f"- *{one.case.name}*, {program}: {one.answers[program][1]}. {_words(one, one.answers[program][0])}"
        for one in seen
        for program in programs
        if not is_wanted(one.truth, one.answers[program][1])
    ]


def _words(one: Seen, answer: Answer) -> str:
    if answer.said:
        said = " ".join(answer.said.split())
        return f"Said: `{said if len(said) <= WORDS else said[:WORDS] + ' ...'}`"
    given = {name: (answer.estimates[name], answer.errors[name]) for name in one.case.judged}
    if one.truth is None:
        return f"Gave {_numbers(given)}, where nothing finite exists."
    true = {name: (one.truth.estimates[name], one.truth.errors[name]) for name in one.case.judged}
    return f"Gave {_numbers(given)}; the truth is {_numbers(true)}."


def _numbers(numbers: Mapping[str, tuple[float, float]]) -> str:
    return ", ".join(f"`{name}` {estimate:.4g} ({error:.4g})" for name, (estimate, error) in numbers.items())
