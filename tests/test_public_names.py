import ast
import inspect
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import corrtip

# Others rely on these: a name that goes or changes its meaning is a line in CHANGELOG.md.
PUBLIC = [
    "CorrtipError",
    "Grid",
    "MixedFit",
    "OrdinalFit",
    "Panel",
    "Replication",
    "Run",
    "Sample",
    "Scoreboard",
    "Spec",
    "SpecificationCurve",
    "Study",
    "anova",
    "association",
    "average_effects",
    "average_probabilities",
    "between_within",
    "bootstrap",
    "brant",
    "build_history",
    "build_sample",
    "clm",
    "clmm",
    "collinearity",
    "compare_uncertainty",
    "dominance",
    "e_value",
    "etable",
    "every_year",
    "export_panel",
    "extreme_bounds",
    "fit",
    "fragility",
    "goodness_of_fit",
    "impute",
    "influence",
    "list_grids",
    "list_studies",
    "load_grid",
    "load_panel",
    "load_study",
    "new_axes",
    "nominal_test",
    "odds_ratios",
    "overimpute",
    "parallel_score_test",
    "permutation_test",
    "plot_bounds",
    "plot_coefficients",
    "plot_coverage",
    "plot_dominance",
    "plot_extrapolation",
    "plot_history",
    "plot_influence",
    "plot_map",
    "plot_predicted_probabilities",
    "plot_residuals",
    "plot_scoreboard",
    "plot_specification_curve",
    "plot_tier_by_score",
    "plot_transitions",
    "plot_years",
    "pool",
    "predicted_probabilities",
    "published_error",
    "replicate",
    "ridge_path",
    "robustness_value",
    "run_grid",
    "save_figure",
    "scale_test",
    "score_bootstrap",
    "scoreboard",
    "simex",
    "surrogate_residuals",
    "table_models",
    "table_replication",
    "two_way",
]


def test_the_public_names_are_frozen():
    assert sorted(corrtip.__all__) == PUBLIC


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_there_and_documented(name):
    value = getattr(corrtip, name)
    assert inspect.getdoc(value)
    assert name in dir(corrtip)


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_in_the_docs(name):
    page = Path(__file__).parents[1] / "docs" / "names.md"
    assert f"`ct.{name}`" in page.read_text(encoding="utf-8")


def test_types_are_shown_the_same_names_from_the_same_places():
    source = Path(corrtip.__file__).read_text(encoding="utf-8")
    imported = {
        alias.name: node.module
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("corrtip.")
        for alias in node.names
    }
    assert imported == corrtip._HOMES


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'corrtip' has no attribute 'nothing'"):
        _ = corrtip.nothing


def test_the_version_is_the_installed_one():
    assert corrtip.__version__ == version("corrtip")


def test_every_public_name_leaves_drawing_and_the_command_line_unloaded():
    # The budget of `make bench` rests on this. (formulaic is loaded by statsmodels itself.)
    code = (
        "import sys, corrtip; [getattr(corrtip, name) for name in corrtip.__all__];"
        "print(sorted({'matplotlib', 'pypandoc', 'typer', 'nbclient'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
