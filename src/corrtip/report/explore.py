"""The interactive page: one file with its data, charts, style and scripts inside, under a policy that allows no other.

Charts are Vega-Lite, made by Altair; Vega, which draws them, comes out of vl-convert's wheel and is put into the page.
Vega evaluates what a chart computes by compiling code; the page asks for its interpreter instead, so that the policy
need not allow that. Everything on the page is a value of the results or a count of them.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any, Final

from corrtip.errors import ReportError
from corrtip.report.artifacts import Artifact, Record, read_columns
from corrtip.report.explore_charts import CLASSES, SPECIAL, build_charts
from corrtip.report.words import tier_name

PAGE: Final = "explore.html"
"""The page's name in the build folder, and its template's in ``report/``."""

DATA: Final = {
    "grid": "explore.grid",
    "options": "explore.options",
    "levels": "explore.levels",
    "variables": "explore.variables",
    "countries": "explore.countries",
    "editions": "explore.editions",
    "curve": "robust.curve.values",
}
"""The results that the page holds column by column, by the name that its script knows them by."""

FIGURES: Final = "explore.figures"
"""The figures of countries, which the page holds by variable, year and country."""

Columns = dict[str, list[float | str | None]]


def explore_page(records: Mapping[str, tuple[Record, Artifact]], folder: Path, build: Path) -> str:
    """Return the page.

    Parameters
    ----------
    records : mapping of str to (Record, Artifact)
        The results by name.
    folder : Path
        ``report/``: the page's template, style and script.
    build : Path
        The build folder, which results are named relative to.

    Raises
    ------
    ReportError
        If a result is missing, or is not data.
    """
    held: dict[str, Any] = {name: _columns(result, records, build) for name, result in DATA.items()}
    held["figures"] = _by_place(_columns(FIGURES, records, build), held["editions"])
    held["tiers"] = {level: tier_name(level) for level in held["levels"]["level"]}
    held["special"], held["classes"] = SPECIAL, CLASSES
    style = "".join((folder / name).read_text(encoding="utf-8") for name in ("style.css", "explore.css"))
    script = _script((folder / "explore.js").read_text(encoding="utf-8"))
    return Template((folder / PAGE).read_text(encoding="utf-8")).substitute(
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        held=_json(held),
        charts=_json(build_charts()),
        libraries=_libraries(),
    )


def _columns(name: str, records: Mapping[str, tuple[Record, Artifact]], build: Path) -> Columns:
    record, artifact = records.get(name, (None, None))
    if record is None or artifact is None or record.data is None:
        raise ReportError(f"report/{PAGE}", f'no data are named "{name}"', mend="Run the notebooks again")
    return read_columns(record.data, build / artifact.path)


def _by_place(figures: Columns, editions: Columns) -> dict[str, Any]:
    """Return figures by variable, year and country: number or level, edition's place, line, confirmations, status."""
    places = {source: place for place, source in enumerate(editions["source"])}
    found: dict[str, Any] = {}
    for iso3, year, variable, value, level, status, source, line, confirmed in zip(*figures.values(), strict=True):
        entry = [level or value, places[source], line, confirmed or 0, status]
        found.setdefault(variable, {}).setdefault(year, {})[iso3] = entry if status != "observed" else entry[:-1]
    return found


def _script(own: str) -> str:
    """Return one script: the libraries that draw, then ours."""
    import altair
    import vl_convert

    # "v6.4.1": vl-convert knows the language by its first two numbers.
    return vl_convert.javascript_bundle(own, ".".join(altair.SCHEMA_VERSION.removeprefix("v").split(".")[:2]))


def _libraries() -> str:
    import vl_convert

    versions = {"Vega": vl_convert.get_vega_version(), "Vega-Embed": vl_convert.get_vega_embed_version()}
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _json(content: object) -> str:
    # In a script element only "<" could end it.
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
