import errno
import os
import resource
import stat
from pathlib import Path

import pytest

from corrtip import project
from corrtip.errors import CorrtipError, WriteError

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture
def wheel(monkeypatch, tmp_path):
    """The package as a wheel leaves it: no checkout around it."""
    package = tmp_path / "site-packages" / "corrtip"
    package.mkdir(parents=True)
    monkeypatch.setattr(project, "_PACKAGE", package)
    return package


def test_in_a_checkout_the_figures_are_its_data_folder():
    assert project.checkout_root() == CHECKOUT
    assert project.figures_root() == CHECKOUT / "data"
    assert project.require_checkout("report build") == CHECKOUT


def test_in_a_wheel_the_figures_travel_inside(wheel):
    assert project.checkout_root() is None
    assert project.figures_root() == wheel / "figures"


def test_what_needs_a_checkout_says_so_in_a_wheel(wheel):
    with pytest.raises(CorrtipError, match=r"^report build: this is an installed package.*make report"):
        project.require_checkout("report build")


def test_files_are_named_alike_in_checkout_and_wheel(wheel):
    assert project.shown(wheel / "figures" / "raw" / "cpi" / "2005.csv") == "data/raw/cpi/2005.csv"
    assert project.shown(CHECKOUT / "data/raw/cpi/2005.csv", CHECKOUT / "data") == "data/raw/cpi/2005.csv"


def test_a_file_elsewhere_keeps_its_path(tmp_path):
    assert project.shown(tmp_path / "x.csv") == (tmp_path / "x.csv").as_posix()


def test_write_file_makes_folders_and_replaces_what_was_there(tmp_path):
    path = tmp_path / "a" / "b.txt"
    project.write_file(path, "first, longer")
    project.write_file(path, "zweite ä")
    assert path.read_bytes() == "zweite ä".encode()
    assert os.listdir(path.parent) == ["b.txt"]


def test_write_file_is_readable_by_others_whatever_the_umask(tmp_path):
    old = os.umask(0o077)
    try:
        project.write_file(tmp_path / "x", b"bytes")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o644


def test_write_file_that_fails_leaves_the_last_good_file_and_no_other(tmp_path, monkeypatch):
    path = tmp_path / "report.html"
    project.write_file(path, "good")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(WriteError, match=r"report\.html: cannot be written: No space left on device\. Make room there"):
        project.write_file(path, "half")
    assert path.read_text() == "good"
    assert os.listdir(tmp_path) == ["report.html"]


def test_a_disk_that_is_full_in_the_middle_leaves_every_file_as_it_was(tmp_path):
    page, document = tmp_path / "report.html", tmp_path / "report.pdf"
    project.write_files({page: "good", document: "good"})
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(WriteError, match=r"report\.pdf: cannot be written: File too large\. Make room"):
            project.write_files({page: "new", document: 101 * "x"})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"report.html": "good", "report.pdf": "good"}


def test_a_place_that_is_closed_is_named_with_what_to_do(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(WriteError, match=r"file/x: cannot be written: .*Let this user write there, or name another"):
        project.write_file(tmp_path / "file" / "x", "")
