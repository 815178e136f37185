"""The house keeps its shape."""

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

from importlinter.cli import lint_imports

import judging

ROOT = Path(__file__).resolve().parent.parent
CORE = ("errors", "competition", "rubric", "ranking", "shortlist", "assignment", "calibration")
EDGES = (
    "flask",
    "sqlmodel",
    "sqlalchemy",
    "pydantic",
    "alembic",
    "marshmallow",
    "yaml",
    "openpyxl",
    "werkzeug",
    "babel",
)


def tracked_files() -> list[Path]:
    """Return every file that git keeps, or would keep."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def test_imports_go_down_only() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_logo=True) == 0


def test_every_module_can_be_imported_and_says_what_it_is() -> None:
    names = [module.name for module in pkgutil.walk_packages(judging.__path__, "judging.")]
    assert [name for name in names if not importlib.import_module(name).__doc__] == []


def test_the_core_loads_numbers_and_nothing_of_the_edges() -> None:
    # A fresh interpreter: import-linter cannot see what a parent package brings in.
    names = ", ".join(f"judging.{name}" for name in CORE)
    program = f"import sys, {names}\nprint(sorted(set({EDGES!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def hides_a_missing_key(node: ast.AST) -> bool:
    """Tell whether an expression puts a number in the place of a key that is missing, as in `row.id or 0`."""
    match node:
        case ast.BoolOp(
            op=ast.Or(), values=[ast.Attribute(attr=name) | ast.Name(id=name), *_, ast.Constant(value=int())]
        ):
            return name == "id" or name.endswith("_id")
    return False


def test_a_missing_key_is_never_taken_for_key_zero() -> None:
    assert hides_a_missing_key(ast.parse("row.id or 0", mode="eval").body)
    assert hides_a_missing_key(ast.parse("actor.person_id or 0", mode="eval").body)
    found = [
        f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
        for path in tracked_files()
        if path.suffix == ".py"
        for node in ast.walk(ast.parse(path.read_text()))
        if hides_a_missing_key(node)
    ]
    assert found == []


def test_no_lock_of_a_row_stops_those_who_refer_to_it() -> None:
    # FOR UPDATE waits for, and stops, every foreign key to the row: a deadlock with whoever writes into the log.
    allowed = ("key_share=True", '"key_share": True', "read=True", '"read": True', "tables.AuditHead", "head.c.hash")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in tracked_files()
        if path.suffix == ".py" and path.is_relative_to(ROOT / "judging") and "migrations" not in path.parts
        for line in path.read_text().splitlines()
        if "with_for_update" in line and not any(part in line for part in allowed)
    ]
    assert found == []


def test_no_file_is_longer_than_a_reader_takes_in() -> None:
    code = (".py", ".js", ".css", ".html")
    lines = {
        path.relative_to(ROOT): len(path.read_text().splitlines()) for path in tracked_files() if path.suffix in code
    }
    assert {path: n for path, n in lines.items() if n > 400} == {}


def test_no_file_names_a_registry_or_this_machine() -> None:
    # Written in pieces, or this file would name them.
    registry = r"(?:files|registry|deb|mirror)\.[a-z]+\.(?:org|com)|(?:pypi|python" + r"hosted|npmjs)\.(?:org|com)"
    machine = r"(?<![\w.])/(?:work|root|home/\w+|tmp/\w+)/"
    found = []
    for path in tracked_files():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match}" for match in re.findall(f"{registry}|{machine}", text)]
    assert found == []
