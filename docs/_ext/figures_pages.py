"""The variables and the sources as they are declared: data/variables.toml, and the sidecar of every raw file."""

from collections.abc import Iterable, Sequence

import corrtip as ct
from corrtip.data.catalogue import Variable
from corrtip.data.source import Source


def variables_page(panel: ct.Panel) -> str:
    """Return every variable: what it is, in which unit and direction, for which years, in which vintages."""
    years = _years(panel)
    parts = [
        "# Variables\n",
        "From `data/variables.toml`, which alone says what a figure means; the years are those of which figures are"
        " held. A model names the vintage where there are several. Licences stand with the [sources](sources.md).\n",
    ]
    for source, titles in _titles(panel).items():
        held = [item for item in panel.catalogue.values() if next(iter(item.published_as)) == source]
        if held:
            parts += [f"## {titles}\n", _variables(held, years)]
    return "\n".join(parts)


def sources_page(panel: ct.Panel) -> str:
    """Return every source: publisher, licence, how its figures came here and how far they are confirmed."""
    parts = [
        "# Sources\n",
        "From the sidecar of every file in `data/raw`. A file is read only while its SHA-256 is that of its sidecar.\n",
    ]
    for folder, title in _titles(panel).items():
        editions = {key: item for key, item in panel.sources.items() if key.split("/")[0] == folder}
        parts += [f"## {title}\n", *_source(folder, editions)]
    return "\n".join(parts)


def _titles(panel: ct.Panel) -> dict[str, str]:
    """Return the folders of ``data/raw`` with the publisher of each."""
    return {key.split("/")[0]: f"{item.publisher}: {_without_year(item)}" for key, item in panel.sources.items()}


def _without_year(source: Source) -> str:
    return source.title.removesuffix(source.edition).strip(" ,")


def _years(panel: ct.Panel) -> dict[str, str]:
    held = panel.frame[~panel.frame["status"].isin(["missing", "not_listed"])]
    spans = held.groupby("variable", observed=True)["year"].agg(["min", "max"])
    return {str(name): f"{row['min']}-{row['max']}" for name, row in spans.iterrows()}


def _variables(variables: Iterable[Variable], years: dict[str, str]) -> str:
    rows = [
        (
            f"`{item.name}`",
            item.label,
            _scale(item),
            item.direction,
            years.get(item.name, "none"),
            ", ".join(f"`{vintage}`" for vintage in item.vintages),
        )
        for item in variables
    ]
    return _table(("Name", "What it is", "Unit or levels", "Direction", "Years", "Vintages"), rows)


def _scale(variable: Variable) -> str:
    text = ", ".join(variable.levels) if variable.levels else variable.unit
    return text if variable.comparable == "over_time" else f"{text}; compares within a year only"


def _source(folder: str, editions: dict[str, Source]) -> list[str]:
    newest = next(reversed(editions.values()))
    licence = f"[{newest.licence}]({newest.licence_url})" if newest.licence_url else newest.licence
    return [
        f"- Page: <{newest.landing_page}>",
        f"- Licence: {licence}",
        f"- May be passed on: {'yes' if newest.redistribute else 'no: exports leave it out'}",
        "- A country that is absent: " + ("was not listed" if newest.complete else "was not found") + "\n",
        newest.transcription + "\n",
        _table(
            ("File", "Confirmation", "SHA-256"),
            [(f"`{key}.csv`", item.confirmation, f"`{item.sha256[:12]}`") for key, item in editions.items()],
        ),
    ]


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"
