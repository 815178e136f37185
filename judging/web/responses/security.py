"""Security headers of every answer, and the CSRF check of every POST."""

from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request
from flask_wtf.csrf import CSRFProtect

from judging import bearer_tokens

csrf = CSRFProtect()

# No exceptions: no inline style, no inline script, no other host. `data:` is for Bootstrap's own icons.
_CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)


def init_app(app: Flask) -> None:
    """Add CSRF protection and security headers to the application."""
    # Only browsers send what another site makes them send: a cookie. A request with a token needs no second proof.
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    csrf.init_app(app)
    app.before_request(_check_form)
    app.after_request(_add_headers)


def _check_form() -> None:
    if current_app.config["WTF_CSRF_ENABLED"] and bearer_tokens.presented() is None:
        csrf.protect(apply_exemptions=True)


def _policy() -> str:
    policy, files_url = _CONTENT_SECURITY_POLICY, current_app.config["FILES_URL"]
    if files_url:
        # Images and videos; `connect-src` is for the pages that a judge keeps in the browser.
        policy = policy.replace("data:;", f"data: {files_url};").replace(
            "object-src", f"media-src 'self' {files_url}; connect-src 'self' {files_url}; object-src"
        )
    provider = current_app.config["SINGLE_SIGN_ON"]
    if provider is None:
        return policy
    # Signing out goes on to the provider; browsers apply the rule for forms to where a form is redirected.
    parts = urlsplit(provider.issuer)
    return f"{policy} {parts.scheme}://{parts.netloc}"


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", _policy())
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    # Do not send a personal link or a proposal's address to the site on which a deck is hosted.
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if not request.path.startswith("/static/"):
        # On a shared computer the back button must not show scores after signing out. `private, no-cache` does not
        # suffice: Chromium keeps such a page in memory as a whole and shows it again without asking. The price is that
        # no browser sends If-None-Match for a page; a page that has not changed costs a few milliseconds instead
        # (`web.responses.parts`). ETags are for programs (`api.etags`).
        headers.setdefault("Cache-Control", "no-store")
    return response
