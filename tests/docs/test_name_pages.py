import doctest
from pathlib import Path

import name_pages
import pytest

import corrtip as ct

DOCS = Path(__file__).resolve().parents[2] / "docs"
NAMES = (DOCS / "names.md").read_text(encoding="utf-8")


def test_every_public_name_is_in_one_room_and_has_a_page():
    held = [name for body in name_pages.rooms(NAMES).values() for name in name_pages.names_in(body)]
    assert sorted(held) == sorted(ct.__all__)
    pages = name_pages.name_pages(NAMES)
    for name in ct.__all__:
        assert f":: corrtip.{name}\n" in pages[f"{name_pages.page_of(name)}.rst"]
    assert len({page.lower() for page in pages}) == len(ct.__all__) + len(name_pages.rooms(NAMES))


def test_the_front_page_leads_to_every_room():
    front = (DOCS / "index.md").read_text(encoding="utf-8")
    for heading in name_pages.rooms(NAMES):
        assert f"\nreference/{name_pages.room_page(heading)}\n" in front


@pytest.mark.parametrize(
    ("name", "directive"), [("fit", "autofunction"), ("Spec", "autoclass"), ("CorrtipError", "autoexception")]
)
def test_a_page_asks_for_what_its_name_is(name, directive):
    page = name_pages.name_pages(NAMES)[f"{name_pages.page_of(name)}.rst"]
    assert f".. {directive}:: corrtip.{name}" in page


def test_links_of_a_room_lead_one_folder_up():
    assert "[how](../export.md)" in name_pages.name_pages(NAMES)["figures_and_samples.md"]


def test_the_examples_hold():
    failed, attempted = doctest.testmod(name_pages)
    assert attempted
    assert not failed
