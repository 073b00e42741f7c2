"""Declarations in TOML: a damaged file is refused, or means what any reader of TOML finds in it."""

from __future__ import annotations

import dataclasses
import hashlib
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

from corrtip.data.catalogue import load_catalogue
from corrtip.data.corrections import load_corrections
from corrtip.data.editions.add import RECORD, find_originals
from corrtip.data.source import Source
from corrtip.declare import declared, read_toml
from corrtip.errors import CorrtipError
from corrtip.project import figures_root
from corrtip.robustness.grid import load_grid
from corrtip.spec import Spec
from corrtip.studies.numbers import read_numbers, save_numbers
from corrtip.studies.study import load_study
from stress.fuzz import damage
from stress.fuzz.target import Target, UnreadableError

SPEC = """outcome = "tier"
focal = "cpi_pre2012"
controls = ["gdp", "gini"]
years = [2001, 2_005]
lag = { cpi_pre2012 = 1 }
transforms = { gdp = "log" }
merge = { tier = { "2WL" = "2" } }
sample.region = ["Sub-Saharan Africa", "South Asia"]
link = 'probit'
"""
STUDY = f"""citation = "A study (2001)."
question = "Does it?"
departures = ["None.", "A second \\u2014 with signs"]
groups = {{ poverty = ["gdp", "gini"] }}
pool = {{ controls = ["gini"], size = 1 }}
fewest = 30

[spec]
{SPEC}
[[claims]]
id = "A"
at = "page 1"
text = "They go together."
test = "sign_in_joint"
parameters = {{ sign = "-", alpha = 0.05 }}
printed = {{ "joint.n" = "1846", "joint.cpi_pre2012.estimate" = "-0.41" }}

[[variants]]
name = "probit"
why = "Another link."
change.link = "logit"
"""
GRID = f"""question = "Does it?"
fewest = 60

[spec]
{SPEC.replace("sample", "# ")}
[[choices]]
name = "focal"

[[choices.options]]
name = "CPI"
why = "The study's own."
change.focal = "cpi_pre2012"

[[choices.options]]
name = "WGI"
why = "More sources."
change = {{ focal = "wgi_control_of_corruption", vintages = {{ gini = "wdi-2026-07" }} }}

[[choices]]
name = "link"
options = [{{ name = "logit", why = "x" }}, {{ name = "probit", why = "y", change.link = "probit" }}]

[[excluded]]
options = {{ focal = ["WGI"], link = ["probit"] }}
why = "No sense."
"""
CORRECTION = """iso3 = "NGA"
year = 2005
variable = "cpi_pre2012"
vintage = "first-published"
published = "1.9"
corrected = 2.0
reason = "A misprint."
reference = "page 3"
"""
CATALOGUE = """[vintages]
tip = ["published"]
cpi = ["first-published"]

[variables.tier]
label = "Tier"
unit = "tier"
kind = "ordered"
levels = ["1", "2", "2WL", "3"]
better = "low"
first_year = 2001
published_as = { tip = "tier placement" }

[variables.cpi]
label = "Index"
unit = "0-100"
kind = "numeric"
lowest = 0
highest = 100.0
better = "high"
never_with = ["tier"]
published_as = { cpi = "score" }
"""
NUMBERS = """# Numbers as printed
[lyday_2001.A]
"kendall_tau_b" = "-0.41"
"joint.n" = "120"

[study."B c"]
"p \\"value\\"" = "0.050"
"""


# The record beside a download, whose bytes are those of the seed.
FETCHED = f"""name = "CPI2026.xlsx"
sha256 = "{hashlib.sha256(b"figures").hexdigest()}"
address = "https://example.org/CPI2026.xlsx"
fetched = "2026-07-01"
"""


def targets(folder: Path) -> list[Target]:
    """Return the readers of declarations; they write to ``folder``."""
    sidecar = (figures_root() / "raw" / "freedom_house" / "2025.toml").read_text(encoding="utf-8")
    flag = '\n[[implausible]]\niso3 = "AFG"\nyear = 1995\nindicator = "PR"\nwhy = "Seven of seven."\n'
    return [
        _target(
            "sidecar", sidecar + flag, folder, lambda path: declared(Source, read_toml(path, path.name), path.name)
        ),
        _target("spec", SPEC, folder, lambda path: declared(Spec, read_toml(path, path.name), path.name)),
        _target("study", STUDY, folder, load_study, added="id"),
        _target("grid", GRID, folder, _grid, added="id"),
        _target("correction", CORRECTION, folder / "corrections", _correction),
        _target("catalogue", CATALOGUE, folder, _catalogue),
        _target("numbers", NUMBERS, folder, _numbers),
        _target("fetched", FETCHED, folder, _fetched),
    ]


