"""From one model of a study to what it found and the decisions on the claims about it."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from corrtip.data.plan import build_plan
from corrtip.data.sample import Sample, build_sample
from corrtip.errors import DataError, ModelError, SpecError
from corrtip.estimate import predictor_tests
from corrtip.spec import Spec
from corrtip.studies.beyond import find_bounds, find_years
from corrtip.studies.claims import Decision, Evidence, meets
from corrtip.studies.evidence import Fits, fit_all, nothing_to_fit, numbers, weigh
from corrtip.studies.study import Claim, Study, Variant
from corrtip.studies.supplied import FileModel, fit_supplied, read_supplied

if TYPE_CHECKING:
    import pandas as pd

    from corrtip.data.panel import Panel

_NO_MODEL = "The study has no model of our figures."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VariantRun:
    """One variant of a study, carried out.

    Parameters
    ----------
    variant : Variant
        Its name, what it changes and why; ``base`` is the study's own specification.
    spec : Spec or None
        None where the model is not one of our figures.
    sample : Sample or None
        With its attrition: which countries fell out, and why. None where no sample is left.
    fits : Fits
        Every model, or the reason why it is not there.
    evidence : Evidence
        What the fits say, as the claims' tests read it.
    decisions : mapping of str to Decision
        By claim: those about the model that the variant is of.
    """

    variant: Variant
    spec: Spec | None
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
        said = [f"Fewer than five countries in {self.sample.spec.outcome} {thin}"] if thin else []
        return " ".join(f"{sentence}." for sentence in (*said, *self.sample.doubts))


def run_own(study: Study, variant: Variant, panel: Panel) -> VariantRun:
    """Carry out the study's own specification, one of its models or a variant on our figures.

    Parameters
    ----------
    study : Study
    variant : Variant
        One of the study's.
    panel : Panel

    Raises
    ------
    SpecError
        If it names what the catalogue does not hold, or would compare the incomparable.
    """
    claims = study.about(variant.name if variant in (study.own, *study.models) else variant.of)
    spec = study.specs().get(variant.name)
    if spec is None:
        fits = nothing_to_fit(_NO_MODEL)
        return _decided(claims, variant, None, None, fits, Evidence(focal="", n=0, missing=fits.missing))
    build_plan(spec, panel.catalogue)  # a slip in the declaration stops the run; too few figures only this variant
    needs = {claim.decider.needs for claim in claims}
    try:
        sample = build_sample(panel, spec)
    except SpecError as error:
        fits = nothing_to_fit(str(error))
        evidence = Evidence(focal=spec.focal, n=0, missing=fits.missing)
        return _decided(claims, variant, spec, None, fits, _widened(evidence, study, spec, panel, needs))
    if len(sample.y) < study.fewest:
        reason = (
            f"{len(sample.y)} rows are left, fewer than {study.fewest}: too few for tests that rest on large samples."
        )
        fits = nothing_to_fit(reason)
    else:
        fits = fit_all(sample, study.groups, importance="dominance" in needs)
    labels = {name: entry.label for name, entry in panel.catalogue.items()}
    evidence = _widened(weigh(sample, fits, labels), study, spec, panel, needs)
    return _decided(claims, variant, spec, sample, fits, evidence)


def run_supplied(study: Study, path: Path | None) -> list[VariantRun]:
    """Carry out the models on the file that a reader supplies; without it each keeps its place with the reason.

    Parameters
    ----------
    study : Study
    path : Path or None

    Raises
    ------
    DataError
        If the file is not the one that the study asks for.
    """
    if study.supplied is None:
        if path is not None:
            raise DataError(f"study {study.id}", f"{path.name} given", expected="no file: the study asks for none")
        return []
    if path is None:
        reason = (
            f"It is decided on {study.supplied.file}, which is not ours to ship: corrtip study run {study.id} --data "
            f"FILE. {study.supplied.where}"
        )
        return [_of_file(study, model, nothing_to_fit(reason), 0) for model in study.file_models]
    rows = read_supplied(path, study.supplied)
    return [_fitted(study, model, rows) for model in study.file_models]


def decide(claim: Claim, evidence: Evidence, found: Mapping[str, float]) -> Decision:
    """Return the decision on a claim: met where every printed number that we know is, else what the test says.

    A number of rows alone is no finding: it is compared, and a claim of which no more is known is not met by it.

    Parameters
    ----------
    claim : Claim
    evidence : Evidence
    found : mapping of str to float
        The rebuilt numbers by name: `corrtip.studies.evidence.numbers`.
    """
    tested = claim.decider.decide(evidence)
    rebuilt = {**found, **tested.figures}
    tested = dataclasses.replace(tested, figures={**_slots(claim, rebuilt), **tested.figures})
    if not claim.known or tested.verdict == "not_attempted":
        return tested
    findings = [name for name in claim.known if name.rpartition(".")[2] != "n"]
    met = bool(findings) and all(name in rebuilt and meets(text, rebuilt[name]) for name, text in claim.known.items())
    compared = "; ".join(
        f"{name} printed {text}, here {f'{rebuilt[name]:.6g}' if name in rebuilt else 'not there'}"
        for name, text in claim.known.items()
    )
    verdict = "met" if met else tested.verdict
    return dataclasses.replace(tested, verdict=verdict, because=f"{tested.because} {compared}.")


def _slots(claim: Claim, rebuilt: Mapping[str, float]) -> dict[str, float]:
    return {name: rebuilt[name] for name in claim.printed if name in rebuilt}


def _widened(evidence: Evidence, study: Study, spec: Spec, panel: Panel, needs: Collection[str | None]) -> Evidence:
    missing = dict(evidence.missing)
    if "bounds" in needs and study.pool is not None:
        try:
            evidence = dataclasses.replace(evidence, bounds=find_bounds(panel, spec, study.pool))
        except SpecError as error:
            missing["bounds"] = str(error)
    if "years" in needs and study.span is not None:
        try:
            evidence = dataclasses.replace(evidence, years=find_years(panel, spec, study.span))
        except SpecError as error:
            missing["years"] = str(error)
    return dataclasses.replace(evidence, missing=missing)


def _fitted(study: Study, model: FileModel, rows: pd.DataFrame) -> VariantRun:
    try:
        found = fit_supplied(rows, model)
    except ModelError as error:
        return _of_file(study, model, nothing_to_fit(str(error)), 0)
    missing = dict.fromkeys(
        ("alone", "ranks", "dominance", "values"), f"Only the joint model of {model.name} is fitted."
    )
    return _of_file(study, model, Fits(joint=found, alone={}, ranks=None, dominance={}, missing=missing), len(rows))


def _of_file(study: Study, model: FileModel, fits: Fits, rows: int) -> VariantRun:
    joint = () if fits.joint is None else predictor_tests(fits.joint, {name: (name,) for name in model.predictors})
    n = 0 if fits.joint is None else int(fits.joint.nobs)
    evidence = Evidence(focal=model.focal, n=n, joint=joint, missing=fits.missing)
    why = f"On the study's own file: {n} of {rows} rows have every figure." if rows else "On the study's own file."
    variant = Variant(name=model.name, change={}, why=why)
    return _decided(study.about(model.name), variant, None, None, fits, evidence)


def _decided(
    claims: tuple[Claim, ...],
    variant: Variant,
    spec: Spec | None,
    sample: Sample | None,
    fits: Fits,
    evidence: Evidence,
) -> VariantRun:
    found = numbers(fits)
    decisions = {claim.id: decide(claim, evidence, found) for claim in claims}
    return VariantRun(variant=variant, spec=spec, sample=sample, fits=fits, evidence=evidence, decisions=decisions)
