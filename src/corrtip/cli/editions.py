"""`corrtip data add` and `corrtip data fetch`: new editions from the files that publishers issue."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corrtip.cli.completion import complete_source
from corrtip.cli.terminal import Json, asking, print_json, print_table, print_text
from corrtip.errors import CorrtipError, ReportError, nearest

if TYPE_CHECKING:
    from corrtip.data.editions.add import Addition
    from corrtip.data.editions.compare import Change
    from corrtip.report.affected import Affected

_OF_THE_WORLD_BANK = ("wdi", "wgi")

OWN_FOLDER = "What of the report reads it is said for a checkout only, not for a folder of your own."

SHOWN = 30
"""Figures to look at that are printed; --json gives all."""


def add(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="What the publisher issued; several only for wdi and wgi."),
    ],
    *,
    source: Annotated[
        str,
        typer.Option(metavar="SOURCE", help="Whose figures: cpi, tip, wdi or wgi.", autocompletion=complete_source),
    ],
    edition: Annotated[
        str | None,
        typer.Option(
            metavar="EDITION", help="Year, or 2026-12 for a vintage, where the file does not say.", show_default=False
        ),
    ] = None,
    root: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Folder with raw/, countries.csv, variables.toml.",
            show_default="data/ of the checkout",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and compare, and write nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking, doubtful figures included.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Put it in the place of an edition that we hold.")] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help="The file holds a part of the list: absence says nothing.")
    ] = False,
    json: Json = False,
) -> None:
    """Add an edition from the publisher's own file: check it, compare it with the last one, write it.

    Read are Transparency International's workbook of results or the same as CSV; the tiers of the Trafficking in
    Persons Report as a list (country, tier) or with a column for each tier; the World Bank's CSV, wide or long, and
    the JSON of its API; the workbook of the Worldwide Governance Indicators. Every name must be known, every figure
    on its scale, nothing twice. On any error nothing is written. Formulas are never evaluated.

    \b
    Examples:
      corrtip data add CPI2026.xlsx --source cpi --dry-run
      corrtip data add tiers.csv --source tip --edition 2026
      corrtip data add SP.DYN.IMRT.IN.json NY.GDP.PCAP.PP.CD.json --source wdi --yes
    """
    from corrtip.data.editions.add import prepare_edition

    addition = prepare_edition(files, source, edition=edition, root=root, replace=replace, partial=partial)
    affected, unsaid = _affected(addition) if root is None else ((), OWN_FOLDER)
    unnamed = _unnamed(addition) if root is None else {}
    if not json:
        _tell(addition)
        print_text(unsaid or _said(addition, affected))
        _tell_unnamed(unnamed)
    written = not dry_run and (yes or (not json and _agreed(addition)))
    if written:
        addition.write()
    if json:
        more = {"affected_unknown": unsaid or None, "must_name_a_vintage": unnamed, "written": written}
        print_json({**_answer(addition, affected), **more})
    else:
        typer.echo(f"Wrote {addition.path} and its sidecar." if written else "Nothing was written.")


def fetch(
    source: Annotated[
        str,
        typer.Argument(metavar="SOURCE", help="Whose figures: cpi, tip, wdi or wgi.", autocompletion=complete_source),
    ],
    addresses: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ADDRESS]...", help="https addresses of the publisher's files.", show_default=False),
    ] = None,
    *,
    series: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CODE",
            help="A series of the World Bank's API, SP.DYN.IMRT.IN; may be repeated.",
            show_default=False,
        ),
    ] = None,
    to: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder to write to.")] = Path("."),
    sha256: Annotated[
        str | None,
        typer.Option(metavar="HASH", help="Hash that the one file must have, where you know it.", show_default=False),
    ] = None,
    json: Json = False,
) -> None:
    """Download a publisher's files for `corrtip data add`, and write down address, day and hash beside each.

    Only https is followed, redirects too; size and time are limited. Files of the index, the report and the
    governance indicators have a new address in each edition: find it on the publisher's page and give it here.
    Series of the World Bank have a lasting one, which may move all the same.

    \b
    Examples:
      corrtip data fetch cpi https://example.org/CPI2026.xlsx
      corrtip data fetch wdi --series SP.DYN.IMRT.IN --series NY.GDP.PCAP.PP.CD --to downloads
    """
    from corrtip.data.editions import download

    wanted: list[tuple[str, str | None]] = [(address, None) for address in addresses or ()]
    wanted += [(download.series_address(code), f"{code}.json") for code in series or ()]
    page = _landing_page(source)
    if not wanted or (series and source not in _OF_THE_WORLD_BANK):
        raise CorrtipError(
            f"data fetch {source}",
            "no address" if not wanted else "--series",
            expected="an address, or --series for wdi and wgi",
            mend=f"Find the file on {page}; that page may have moved too",
        )
    if sha256 is not None and len(wanted) > 1:
        raise CorrtipError("--sha256", f"{len(wanted)} files", expected="one")
    done = [download.fetch(address, to, name=name, sha256=sha256) for address, name in wanted]
    if json:
        print_json(done)
        return
    for item in done:
        typer.echo(f"{item.path}: {item.bytes:,} bytes, sha256 {item.sha256}")
    typer.echo(f"Next: corrtip data add {shlex.join(str(item.path) for item in done)} --source {source} --dry-run")


def _landing_page(source: str) -> str:
    """Return the publisher's page as the last edition's sidecar names it."""
    from corrtip.data.editions.add import FORMS
    from corrtip.data.source import find_editions
    from corrtip.data.sources import READERS

    if source not in FORMS:
        raise CorrtipError("SOURCE", f'"{source}"', expected=f"one of {', '.join(FORMS)}", mend=nearest(source, FORMS))
    return [item for item in find_editions(READERS) if item.path.parent.name == source][-1].source.landing_page


def _agreed(addition: Addition) -> bool:
    if not sys.stdin.isatty():
        raise CorrtipError(
            "data add", "nobody can be asked here, and nothing was written", mend="Say --yes to write, or --dry-run"
        )
    with asking():
        return typer.confirm(f"Write {addition.where}?", default=not addition.doubtful)


def _affected(addition: Addition) -> tuple[tuple[Affected, ...], str]:
    """Return what of the report reads the edition, or why that is not known."""
    from corrtip.data.editions.add import SEVERAL_FILES
    from corrtip.project import require_checkout
    from corrtip.report.affected import find_affected

    try:
        every = addition.id.partition("/")[0] in SEVERAL_FILES
        return find_affected(require_checkout("data add"), addition.id, every_source=every), ""
    except ReportError as error:
        return (), f"What of the report reads it is not known. {error}"


def _unnamed(addition: Addition) -> dict[str, tuple[str, ...]]:
    from corrtip.project import require_checkout
    from corrtip.report.affected import find_unnamed

    return find_unnamed(require_checkout("data add"), addition.ambiguous)


def _answer(addition: Addition, affected: tuple[Affected, ...]) -> dict[str, object]:
    names = ("id", "where", "replaces", "complete", "countries", "figures", "remarks", "comparison")
    return {
        **{name: getattr(addition, name) for name in names},
        "new_years": addition.new_years,
        "new_variables": addition.new_variables,
        "needs_a_vintage": addition.ambiguous,
        "affected": affected,
    }


def _tell(addition: Addition) -> None:
    whole = "the whole list" if addition.complete else "not to be taken for a whole list"
    typer.echo(f"{addition.id}: {addition.figures:,} figures of {addition.countries} countries; {whole}.")
    for remark in addition.remarks:
        print_text(remark)
    _tell_changes(addition)
    _tell_notes(addition)
    _tell_news(addition)


def _tell_changes(addition: Addition) -> None:
    typer.echo(f"\nBeside {addition.comparison.beside}:\n")
    columns = ("variable", "before", "now", "same", "changed", "new", "gone", "unlikely", "limit")
    rows = (
        [*(str(getattr(change, name)) for name in columns[:-1]), _limit(change)]
        for change in addition.comparison.changes
    )
    print_table(columns, rows, numbers=columns[1:])
    print_text(
        "unlikely: changed by more than the limit, which all but one in a thousand of the yearly changes held keep: a "
        "difference, a factor (×) for money and people, for tiers two steps. Shown, never altered."
    )


def _limit(change: Change) -> str:
    if change.limit is None:
        return ""
    return f"{'×' if change.in_proportion else ''}{change.limit:.3g}"


def _tell_notes(addition: Addition) -> None:
    notes = sorted(addition.comparison.notes, key=lambda note: ("unlikely", "gone", "new").index(note.what))
    if not notes:
        return
    typer.echo("\nTo look at:\n")
    columns = ("what", "variable", "iso3", "country", "year", "before", "now")
    print_table(
        columns, ([str(getattr(note, name)) for name in columns] for note in notes[:SHOWN]), numbers=columns[4:]
    )
    if len(notes) > SHOWN:
        typer.echo(f"and {len(notes) - SHOWN:,} more: --json gives all.")


def _tell_news(addition: Addition) -> None:
    typer.echo("")
    for what, found in (("years", addition.new_years), ("variables", addition.new_variables)):
        print_text(f"New {what}: {', '.join(map(str, found)) or 'none'}.")
    if addition.ambiguous:
        print_text(
            f"{len(addition.ambiguous)} variables had one vintage and now have two: a specification of theirs that "
            f"names none will be refused. They are {', '.join(addition.ambiguous)}."
        )


def _tell_unnamed(unnamed: dict[str, tuple[str, ...]]) -> None:
    if unnamed:
        print_text("By their text these use such variables without a vintage; where they do, they must name one:")
    for file, variables in unnamed.items():
        print_text(f"{file}: {', '.join(variables)}", indent="  ")


def _said(addition: Addition, affected: tuple[Affected, ...]) -> str:
    if not affected:
        return "By the inputs of the last build, no result of the report reads it."
    notebooks = ", ".join(sorted({item.notebook for item in affected}))
    sections = "; ".join(dict.fromkeys(item.section for item in affected if item.section)) or "none"
    verb = "read" if addition.replaces else "will read"
    return (
        f"By the inputs of the last build {len(affected)} results {verb} it (make report computes them again). "
        f"Notebooks: {notebooks}. Sections of the report: {sections}."
    )
