import os
from types import SimpleNamespace

import generated_pages


def test_pages_are_written_once_and_those_of_names_that_are_gone_removed(tmp_path, panel, monkeypatch):
    monkeypatch.setattr("corrtip.load_panel", lambda: panel)
    (tmp_path / "names.md").write_text("# Names\n\n## Models\n\n| `ct.fit` | fits |\n", encoding="utf-8")
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "gone.rst").write_text("gone", encoding="utf-8")
    app = SimpleNamespace(srcdir=tmp_path)
    generated_pages.write(app)
    written = {path.name for path in (tmp_path / "reference").iterdir()}
    assert written == {"models.md", "fit.rst", "command_line.md", "variables.md", "sources.md"}
    # An old time stamp survives the second run: Sphinx has nothing to read again.
    os.utime(tmp_path / "reference" / "sources.md", (1, 1))
    generated_pages.write(app)
    assert (tmp_path / "reference" / "sources.md").stat().st_mtime == 1
