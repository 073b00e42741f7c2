"""The tests that a study's TOML may name, and how one is made from its name and parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from corrtip.declare import declared
from corrtip.errors import DeclarationError, nearest
from corrtip.studies.claims import ClaimTest
from corrtip.studies.claims_beyond import HoldsOverYears, NotAttempted, RobustInBounds
from corrtip.studies.claims_counts import FewAnswered, MostBeyond, PossiblePercentage
from corrtip.studies.claims_fits import MostImportant, MostRelatedAlone, OnlyFocalStandsOut, RanksTogether, SignInJoint

TESTS: Mapping[str, type[ClaimTest]] = {
    "most_related_alone": MostRelatedAlone,
    "only_focal_stands_out": OnlyFocalStandsOut,
    "sign_in_joint": SignInJoint,
    "most_important": MostImportant,
    "ranks_together": RanksTogether,
    "holds_over_years": HoldsOverYears,
    "robust_in_bounds": RobustInBounds,
    "most_beyond": MostBeyond,
    "few_answered": FewAnswered,
    "possible_percentage": PossiblePercentage,
    "not_attempted": NotAttempted,
}
"""The vocabulary."""


def build_test(name: str, parameters: Mapping[str, Any], where: str) -> ClaimTest:
    """Return the test that a study names, with its parameters.

    Raises
    ------
    DeclarationError
        If no test bears the name, or a parameter is unknown, missing or of the wrong type.

    Examples
    --------
    >>> build_test("most_related_alone", {"alpha": 0.1}, "claims[0]").rule[:59]
    'Each predictor alone, all on the same countries. Agrees if '
    """
    if name not in TESTS:
        raise DeclarationError(
            f"{where}, test", f'"{name}"', expected=f"one of {', '.join(TESTS)}", mend=nearest(name, TESTS)
        )
    return declared(TESTS[name], parameters, f"{where}, parameters")
