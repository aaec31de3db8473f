"""The rules of the house that a machine can see. Each names the file and what to do."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "gridhall"
ROOMS = [
    "territory", "customers", "metering", "tariffs", "ledger", "payments", "billing", "debits",
]  # fmt: skip
# Books read, compiled, checked and laid on loads: no Django, as a test below sees.
PURE_TARIFFS = (
    "book", "book_text", "by_load", "checking", "compile", "library", "load_terms", "numbers", "price_series", "slots",
    "urdb", "windows",
)  # fmt: skip
MONEY_ROOMS = ["rules", "ledger", "payments", "billing", "debits"]
FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70


def sources(under: Path = SOURCE) -> Iterator[Path]:
    for path in sorted(under.rglob("*.py")):
        if "migrations" not in path.parts and "vendor" not in path.parts:
            yield path


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_files_are_one_subject() -> None:
    long = {shown(p): n for p in sources() if (n := len(p.read_text().splitlines())) > FILE_LINES_MAX}
    assert not long, f"split these by subject: {long}"


def test_functions_are_short() -> None:
    long = {
        f"{shown(path)}:{node.name}": node.end_lineno - node.lineno + 1
        for path in sources()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES_MAX
    }
    assert not long, f"these do more than one thing: {long}"


def test_rooms_are_entered_by_their_public_door() -> None:
    """Another room's `public` (or `ports`) is imported, never its models, acts or queries."""
    wrong = []
    for path in sources():
        own = path.relative_to(SOURCE).parts[0]
        for node in ast.walk(tree(path)):
            names: list[str] = []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            for name in names:
                found = re.match(r"gridhall\.(\w+)\.(\w+)", name)
                if not found or found[1] not in ROOMS or found[1] == own:
                    continue
                if found[2] in ("public", "ports") or (found[1] == "billing" and found[2] == "document"):
                    continue
                if found[1] == "tariffs" and found[2] in PURE_TARIFFS:
                    continue  # the pure part of tariffs is a library of its own
                wrong.append(f"{shown(path)} imports {name}")
    assert not wrong, "\n".join(wrong)


def test_the_pure_part_of_tariffs_needs_no_django() -> None:
    modules = ", ".join(f"gridhall.tariffs.{name}" for name in PURE_TARIFFS)
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, {modules}; sys.exit('django' in sys.modules)"], check=False, cwd=ROOT
    )
    assert done.returncode == 0


def test_no_float_touches_money() -> None:
    wrong = [
        f"{shown(path)}:{node.lineno}"
        for room in MONEY_ROOMS
        for path in sources(SOURCE / room)
        if "document" not in path.parts and "tests" not in path.parts
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float")
    ]
    assert not wrong, f"integers for money and energy: {wrong}"


def test_nothing_is_left_unfinished() -> None:
    pattern = re.compile(r"NotImplementedError|\bTODO\b|\bFIXME\b|\bXXX\b|pragma: no cover")
    wrong = [
        f"{shown(path)}:{n}"
        for path in sources()
        for n, line in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(line)
    ]
    assert not wrong, f"finish these or leave them out: {wrong}"


def test_no_drawer_for_odds_and_ends() -> None:
    wrong = [shown(path) for path in sources() if path.stem in ("utils", "util", "helpers", "common", "misc")]
    assert not wrong, f"name these for what they hold: {wrong}"


@pytest.mark.parametrize("room", ROOMS)
def test_public_functions_say_what_they_do(room: str) -> None:
    path = SOURCE / room / "public.py"
    wrong = [
        f"{shown(path)}:{node.name}"
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert not wrong, f"without a docstring: {wrong}"


def test_the_repo_knows_no_machine_and_no_host() -> None:
    """No path of a developer's machine and no registry host stands in a tracked file."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    pattern = re.compile(
        r"/(work|root)/(main|shared|\.cache)|files\.pythonhosted|pypi\.org/simple|deb\.debian\.org|registry\.npmjs"
    )
    this = Path(__file__).name
    wrong = []
    for name in filter(None, listed):
        path = ROOT / name
        if path.name == this or not path.is_file() or path.stat().st_size > 2_000_000 or "vendor" in path.parts:
            continue
        text = path.read_bytes()
        if b"\0" not in text[:8000] and pattern.search(text.decode("utf-8", "replace")):
            wrong.append(name)
    assert not wrong, wrong


def test_pages_load_nothing_from_elsewhere() -> None:
    pattern = re.compile(r"""(?:src|href|url\()\s*=?\s*["']?(https?:)?//(?!127\.0\.0\.1|localhost)""")
    wrong = []
    for kind in ("*.html", "*.css"):
        for path in SOURCE.rglob(kind):
            if "vendor" not in path.parts and pattern.search(path.read_text()):
                wrong.append(shown(path))
    assert not wrong, wrong


def test_the_page_of_refusal_codes_is_true() -> None:
    """docs/reference/refusals.md is written from the code: run tools/refusal-codes after a change."""
    done = subprocess.run([sys.executable, str(ROOT / "tools" / "refusal-codes"), "--check"], check=False)
    assert done.returncode == 0, "run tools/refusal-codes"
