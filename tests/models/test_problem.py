import numpy as np
import pytest

from corrtip.errors import ModelError
from corrtip.models.problem import check_problem

GOOD = {"y": [0, 1, 2, 1], "x": [[1.0, 5.0], [2.0, 5.5], [3.0, 4.0], [5.0, 1.0]]}
LABELS = {"levels": ["low", "mid", "high"], "names": ["a", "b"]}


def checked(**changes):
    return check_problem(**{**GOOD, **LABELS, **changes})


def test_names_stand_in_the_order_of_the_parameters():
    problem = checked(
        nominal=[[0.0], [1.0], [0.0], [1.0]], nominal_names=["n"], scale=[[1.0], [2.0], [0.0], [1.0]], scale_names=["s"]
    )
    assert problem.param_names == ("low|mid", "mid|high", "n[low|mid]", "n[mid|high]", "a", "b", "scale[s]")
    assert problem.terms[:3] == (("low|mid", "low|mid"), ("mid|high", "mid|high"), ("n", "low|mid"))
    assert problem.terms[-1] == ("scale[s]", None)
    assert problem.layout.size == len(problem.param_names)


@pytest.mark.parametrize(
    ("weights", "weight_type", "nobs"),
    [
        (None, "frequency", 4),
        ([2, 1, 1, 3], "frequency", 7),
        ([0.5, 1, 1, 1], "frequency", 3.5),
        ([9, 1, 1, 1], "sampling", 4),
    ],
)
def test_observations_are_counted_by_the_meaning_of_the_weights(weights, weight_type, nobs):
    problem = checked(weights=weights, weight_type=weight_type)
    assert problem.nobs == nobs


def test_groups_of_any_kind_become_numbers():
    assert checked(groups=["z", "a", "z", "b"]).groups.tolist() == [2, 0, 2, 1]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"y": [0.0, 1.0, 2.0, 1.0]}, "y: float64 of shape .* Expected a vector of level numbers"),
        ({"y": [[0], [1], [2], [1]]}, r"y: int64 of shape \(4, 1\)"),
        ({"y": [0, 1, 3, 1]}, "y: codes from 0 to 3. Expected 0 to 2"),
        ({"y": [-1, 1, 2, 0]}, "y: codes from -1 to 2"),
        ({"y": [0, 1, 1, 1]}, 'y: level "high" has no observation.*remove_unused_categories'),
        ({"y": [0, 1, 2, 1], "outcome": "tier", "weights": [1, 1, 0, 1]}, 'tier: level "high" has no observation'),
        ({"levels": ["only"]}, "y: 1 level. Expected two or more"),
        ({"x": [[1.0, 5.0], [2.0, np.nan], [3.0, 4.0], [5.0, 1.0]]}, 'x, row 1, column "b": nan.*never dropped'),
        ({"x": [[1.0, 5.0], [2.0, 1.0], [np.inf, 4.0], [5.0, 1.0]]}, 'x, row 2, column "a": inf'),
        ({"x": [[np.inf, 5.0], [-np.inf, 1.0], [3.0, 4.0], [5.0, 1.0]]}, 'x, row 0, column "a": inf'),
        ({"x": [[1.0, 5.0], [1.0, 1.0], [1.0, 4.0], [1.0, 1.0]]}, 'x, column "a": the same value in every row'),
        ({"x": GOOD["x"][:3]}, r"x: shape \(3, 2\). Expected \(4, 2\)"),
        ({"x": [1.0, 2.0, 3.0, 4.0]}, r"x: shape \(4,\)"),
        ({"names": ["a"]}, r"x: shape \(4, 2\). Expected \(4, 1\)"),
        ({"nominal": [[0.0], [np.nan], [1.0], [0.0]], "nominal_names": ["n"]}, 'nominal, row 1, column "n": nan'),
        ({"scale": [[2.0]] * 4, "scale_names": ["s"]}, 'scale, column "s": the same value'),
        ({"weights": [1, -1, 1, 1]}, r"weights\[1\]: -1.0. Expected zero or more"),
        ({"weights": [1, 1, 1]}, r"weights: shape \(3,\)"),
        ({"weights": [1, np.nan, 1, 1]}, r"weights\[1\]: nan"),
        ({"offset": [0.0, 0.0, np.inf, 0.0]}, r"offset\[2\]: inf"),
        ({"groups": [1, 2, 3]}, "groups: 3 values. Expected one for each of the 4 rows"),
        ({"groups": [1, 2, 3, 4, 5]}, "groups: 5 values. Expected one for each of the 4 rows"),
    ],
)
def test_what_is_no_model_is_refused_at_its_place(changes, message):
    with pytest.raises(ModelError, match=message):
        checked(**changes)


def test_a_column_is_constant_where_it_varies_only_in_rows_without_weight():
    x = [[1.0, 5.0], [1.0, 5.5], [1.0, 4.0], [5.0, 1.0]]
    with pytest.raises(ModelError, match='column "a": the same value'):
        checked(x=x, y=[0, 1, 2, 1], weights=[1, 1, 1, 0])
