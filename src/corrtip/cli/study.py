"""`corrtip study`: published studies, their claims, and whether we meet them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corrtip.cli.completion import complete_study
from corrtip.cli.terminal import Json, asking, print_json, print_table, print_text, waiting

if TYPE_CHECKING:
    from corrtip.studies.replication import Replication
    from corrtip.studies.scoreboard import Scoreboard
    from corrtip.studies.study import Claim, Study

app = typer.Typer(help="List published studies, replicate one or all, enter what they print.", no_args_is_help=True)

Data = Annotated[
    Path | None,
    typer.Option("--data", metavar="FILE", help="The file that the study asks its reader for; it is read, not kept."),
]
NumbersFile = Annotated[
    Path | None,
    typer.Option(
        "--numbers",
        metavar="FILE.toml",
        help="Numbers as printed that we do not know, as `corrtip study enter` keeps them. None is read unless named.",
    ),
]
NUMBERS = Path("corrtip-numbers.toml")
"""Where `enter` keeps numbers by default: a file in the current folder, the reader's own."""


@app.command("list", short_help="List the studies and their questions.")
def list_(json: Json = False) -> None:
    """List the studies that can be run, with their questions.

    \b
    Examples:
      corrtip study list
      corrtip study list --json
    """
    import corrtip as ct

    studies = ct.list_studies()
    if json:
        print_json([{"id": study.id, "citation": study.citation, "question": study.question} for study in studies])
        return
    for study in studies:
        typer.echo(f"{study.id}: {len(study.claims)} claims, {len(study.specs())} models and variants")
        print_text(study.citation, indent="  ")
        print_text(study.question, indent="  ")


@app.command(short_help="Carry out a study and decide its claims.")
def run(
    study: Annotated[
        str | None,
        typer.Argument(
            metavar="ID", help="The study, as `corrtip study list` names it.", autocompletion=complete_study
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All studies: a scoreboard of their claims.")] = False,
    data: Data = None,
    numbers: NumbersFile = None,
    json: Json = False,
) -> None:
    """Carry out a study and its variants, and decide each of its claims; or decide those of all.

    With --json also every fit, and which countries are not in it and why. With --all each claim is decided on the
    study's own model, without variants. As a table for a paper: corrtip table ID.

    \b
    Examples:
      corrtip study run zhang_pineda_2008
      corrtip study run --all --json
      corrtip study run kelley_simmons_2015 --data kelley_simmons_ajps_2014_replication.dta
    """
    import corrtip as ct
    from corrtip.studies.numbers import read_numbers

    if (study is None) is not every:
        raise typer.BadParameter("name one study, or say --all")
    entered = read_numbers(numbers) if numbers else {}
    if study is None:
        with waiting("Deciding the claims of every study"):
            board = ct.scoreboard(data=_by_study(ct.list_studies(), data), numbers=entered)
        if json:
            print_json(board.as_list())
        else:
            _print_scoreboard(board)
        return
    with waiting(f"Carrying out {study} and its variants"):
        replication = ct.replicate(study, data=data, numbers=entered.get(study))
    if json:
        print_json(replication.as_dict())
    else:
        _print_replication(replication)


@app.command(short_help="Enter numbers that a study prints.")
def enter(
    study: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="The study, as `corrtip study list` names it.", autocompletion=complete_study
        ),
    ],
    given: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="CLAIM.NAME=TEXT", help="A number as printed; without it each is asked for."),
    ] = None,
    numbers: Annotated[
        Path, typer.Option("--numbers", metavar="FILE.toml", help="The file of yours in which they are kept.")
    ] = NUMBERS,
    json: Json = False,
) -> None:
    """Enter numbers that a study prints and that are not known to us, from its text before you.

    They are kept in a file of yours, by default corrtip-numbers.toml in the current folder, and decide verdicts only
    where that file is named: corrtip study run ID --numbers FILE.toml. Type each number as it is printed: its digits
    carry the tolerance, so that 0.41 and 0.410 are not the same.

    \b
    Examples:
      corrtip study enter lyday_2001
      corrtip study enter lyday_2001 --set A.kendall_tau_b=-0.41
    """
    import corrtip as ct
    from corrtip.studies.numbers import add_numbers, fill_slots, open_slots, read_numbers, save_numbers

    declared = ct.load_study(study)
    slots = open_slots(declared)
    texts = _given(given) if given else _asked(slots, study)
    kept = add_numbers(read_numbers(numbers) if numbers.exists() else {}, study, texts)
    fill_slots(declared, kept.get(study, {}))
    if texts:
        save_numbers(numbers, kept)
    if json:
        print_json({"study": study, "file": numbers, "numbers": kept.get(study, {})})
    elif texts:
        typer.echo(f"Kept in {numbers}. Decide: corrtip study run {study} --numbers {numbers}")
    else:
        typer.echo(f"Nothing entered. {study} leaves {len(slots)} numbers open.")


