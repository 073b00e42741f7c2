"""corrtip: corruption and trafficking in persons, from published figures to a verdict on every claim.

Start with ``import corrtip as ct``::

    panel = ct.load_panel()                 # every published figure, each with its source
    sample = ct.build_sample(panel, spec)   # the rows of one declared model, and an account of the lost ones
    fit = ct.fit(sample)                    # estimates

Names are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from corrtip.data.export import export_panel as export_panel
    from corrtip.data.panel import Panel as Panel
    from corrtip.data.panel import load_panel as load_panel
    from corrtip.data.sample import Sample as Sample
    from corrtip.data.sample import build_sample as build_sample
    from corrtip.data.transitions import build_history as build_history
    from corrtip.errors import CorrtipError as CorrtipError
    from corrtip.estimate import fit as fit
    from corrtip.models.brant import brant as brant
    from corrtip.models.compare import anova as anova
    from corrtip.models.effects import average_effects as average_effects
    from corrtip.models.effects import average_probabilities as average_probabilities
    from corrtip.models.effects import odds_ratios as odds_ratios
    from corrtip.models.effects import predicted_probabilities as predicted_probabilities
    from corrtip.models.fitstats import association as association
    from corrtip.models.fitstats import goodness_of_fit as goodness_of_fit
    from corrtip.models.mixed import MixedFit as MixedFit
    from corrtip.models.mixed import clmm as clmm
    from corrtip.models.model import clm as clm
    from corrtip.models.parallel import nominal_test as nominal_test
    from corrtip.models.parallel import parallel_score_test as parallel_score_test
    from corrtip.models.residuals import surrogate_residuals as surrogate_residuals
    from corrtip.models.results import OrdinalFit as OrdinalFit
    from corrtip.models.scaletest import scale_test as scale_test
    from corrtip.report.curve_figures import plot_specification_curve as plot_specification_curve
    from corrtip.report.etable import etable as etable
    from corrtip.report.figures import plot_coefficients as plot_coefficients
    from corrtip.report.figures import plot_coverage as plot_coverage
    from corrtip.report.figures import plot_predicted_probabilities as plot_predicted_probabilities
    from corrtip.report.figures import plot_tier_by_score as plot_tier_by_score
    from corrtip.report.map_figures import plot_map as plot_map
    from corrtip.report.paper_tables import table_models as table_models
    from corrtip.report.paper_tables import table_replication as table_replication
    from corrtip.report.residual_figures import plot_residuals as plot_residuals
    from corrtip.report.robustness_figures import plot_bounds as plot_bounds
    from corrtip.report.robustness_figures import plot_dominance as plot_dominance
    from corrtip.report.robustness_figures import plot_extrapolation as plot_extrapolation
    from corrtip.report.robustness_figures import plot_influence as plot_influence
    from corrtip.report.scoreboard import plot_scoreboard as plot_scoreboard
    from corrtip.report.style import new_axes as new_axes
    from corrtip.report.style import save_figure as save_figure
    from corrtip.report.year_figures import plot_history as plot_history
    from corrtip.report.year_figures import plot_transitions as plot_transitions
    from corrtip.report.year_figures import plot_years as plot_years
    from corrtip.robustness.between_within import between_within as between_within
    from corrtip.robustness.blocks import Run as Run
    from corrtip.robustness.bounds import extreme_bounds as extreme_bounds
    from corrtip.robustness.collinearity import collinearity as collinearity
    from corrtip.robustness.collinearity import ridge_path as ridge_path
    from corrtip.robustness.confounding import e_value as e_value
    from corrtip.robustness.confounding import robustness_value as robustness_value
    from corrtip.robustness.contested import fragility as fragility
    from corrtip.robustness.curve import SpecificationCurve as SpecificationCurve
    from corrtip.robustness.curve import run_grid as run_grid
    from corrtip.robustness.dominance import dominance as dominance
    from corrtip.robustness.grid import Grid as Grid
    from corrtip.robustness.grid import list_grids as list_grids
    from corrtip.robustness.grid import load_grid as load_grid
    from corrtip.robustness.imputation import impute as impute
    from corrtip.robustness.measurement import published_error as published_error
    from corrtip.robustness.overimputation import overimpute as overimpute
    from corrtip.robustness.permutation import permutation_test as permutation_test
    from corrtip.robustness.pooling import pool as pool
    from corrtip.robustness.resampling import bootstrap as bootstrap
    from corrtip.robustness.resampling import influence as influence
    from corrtip.robustness.resampling import score_bootstrap as score_bootstrap
    from corrtip.robustness.simex import simex as simex
    from corrtip.robustness.two_way import two_way as two_way
    from corrtip.robustness.uncertainty import compare_uncertainty as compare_uncertainty
    from corrtip.robustness.years import every_year as every_year
    from corrtip.spec import Spec as Spec
    from corrtip.studies.replication import Replication as Replication
    from corrtip.studies.replication import replicate as replicate
    from corrtip.studies.scoreboard import Scoreboard as Scoreboard
    from corrtip.studies.scoreboard import scoreboard as scoreboard
    from corrtip.studies.study import Study as Study
    from corrtip.studies.study import list_studies as list_studies
    from corrtip.studies.study import load_study as load_study

_HOMES: Final = {
    "CorrtipError": "corrtip.errors",
    "Grid": "corrtip.robustness.grid",
    "MixedFit": "corrtip.models.mixed",
    "OrdinalFit": "corrtip.models.results",
    "Panel": "corrtip.data.panel",
    "Replication": "corrtip.studies.replication",
    "Run": "corrtip.robustness.blocks",
    "Sample": "corrtip.data.sample",
    "Scoreboard": "corrtip.studies.scoreboard",
    "Spec": "corrtip.spec",
    "SpecificationCurve": "corrtip.robustness.curve",
    "Study": "corrtip.studies.study",
    "anova": "corrtip.models.compare",
    "association": "corrtip.models.fitstats",
    "average_effects": "corrtip.models.effects",
    "average_probabilities": "corrtip.models.effects",
    "between_within": "corrtip.robustness.between_within",
    "bootstrap": "corrtip.robustness.resampling",
    "brant": "corrtip.models.brant",
    "build_history": "corrtip.data.transitions",
    "build_sample": "corrtip.data.sample",
    "clm": "corrtip.models.model",
    "clmm": "corrtip.models.mixed",
    "collinearity": "corrtip.robustness.collinearity",
    "compare_uncertainty": "corrtip.robustness.uncertainty",
    "dominance": "corrtip.robustness.dominance",
    "e_value": "corrtip.robustness.confounding",
    "etable": "corrtip.report.etable",
    "every_year": "corrtip.robustness.years",
    "export_panel": "corrtip.data.export",
    "extreme_bounds": "corrtip.robustness.bounds",
    "fit": "corrtip.estimate",
    "fragility": "corrtip.robustness.contested",
    "goodness_of_fit": "corrtip.models.fitstats",
    "impute": "corrtip.robustness.imputation",
    "influence": "corrtip.robustness.resampling",
    "list_grids": "corrtip.robustness.grid",
    "list_studies": "corrtip.studies.study",
    "load_grid": "corrtip.robustness.grid",
    "load_panel": "corrtip.data.panel",
    "load_study": "corrtip.studies.study",
    "new_axes": "corrtip.report.style",
    "nominal_test": "corrtip.models.parallel",
    "odds_ratios": "corrtip.models.effects",
    "overimpute": "corrtip.robustness.overimputation",
    "parallel_score_test": "corrtip.models.parallel",
    "permutation_test": "corrtip.robustness.permutation",
    "plot_bounds": "corrtip.report.robustness_figures",
    "plot_coefficients": "corrtip.report.figures",
    "plot_coverage": "corrtip.report.figures",
    "plot_dominance": "corrtip.report.robustness_figures",
    "plot_extrapolation": "corrtip.report.robustness_figures",
    "plot_history": "corrtip.report.year_figures",
    "plot_influence": "corrtip.report.robustness_figures",
    "plot_map": "corrtip.report.map_figures",
    "plot_predicted_probabilities": "corrtip.report.figures",
    "plot_residuals": "corrtip.report.residual_figures",
    "plot_specification_curve": "corrtip.report.curve_figures",
    "plot_scoreboard": "corrtip.report.scoreboard",
    "plot_tier_by_score": "corrtip.report.figures",
    "plot_transitions": "corrtip.report.year_figures",
    "plot_years": "corrtip.report.year_figures",
    "pool": "corrtip.robustness.pooling",
    "predicted_probabilities": "corrtip.models.effects",
    "published_error": "corrtip.robustness.measurement",
    "replicate": "corrtip.studies.replication",
    "ridge_path": "corrtip.robustness.collinearity",
    "robustness_value": "corrtip.robustness.confounding",
    "run_grid": "corrtip.robustness.curve",
    "save_figure": "corrtip.report.style",
    "scale_test": "corrtip.models.scaletest",
    "score_bootstrap": "corrtip.robustness.resampling",
    "scoreboard": "corrtip.studies.scoreboard",
    "simex": "corrtip.robustness.simex",
    "surrogate_residuals": "corrtip.models.residuals",
    "table_models": "corrtip.report.paper_tables",
    "table_replication": "corrtip.report.paper_tables",
    "two_way": "corrtip.robustness.two_way",
}
"""Where each public name lives; tests/test_public_names.py holds it to the imports above."""

__all__ = list(_HOMES)


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        return version("corrtip")
    if name not in _HOMES:
        raise AttributeError(f"module 'corrtip' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *_HOMES]
