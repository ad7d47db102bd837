"""The source, read as a tree and not run."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "improvement"

ROOMS = ("rules", "tables", "queries", "figures", "commands", "pages", "api", "routes", "document")


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the package by its path in it, such as `funding/rules.py`."""
    files = sorted(PACKAGE.rglob("*.py"))
    return {str(file.relative_to(PACKAGE)): ast.parse(file.read_text()) for file in files}


def lines() -> dict[str, int]:
    """How long each module is."""
    return {name: len((PACKAGE / name).read_text().splitlines()) for name in modules()}


def slices() -> list[str]:
    """The folders with rooms in them: `web` has none, and is what every page shares."""
    folders = (file for file in sorted(PACKAGE.iterdir()) if (file / "__init__.py").is_file())
    return [folder.name for folder in folders if any(any(folder.glob(f"{room}*")) for room in ROOMS)]


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function, methods and inner ones included."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def calls(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """What is called, as it is written, and on which line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


def texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every literal text, and on which line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
