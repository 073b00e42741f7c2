"""A minute's worth of the faults: each file operation struck in turn, and one build that is killed."""

import json
import subprocess
import sys
from pathlib import Path

from stress.operations import all_whole, documents_stand, untouched

ROOT = Path(__file__).resolve().parents[2]
# Forked children inherit what a test runner holds; a process of its own has nothing but this.
STRIKE = """
import json
from stress.operations import strike_all
print(json.dumps({name: [part.tried, part.survived, *part.notes] for name, part in strike_all().items()}))
"""


def test_no_file_operation_that_fails_or_is_the_last_one_loses_anything():
    ran = subprocess.run([sys.executable, "-c", STRIKE], cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(ran.stdout)
    assert len(found) == 6
    for name, (tried, survived, *notes) in found.items():
        assert survived == tried >= 14, (name, notes)


BEFORE = dict.fromkeys(("report.html", "report.pdf", "report.docx", "manifest.json", "notebooks/a.ipynb"), "old")
AFTER = {**dict.fromkeys(BEFORE, "new"), "results/a/n.json": "new"}


def test_what_is_cut_or_missing_is_seen():
    assert documents_stand(BEFORE, AFTER, {**BEFORE, "report.html": "new", ".report.pdf.x": "half"})
    assert not documents_stand(BEFORE, AFTER, {**BEFORE, "report.html": "half"})
    assert not documents_stand(BEFORE, AFTER, {"report.html": "old"})
    assert all_whole(BEFORE, AFTER, {"report.html": "old"})
    assert untouched(BEFORE, AFTER, BEFORE)
    assert not untouched(BEFORE, AFTER, {**BEFORE, "report.html": "new"})
    assert not untouched(BEFORE, AFTER, {**BEFORE, "notebooks/a.ipynb": "new"})
