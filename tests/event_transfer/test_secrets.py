"""Nothing that signs somebody in, at whichever installation, is in the file of an event."""

from __future__ import annotations

import zipfile
from pathlib import Path

import sqlalchemy
from sqlmodel import Session, select

from judging import db, tables
from judging.services.audit import stored_rows
from tests.support.event import AT
from tests.support.installations import Make, filled

SECRETS = {
    "access_token": ("name",),
    "account_change": ("old_token_hash", "new_token_hash"),
    "authenticator": ("encrypted_secret",),
    "outbox_message": ("token_seed",),
    "passkey": ("credential_id",),
    "person": ("password_hash",),
    "recovery_code": ("code_hash",),
    "setup_link": ("token_hash",),
    "sign_in_link": ("token_hash",),
    "sign_in_session": ("token_hash", "browser", "id_token"),
    "single_sign_on_identity": ("subject",),
    "team_letter_link": ("token_hash",),
    "webhook": ("encrypted_secret", "address"),
}


def add_secrets(session: Session) -> None:
    """Give every person of the event everything that signs in, and the event a webhook."""
    competition = session.exec(select(tables.Competition)).one()
    for row in session.exec(select(tables.Person)).all():
        person, mark = row.pk, f"of-{row.pk}"
        row.password_hash = f"password-{mark}"
        begun = tables.SignInSession(
            person_id=person,
            token_hash=f"session-{mark}",
            began_at=AT,
            how="password",
            address="192.0.2.9",
            browser=f"browser-{mark}",
            last_used_at=AT,
            id_token=f"id-token-{mark}",
        )
        session.add(begun)
        session.flush()
        session.add_all(
            [
                tables.Passkey(
                    person_id=person, credential_id=f"passkey-{mark}", public_key=b"key", name="Key", created_at=AT
                ),
                tables.Authenticator(person_id=person, encrypted_secret=f"app-{mark}", created_at=AT),
                tables.RecoveryCode(person_id=person, code_hash=f"code-{mark}", created_at=AT),
                tables.SingleSignOnIdentity(
                    person_id=person, issuer="https://id.example.org", subject=f"subject-{mark}", first_used_at=AT
                ),
                tables.AccessToken(
                    person_id=person,
                    sign_in_session_id=begun.pk,
                    name=f"program-{mark}",
                    scopes=["results"],
                    created_at=AT,
                    expires_at=AT,
                    window_began_at=AT,
                ),
                tables.AccountChange(
                    kind="address",
                    person_id=person,
                    asked_by=person,
                    asked_at=AT,
                    old_token_hash=f"old-{mark}",
                    new_token_hash=f"new-{mark}",
                ),
                tables.Webhook(
                    competition_id=competition.pk,
                    address=f"https://hooks.example.org/{mark}",
                    events=[],
                    encrypted_secret=f"webhook-{mark}",
                    created_at=AT,
                    created_by=person,
                ),
            ]
        )
    session.flush()
    # Sessions are reported by whoever stores them.
    begun_rows = tables.metadata.tables["sign_in_session"]
    stored_rows.note(session, dict(stored_rows.digests(session.connection(), begun_rows)))


def test_no_secret_is_in_any_part(make: Make, tmp_path: Path) -> None:
    source = filled(make, "sqlite")
    with db.transaction(source.engine) as session:
        add_secrets(session)
    with source.engine.connect() as connection:
        secrets = {
            str(value)
            for name, columns in SECRETS.items()
            for column in columns
            for value in connection.execute(sqlalchemy.select(tables.metadata.tables[name].c[column])).scalars()
            if value
        }
    source.export(tmp_path / "event.zip")
    with zipfile.ZipFile(tmp_path / "event.zip") as archive:
        content = b"\n".join(archive.read(name) for name in archive.namelist()).decode(errors="replace")
    assert len(secrets) > 60
    assert [secret for secret in secrets if secret in content] == []
