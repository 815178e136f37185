"""Sign in and out at a provider of OpenID Connect: authorization code with PKCE, state and nonce.

The provider's answer comes with a GET, which signs nobody in: it shows whose account it is, and a button does it.
"""

from __future__ import annotations

from typing import Any

import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, Flask, abort, current_app, make_response, redirect, render_template, url_for
from joserfc.errors import JoseError
from requests import RequestException
from werkzeug.wrappers import Response as AnyResponse

from judging import request as this
from judging.errors import NotAllowed, Unavailable
from judging.public_address import public_link
from judging.request_language import translate
from judging.services.authentication import sessions, single_sign_on
from judging.services.authentication.single_sign_on import Identity
from judging.web.account.session_start import (
    begin_second_step,
    begin_session,
    needs_second_step,
    origin_of_request,
    pending,
    remember_first_factor,
)
from judging.web.home import local_path

bp = Blueprint("single_sign_on", __name__, url_prefix="/sign-in/single-sign-on")
log = structlog.get_logger()

_SECONDS = 10
# Never `none`, and never a shared secret: a token signed with the client's secret could be made by anybody who has it.
_ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
)
_FAULTS = (AuthlibBaseError, JoseError, RequestException, KeyError, ValueError, RuntimeError)


def init_app(app: Flask) -> None:
    """Register the provider of the settings, if there is one."""
    settings = app.config["SINGLE_SIGN_ON"]
    if settings is None:
        return
    clients = OAuth(app)
    app.extensions["judging.single_sign_on"] = clients.register(
        name="provider",
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        server_metadata_url=f"{settings.issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256", "default_timeout": _SECONDS},
    )


def provider_name() -> str | None:
    """Return the name of the provider for a button; None without one."""
    settings = current_app.config["SINGLE_SIGN_ON"]
    return settings.name if settings is not None else None


def sign_out_address(id_token: str | None) -> str | None:
    """Return the address at which the provider ends its own session too; None when it has none or cannot be asked."""
    if id_token is None or provider_name() is None:
        return None
    client = _client()
    try:
        made: dict[str, Any] = client.create_logout_url(
            post_logout_redirect_uri=public_link("auth.sign_in"),
            id_token_hint=id_token,
            client_id=client.client_id,
        )
    except _FAULTS as error:
        log.warning("no sign-out at the provider", error=str(error))
        return None
    return str(made["url"])


@bp.get("")
def begin() -> AnyResponse:
    """Send the browser to the provider."""
    client = _client()
    this.end_reading()
    try:
        answer: AnyResponse = client.authorize_redirect(public_link("single_sign_on.show"))
    except _FAULTS as error:
        log.warning("provider not reached", error=str(error))
        raise Unavailable from error
    return answer


@bp.get("/answer")
def show() -> AnyResponse:
    """Check the provider's answer, and show whose account it is, with a button."""
    client = _client()
    this.end_reading()
    settings = current_app.config["SINGLE_SIGN_ON"]
    try:
        metadata = client.load_server_metadata()
        if metadata.get("issuer") != settings.issuer:
            raise ValueError(f"its description is of another issuer: {metadata.get('issuer')}")
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = [name for name in offered if name in _ALGORITHMS]
        token: dict[str, Any] = client.authorize_access_token(
            claims_options={
                "iss": {"essential": True, "values": [settings.issuer]},
                "aud": {"essential": True, "value": settings.client_id},
                "sub": {"essential": True},
            }
        )
        claims: dict[str, Any] = token["userinfo"]
    except _FAULTS as error:
        log.warning("answer of the provider refused", error=f"{type(error).__name__}: {error}")
        return _refused()
    identity = Identity(
        issuer=settings.issuer,
        subject=str(claims["sub"])[:300],
        email=str(claims.get("email", "")),
        # Some providers send a text; only the truth value itself counts.
        is_email_verified=claims.get("email_verified") is True,
    )
    try:
        person = single_sign_on.find_person(this.session(), identity)
    except NotAllowed:
        return _refused()
    proof = {"subject": identity.subject, "id_token": str(token["id_token"])}
    if needs_second_step(person.pk):
        return begin_second_step("single_sign_on", person.pk, target=None, **proof)
    remember_first_factor("single_sign_on", person.pk, target=None, **proof)
    return make_response(render_template("auth/single_sign_on.html", person=person))


@bp.post("/finish")
def finish() -> AnyResponse:
    """Begin the session of the person whom the provider has named."""
    shown = pending()
    if shown is None or shown["how"] != "single_sign_on" or needs_second_step(shown["person"]):
        return redirect(url_for("auth.sign_in"), code=303)
    origin = origin_of_request()
    try:
        with this.writing_for_anybody() as own:
            identity = Identity(issuer=current_app.config["SINGLE_SIGN_ON"].issuer, subject=shown["subject"])
            person = single_sign_on.remember(own, identity, shown["person"], at=this.now(), address=this.address())
            begun = sessions.begin(
                own, person, how="single_sign_on", id_token=shown.get("id_token"), at=this.now(), **origin
            )
    except NotAllowed:
        return _refused()
    begin_session(begun)
    return redirect(local_path(shown["target"]) or url_for("home.index"), code=303)


def _client() -> Any:
    client = current_app.extensions.get("judging.single_sign_on")
    if client is None:
        abort(404)
    return client


def _refused() -> AnyResponse:
    page = render_template("fault.html", status=403, message=translate(single_sign_on.NOT_INVITED), details=[])
    return make_response(page, 403)
