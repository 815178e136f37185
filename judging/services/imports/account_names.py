"""The names of accounts that a roster of judges makes."""

from __future__ import annotations

from collections.abc import Mapping

from judging import tables
from judging.errors import InvalidInput, Message
from judging.incoming_tables.complaints import Complaints
from judging.schemas.cell_fields import folded
from judging.schemas.invitations import load_name
from judging.schemas.name_looks import look_of_name
from judging.schemas.roster_rows import FileRow
from judging.services.imports.import_report import ImportSheet


def complain_about_name(
    sheet: ImportSheet,
    row: FileRow,
    judge: tables.Judge | None,
    people: Mapping[str, tables.Person],
    responsible: Mapping[str, Mapping[int, str]],
    complaints: Complaints,
) -> None:
    """Complain about an address that would give a judge an account under the name of a chair, or of a program.

    As for an invitation: signatures, decisions and the audit log show people by their names.
    """
    email, name = row.get("email"), row.get("name") or (None if judge is None else judge.name)
    if email is None or name is None:
        return
    person = people.get(email)
    if person is None:
        try:
            load_name(name)
        except InvalidInput as error:
            for text in error.messages["value"]:
                complaints.add(sheet.name, row.number, "name", text)
            return
    shown = name if person is None else person.name
    own = None if person is None else person.pk
    alike = [other for number, other in responsible.get(look_of_name(shown), {}).items() if number != own]
    if alike:
        is_same = any(folded(other) == folded(shown) for other in alike)
        text = (
            Message(
                "{name} is the name of an organiser, chair or auditor; add something by which people can be told apart",
                name=shown,
            )
            if is_same
            else Message(
                "{name} looks like {other}, the name of an organiser, chair or auditor; add something by which people "
                "can be told apart",
                name=shown,
                other=alike[0],
            )
        )
        complaints.add(sheet.name, row.number, "name" if person is None else "email", text)
