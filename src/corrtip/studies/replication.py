"""From a published study to a verdict on each of its claims, on its own specification and on every variant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from corrtip.data.panel import Panel, load_panel
from corrtip.data.sample import Sample
from corrtip.data.source import Source
from corrtip.studies.claims import Decision
from corrtip.studies.numbers import fill_slots
from corrtip.studies.runs import VariantRun, run_own, run_supplied
from corrtip.studies.study import Study, load_study


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Replication:
    """A study and what became of its claims.

    Parameters
    ----------
    study : Study
    sources : mapping of str to Source
        The editions that any variant used, by id.
    runs : tuple of VariantRun
        The base first, then the variants in the order of the study's file.

    Notes
    -----
    The verdicts are: met, the printed number to its last digit; agrees, the claim's own test, written down beforehand,
    passes; contradicts, it passes for the opposite; unresolved, neither; not attempted, with the reason.
    """

    study: Study
    sources: Mapping[str, Source]
    runs: tuple[VariantRun, ...]

    @property
    def base(self) -> VariantRun:
        """The study's own specification."""
        return self.runs[0]

    @property
    def verdicts(self) -> Mapping[str, Decision]:
        """The decision on each claim, on the study's own model that it is about."""
        return {claim.id: self.run(claim.model).decisions[claim.id] for claim in self.study.claims}

    def run(self, name: str) -> VariantRun:
        """Return one variant by its name.

        Raises
        ------
        KeyError
            If there is none of this name.
        """
        return {run.name: run for run in self.runs}[name]

    def table(self) -> pd.DataFrame:
        """Return one row per variant and claim: variant, n, claim, verdict, because, caution."""
        return pd.DataFrame(
            [
                {
                    "variant": run.name,
                    "n": run.evidence.n,
                    "claim": claim,
                    "verdict": decision.verdict,
                    "because": decision.because,
                    "caution": run.caution,
                }
                for run in self.runs
                for claim, decision in run.decisions.items()
            ]
        )

    def coefficients(self) -> pd.DataFrame:
        """Return the joint model of every variant that has one: variant, n, then the columns of ``tidy()``."""
        tables = [
            run.fits.joint.tidy().assign(variant=run.name, n=run.evidence.n)
            for run in self.runs
            if run.fits.joint is not None
        ]
        return _with_first(["variant", "n"], tables)

    def attrition(self) -> pd.DataFrame:
        """Return which countries fell out of each variant: variant, step, reason, rows, countries, iso3."""
        tables = [run.sample.attrition.assign(variant=run.name) for run in self.runs if run.sample is not None]
        return _with_first(["variant"], tables)

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values, ready for JSON."""
        from corrtip.studies.record import replication_record

        return replication_record(self)


def replicate(
    study: str | Path | Study,
    panel: Panel | None = None,
    *,
    data: Path | None = None,
    numbers: Mapping[str, Mapping[str, str]] | None = None,
    variants: bool = True,
) -> Replication:
    """Carry out a study and every variant of it, and decide its claims.

    Parameters
    ----------
    study : str, Path or Study
        An id such as ``"zhang_pineda_2008"``, the file of a study of your own, or a study already loaded.
    panel : Panel, optional
        By default `corrtip.load_panel`.
    data : Path, optional
        The file that the study asks its reader for.
    numbers : mapping of str to mapping of str to str, optional
        By claim, numbers that the study prints and that its file leaves open: `corrtip.studies.numbers.read_numbers`.
    variants : bool
        Are the variants carried out too, or only the study's own models, on which its claims are decided?

    Returns
    -------
    Replication

    Raises
    ------
    DeclarationError
        If there is no such study, its file does not declare one, or a number is not one that it leaves open.
    SpecError
        If a variant names what the catalogue does not hold, or would compare the incomparable.
    DataError
        If the supplied file is not the one that the study asks for.

    Examples
    --------
    >>> found = replicate("zhang_pineda_2008", variants=False)
    >>> sorted(found.verdicts)
    ['A', 'B', 'C', 'D']
    """
    declared = study if isinstance(study, Study) else load_study(study)
    if numbers:
        declared = fill_slots(declared, numbers)
    figures = load_panel() if panel is None else panel
    asked = (*declared.models, *(declared.variants if variants else ()))
    runs = [run_own(declared, declared.own, figures), *(run_own(declared, variant, figures) for variant in asked)]
    runs += run_supplied(declared, data)
    used = set().union(*(used_sources(figures, run.sample) for run in runs if run.sample is not None))
    return Replication(study=declared, sources={name: figures.sources[name] for name in sorted(used)}, runs=tuple(runs))


def used_sources(panel: Panel, sample: Sample) -> frozenset[str]:
    """Return the ids of the editions that a sample's figures come from."""
    spec = sample.spec
    country = np.array([panel.iso3.index(iso3) for iso3 in sample.data.index.get_level_values("iso3")], dtype=np.intp)
    year = sample.data.index.get_level_values("year").to_numpy()
    found: set[str] = set()
    for name in (spec.outcome, *spec.predictors, *spec.sample):
        column = panel.column(name, spec.vintages.get(name))
        rows = column.rows[country, year - spec.lag.get(name, 0) - column.first_year]
        found |= set(panel.frame["source"].iloc[rows].astype(str))
    return frozenset(found)


def _with_first(columns: list[str], tables: list[pd.DataFrame]) -> pd.DataFrame:
    table = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)
    return table[[*columns, *(name for name in table.columns if name not in columns)]]
