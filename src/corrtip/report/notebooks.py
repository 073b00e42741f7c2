"""Runs one notebook in a fresh kernel and keeps its executed copy, its page and its results, all or none.

``python -m corrtip.report.notebooks notebooks/NAME.ipynb build/notebooks/NAME.ipynb`` writes the executed copy to the
second path, the same as a page beside it (``NAME.html``), and what the notebook saved to ``build/results/NAME/``.
All of it is made in a folder of its own and only renamed after the last cell has run: a notebook that fails, or is
killed, leaves everything as it was. Nothing in the outputs tells when, where or how long: a second run gives the same
bytes.
"""

from __future__ import annotations

import glob
import html
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from corrtip import project
from corrtip.errors import CorrtipError, ReportError
from corrtip.report.artifacts import RESULTS_VARIABLE
from corrtip.report.turns import alone, is_abandoned

if TYPE_CHECKING:
    from nbclient import NotebookClient
    from nbformat import NotebookNode

CELL_SECONDS: Final = 600
"""A cell that runs longer is stopped and named."""

# One thread and one hash seed: sums have one order on every machine. Agg: a figure is shown when the notebook says so.
_SURROUNDINGS: Final = {
    "MPLBACKEND": "agg",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "TZ": "UTC",
}


def run_notebook(source: Path, destination: Path) -> None:
    """Execute ``source`` and write its executed copy to ``destination``, a page beside it, and its results.

    Parameters
    ----------
    source : Path
        The notebook, as committed.
    destination : Path
        ``BUILD/notebooks/NAME.ipynb``; results go to ``BUILD/results/NAME/``.

    Raises
    ------
    ReportError
        If a cell fails or runs longer than `CELL_SECONDS` (notebook, cell and error are named), or the notebook saves
        no results under its own name.
    WriteError
        If the disk is full, or the build folder cannot be written.
    """
    where = f"{source.parent.name}/{source.name}"
    build = destination.parent.parent
    with _staged(build, source.stem) as staging:
        executed = _executed(source, staging, where)
        results = staging / "results" / source.stem
        if not results.is_dir():
            raise ReportError(where, "it saved no results", expected=f'open_results("{source.stem}", ...)')
        made = {destination.with_suffix(".html"): _page(executed, source.stem), destination: _copy(executed)}
        project.write_files({staging / path.name: text for path, text in made.items()})
        with alone(build), project.writing(build):
            _replace(build / "results" / source.stem, results)
            destination.parent.mkdir(exist_ok=True)
            # The copy is what make looks at: it comes last.
            for path in made:
                os.replace(staging / path.name, path)


@contextmanager
def _staged(build: Path, stem: str) -> Iterator[Path]:
    """Yield a folder for what is under way; take away those that runs which were killed left."""
    with ExitStack() as stack:
        with alone(build), project.writing(build):
            for left in build.glob(f".{glob.escape(stem)}.*/"):
                if is_abandoned(left):
                    shutil.rmtree(left, ignore_errors=True)
            staging = Path(tempfile.mkdtemp(dir=build, prefix=f".{stem}."))
            stack.callback(shutil.rmtree, staging, ignore_errors=True)
            stack.enter_context(alone(staging))
        yield staging


def _executed(source: Path, staging: Path, where: str) -> NotebookNode:
    import nbformat
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    try:
        notebook: NotebookNode = nbformat.read(source, as_version=4)  # type: ignore[no-untyped-call]
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, UnicodeDecodeError) as error:
        raise ReportError(where, f"not a notebook: {error}") from error
    # In the system's folder for such things: a local socket's path may not be long.
    with project.private_folder() as private:
        surroundings = {
            **os.environ,
            **_SURROUNDINGS,
            RESULTS_VARIABLE: str(staging / "results"),
            # The user's own start-up files would otherwise run in every notebook.
            "IPYTHONDIR": str(private),
        }
        manager = AsyncKernelManager(
            kernel_name="python3",
            # No kernel folders: the only kernel left is this Python, whatever kernels the user has installed.
            kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),
            # Local sockets: nothing that the kernel says passes through a network port.
            transport="ipc",
            connection_file=str(private / "kernel.json"),
        )
        client = NotebookClient(notebook, km=manager, timeout=CELL_SECONDS, record_timing=False)
        _execute(client, surroundings, source.parent, where)
    return notebook


def _execute(client: NotebookClient, surroundings: dict[str, str], folder: Path, where: str) -> None:
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    try:
        # A manager of our own is ours to close: without it the kernel would live as long as this process.
        client.execute(env=surroundings, cwd=str(folder), cleanup_kc=True)
    except CellExecutionError as error:
        raise _failure(client.nb, where) from error
    except CellTimeoutError as error:
        raise ReportError(where, f"a cell ran longer than {CELL_SECONDS} s") from error
    except DeadKernelError as error:
        raise ReportError(where, "the kernel died") from error


def _failure(notebook: NotebookNode, where: str) -> ReportError:
    place, output = next(
        (place, output)
        for place, cell in enumerate(notebook.cells, start=1)
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    )
    return ReportError(f"{where}, cell {place}", f"{output.ename}: {output.evalue}", mend="Correct the cell")


def _copy(notebook: NotebookNode) -> str:
    import nbformat

    return f"{nbformat.writes(notebook)}\n"  # type: ignore[no-untyped-call]


def _page(notebook: NotebookNode, title: str) -> str:
    from nbconvert import HTMLExporter

    # The basic template names no outside address, but is no whole page.
    body, _ = HTMLExporter(template_name="basic").from_notebook_node(notebook)  # type: ignore[no-untyped-call]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>{_PAGE_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


_PAGE_STYLE: Final = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; color: #1c2126 }
pre { overflow-x: auto; background: #f4f5f6; padding: .6rem }
img { max-width: 100%; height: auto }
table { border-collapse: collapse; display: block; overflow-x: auto }
td, th { padding: .2rem .6rem; border-bottom: 1px solid #ccd1d6 }
.prompt, .anchor-link { display: none }
"""


def _replace(folder: Path, made: Path) -> None:
    """Put ``made`` in the place of ``folder``; whoever looks in between finds no results, and never half of them."""
    folder.parent.mkdir(exist_ok=True)
    old = made.with_name(f"{made.name}.old")
    if folder.exists():
        folder.rename(old)
    try:
        made.rename(folder)
    except OSError:
        old.rename(folder)
        raise


def main(arguments: list[str]) -> int:
    """Run the notebook that the command line names; 0 if it ran, 1 if it failed, 2 if the call is wrong."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m corrtip.report.notebooks SOURCE.ipynb BUILD/notebooks/NAME.ipynb\n")
        return 2
    try:
        run_notebook(Path(arguments[0]).resolve(), Path(arguments[1]).resolve())
    except CorrtipError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
