"""`corrtip table`: tables for papers, of formulas or of a study, in the format that the paper is written in."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from corrtip.cli.completion import complete_model, complete_study
from corrtip.cli.fit import answer
from corrtip.cli.stated import YEARS, Errors, Link, Vintages, specs_of
from corrtip.cli.study import Data, NumbersFile
from corrtip.cli.terminal import Json, print_json, waiting
from corrtip.errors import SpecError, nearest
from corrtip.report.formats import Below
from corrtip.spec import Spec

if TYPE_CHECKING:
    from corrtip.models.results import OrdinalFit
    from corrtip.report.tables import Table
    from corrtip.studies.study import Study

ALL = "all"
"""What stands for every model and variant of a study."""

_ADVICE = {
    ".tex": r"It needs \usepackage{longtable,booktabs,array}; \input{FILE} puts it in a text, \ref{NAME} refers to it.",
    ".typ": '#include "FILE" puts it in a text, @NAME refers to it.',
}


_What = Annotated[
    list[str],
    typer.Argument(
        metavar="STUDY | FORMULA...",
        help='A study, or formulas as for `corrtip fit`, a column each: "outcome ~ focal + control".',
        autocompletion=complete_study,
    ),
]
_To = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Write .tex, .docx, .html, .typ or .md; else Markdown is printed."),
]
_Models = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="Of a study: a model or variant, a column each; may be repeated; all for every one.",
        show_default="the study's own",
        autocompletion=complete_model,
    ),
]
_Caption = Annotated[str | None, typer.Option(metavar="TEXT", help="The table's title.", show_default=False)]


def table(
    what: _What,
    *,
    to: _To = None,
    years: Annotated[str | None, YEARS] = None,
    link: Link = "logit",
    vintage: Vintages = None,
    covariance: Errors = "nonrobust",
    model: _Models = None,
    data: Data = None,
    numbers: NumbersFile = None,
    below: Annotated[Below, typer.Option(help="What stands below each estimate.")] = "std_error",
    stars: Annotated[bool, typer.Option("--stars", help="Mark p-values below .05, .01 and .001.")] = False,
    digits: Annotated[int, typer.Option(metavar="NUMBER", help="Decimals, at the least.", min=0, max=12)] = 3,
    caption: _Caption = None,
    json: Json = False,
) -> None:
    """Lay out a table for a paper: fits of formulas side by side, or a study as published beside rebuilt.

    A positive coefficient means a worse tier. The note below the table names years, sources and doubtful figures, and
    says of each variable which way is better. Formulas share --years, --link, --vintage and --covariance; --model,
    --data and --numbers are a study's.

    \b
    Examples:
      corrtip table "tier ~ cpi_pre2012" "tier ~ cpi_pre2012 + urban_population" --years 2005 --to table.tex
      corrtip table "tier ~ cpi" --years 2013-2016 --covariance cluster --below interval --to table.docx
      corrtip table zhang_pineda_2008 --model base --model probit --to replication.html
    """
    of_formulas = any("~" in item for item in what)
    if of_formulas:
        _check_formulas(years, model or data or numbers)
    else:
        _check_study(what, years or vintage or link != "logit" or covariance != "nonrobust")
    layout = {"digits": digits, "stars": stars, "below": below, **({"caption": caption} if caption else {})}
    if of_formulas:
        specs = specs_of(what, years=years or "", link=link, vintages=vintage or (), covariance=covariance)
        made, models = _of_formulas(specs, layout)
    else:
        made, models = _of_study(what[0], model or (), data, numbers, layout)
    if to is not None:
        made.save(to, _identifier(to))
    if json:
        print_json({"table": made, "models": models, "file": to})
    elif to is None:
        typer.echo(made.markdown(padded=True))
    else:
        advice = _ADVICE.get(to.suffix.lower(), "").replace("FILE", to.name).replace("NAME", _identifier(to))
        typer.echo(f"Wrote {to}. {advice}".rstrip())


def _identifier(to: Path) -> str:
    return f"tab:{re.sub(r'[^A-Za-z0-9-]+', '-', to.stem)}"


def _check_formulas(years: str | None, for_studies: object) -> None:
    if years is None:
        raise typer.BadParameter("formulas need the years of the report: --years 2005")
    if for_studies:
        raise typer.BadParameter("--model, --data and --numbers are a study's, not a formula's")


def _check_study(what: Sequence[str], for_formulas: object) -> None:
    if len(what) > 1:
        raise typer.BadParameter(f"one study, or formulas in quotes; not {' and '.join(what)}")
    if for_formulas:
        raise typer.BadParameter(
            "a study declares its models itself: choose them with --model; --years, --link, --vintage and --covariance "
            "are for formulas"
        )


def _of_formulas(specs: Sequence[Spec], layout: dict[str, Any]) -> tuple[Table, list[Any]]:
    import corrtip as ct

    panel = ct.load_panel()
    samples = [ct.build_sample(panel, spec) for spec in specs]
    fits = [cast("OrdinalFit", ct.fit(sample)) for sample in samples]  # formulas state cumulative link models
    models = [answer(sample, fitted) for sample, fitted in zip(samples, fits, strict=True)]
    return ct.table_models(samples, fits, panel, **layout), models


def _of_study(
    study: str, models: Sequence[str], data: Path | None, numbers: Path | None, layout: dict[str, Any]
) -> tuple[Table, list[Any]]:
    import corrtip as ct
    from corrtip.report.paper_tables import own_models
    from corrtip.studies.numbers import read_numbers

    declared = ct.load_study(study)
    chosen = _chosen(declared, models) or own_models(declared)
    # Only what is shown is fitted: variants take most of the time.
    wanted = tuple(variant for variant in declared.variants if variant.name in chosen)
    entered = read_numbers(numbers) if numbers else {}
    panel = ct.load_panel()
    shown = dataclasses.replace(declared, variants=wanted)
    with waiting(f"Carrying out {declared.id}"):
        found = ct.replicate(shown, panel, data=data, numbers=entered.get(declared.id))
    made = ct.table_replication(found, chosen, catalogue=panel.catalogue, **layout)
    records = {run["name"]: run for run in found.as_dict()["variants"]}
    return made, [records[name] for name in chosen]


def _chosen(study: Study, models: Sequence[str]) -> tuple[str, ...]:
    known = tuple([item.name for item in (study.own, *study.models, *study.variants)])
    known += tuple(item.name for item in study.file_models)
    unknown = [name for name in models if name not in (*known, ALL)]
    if unknown:
        raise SpecError(
            "--model",
            f'"{unknown[0]}"',
            expected=f"{ALL}, or one of {', '.join(known)}",
            mend=nearest(unknown[0], known),
        )
    return known if ALL in models else tuple(dict.fromkeys(models))
