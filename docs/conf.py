"""How Sphinx builds docs/ into a site: `make docs`. Nothing is fetched, and a warning is an error."""

import sys
from importlib.metadata import version as installed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "corrtip"
author = "the corrtip authors"
version = release = installed("corrtip")
copyright = "the corrtip authors; the figures belong to their publishers"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "numpydoc",
    "mathml",
    "public_names",
    "generated_pages",
    "self_contained",
]
exclude_patterns = ["_ext"]
nitpicky = True
# What a docstring compares a function with ("See Also"), where it is another program.
nitpick_ignore = [("py:obj", program) for program in ("R", "SAS", "Stata", "statsmodels")]

myst_enable_extensions = ["dollarmath", "attrs_inline"]
myst_heading_anchors = 3

# Types stand in the text of each docstring, with their units; in a signature they would hide the names.
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
default_role = "name"
# Quotes in code and in the types of docstrings stay as they are typed.
smartquotes = False

html_theme = "furo"
html_title = f"corrtip {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
# A page that was opened as a file may not read the others for an excerpt.
html_show_search_summary = False
html_math_renderer = "mathml"
pygments_style = "default"
pygments_dark_style = "github-dark"
