"""What holds for the records of every room: nobody changes one afterwards, and those of the data are made by name."""

import dataclasses
import importlib
import inspect
import pkgutil

import pytest

import corrtip

RECORDS = [
    noun
    for module in pkgutil.walk_packages(corrtip.__path__, "corrtip.")
    for noun in vars(importlib.import_module(module.name)).values()
    if isinstance(noun, type) and dataclasses.is_dataclass(noun)
    if noun.__module__ == module.name and not noun.__name__.startswith("_")
]


@pytest.mark.parametrize("noun", RECORDS, ids=lambda noun: noun.__name__)
def test_a_record_keeps_what_it_was_made_with(noun):
    # Not even frozen records ask for arguments before they refuse.
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(object.__new__(noun), dataclasses.fields(noun)[0].name, None)


@pytest.mark.parametrize(
    "noun", [noun for noun in RECORDS if noun.__module__.startswith("corrtip.data.")], ids=lambda noun: noun.__name__
)
def test_fields_are_given_by_name(noun):
    # By place, another order of fields would read one for the other.
    kinds = {parameter.kind for parameter in inspect.signature(noun).parameters.values()}
    assert kinds <= {inspect.Parameter.KEYWORD_ONLY}
