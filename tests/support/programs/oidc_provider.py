"""A provider of OpenID Connect, run as a process of its own: ``python -m tests.support.programs.oidc_provider PORT``.

It checks what a provider checks (client, redirect address, code used once, PKCE), and on demand it signs what an
attacker would: the fields of its sign-in form say who signs in, and ``fault`` what is wrong with the token.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests
from flask import Flask, Response, abort, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from werkzeug.wrappers import Response as AnyResponse

from config import SingleSignOn
from tests.support.programs.network import free_port

CLIENT_ID, CLIENT_SECRET = "judging", "a secret of the client, for tests"


def client_settings(issuer: str) -> SingleSignOn:
    """Return the settings of an installation that uses the provider."""
    return SingleSignOn(issuer=issuer, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, name="City account")


def make_provider(issuer: str) -> Flask:
    """Return the provider as an application."""
    app = Flask("provider")
    key, other_key = (RSAKey.generate_key(2048, parameters={"kid": name}) for name in ("first", "first"))
    codes: dict[str, dict[str, str]] = {}
    ended: list[str] = []

    @app.get("/.well-known/openid-configuration")
    def configuration() -> Response:
        return jsonify(
            issuer=issuer,
            authorization_endpoint=f"{issuer}/authorize",
            token_endpoint=f"{issuer}/token",
            jwks_uri=f"{issuer}/keys",
            end_session_endpoint=f"{issuer}/end",
            response_types_supported=["code"],
            subject_types_supported=["public"],
            id_token_signing_alg_values_supported=["RS256", "HS256", "none"],
        )

    @app.get("/keys")
    def keys() -> Response:
        return jsonify(keys=[key.as_dict(private=False)])

    @app.get("/authorize")
    def ask() -> str:
        return (
            '<!doctype html><html lang="en"><title>Provider</title><form method="post">'
            '<label>Subject <input name="sub"></label><label>E-mail <input name="email"></label>'
            '<input type="hidden" name="verified" value="yes"><button>Sign in at the provider</button></form></html>'
        )

    @app.post("/authorize")
    def authorize() -> AnyResponse:
        asked = {**request.args.to_dict(), **request.form.to_dict()}
        if asked["client_id"] != CLIENT_ID or asked["code_challenge_method"] != "S256":
            abort(400)
        code = secrets.token_urlsafe(16)
        codes[code] = asked
        return redirect(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")

    @app.post("/token")
    def token() -> Response:
        given = request.form
        asked = codes.pop(given["code"], None)
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        client = request.authorization
        if (
            asked is None
            or client is None
            or (client.username, client.password) != (CLIENT_ID, CLIENT_SECRET)
            or (given["redirect_uri"], challenge) != (asked["redirect_uri"], asked["code_challenge"])
        ):
            abort(400)
        return jsonify(access_token=secrets.token_urlsafe(16), token_type="Bearer", id_token=signed(asked))

    def signed(asked: dict[str, str]) -> str:
        fault, now = asked.get("fault", ""), int(time.time())
        claims: dict[str, Any] = {
            "iss": "https://evil.example" if fault == "issuer" else issuer,
            "aud": "another client" if fault == "audience" else CLIENT_ID,
            "sub": asked["sub"],
            "email": asked["email"],
            "email_verified": asked.get("verified") == "yes",
            "nonce": "another" if fault == "nonce" else asked["nonce"],
            "iat": now - 7200 if fault == "expired" else now,
            "exp": now - 3600 if fault == "expired" else now + 300,
        }
        if fault == "client secret":
            return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(CLIENT_SECRET))
        if fault == "unsigned":
            header, content = jwt.encode({"alg": "RS256"}, claims, key).split(".")[:2]
            header = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
            return f"{header}.{content}."
        return jwt.encode({"alg": "RS256", "kid": "first"}, claims, other_key if fault == "key" else key)

    @app.get("/end")
    def end() -> AnyResponse:
        hint = jwt.decode(request.args["id_token_hint"], key)
        ended.append(str(hint.claims["sub"]))
        return redirect(f"{request.args['post_logout_redirect_uri']}?{urlencode({'state': request.args['state']})}")

    @app.get("/ended")
    def list_ended() -> Response:
        return jsonify(ended)

    return app


@contextmanager
def running_provider() -> Iterator[str]:
    """Run the provider as a process on a free port; yields its issuer."""
    port = free_port()
    issuer = f"http://127.0.0.1:{port}"
    root = Path(__file__).parents[3]
    process = subprocess.Popen([sys.executable, "-m", "tests.support.programs.oidc_provider", str(port)], cwd=root)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                requests.get(f"{issuer}/ended", timeout=5).raise_for_status()
                break
            except requests.ConnectionError:
                time.sleep(0.1)
        yield issuer
    finally:
        process.terminate()
        process.wait(timeout=30)


if __name__ == "__main__":
    PORT = int(sys.argv[1])
    make_provider(f"http://127.0.0.1:{PORT}").run(port=PORT, threaded=True)