def _target(name: str, seed: str, folder: Path, load: Callable[[Path], object], added: str = "") -> Target:
    folder.mkdir(exist_ok=True)
    path = folder / ("variables.toml" if name == "catalogue" else f"{name}.toml")

    def read(data: bytes) -> object:
        path.write_bytes(data)
        return load(path)

    def meaning(data: bytes) -> object:
        try:
            table = tomllib.loads(data.decode("utf-8"))
        except ValueError as error:
            raise UnreadableError(f"it is no TOML: {error}") from error
        return {**table, added: path.stem} if added else table

    agrees = {"numbers": _agrees_numbers, "catalogue": _agrees_catalogue}.get(name, agrees_with)
    return Target(name=name, seeds=(seed.encode(),), read=read, meaning=meaning, damages=TOML, agrees=agrees)


def _grid(path: Path) -> object:
    grid = load_grid(path)
    grid.specifications()
    return grid


def _correction(path: Path) -> object:
    (correction,) = load_corrections(path.parent.parent).values()
    return correction


def _catalogue(path: Path) -> object:
    return load_catalogue(path.parent)


def _fetched(path: Path) -> object:
    downloaded = path.with_name("downloaded")
    downloaded.write_bytes(b"figures")
    path.replace(path.with_name(f"downloaded{RECORD}"))
    (original,) = find_originals((downloaded,))
    return original


def _numbers(path: Path) -> object:
    """Return the numbers of a file, once they were written and read again: `corrtip study enter` does."""
    save_numbers(path, read_numbers(path))
    try:
        return read_numbers(path)
    except CorrtipError as error:
        raise RuntimeError(f"what was saved cannot be read: {error}") from error


def agrees_with(held: Any, stands: Any) -> bool:
    """Return whether a declared value is what stands in the table: nothing lost, nothing more, no other kind."""
    if dataclasses.is_dataclass(held):
        fields = {item.name: item for item in dataclasses.fields(held)}
        if not isinstance(stands, dict) or not stands.keys() <= fields.keys():
            return False
        return all(
            agrees_with(getattr(held, name), stands[name])
            if name in stands
            else getattr(held, name) == (item.default_factory() if callable(item.default_factory) else item.default)
            for name, item in fields.items()
        )
    if isinstance(held, Mapping):
        return (
            isinstance(stands, dict)
            and held.keys() == stands.keys()
            and all(agrees_with(item, stands[name]) for name, item in held.items())
        )
    if isinstance(held, tuple | list):
        return (
            isinstance(stands, list)
            and len(held) == len(stands)
            and all(agrees_with(item, other) for item, other in zip(held, stands, strict=True))
        )
    whole = type(held) is float and type(stands) is int
    return (whole or type(held) is type(stands)) and bool(held == stands)


def _agrees_numbers(held: Any, stands: Any) -> bool:
    # A claim without a number says nothing and is not kept.
    full = {study: {claim: kept for claim, kept in claims.items() if kept} for study, claims in stands.items()}
    return bool(held == {study: claims for study, claims in full.items() if claims})


def _agrees_catalogue(held: Any, stands: Any) -> bool:
    tables = {
        name: {
            **table,
            "name": name,
            "vintages": [one for source in table.get("published_as", ()) for one in stands["vintages"][source]],
        }
        for name, table in stands["variables"].items()
    }
    return agrees_with(held, tables)


def _on_lines(change: Callable[[Random, str], str]) -> Callable[[Random, bytes], bytes]:
    def damaged(chance: Random, data: bytes) -> bytes:
        lines = damage.text_of(data).split("\n")
        place = chance.randrange(len(lines))
        lines[place] = change(chance, lines[place])
        return damage.bytes_of("\n".join(lines))

    return damaged


def _other_value(chance: Random, line: str) -> str:
    name, equals, _ = line.partition("=")
    values = ('"x"', "1", "-1", "1.5", "true", "[]", "{}", '["a"]', "[1]", '{ a = "b" }', "inf", "nan", "1979-05-27")
    values += ("07:32:00", "9007199254740993", "1e400", "0o17", "''", "'''\nx'''", '"\\ud800"', '"\\u0000"', "[[1]]")
    return f"{name}{equals} {chance.choice(values)}" if equals else line + chance.choice(values)


def _other_key(chance: Random, line: str) -> str:
    _, equals, value = line.partition("=")
    name = chance.choice(("outcome", "focal", "id", "name", '""', "'a b'", '"a.b"', "a.b.c", "change.link", "ｆocal"))
    return f"{name} ={value}" if equals else f"[{name}]"


TOML = (*damage.TEXT, *map(_on_lines, (_other_value, _other_value, _other_key)))
