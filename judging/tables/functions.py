"""Functions of SQL that SQLite and PostgreSQL write differently."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class sha256_hex(FunctionElement[str]):  # noqa: N801 - a function of SQL
    """The SHA-256 of a text as 64 hexadecimal digits, computed by the database."""

    type = String()
    name = "sha256_hex"
    inherit_cache = True


@compiles(sha256_hex, "sqlite")
def _sha256_of_sqlite(element: sha256_hex, compiler: SQLCompiler, **options: Any) -> str:
    return f"judging_sha256({compiler.process(element.clauses, **options)})"


@compiles(sha256_hex, "postgresql")
def _sha256_of_postgresql(element: sha256_hex, compiler: SQLCompiler, **options: Any) -> str:
    return f"encode(sha256(convert_to({compiler.process(element.clauses, **options)}, 'UTF8')), 'hex')"
