import pytest
from public_names import target_of


@pytest.mark.parametrize(
    ("text", "bare", "target"),
    [
        ('ct.clm("y ~ x", data)', False, "corrtip.clm"),
        ("corrtip.load_panel", True, "corrtip.load_panel"),
        ("OrdinalFit.predict", True, "corrtip.OrdinalFit.predict"),
        ("clm", True, "corrtip.clm"),
        ("clm", False, None),
        ("ct.nothing", False, None),
        ("corrtip.models.mixed.clmm", True, None),
        ("corrtip fit", False, None),
    ],
)
def test_only_public_names_are_linked(text, bare, target):
    assert target_of(text, bare=bare) == target
