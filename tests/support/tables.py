"""A roster, scales, and what the reader made of a small file, for the tests of the reader."""

from __future__ import annotations

from judging.incoming_tables.known import Known, MarkScale, Names
from judging.incoming_tables.mapping import TableMapping
from judging.incoming_tables.reading import ReadTable, read_file

PROPOSALS = Names({f"P{n:03}": [f"Proposal {n}", f"Team {n}"] for n in range(1, 7)} | {"007": ["Seven"]})
JUDGES = Names(
    {"J1": ["Chan Tai Man", "chan@example.org"], "J2": ["王小明", "wang@example.org"], "J3": ["Judge Three"]}
)
CRITERIA = Names({"innovation": ["創新"], "impact": ["影響"], "presentation": ["表達"]})
OPEN = Known(kind="scores")
ONE = Known(
    kind="scores",
    judges=JUDGES,
    proposals=PROPOSALS,
    criteria=Names({"overall": ["Overall"]}),
    scales={"overall": MarkScale(minimum=0, maximum=10, step=0.5)},
)
MANY = Known(
    kind="scores",
    judges=JUDGES,
    proposals=PROPOSALS,
    criteria=CRITERIA,
    scales={key: MarkScale(minimum=1, maximum=5, step=1) for key in CRITERIA.others},
)


def read(text: str | bytes, known: Known = OPEN, **answers: str) -> ReadTable:
    content = text.encode() if isinstance(text, str) else text
    given = TableMapping(kind="scores", answers=answers) if answers else None
    return read_file(content, "scores.csv", known, given)


def scores(table: ReadTable) -> dict[tuple[str, ...], str]:
    assert (list(table.questions), table.complaints.messages()) == ([], {})
    return {
        tuple(row.values[name] for name in ("proposal", "judge", "criterion") if name in row.values): row.values[
            "score"
        ]
        for row in table.rows
        if "score" in row.values
    }


def asked(table: ReadTable) -> list[str]:
    return [str(question.text) for question in table.questions]


def complaints(table: ReadTable) -> list[str]:
    return [str(text) for texts in table.complaints.messages().values() for text in texts]
