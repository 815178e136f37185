"""The API's answers about scoresheets on paper."""

from marshmallow import Schema, fields


class PaperDifferenceSchema(Schema):
    """A field that was not typed the same by everybody."""

    field = fields.String(required=True)
    values = fields.List(fields.String(), required=True, metadata={"description": "In the order of `typed_by`."})


class PaperSheetSchema(Schema):
    """A scoresheet that may be typed from paper."""

    judge = fields.String(required=True, attribute="judge.key")
    proposal = fields.String(required=True, attribute="proposal.key")
    state = fields.String(
        required=True,
        metadata={
            "enum": ["empty", "typed_once", "different", "counts"],
            "description": "counts: two independent people have typed the same.",
        },
    )
    typed_by = fields.Function(
        lambda sheet: [typing.name for typing in sheet.typings],
        required=True,
        metadata={"type": "array", "items": {"type": "string"}},
    )
    may_type = fields.Boolean(required=True)
    differences = fields.List(
        fields.Nested(PaperDifferenceSchema),
        required=True,
        metadata={"description": "Empty while only one person has typed: the second types without seeing the first."},
    )


class OwnPaperSchema(Schema):
    """What somebody has typed from the judge's paper."""

    number = fields.Integer(required=True, metadata={"description": "Names this typing when it is confirmed."})
    typed_by = fields.String(required=True)
    sheet = fields.Dict(required=True, metadata={"description": "Scores, comments and the other fields."})


class PaperFormsAskedSchema(Schema):
    """Which blank scoresheets are wanted."""

    judge = fields.String(load_default="", metadata={"description": "Key; empty for all."})
    proposal = fields.String(load_default="", metadata={"description": "Key; empty for all."})
