"""ETags of answers about a round: a program that asks again with If-None-Match gets 304 before anything is computed.

flask-smorest makes an ETag of the finished answer, which must be computed to be compared. Here it is made of what the
answer depends on. It is weak: the same answer may be sent compressed or not. Answers say ``no-store`` like the pages,
so no browser keeps them; whoever wants to revalidate keeps answer and ETag itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any, ParamSpec

from flask import Response, after_this_request, request

import judging
from judging import request as this
from judging.services.rounds.round_state import state_for

_Arguments = ParamSpec("_Arguments")


def unless_unchanged(view: Callable[_Arguments, Any]) -> Callable[_Arguments, Any]:
    """Let a GET view about a round respond 304 to a request that has its newest answer already.

    The view depends on its address, the query and the state of the round (`RoundState`), on nothing else.
    """

    @wraps(view)
    def answer(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> Any:
        etag = _etag_of(str(kwargs["competition"]), str(kwargs["round_key"]))
        if request.if_none_match.contains_weak(etag):
            unchanged = Response(status=304)
            unchanged.set_etag(etag, weak=True)
            return unchanged

        @after_this_request
        def add_etag(response: Response) -> Response:
            if response.status_code == 200:
                response.set_etag(etag, weak=True)
            return response

        return view(*args, **kwargs)

    return answer


def _etag_of(competition: str, round_key: str) -> str:
    state = state_for(this.session(), this.actor(), competition, round_key)
    parts: list[object] = [_program(), request.path, *sorted(request.args.items(multi=True))]
    parts += state.fields()
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


@cache
def _program() -> str:
    """Return a digest of the program: another version may give another answer from the same state."""
    digest = hashlib.sha256()
    for path in sorted(Path(judging.__path__[0]).rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
