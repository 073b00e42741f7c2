import pickle

import pytest

from corrtip import errors
from corrtip.errors import CorrtipError, DataError, nearest

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, CorrtipError)]


def test_message_says_where_what_expected_and_how_to_mend():
    error = DataError(
        "data/raw/tip/2019.csv, row 41",
        'country "Swaziland" is not in data/countries.csv',
        expected="a name or alias from there",
        mend='Nearest: "Eswatini".',
    )
    assert str(error) == (
        'data/raw/tip/2019.csv, row 41: country "Swaziland" is not in data/countries.csv. '
        'Expected a name or alias from there. Nearest: "Eswatini".'
    )


def test_message_leaves_out_what_is_not_known():
    assert str(DataError("years", "2005")) == "years: 2005."


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_crosses_process_borders_whole(kind):
    error = kind("where", "seen", expected="this", mend="Do that")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert (again.where, again.seen, again.expected, again.mend) == ("where", "seen", "this", "Do that")
    assert str(again) == str(error)


def test_separation_and_formula_errors_are_model_errors():
    # Callers that step over a model which cannot be had catch ModelError.
    assert issubclass(errors.SeparationError, errors.ModelError)
    assert issubclass(errors.ConvergenceError, errors.ModelError)
    assert issubclass(errors.FormulaError, errors.ModelError)


def test_nearest_names_close_spellings_closest_first():
    assert nearest("infant_mortalty", ["literacy", "infant_mortality", "fertility"]).startswith(
        "Nearest: 'infant_mortality'"
    )


def test_nearest_is_silent_where_nothing_is_close():
    assert nearest("xyz", ["infant_mortality"]) == ""
