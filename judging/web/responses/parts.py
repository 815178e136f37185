"""Pages whose content is rendered once and sent again until something it depends on has changed.

Only the content of a page is remembered. Everything around it (the reader's name, the language switch, messages after
an action, the token against forged requests) is rendered for each request. Where the content has a form, the token has
a hole there, which is filled for each request too.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, cast

from flask import Flask, Response, current_app, g, render_template, request
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from judging import request as this
from judging.request_language import current_language
from judging.services.rounds.round_state import RoundState, state_for
from judging.web.responses.part_cache import PartCache, RememberedPart, Segment, gzip_of

_Arguments = ParamSpec("_Arguments")
_Key = tuple[str, str, tuple[tuple[str, str], ...], RoundState]

# Unguessable and never sent, so no text of a competition can contain them.
_HOLE, _CUT, _SLOT = (f"part-{secrets.token_hex(16)}" for _ in range(3))
_BLOCKS = ("title", "head", "place", "scripts", "content")


def key_of(competition: str, round_key: str) -> _Key:
    """Return everything on which the content of a round's page depends.

    - the page and its address: endpoint, path, and every argument of the query (view, filters, order, columns, run);
    - the language of the reader;
    - the state of the round for the reader (`RoundState`): newest run, scoresheets, decisions, awards, meetings,
      releases, rules, rosters and assignments by the hash of the newest audit entry; definitions of competition and
      round, state and deadline of the round; the reader's roles, city and hidden proposals.

    It raises NotFound or NotAllowed for a reader who may not see the round.
    """
    arguments = tuple(sorted(request.args.items(multi=True)))
    state = state_for(this.session(), this.actor(), competition, round_key)
    return request.path, current_language(), arguments, state


def remembered(view: Callable[_Arguments, str]) -> Callable[_Arguments, Response]:
    """Let the GET view of a round's page be rendered once for each key.

    The view takes ``competition`` and ``round_key`` and depends on nothing beyond `key_of`: not on the person who asks,
    nor on the clock.
    """

    @wraps(view)
    def answer(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> Response:
        place = cast(dict[str, str], kwargs)
        key = key_of(place["competition"], place["round_key"])
        cache = cast(PartCache, current_app.extensions["judging.parts"])
        part = cache.get(key)
        if part is None:
            part = _render(lambda: view(*args, **kwargs))
            # Somebody may have changed something meanwhile: then the content may be newer than its key.
            if key_of(place["competition"], place["round_key"]) == key:
                cache.put(key, part)
        return _assemble(part)

    return answer


def _render(view: Callable[[], str]) -> RememberedPart:
    g.judging_part = True
    try:
        blocks = view().split(_CUT)
    finally:
        del g.judging_part
    if generate_csrf() in "".join(blocks):
        raise RuntimeError("A form of this page took its token from elsewhere: no part may hold one.")
    if len(blocks) != len(_BLOCKS):
        raise RuntimeError("The template of a remembered page must extend `layout`: only its content may be kept.")
    small, content = blocks[:-1], blocks[-1]
    return RememberedPart(tuple(small), tuple(Segment.of(piece.encode()) for piece in content.split(_HOLE)))


def _assemble(part: RememberedPart) -> Response:
    blocks = {name: Markup(text) for name, text in zip(_BLOCKS, part.blocks, strict=False)}  # noqa: S704 - rendered by templates
    before, after = render_template("remembered.html", **blocks, content=Markup(_SLOT)).encode().split(_SLOT.encode())  # noqa: S704 - our own slot
    token = generate_csrf().encode()
    pieces: list[bytes | Segment] = [before]
    for number, segment in enumerate(part.content):
        pieces += [token, segment] if number else [segment]
    pieces.append(after)
    if request.accept_encodings["gzip"] > 0:
        response = Response(gzip_of(pieces), mimetype="text/html")
        response.content_encoding = "gzip"
    else:
        plain = (piece.plain if isinstance(piece, Segment) else piece for piece in pieces)
        response = Response(b"".join(plain), mimetype="text/html")
    response.vary.add("Accept-Encoding")
    return response


def _in_templates() -> dict[str, Any]:
    if g.get("judging_part", False):
        return {"layout": "part.html", "cut": Markup(_CUT), "csrf_token": lambda: Markup(_HOLE)}  # noqa: S704 - our own marks
    return {"layout": "base.html"}


def init_app(app: Flask) -> None:
    """Give templates their layout. After the CSRF protection, whose token this hides."""
    app.context_processor(_in_templates)


def connect(app: Flask) -> None:
    """Give the application an empty cache."""
    app.extensions["judging.parts"] = PartCache()
