"""From a published study to a verdict on each of its claims, on its own specification and on every variant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from corrtip.data.panel import Panel, load_panel
from corrtip.data.plan import build_plan
from corrtip.data.sample import Sample, build_sample
from corrtip.data.source import Source
from corrtip.errors import SpecError
from corrtip.spec import Spec
from corrtip.studies.claims import Decision, Evidence, meets
from corrtip.studies.evidence import Fits, fit_all, nothing_to_fit, numbers, weigh
from corrtip.studies.study import Claim, Study, Variant, load_study


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VariantRun:
    """One variant of a study, carried out.

    Parameters
    ----------
    variant : Variant
        Its name, what it changes and why; ``base`` is the study's own specification.
    spec : Spec
    sample : Sample or None
        With its attrition: which countries fell out, and why. None where no sample is left.
    fits : Fits
        Every model, or the reason why it is not there.
    evidence : Evidence
        What the fits say, as the claims' tests read it.
    decisions : mapping of str to Decision
        By claim.
    """

    variant: Variant
    spec: Spec
    sample: Sample | None
    fits: Fits
    evidence: Evidence
    decisions: Mapping[str, Decision]

    @property
    def name(self) -> str:
        """The variant's name."""
        return self.variant.name

    @property
    def caution(self) -> str:
        """What to keep in mind beside every verdict: levels with fewer than five countries, implausible figures."""
        if self.sample is None:
            return ""
        thin = ", ".join(f"{level} ({count})" for level, count in self.sample.thin_levels.items())
        said = [f"Fewer than five countries in {self.spec.outcome} {thin}"] if thin else []
        return " ".join(f"{sentence}." for sentence in (*said, *self.sample.doubts))


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
        """The decision on each claim, on the study's own specification."""
        return self.base.decisions

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


def replicate(study: str | Path | Study, panel: Panel | None = None) -> Replication:
    """Carry out a study and every variant of it, and decide its claims.

    Parameters
    ----------
    study : str, Path or Study
        An id such as ``"zhang_pineda_2008"``, the file of a study of your own, or a study already loaded.
    panel : Panel, optional
        By default `corrtip.load_panel`.

    Returns
    -------
    Replication

    Raises
    ------
    DeclarationError
        If there is no such study, or its file does not declare one.
    SpecError
        If a variant names what the catalogue does not hold, or would compare the incomparable.

    Examples
    --------
    >>> found = replicate("zhang_pineda_2008")
    >>> sorted(found.verdicts)
    ['A', 'B', 'C', 'D']
    """
    declared = study if isinstance(study, Study) else load_study(study)
    figures = load_panel() if panel is None else panel
    labels = {name: variable.label for name, variable in figures.catalogue.items()}
    specs = declared.specs()
    runs = tuple(
        _run(declared, variant, specs[variant.name], figures, labels) for variant in (declared.own, *declared.variants)
    )
    used = set().union(*(used_sources(figures, run.sample) for run in runs if run.sample is not None))
    return Replication(study=declared, sources={name: figures.sources[name] for name in sorted(used)}, runs=runs)


def decide(claim: Claim, evidence: Evidence, found: Mapping[str, float]) -> Decision:
    """Return the decision on a claim: met where every printed number is, else what the claim's test says.

    Parameters
    ----------
    claim : Claim
    evidence : Evidence
    found : mapping of str to float
        The rebuilt numbers by name: `corrtip.studies.evidence.numbers`.
    """
    tested = claim.decider.decide(evidence)
    if not claim.printed:
        return tested
    met = all(name in found and meets(text, found[name]) for name, text in claim.printed.items())
    compared = "; ".join(
        f"{name} printed {text}, here {f'{found[name]:.6g}' if name in found else 'not there'}"
        for name, text in claim.printed.items()
    )
    return Decision(verdict="met" if met else tested.verdict, because=f"{tested.because} {compared}.")


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


def _run(study: Study, variant: Variant, spec: Spec, panel: Panel, labels: Mapping[str, str]) -> VariantRun:
    build_plan(spec, panel.catalogue)  # a slip in the declaration stops the run; too few figures only this variant
    try:
        sample = build_sample(panel, spec)
    except SpecError as error:
        fits = nothing_to_fit(str(error))
        return _decided(study, variant, spec, None, fits, Evidence(focal=spec.focal, n=0, missing=fits.missing))
    if len(sample.y) < study.fewest:
        reason = (
            f"{len(sample.y)} rows are left, fewer than {study.fewest}: too few for tests that rest on large samples."
        )
        fits = nothing_to_fit(reason)
    else:
        fits = fit_all(sample, study.groups)
    return _decided(study, variant, spec, sample, fits, weigh(sample, fits, labels))


def _decided(
    study: Study, variant: Variant, spec: Spec, sample: Sample | None, fits: Fits, evidence: Evidence
) -> VariantRun:
    found = numbers(fits)
    decisions = {claim.id: decide(claim, evidence, found) for claim in study.claims}
    return VariantRun(variant=variant, spec=spec, sample=sample, fits=fits, evidence=evidence, decisions=decisions)


def _with_first(columns: list[str], tables: list[pd.DataFrame]) -> pd.DataFrame:
    table = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)
    return table[[*columns, *(name for name in table.columns if name not in columns)]]
