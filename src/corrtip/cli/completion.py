"""What a shell offers at the tab key: names of studies, models, grids, variables, vintages, countries, sources.

A shell asks at every press of the key: nothing here reads a figure or imports pandas.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable
from importlib.resources import files
from typing import Final

SOURCES: Final = ("cpi", "tip", "wdi", "wgi")
"""Whose new editions can be taken in."""

WORLD_BANK: Final = "wdi"
"""What stands for all of its indicators in a pool of controls."""

Offers = list[tuple[str, str]]


def complete_study(incomplete: str) -> list[str]:
    """Return the studies that begin so.

    Examples
    --------
    >>> complete_study("zh")
    ['zhang_pineda_2008']
    """
    return _beginning(_stems("corrtip.studies"), incomplete)


def complete_grid(incomplete: str) -> list[str]:
    """Return the grids that begin so.

    Examples
    --------
    >>> complete_grid("zh")
    ['zhang_pineda']
    """
    return _beginning(_stems("corrtip.robustness", "grids"), incomplete)


def complete_model(incomplete: str) -> list[str]:
    """Return the models and variants of the study that the command line names before."""
    named = _typed() & set(_stems("corrtip.studies"))
    known = ["base", "all"]
    for study in named:
        declared = tomllib.loads(files("corrtip.studies").joinpath(f"{study}.toml").read_text(encoding="utf-8"))
        for holder, key in ((declared, "models"), (declared, "variants"), (declared.get("supplied", {}), "models")):
            known += [item["name"] for item in holder.get(key, ())]
    return _beginning(known, incomplete)


def complete_source(incomplete: str) -> list[str]:
    """Return the sources of new editions that begin so.

    Examples
    --------
    >>> complete_source("w")
    ['wdi', 'wgi']
    """
    return _beginning(SOURCES, incomplete)


def complete_variable(incomplete: str) -> Offers:
    """Return the variables that begin so, with their labels; after a comma, those for the next place.

    Examples
    --------
    >>> [name for name, _ in complete_variable("tier,life")]
    ['tier,life_expectancy']
    """
    from corrtip.data.catalogue import load_catalogue

    before, comma, last = incomplete.rpartition(",")
    return [(before + comma + name, known.label) for name, known in load_catalogue().items() if name.startswith(last)]


def complete_pool(incomplete: str) -> Offers:
    """Return the word for every World Bank indicator, and the variables that begin so.

    Examples
    --------
    >>> [name for name, _ in complete_pool("w")][:1]
    ['wdi']
    """
    whole = [(WORLD_BANK, "every World Bank indicator")] if WORLD_BANK.startswith(incomplete) else []
    return [*whole, *complete_variable(incomplete)]


def complete_vintage(incomplete: str) -> Offers:
    """Return NAME=VINTAGE of every variable that begins so and has several vintages.

    Examples
    --------
    >>> [pair for pair, _ in complete_vintage("infant_mortality=w")]
    ['infant_mortality=wdi-2026-07']
    """
    from corrtip.data.catalogue import load_catalogue

    pairs = [
        (f"{name}={vintage}", known.label)
        for name, known in load_catalogue().items()
        if len(known.vintages) > 1
        for vintage in known.vintages
    ]
    return [pair for pair in pairs if pair[0].startswith(incomplete)]


def complete_vintage_of(incomplete: str) -> list[str]:
    """Return the vintages of the variables that the command line names before."""
    from corrtip.data.catalogue import load_catalogue

    typed = _typed()
    found = (vintage for name, known in load_catalogue().items() if name in typed for vintage in known.vintages)
    return _beginning(found, incomplete)


def complete_country(incomplete: str) -> Offers:
    """Return the codes of countries that begin so, with their names.

    Examples
    --------
    >>> complete_country("NG")
    [('NGA', 'Nigeria')]
    """
    from corrtip.data.countries import load_countries

    names = {country.iso3: country.name for country in reversed(load_countries().rows)}
    return [(code, name) for code, name in sorted(names.items()) if code.startswith(incomplete)]


def _typed() -> set[str]:
    """Return the words of the line, of which the parser keeps none where an option waits for its value."""
    return {word for name in ("COMP_WORDS", "_TYPER_COMPLETE_ARGS") for word in os.environ.get(name, "").split()}


def _stems(package: str, *folder: str) -> list[str]:
    place = files(package).joinpath(*folder)
    return sorted(item.name.removesuffix(".toml") for item in place.iterdir() if item.name.endswith(".toml"))


def _beginning(names: Iterable[str], incomplete: str) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
