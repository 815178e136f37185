"""The notes of `hierarchical` on a fit: design, few judges, assumptions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from judging.calibration.estimates import EarlierUse
from judging.calibration.independence import Independence
from judging.calibration.linkage import Linkage
from judging.calibration.models.hierarchical.tally import FEW_SHEETS
from judging.calibration.ratings import Ratings
from judging.errors import Message

_NAMED = 6


_CLOSE, _LOOSE = 0.6, 0.3
"""Links above which judges are about, or partly, as strict as they were."""


def notes_of(
    ratings: Ratings, linkage: Linkage, independence: Independence, earlier: tuple[EarlierUse, ...], *, drifts: bool
) -> tuple[Message, ...]:
    """Return the notes on the limits of a fit: unlinked judges, judges with few scoresheets, assumptions in force."""
    notes = []
    active = ratings.n_sheets_of_judge > 0
    if int(active.sum()) == 1:
        notes.append(Message("There is one judge only: severity cannot be estimated."))
    elif linkage.n_linked_sets > 1:
        notes.append(
            Message(
                "The judges fall into {n_sets} linked sets that share no proposal. What separates severity from "
                "quality between them is an assumption: judges and proposals of all sets are drawn from one pool.",
                n_sets=linkage.n_linked_sets,
            )
        )
    known = {name for occasion in ratings.earlier for name in occasion.ratings.judges}
    new = np.array([name not in known for name in ratings.judges])
    few = np.flatnonzero(active & new & (ratings.n_sheets_of_judge < FEW_SHEETS))
    if len(few) and int(active.sum()) > 1:
        named = ", ".join(ratings.judges[code] for code in few[:_NAMED])
        notes.append(
            Message(
                "With fewer than {least} scoresheets, scale use and consistency cannot be estimated. They are "
                "taken as average for: {judges}.",
                least=FEW_SHEETS,
                judges=named + (f" (+{len(few) - _NAMED})" if len(few) > _NAMED else ""),
            )
        )
    notes.extend(
        Message(
            "{first} and {second} agree more closely than two judges do who score for themselves. Where both scored "
            "a proposal, their scoresheets count together as one reading.",
            first=ratings.judges[pair.first],
            second=ratings.judges[pair.second],
        )
        for pair in independence.dependent_pairs[:_NAMED]
    )
    turned = np.flatnonzero(independence.sign < 0)
    if len(turned):
        notes.append(
            Message(
                "The scores of {judges} fall where those of the panel rise. They are read with the scale turned round. "
                "Ask whether the lowest score was taken for the best.",
                judges=", ".join(ratings.judges[code] for code in turned),
            )
        )
    if ratings.repeated:
        notes.append(Message("Scoresheets that repeat a judge and proposal count together as one reading."))
    if drifts:
        notes.append(
            Message(
                "Judges grew stricter or more generous over the order in which they scored, more than chance allows. "
                "Each judge's change is estimated and taken out of the scores."
            )
        )
    notes.extend(_earlier_notes(earlier))
    if ratings.n_sheets_of_proposal.max() == 1:
        notes.append(
            Message(
                "No proposal has a second scoresheet: only the assumptions of the model separate quality from chance."
            )
        )
    return tuple(notes)


def _earlier_notes(earlier: tuple[EarlierUse, ...]) -> Iterator[Message]:
    """Say which earlier scoresheets count, and how alike the judges are at the last of these occasions and now."""
    used = [use for use in earlier if use.link is not None]
    for use in earlier:
        if use.link is None:
            yield Message(
                "The scoresheets of {name} do not count: none of its judges scores here, or on their own they give no "
                "estimates.",
                name=use.name,
            )
        elif use.kind == "anchor":
            yield Message(
                "{n} scoresheets of practice proposals ({name}) count for what they say about {judges} of the judges.",
                n=use.n_sheets,
                name=use.name,
                judges=use.n_judges,
            )
        elif use.kind == "year":
            yield Message(
                "{n} scoresheets of another competition ({name}) count for what they say about {judges} of the judges.",
                n=use.n_sheets,
                name=use.name,
                judges=use.n_judges,
            )
        else:
            yield Message(
                "{n} scoresheets of the earlier round {name} count for what they say about {judges} of the judges.",
                n=use.n_sheets,
                name=use.name,
                judges=use.n_judges,
            )
    if not used or used[-1].link is None:
        return
    name, link = used[-1].name, f"{used[-1].link:.1f}"
    if used[-1].link >= _CLOSE:
        yield Message("Judges were about as strict as in {name}: the link is {link} of 1.", name=name, link=link)
    elif used[-1].link >= _LOOSE:
        yield Message("Judges were partly as strict as in {name}: the link is {link} of 1.", name=name, link=link)
    else:
        yield Message(
            "Judges were not as strict as in {name}: the link is {link} of 1. The earlier scoresheets change little.",
            name=name,
            link=link,
        )
