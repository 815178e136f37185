"""Statements compiled once in a process for all databases of one kind: a test spent a third of its time compiling."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlmodel
from sqlalchemy import Engine

from judging.db import engines


@contextmanager
def kept() -> Iterator[None]:
    """Let every new engine take over what the first of its kind has compiled, while the block runs.

    SQLAlchemy keeps compiled statements by dialect, an object that each engine has for itself. The dialects of one kind
    are alike here: all databases of a process are of one server, and of one version of SQLite.
    """
    create: Callable[..., Engine] = sqlmodel.create_engine
    kept_of: dict[str, tuple[Any, Any]] = {}

    def create_like_the_first(*arguments: Any, **options: Any) -> Engine:
        engine = create(*arguments, **options)
        dialect, compiled = kept_of.setdefault(engine.dialect.name, (engine.dialect, engine._compiled_cache))
        engine.dialect = engine.pool._dialect = dialect
        engine._compiled_cache = compiled
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engines, "create_engine", create_like_the_first)
        yield
