"""Tables for papers: fits of our figures with what they rest on, and a study's printed results beside the rebuilt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from corrtip.data.catalogue import Variable, load_catalogue
from corrtip.data.panel import Panel
from corrtip.data.sample import Sample
from corrtip.data.source import Source
from corrtip.errors import ReportError, nearest
from corrtip.estimate import LinearFit
from corrtip.models.results import OrdinalFit
from corrtip.report.etable import etable
from corrtip.report.formats import Below, format_decimals, format_list, format_number, with_minus
from corrtip.report.scoreboard import study_name
from corrtip.report.tables import Table
from corrtip.report.words import FIGURE_WORDS, FIT_WORDS, VERDICT_WORDS, term_name, variant_name
from corrtip.studies.replication import Replication, used_sources
from corrtip.studies.runs import VariantRun
from corrtip.studies.study import Claim, Study

_WORDS: Final = {**FIGURE_WORDS, **FIT_WORDS}
_UNKNOWN: Final = "not known"
_CLAIMED: Final = "claimed"
# Decimals of a rebuilt number where the printed one, which would say how many, is not known.
_DECIMALS: Final = 3


def table_models(
    samples: Sequence[Sample],
    fits: Sequence[OrdinalFit | LinearFit],
    panel: Panel,
    *,
    caption: str = "Estimates and standard errors",
    note: str = "",
    digits: int = 3,
    stars: bool = False,
    below: Below = "std_error",
) -> Table:
    """Return fits of published figures side by side, with years, sources and doubts in the note.

    Parameters
    ----------
    samples : sequence of Sample
    fits : sequence of OrdinalFit or LinearFit
        One a sample: ``ct.fit(sample)``.
    panel : Panel
        Where the figures are from; it says how variables are called, and which way is better.
    caption, note, digits, stars, below
        As in `corrtip.etable`.

    Returns
    -------
    Table

    Raises
    ------
    ReportError
        If `corrtip.etable` refuses, or there is not one sample a fit.

    Examples
    --------
    >>> import corrtip as ct
    >>> panel = ct.load_panel()
    >>> sample = ct.build_sample(panel, ct.Spec(outcome="tier", focal="cpi_pre2012", years=(2005, 2005)))
    >>> table_models([sample], [ct.fit(sample)], panel).rows[1]
    ('Corruption Perceptions Index (0-10, to 2011)', '−0.546')
    """
    if len(samples) != len(fits):
        raise ReportError("table_models", f"{len(samples)} samples, {len(fits)} fits", expected="one sample a fit")
    sources = {name: panel.sources[name] for sample in samples for name in used_sources(panel, sample)}
    said = [
        _directions(fits, panel.catalogue),
        _years(samples),
        *_transforms(samples, panel.catalogue),
        *_cautions(samples),
        _sources(sources),
        note,
    ]
    return etable(
        fits,
        labels=_labels(fits, panel.catalogue),
        caption=caption,
        note=" ".join(filter(None, said)),
        digits=digits,
        stars=stars,
        below=below,
    )


def table_replication(
    replication: Replication,
    models: Sequence[str] | None = None,
    *,
    catalogue: Mapping[str, Variable] | None = None,
    caption: str = "",
    note: str = "",
    digits: int = 3,
    stars: bool = False,
    below: Below = "std_error",
) -> Table:
    """Return what a study printed beside what was rebuilt: a column for each model or variant.

    Parameters
    ----------
    replication : Replication
    models : sequence of str, optional
        Names of models and variants, in the order of the columns; the study's own models if not given.
    catalogue : mapping of str to Variable, optional
        How variables are called; `corrtip.load_panel`'s if not given.
    caption : str
        If empty, one that names the study.
    note, digits, stars, below
        As in `corrtip.etable`.

    Returns
    -------
    Table
        The claims with a verdict in each column, below each the numbers that the study prints; then the estimates. The
        note gives the claims in words, says of each variable which way is better, and names what the figures rest on.

    Raises
    ------
    ReportError
        If the replication has no model of a given name.

    Notes
    -----
    A number that the study prints and that is not known to us is said to be so: `corrtip.studies.numbers` takes it. A
    rebuilt number has as many decimals as the printed one.

    Examples
    --------
    >>> import corrtip as ct
    >>> table = table_replication(ct.replicate("unodc_2011_survey"))
    >>> table.columns, table.rows[4:6]
    (('', 'Published', '(1) base'), (('Claim C', 'claimed', 'met'), ('percent', '50', '50')))
    """
    known = load_catalogue() if catalogue is None else catalogue
    runs = _runs(replication, models)
    claims = [claim for claim in replication.study.claims if any(claim.id in run.decisions for run in runs)]
    columns = [f"({place}) {variant_name(run.name)}" for place, run in enumerate(runs, start=1)]
    below_claims, said = _estimates(runs, known, digits=digits, stars=stars, below=below)
    samples = [run.sample for run in runs if run.sample is not None]
    explained = [
        "Published: what the study claims, and prints as far as it is known to us.",
        *(f"Claim {claim.id}: {with_minus(claim.text)}" for claim in claims),
        *_absent(runs),
        said,
        *_transforms(samples, known),
        *_cautions(samples),
        f"Study: {replication.study.citation}",
        _sources(replication.sources),
        note,
    ]
    return Table(
        caption=caption or f"{study_name(replication.study)}: published and rebuilt",
        columns=("", "Published", *columns),
        align="ll" + "r" * len(runs),
        rows=(*_claim_rows(claims, runs, known), *below_claims),
        note=" ".join(filter(None, explained)),
    )


def own_models(study: Study) -> tuple[str, ...]:
    """Return the names of the models that a study's claims are about, its own specification first.

    Examples
    --------
    >>> from corrtip.studies.study import load_study
    >>> own_models(load_study("kelley_simmons_2015"))
    ('base', 'rule_of_law', 'file_corruption', 'file_rule_of_law')
    """
    return tuple(dict.fromkeys([study.own.name, *(claim.model for claim in study.claims)]))


def _runs(replication: Replication, models: Sequence[str] | None) -> list[VariantRun]:
    known = {run.name: run for run in replication.runs}
    names = own_models(replication.study) if models is None else models
    for name in names:
        if name not in known:
            raise ReportError(
                f"study {replication.study.id}, models",
                f'"{name}"',
                expected=f"one of {', '.join(known)}",
                mend=nearest(name, known),
            )
    return [known[name] for name in names]


def _claim_rows(
    claims: Iterable[Claim], runs: Sequence[VariantRun], catalogue: Mapping[str, Variable]
) -> list[tuple[str, ...]]:
    rows = [("Claims", *[""] * (len(runs) + 1))]
    for claim in claims:
        decided = [run.decisions.get(claim.id) for run in runs]
        verdicts = [VERDICT_WORDS[decision.verdict] if decision else "" for decision in decided]
        rows.append((f"Claim {claim.id}", _CLAIMED, *verdicts))
        for name, text in claim.printed.items():
            found = [decision.figures.get(name) if decision else None for decision in decided]
            rows.append(
                (_figure_name(name, catalogue), text or _UNKNOWN, *(_rebuilt(value, name, text) for value in found))
            )
    return rows


def _figure_name(name: str, catalogue: Mapping[str, Variable]) -> str:
    *place, what = name.removeprefix("joint.").split(".")
    term = f"{term_name(place[-1], catalogue)}, " if place else ""
    alone = "alone, " if name.startswith("alone.") else ""
    return f"{term}{alone}{_WORDS.get(what, what.replace('_', ' '))}"


def _rebuilt(value: float | None, name: str, printed: str) -> str:
    if value is None:
        return ""
    if name.rpartition(".")[2] == "n":
        return format_number(value, "count")
    return format_decimals(value, len(printed.partition(".")[2]) if printed else _DECIMALS)


def _estimates(
    runs: Sequence[VariantRun], catalogue: Mapping[str, Variable], *, digits: int, stars: bool, below: Below
) -> tuple[list[tuple[str, ...]], str]:
    """Return the rows of the models that are there, with a column for every run, and what must be said of them."""
    fits = {place: run.fits.joint for place, run in enumerate(runs) if run.fits.joint is not None}
    if not fits:
        return [], ""
    table = etable(
        list(fits.values()), labels=_labels(fits.values(), catalogue), digits=digits, stars=stars, below=below
    )
    rows = []
    for name, *cells in table.rows:
        held = dict(zip(fits, cells, strict=True))
        rows.append((name, "", *(held.get(place, "") for place in range(len(runs)))))
    return rows, f"{table.note} {_directions(fits.values(), catalogue)}"


def _absent(runs: Sequence[VariantRun]) -> list[str]:
    return [
        f"({place}): {run.fits.missing['joint']}"
        for place, run in enumerate(runs, start=1)
        if run.fits.joint is None and "joint" in run.fits.missing
    ]


def _labels(fits: Iterable[OrdinalFit | LinearFit], catalogue: Mapping[str, Variable]) -> dict[str, str]:
    terms = dict.fromkeys(str(term) for fit in fits for term in fit.params.index if "|" not in str(term))
    return {term: catalogue[term].label if term in catalogue else term_name(term, catalogue) for term in terms}


def _directions(fits: Iterable[OrdinalFit | LinearFit], catalogue: Mapping[str, Variable]) -> str:
    shown = dict.fromkeys(str(term) for fit in fits for term in fit.params.index)
    said = [f"{catalogue[term].label}: {catalogue[term].direction}" for term in shown if term in catalogue]
    return f"{'; '.join(said)}." if said else ""


def _years(samples: Sequence[Sample]) -> str:
    spans = dict.fromkeys(sample.spec.years for sample in samples)
    named = [f"{first}" if first == last else f"{first}-{last}" for first, last in spans]
    existed = format_list([format_number(count, "count") for count in dict.fromkeys(s.universe for s in samples)])
    return f"Years: {format_list(named)}; country-years that existed: {existed}."


def _transforms(samples: Iterable[Sample], catalogue: Mapping[str, Variable]) -> list[str]:
    used = dict.fromkeys(pair for sample in samples for pair in sample.spec.transforms.items())
    lags = dict.fromkeys(pair for sample in samples for pair in sample.spec.lag.items())
    said = [f"{catalogue[name].label} as {transform.replace('_', ' ')}." for name, transform in used]
    return said + [f"{catalogue[name].label} of {years} year{'s' * (years > 1)} before." for name, years in lags]


def _cautions(samples: Iterable[Sample]) -> list[str]:
    said: dict[str, None] = {}
    for sample in samples:
        thin = ", ".join(f"{level} ({count})" for level, count in sample.thin_levels.items())
        said |= {f"Fewer than five countries in {sample.spec.outcome} {thin}.": None} if thin else {}
        said |= dict.fromkeys(f"{doubt.rstrip('.')}." for doubt in sample.doubts)
    return list(said)


def _sources(sources: Mapping[str, Source]) -> str:
    editions: dict[str, list[int]] = {}
    for source in sources.values():
        yearly = source.edition.isdecimal() and source.title.endswith(f" {source.edition}")
        title = source.title.removesuffix(f" {source.edition}") if yearly else source.title
        editions.setdefault(f"{source.publisher}, {title}", []).extend([int(source.edition)] if yearly else [])
    named = [f"{title} {_spans(years)}".rstrip() for title, years in sorted(editions.items())]
    return f"Sources: {'; '.join(named)}." if named else ""


def _spans(years: Iterable[int]) -> str:
    """Return years as runs: 2004-2011, 2013."""
    runs: list[list[int]] = []
    for year in sorted(set(years)):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)
