"""Compression of pages and JSON answers by Flask-Compress: Brotli or gzip, whichever the client prefers.

Static files are compressed once (`assets`), the contents of remembered pages too (`parts`): such answers say their
Content-Encoding already, and are left alone here. Workbooks and bundles are ZIP files, which do not become smaller.

A compressed page that contains both a secret and a text chosen by an attacker can betray the secret by its length
(BREACH), when the attacker can let the reader's browser ask for many such pages. Pages contain a token against forged
requests, and the address of the page. Three things protect the token. The session cookie is ``SameSite=Lax``: pages
that other sites ask for in the background are those of a stranger. The token is signed together with its time: a second
later another signature stands in the page, and guessing one takes thousands of requests. And without the cookie the
token opens nothing.
"""

from flask import Flask, Response, request
from flask_compress import Compress

_ALGORITHMS = ["br", "gzip"]
_compress = Compress()


def init_app(app: Flask) -> None:
    """Compress the answers of the application."""
    app.config.update(
        COMPRESS_ALGORITHM=_ALGORITHMS,
        COMPRESS_BR_LEVEL=4,
        COMPRESS_LEVEL=6,
        # An answer to a save fits one packet as it is.
        COMPRESS_MIN_SIZE=1000,
        COMPRESS_MIMETYPES=["text/html", "application/json", "application/problem+json", "text/javascript", "text/css"],
        # Downloads that are streamed are ZIP files; and whatever is streamed must not wait for a compressor.
        COMPRESS_STREAMS=False,
        # Our ETags are weak, the same for every encoding, and compared before anything is computed (`api.etags`).
        COMPRESS_EVALUATE_CONDITIONAL_REQUEST=False,
        COMPRESS_REGISTER=False,
    )
    _compress.init_app(app)
    app.after_request(_compressed)


def _compressed(response: Response) -> Response:
    # Flask-Compress 1.25 takes an encoding with q=0, which the client refuses (RFC 9110, 12.5.3), for accepted.
    if request.accept_encodings.best_match(_ALGORITHMS) is None:
        response.vary.add("Accept-Encoding")
        return response
    return _compress.after_request(response)
