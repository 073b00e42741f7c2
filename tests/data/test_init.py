"""What holds for all of the room: a record is made by the names of its fields, and nobody can change it afterwards."""

import dataclasses
import importlib
import inspect
import pkgutil

import pytest

import corrtip.data

RECORDS = [
    noun
    for module in pkgutil.walk_packages(corrtip.data.__path__, "corrtip.data.")
    for noun in vars(importlib.import_module(module.name)).values()
    if isinstance(noun, type) and dataclasses.is_dataclass(noun)
    if noun.__module__ == module.name and not noun.__name__.startswith("_")
]


@pytest.mark.parametrize("noun", RECORDS, ids=lambda noun: noun.__name__)
def test_a_record_keeps_what_it_was_made_with(noun):
    # Not even frozen records ask for arguments before they refuse.
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(object.__new__(noun), dataclasses.fields(noun)[0].name, None)


@pytest.mark.parametrize("noun", RECORDS, ids=lambda noun: noun.__name__)
def test_fields_are_given_by_name(noun):
    # By place, another order of fields would read one for the other.
    kinds = {parameter.kind for parameter in inspect.signature(noun).parameters.values()}
    assert kinds <= {inspect.Parameter.KEYWORD_ONLY}
