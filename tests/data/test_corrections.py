"""Declared changes: made where the expected figure stands, loud where it does not."""

import numpy as np
import pytest

from corrtip.data.corrections import load_corrections
from corrtip.data.panel import load_panel
from corrtip.errors import DataError, DeclarationError

TIP = "country,tier,n_independent,derived,from,note,evidence\nAngola,2,2,false,A,,\nChad,3,1,false,A,,\n"
CPI = "country,score,rank,n_sources,std_error,ci_low,ci_high,from,n_independent\nChad,1.7,158,,,1.3,2.1,a,1\n"
SCORE = """
iso3 = "TCD"
year = 2005
variable = "cpi_pre2012"
vintage = "first-published"
published = "1.7"
corrected = 1.8
reason = "a misprint"
reference = "errata"
"""
PLACEMENT = SCORE.replace("cpi_pre2012", "tier").replace("first-published", "published").replace('"1.7"', '"3"')
PLACEMENT = PLACEMENT.replace("corrected = 1.8", 'corrected = "2WL"')


@pytest.fixture
def corrected(folder):
    """Return a function that loads a small panel with one correction, or several."""

    def load(*texts):
        folder.write("tip/2005", TIP)
        folder.write("cpi/2005", CPI)
        (folder.root / "corrections").mkdir()
        for number, text in enumerate(texts):
            (folder.root / "corrections" / f"{number}.toml").write_text(text, encoding="utf-8")
        return load_panel(folder.root)

    return load


def test_without_a_folder_there_is_no_correction(tmp_path):
    assert load_corrections(tmp_path) == {}


def test_a_number_is_changed_and_its_published_text_line_and_reason_stay(corrected):
    found = corrected(SCORE).lineage("TCD", 2005, "cpi_pre2012")
    assert (found.value, found.status, found.raw, found.line) == (1.8, "corrected", "1.7", 2)
    assert found.correction is not None
    assert found.correction.reason == "a misprint"


def test_a_level_is_changed_even_to_one_that_the_file_does_not_hold(corrected):
    panel = corrected(PLACEMENT)
    found = panel.lineage("TCD", 2005, "tier")
    assert (found.level, found.status, found.raw) == ("2WL", "corrected", "3")
    assert np.isnan(found.value)
    assert panel.lineage("AGO", 2005, "tier").correction is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('published = "1.7"', 'published = "1.6"', r"cpi/2005.csv, row 2 now has '1.7'.*'1.6'"),
        ('iso3 = "TCD"', 'iso3 = "AGO"', r"no cpi_pre2012 \(first-published\) of AGO in 2005"),
        ("year = 2005", "year = 2006", "no cpi_pre2012 .* of TCD in 2006"),
        ("cpi_pre2012", "cpi_2005", "no cpi_2005"),
        ("corrected = 1.8", "corrected = 18", "cpi_pre2012 18 of TCD.*from 0 to 10"),
    ],
)
def test_a_correction_that_does_not_fit_the_figures_is_refused(corrected, old, new, message):
    assert old in SCORE
    with pytest.raises(DataError, match=message):
        corrected(SCORE.replace(old, new))


def test_numbers_and_levels_are_not_exchanged(corrected, folder):
    with pytest.raises(DeclarationError, match=r"corrections/0.toml, corrected: '2'.*a number"):
        corrected(SCORE.replace("corrected = 1.8", 'corrected = "2"'))


def test_one_figure_has_one_correction(corrected):
    with pytest.raises(DeclarationError, match=r"corrections/1.toml: .*already corrected in data/corrections/0.toml"):
        corrected(SCORE, SCORE)
