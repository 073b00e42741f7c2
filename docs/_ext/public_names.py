"""Every public name links to its page: `ct.clm` wherever it stands on a page, `clm` in a docstring."""

import re
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util.docutils import SphinxRole
from sphinx.util.typing import ExtensionMetadata

import corrtip

_NAME = re.compile(r"(?P<prefix>(?:ct|corrtip)\.)?(?P<path>(?P<first>\w+)(?:\.\w+)?)(?=\W|$)")
_IN_DOCSTRING = "name"


def target_of(text: str, *, bare: bool) -> str | None:
    """Return the full name of what ``text`` begins with, or None where that is not public.

    Parameters
    ----------
    text : str
        Code, such as ``ct.clm("y ~ x", data)``.
    bare : bool
        Whether the name may stand without ``ct.``.
    """
    found = _NAME.match(text)
    if found is None or found["first"] not in corrtip.__all__ or not (bare or found["prefix"]):
        return None
    return f"corrtip.{found['path']}"


class NameRole(SphinxRole):
    """What stands in single backticks in a docstring: code that may be a public name."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return it as code."""
        return [nodes.literal(self.rawtext, self.text, classes=[_IN_DOCSTRING])], []


class LinkPublicNames(SphinxTransform):
    """Wrap code that begins with a public name in a link to its page."""

    default_priority = 400

    def apply(self, **kwargs: Any) -> None:
        """Link the names of one page, except in headings and where a link stands already."""
        for literal in list(self.document.findall(nodes.literal)):
            target = target_of(literal.astext(), bare=_IN_DOCSTRING in literal["classes"])
            if target is None or isinstance(literal.parent, nodes.title | nodes.reference | addnodes.pending_xref):
                continue
            reference = addnodes.pending_xref(
                "",
                refdomain="py",
                reftype="obj",
                reftarget=target,
                refexplicit=True,
                refwarn=True,
                refdoc=self.env.docname,
            )
            literal.replace_self(reference)
            reference += literal


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the role of docstrings and the transform."""
    app.add_role(_IN_DOCSTRING, NameRole())
    app.add_transform(LinkPublicNames)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
