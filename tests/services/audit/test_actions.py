"""Every action that the code records is known, and has words in each language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale

import judging
from judging.services.audit.actions import KINDS, kind_of
from judging.web.words import audit_words

ROOT = Path(judging.__path__[0])
KNOWN = {action for actions in KINDS.values() for action in actions}
_RECORDING = ("logged", "record", "record_in_round", "values_of", "_record_on_assignment", "_record_declaration")
_PREFIXES = sorted({action.partition(".")[0] for action in KNOWN if "." in action})
_PREFIX = re.compile(rf"(?:{'|'.join(_PREFIXES)})\.[a-z_]+")
_FILES = re.compile(r".*\.(?:csv|json|xlsx|yaml|zip|txt)")


def recorded(tree: ast.AST) -> Iterator[str]:
    """Yield the actions that a module names: in calls that record, and wherever a text looks like an action."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            place = {"logged": 0, "values_of": 1}.get(name, 2)
            if name in _RECORDING and len(node.args) > place:
                yield from (
                    part.value
                    for part in ast.walk(node.args[place])
                    if isinstance(part, ast.Constant)
                    and isinstance(part.value, str)
                    and part.value.islower()
                    and part.value not in ("submitted",)
                )
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _PREFIX.fullmatch(node.value):
            yield node.value


def test_every_recorded_action_is_known() -> None:
    found = {
        action
        for folder in ("services", "jobs", "web", "api", "cli")
        for path in (ROOT / folder).rglob("*.py")
        # The command line names its modules in the same form, `competition.plan`; scopes and answers that are not kept
        # name operations, and the editor of definitions names fields.
        if path.name not in ("actions.py", "audit_words.py", "editor_words.py", "scopes.py", "idempotency.py")
        and path not in (ROOT / "cli" / "__init__.py", ROOT / "web" / "organiser" / "editor" / "form.py")
        for action in recorded(ast.parse(path.read_text()))
        if not _FILES.fullmatch(action)
    }
    assert found - KNOWN == set()
    assert KNOWN - found <= {"log.extended", "rows.stored"}


@pytest.mark.parametrize("locale", ["en", "zh_Hant_HK", "zh_Hans_CN"])
def test_every_action_has_a_sentence_and_every_kind_a_name(app: Flask, locale: str) -> None:
    with app.test_request_context(), force_locale(locale):
        sentences = {action: audit_words.sentence_of(action, who="WHO", what="WHAT") for action in KNOWN}
        assert set(audit_words.kind_names()) == set(KINDS)
        assert audit_words.sentence_of("later.action", who="WHO", what="WHAT") == "WHO: later.action WHAT"
    assert len(set(sentences.values())) == len(KNOWN)
    assert [action for action, text in sentences.items() if "%(" in text or ("." in action and action in text)] == []


def test_an_unknown_action_is_one_of_the_log() -> None:
    assert (kind_of("release.signed"), kind_of("later.action")) == ("releases", "log")
