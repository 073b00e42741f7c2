"""Hold modules, functions and classes to their room: the limits that ruff has no rule for.

    python tools/check_size.py FOLDER...

Only lines of code count: blank lines, comments and docstrings are free, so that nobody saves room by explaining less.
"""

from __future__ import annotations

import ast
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

MODULE_LINES = 300
FUNCTION_LINES = 40
SHORT_FUNCTIONS = 0.95
CLASS_MEMBERS = 12
WIDE_CLASSES = {"OrdinalFit": "the result that statsmodels' users expect to find all answers on"}

_SILENT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def code_lines(path: Path, tree: ast.Module) -> set[int]:
    """Return the numbers of the lines that hold code."""
    with tokenize.open(path) as stream:
        tokens = [token for token in tokenize.generate_tokens(stream.readline) if token.type not in _SILENT]
    lines = {line for token in tokens for line in range(token.start[0], token.end[0] + 1)}
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            text = node.body[0]
            lines -= set(range(text.lineno, (text.end_lineno or text.lineno) + 1))
    return lines


def functions(tree: ast.Module, lines: set[int]) -> Iterator[tuple[str, int, int]]:
    """Yield name, line and lines of code of every function, nested ones included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.lineno, len(lines & set(range(node.lineno, (node.end_lineno or node.lineno) + 1)))


def wide_classes(tree: ast.Module) -> Iterator[tuple[str, int, int]]:
    """Yield name, line and number of public methods and properties of every class that has too many."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name not in WIDE_CLASSES:
            members = {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
            public = [name for name in members if not name.startswith("_")]
            if len(public) > CLASS_MEMBERS:
                yield node.name, node.lineno, len(public)


def main(folders: list[str]) -> int:
    """Print what has outgrown its room; return the exit code."""
    findings: list[str] = []
    long: list[str] = []
    count = 0
    for path in sorted(path for folder in folders for path in Path(folder).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        lines = code_lines(path, tree)
        if len(lines) >= MODULE_LINES:
            findings.append(f"{path}: {len(lines)} lines of code; a module has fewer than {MODULE_LINES}. Split it")
        for name, line, size in functions(tree, lines):
            count += 1
            if size >= FUNCTION_LINES:
                long.append(f"{path}:{line}: {name} has {size} lines of code")
        findings += [
            f"{path}:{line}: class {name} has {size} public members; at most {CLASS_MEMBERS}"
            for name, line, size in wide_classes(tree)
        ]
    if count and len(long) > (1 - SHORT_FUNCTIONS) * count:
        findings += [f"{len(long)} of {count} functions have {FUNCTION_LINES} lines of code or more", *long]
    print("\n".join(findings) or f"Sizes: {count} functions, {len(long)} of {FUNCTION_LINES} lines of code or more")
    return int(bool(findings))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
