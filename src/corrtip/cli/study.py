"""`corrtip study`: published studies, their claims, and whether we meet them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from corrtip.cli.terminal import Json, print_json, print_table, print_text

if TYPE_CHECKING:
    from corrtip.studies.replication import Replication

app = typer.Typer(help="List published studies, and replicate one.", no_args_is_help=True)


@app.command("list")
def list_(json: Json = False) -> None:
    """List the studies that can be run, with their questions."""
    import corrtip as ct

    studies = ct.list_studies()
    if json:
        print_json([{"id": study.id, "citation": study.citation, "question": study.question} for study in studies])
        return
    for study in studies:
        typer.echo(f"{study.id}: {len(study.claims)} claims, {1 + len(study.variants)} variants")
        print_text(study.citation, indent="  ")
        print_text(study.question, indent="  ")


@app.command()
def run(
    study: Annotated[str, typer.Argument(metavar="ID", help="The study, as `corrtip study list` names it.")],
    json: Json = False,
) -> None:
    """Carry out a study and its variants, and decide each of its claims.

    With --json also every fit, and which countries are not in it and why.

    Example:

    corrtip study run zhang_pineda_2008
    """
    import corrtip as ct

    replication = ct.replicate(study)
    if json:
        print_json(replication.as_dict())
    else:
        _print_replication(replication)


def _print_replication(replication: Replication) -> None:
    study = replication.study
    for text in (study.citation, "", study.question, "", "Departures from the study:"):
        print_text(text)
    for departure in study.departures:
        print_text(f"- {departure}")
    typer.echo(f"\nClaims, on the specification nearest to the study's own (n = {replication.base.evidence.n}):")
    for claim in study.claims:
        decision = replication.verdicts[claim.id]
        typer.echo()
        print_text(f"{claim.id}. {claim.text} ({claim.at})")
        print_text(f"Test: {claim.decider.rule}", indent="   ")
        print_text(f"Verdict: {_spoken(decision.verdict)}. {decision.because}", indent="   ")
    if replication.base.caution:
        typer.echo(f"\n{replication.base.caution}")
    typer.echo("\nThe same claims in every variant:\n")
    print_table(
        ["variant", "n", *(claim.id for claim in study.claims), "caution"],
        (
            [
                run.name,
                str(run.evidence.n),
                *(_spoken(run.decisions[claim.id].verdict) for claim in study.claims),
                run.caution,
            ]
            for run in replication.runs
        ),
        numbers=["n"],
    )
    typer.echo(f"\nEvery fit and every lost country: corrtip study run {study.id} --json")


def _spoken(verdict: str) -> str:
    return verdict.replace("_", " ")
