"""Whole numbers in JSON."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import fields

_DIGITS = re.compile("-?[0-9]{1,20}")


class WholeNumber(fields.Integer):
    """A whole number. JSON knows one kind of numbers, so 3.0 is 3 (JSON Schema 2020-12, 4.2.3); 3.5 and "3" are not."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, **kwargs)

    def _validated(self, value: Any) -> int:
        if isinstance(value, str | bool):
            raise self.make_error("invalid", input=value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return super()._validated(value)


class WholeNumberInText(fields.Integer):
    """A whole number in a query: its digits. Python would also take ``1_0``, `` 1`` and digits of other scripts."""

    def _validated(self, value: Any) -> int:
        if not (isinstance(value, str) and _DIGITS.fullmatch(value)):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)
