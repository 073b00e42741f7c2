"""A replication as plain values, so that machines can read every verdict and every fit behind it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from corrtip.estimate import as_record
from corrtip.robustness.dominance import Dominance
from corrtip.studies.claims import VERDICTS
from corrtip.studies.describe import build_quartiles

if TYPE_CHECKING:
    from corrtip.studies.replication import Replication
    from corrtip.studies.runs import VariantRun


def replication_record(found: Replication) -> dict[str, Any]:
    """Return a replication for JSON: study, words, sources, claims with their verdicts, variants with their fits.

    Parameters
    ----------
    found : Replication
    """
    study = found.study
    return {
        "study": {
            "id": study.id,
            "citation": study.citation,
            "doi": study.doi,
            "question": study.question,
            "departures": list(study.departures),
            "groups": {group: list(members) for group, members in study.groups.items()},
            "remarks": {topic: " ".join(text.split()) for topic, text in study.remarks.items()},
        },
        "verdicts": dict(VERDICTS),
        "sources": [_source(name, dataclasses.asdict(source)) for name, source in found.sources.items()],
        "claims": [
            {
                "id": claim.id,
                "at": claim.at,
                "text": claim.text,
                "test": claim.test,
                "parameters": dict(claim.parameters),
                "rule": claim.decider.rule,
                "model": claim.model,
                "printed": dict(claim.printed),
                "verdict": found.verdicts[claim.id].verdict,
                "because": found.verdicts[claim.id].because,
                "caution": found.run(claim.model).caution,
                "by_variant": {
                    run.name: run.decisions[claim.id].verdict for run in found.runs if claim.id in run.decisions
                },
            }
            for claim in study.claims
        ],
        "variants": [_variant(run) for run in found.runs],
    }


def _source(name: str, source: Mapping[str, Any]) -> dict[str, Any]:
    told = ("publisher", "title", "edition", "landing_page", "licence", "confirmation", "sha256")
    return {"id": name, **{key: source[key] for key in told}}


def _variant(run: VariantRun) -> dict[str, Any]:
    fits, sample = run.fits, run.sample
    counts = {} if sample is None else sample.data[sample.spec.outcome].value_counts(sort=False).to_dict()
    return {
        "name": run.name,
        "why": run.variant.why,
        "change": dict(run.variant.change),
        "spec": None if run.spec is None else run.spec.as_dict(),
        "spec_id": None if run.spec is None else run.spec.id,
        "n": run.evidence.n,
        "levels": {str(level): int(count) for level, count in counts.items()},
        "caution": run.caution,
        "verdicts": {
            claim: {"verdict": decision.verdict, "because": decision.because}
            for claim, decision in run.decisions.items()
        },
        "missing": dict(fits.missing),
        "joint": None if fits.joint is None else as_record(fits.joint),
        "alone": {name: as_record(fitted) for name, fitted in fits.alone.items()},
        "ranks": None if fits.ranks is None else as_record(fits.ranks),
        "dominance": {view: _dominance(found) for view, found in fits.dominance.items()},
        "quartiles": [] if sample is None or sample.spec.focal not in sample.x else _rows(build_quartiles(sample)),
        "universe": None if sample is None else sample.universe,
        "attrition": [] if sample is None else _rows(sample.attrition),
    }


def _dominance(found: Dominance) -> dict[str, Any]:
    return {
        "n": found.n,
        "r2": found.full,
        "general": found.general().to_dict(),
        "conditional": {name: row.tolist() for name, row in found.conditional().iterrows()},
        "complete": {
            name: [other for other, beats in row.items() if beats] for name, row in found.complete().iterrows()
        },
        "subsets": [{"members": list(row.members), "r2": row.value} for row in found.subsets().itertuples()],
    }


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    plain = table.astype(object)
    return [
        {key: list(value) if isinstance(value, tuple) else value for key, value in row.items()}
        for row in plain.where(plain.notna(), None).to_dict(orient="records")
    ]
