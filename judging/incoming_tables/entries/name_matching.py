"""Who is meant: names of the file are matched with the roster, or, without one, with each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from judging.errors import Listed, Message
from judging.incoming_tables.complaints import Complaints
from judging.incoming_tables.entries.entry import Taken
from judging.incoming_tables.entries.odd_names import ask_about_damaged, ask_about_near
from judging.incoming_tables.known import Known, Names
from judging.incoming_tables.questions import Question, digest_of_cells, listed
from judging.incoming_tables.texts.spelling import folded, folded_case, likeness

_WHAT: Final = {"judge": Message("judge"), "proposal": Message("proposal"), "criterion": Message("criterion")}


def match_names(
    taken: Taken, known: Known, answers: Mapping[str, str], complaints: Complaints, fields: Iterable[str]
) -> None:
    """Replace every spelling of a judge, a proposal or a criterion by one: the key on the roster, or the usual one.

    Entries of somebody who cannot be found are complained about and removed.
    """
    refused: set[int] = set()
    names_of = {"proposal": known.proposals, "judge": known.judges, "criterion": known.criteria}
    for name in fields:
        names = names_of[name]
        if names is not None:
            refused |= _match_roster(taken, name, names, complaints)
        else:
            _match_each_other(taken, name, answers)
    if refused:
        taken.entries[:] = [entry for entry in taken.entries if id(entry) not in refused]


def _match_roster(taken: Taken, name: str, names: Names, complaints: Complaints) -> set[int]:
    """Return the entries, by identity, of somebody who is not on the roster."""
    resolved: dict[str, str | None] = {}
    translated: dict[str, str] = {}
    wrong: dict[str, Message] = {}
    refused: set[int] = set()
    for entry in taken.entries:
        text = entry.values.get(name)
        if text is None:
            continue
        if text not in resolved:
            match = names.find(text)
            if match is None or len(match.keys) > 1:
                resolved[text] = None
                wrong[text] = _unknown(text, name, names, match.keys if match else ())
            else:
                resolved[text] = match.keys[0]
                if not match.is_exact and folded(text) != match.keys[0]:
                    translated[text] = match.keys[0]
        found = resolved[text]
        if found is not None:
            entry.values[name] = found
        elif name != "criterion":
            # Unknown criteria are named by the schema, which knows their names in three languages.
            complaints.add(entry.sheet, entry.row, name, wrong[text])
            refused.add(id(entry))
    if translated:
        taken.notes.append(
            Message(
                "{what} found on the roster: {names}",
                what=_WHAT[name],
                names=listed([f"{text} = {key}" for text, key in translated.items()]),
            )
        )
    return refused


def _unknown(text: str, name: str, names: Names, several: Iterable[str]) -> Message:
    what = _WHAT[name]
    if keys := list(several):
        return Message(
            "`{text}` could be {keys}: write the key of the {what}", text=text[:60], keys=Listed(keys), what=what
        )
    near = names.nearest(text)
    if near:
        return Message(
            "there is no {what} `{text}`; the nearest is {near}", what=what, text=text[:60], near=" or ".join(near)
        )
    return Message("there is no {what} `{text}`", what=what, text=text[:60])


def _match_each_other(taken: Taken, name: str, answers: Mapping[str, str]) -> None:
    """Fold spellings that are certainly one name, and ask about those that are likely one."""
    counts = Counter(entry.values[name] for entry in taken.entries if entry.values.get(name))
    canonical = _usual(counts, folded)
    folded_counts: Counter[str] = Counter()
    for text, n in counts.items():
        folded_counts[canonical[text]] += n
    by_case = _usual(folded_counts, folded_case)
    alike = {text: by_case[text] for text in folded_counts if by_case[text] != text}
    collisions = _collisions(taken, name, canonical, by_case)
    certain = {text: usual for text, usual in alike.items() if len(text) > 2 and usual not in collisions}
    final = {text: certain.get(usual, usual) for text, usual in canonical.items()}
    groups: dict[str, list[str]] = {}
    for text, usual in final.items():
        # Blanks at the ends are no spelling that anybody would want to hear of.
        if text.strip() != usual:
            groups.setdefault(usual, []).append(f"“{text}”")
    if groups:
        taken.notes.append(
            Message(
                "spellings taken for one {what}: {names}",
                what=_WHAT[name],
                names=listed([f"{usual} = {', '.join(texts[:4])}" for usual, texts in groups.items()]),
            )
        )
    likely = _likely(set(final.values()))
    if likely:
        question = f"alike-{digest_of_cells(likely)}"
        answer = answers.get(question)
        if answer == "same":
            totals = Counter(final[text] for text in counts for _ in range(counts[text]))
            merged = {text: max(group, key=lambda one: (totals[one], one)) for group in likely for text in group}
            final = {text: merged.get(usual, usual) for text, usual in final.items()}
        elif answer != "different":
            taken.questions.append(_ask(question, name, likely))
    renamed: dict[str, str] = {}
    if name != "criterion":
        ask_about_damaged(taken, name, set(final.values()), answers)
    if name == "judge":
        renamed = ask_about_near(taken, {text: final[text] for text in counts}, answers)
    for entry in taken.entries:
        if spelling := entry.values.get(name):
            entry.values[name] = renamed.get(final[spelling], final[spelling])


def _usual(counts: Mapping[str, int], form: Callable[[str], str]) -> dict[str, str]:
    """Return, for each text, the most frequent text with the same form; its folded form when blanks were wrong."""
    groups: dict[str, list[str]] = {}
    for text in counts:
        groups.setdefault(form(text), []).append(text)
    usual = {}
    for group in groups.values():
        best = max(group, key=lambda text: (counts[text], folded(text) == text))
        for text in group:
            usual[text] = folded(best) if form is folded else best
    return usual


def _collisions(taken: Taken, name: str, canonical: Mapping[str, str], by_case: Mapping[str, str]) -> set[str]:
    """Return the names of which two spellings have scores for the same: then they may well be two."""
    seen: dict[tuple[str, ...], str] = {}
    found = set()
    others = [other for other in ("judge", "proposal", "criterion") if other != name]
    for entry in taken.entries:
        text = entry.values.get(name)
        if not text:
            continue
        spelling = canonical[text]
        place = (by_case[spelling], *(folded_case(entry.values.get(other, "")) for other in others))
        if seen.setdefault(place, spelling) != spelling:
            found.add(by_case[spelling])
    return found


def _likely(names: set[str]) -> list[tuple[str, ...]]:
    groups: dict[str, list[str]] = {}
    for text in names:
        groups.setdefault(likeness(text), []).append(text)
    return sorted(tuple(sorted(group)) for group in groups.values() if len(group) > 1)


def _ask(question: str, name: str, likely: list[tuple[str, ...]]) -> Question:
    return Question(
        name=question,
        text=Message(
            "Are these the same {what}: {names}?",
            what=_WHAT[name],
            names=listed([" = ".join(f"“{text}”" for text in group) for group in likely]),
        ),
        answers={"same": Message("the same, written differently"), "different": Message("different ones")},
    )
