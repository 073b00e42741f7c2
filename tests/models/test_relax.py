from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from corrtip.errors import ConvergenceError
from corrtip.models.model import clm
from corrtip.models.newton import maximise
from corrtip.models.relax import design_of, is_sound, relaxed, with_nominal, with_scale

# The same maximum from another start.
SAME = 1e-12


def test_a_moved_column_keeps_its_name_and_numbers(random_problem):
    problem = random_problem(location=3)
    moved = with_nominal(problem, [0, 2])
    assert moved.location_names == ("x1",)
    assert moved.nominal_names == ("w0", "x0", "x2")
    assert np.array_equal(moved.nominal[:, 1:], problem.location[:, [0, 2]])
    assert with_scale(problem, problem.location[:, :1], ["x0"]).scale_names == ("z0", "x0")


def test_the_larger_model_is_the_one_that_clm_fits(wine):
    fit = clm("rating ~ temp + contact", wine, link="probit", weights="w", offset="off").estimate
    found = relaxed(fit, with_nominal(fit.problem, [1]))
    wanted = clm("rating ~ temp", wine, nominal="~ contact", link="probit", weights="w", offset="off")
    assert found.llf == pytest.approx(wanted.llf, rel=SAME)
    assert (found.n_params, found.note) == (len(wanted.names), "")


def test_an_infinite_maximum_is_a_limit_and_says_so(wine):
    # No cold wine has level 5 and no warm one level 1.
    fit = clm("rating ~ temp + contact", wine).estimate
    found = relaxed(fit, with_nominal(fit.problem, [0]))
    assert found.note == "infinite are temp[T.warm][1|2], temp[T.warm][4|5]; the likelihood is its limit there"
    # A billionth of such a wine makes all estimates finite and moves the likelihood by some billionths.
    data = pd.concat([wine, wine.iloc[:2].assign(rating=["1", "5"], temp=["warm", "cold"])], ignore_index=True)
    data["rating"] = pd.Categorical(data["rating"], ordered=True)
    near = clm("rating ~ contact", data, nominal="~ temp", weights=np.r_[np.ones(72), 1e-9, 1e-9])
    assert found.llf == pytest.approx(near.llf, rel=1e-8)


def test_a_worse_larger_model_is_an_error(wine):
    fit = clm("rating ~ temp", wine).estimate
    at = fit.maximum.at
    higher = replace(fit, maximum=replace(fit.maximum, at=replace(at, llf=at.llf + 5.0)))
    with pytest.raises(ConvergenceError, match="a larger model with a lower likelihood"):
        relaxed(higher, with_scale(fit.problem, fit.problem.location, ["temp"]))


def test_a_sound_maximum_is_told_from_one_at_infinity(wine):
    fit = clm("rating ~ temp + contact", wine).estimate
    assert is_sound(fit.maximum)
    problem = with_nominal(fit.problem, [0])
    design = design_of(problem)
    assert not is_sound(maximise(design, fit.link, problem.weights[design.order][None]))