def _given(pairs: list[str]) -> list[tuple[str, str, str]]:
    found = []
    for pair in pairs:
        place, equals, text = pair.partition("=")
        claim, dot, name = place.partition(".")
        if not (equals and dot and claim and name and text):
            raise typer.BadParameter(f"{pair}: write CLAIM.NAME=TEXT, such as A.joint.n=120")
        found.append((claim, name, text.strip()))
    return found


def _asked(slots: tuple[tuple[Claim, str], ...], study: str) -> list[tuple[str, str, str]]:
    if slots:
        typer.echo(f"{study} leaves {len(slots)} numbers open. Type each as it is printed, or Enter to leave it open.")
    found = []
    for claim, name in slots:
        print_text(f"{claim.id}. {claim.text} ({claim.at})")
        with asking():
            text = typer.prompt(f"   {name}", default="", show_default=False).strip()
        if text:
            found.append((claim.id, name, text))
    return found


def _by_study(studies: tuple[Study, ...], data: Path | None) -> dict[str, Path]:
    if data is None:
        return {}
    asking = {study.supplied.file: study.id for study in studies if study.supplied is not None}
    if data.name not in asking:
        raise typer.BadParameter(f"--all takes files by their name: {', '.join(asking)}; or name the study")
    return {asking[data.name]: data}


def _print_scoreboard(board: Scoreboard) -> None:
    for study in board.studies:
        typer.echo(study.id)
        for score in board.scores:
            if score.study == study.id:
                print_text(f"{score.claim}. {_spoken(score.verdict)}: {score.text}", indent="  ")
                print_text(score.reason, indent="     ")
        typer.echo()
    counts = board.counts()
    print_table(
        ["study", *(_spoken(verdict) for verdict in counts)],
        (
            [str(name), *(str(count) for count in row)]
            for name, row in zip(counts.index, counts.to_numpy(), strict=True)
        ),
        numbers=[_spoken(verdict) for verdict in counts],
    )
    typer.echo("\nOne study in full, with its variants: corrtip study run ID")


def _print_replication(replication: Replication) -> None:
    study = replication.study
    for text in (study.citation, "", study.question, "", "Departures from the study:"):
        print_text(text)
    for departure in study.departures:
        print_text(f"- {departure}")
    where = f" (n = {replication.base.evidence.n})" if replication.base.spec is not None else ""
    typer.echo(f"\nClaims, on the specification nearest to the study's own{where}:")
    for claim in study.claims:
        decision = replication.verdicts[claim.id]
        typer.echo()
        print_text(f"{claim.id}. {claim.text} ({claim.at})")
        print_text(f"Test: {claim.decider.rule}", indent="   ")
        print_text(f"Verdict: {_spoken(decision.verdict)}. {decision.because}", indent="   ")
    if replication.base.caution:
        typer.echo(f"\n{replication.base.caution}")
    typer.echo("\nThe same claims in every model and variant:\n")
    print_table(
        ["variant", "n", *(claim.id for claim in study.claims), "caution"],
        (
            [
                run.name,
                str(run.evidence.n),
                *(
                    _spoken(run.decisions[claim.id].verdict) if claim.id in run.decisions else ""
                    for claim in study.claims
                ),
                run.caution,
            ]
            for run in replication.runs
        ),
        numbers=["n"],
    )
    typer.echo(f"\nEvery fit and every lost country: corrtip study run {study.id} --json")


def _spoken(verdict: str) -> str:
    return verdict.replace("_", " ")
