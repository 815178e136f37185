"""Who may confirm what somebody else has proposed: a person whom the proposer did not bring in.

An organiser can invite a second mailbox of the same human as another organiser. So a second person counts only when the
chain of who gave whom the role leads to another person whom the command line has appointed.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session, col, select

from judging import tables
from judging.competition import ALONE
from judging.services.competitions.definitions import definition_of

CONFIRMERS = ("organiser", "chair")
"""Roles whose people may confirm what an organiser proposes."""


Lineage = Mapping[int, frozenset[int | None]]
"""Person -> who gave this person the role of an organiser or chair; None is the command line."""


def lineage_of(session: Session, competition_id: int, roles: tuple[str, ...] = CONFIRMERS) -> Lineage:
    """Return who brought whom into a competition, as far as these roles go."""
    given_by: dict[int, frozenset[int | None]] = {}
    for role in session.exec(
        select(tables.Role).where(tables.Role.competition_id == competition_id, col(tables.Role.role).in_(roles))
    ):
        given_by[role.person_id] = given_by.get(role.person_id, frozenset()) | {role.given_by}
    return given_by


def appoints_alone(session: Session, competition_id: int) -> bool:
    """Return whether, by the policies of a competition, one organiser alone appoints chairs and auditors."""
    return definition_of(session.get_one(tables.Competition, competition_id)).policies.appointments == ALONE


def second_people(session: Session, competition_id: int) -> Lineage:
    """Return as `lineage_of` who may be the second person for a scoresheet that somebody else than its judge entered.

    Where one organiser alone appoints, everybody else has been brought in by this organiser, and no second person
    would be left. There any other organiser or chair is one; what is released says who appointed whom.
    """
    lineage = lineage_of(session, competition_id)
    return dict.fromkeys(lineage, frozenset([None])) if appoints_alone(session, competition_id) else lineage


def are_independent(lineage: Lineage, first_id: int, second_id: int) -> bool:
    """Return whether nobody is in the chains of both people, as far as the chains are known.

    A chain with somebody who has no such role any more leads nowhere, and shows nothing: otherwise an organiser could
    bring in a helper, let the helper bring in another, and remove the first.

    >>> from_command_line, by_7, by_8 = frozenset([None]), frozenset([7]), frozenset([8])
    >>> lineage = {7: from_command_line, 8: by_7, 9: from_command_line}
    >>> are_independent(lineage, 7, 9), are_independent(lineage, 7, 8)
    (True, False)
    >>> are_independent({7: from_command_line, 6: by_8}, 7, 6)
    False
    """
    first, second = _origins(lineage, first_id), _origins(lineage, second_id)
    return first.isdisjoint(second) and (first | second) <= lineage.keys()


def _origins(lineage: Lineage, person_id: int) -> set[int]:
    """Return everybody in the chain of a person, the person included."""
    chain, waiting = set[int](), [person_id]
    while waiting:
        current = waiting.pop()
        if current in chain:
            continue
        chain.add(current)
        waiting += [giver for giver in lineage.get(current, ()) if giver is not None]
    return chain
