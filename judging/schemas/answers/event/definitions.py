"""The API's bodies and answers about definitions of competitions."""

from marshmallow import Schema, fields, validate

from judging.rubric import LANGUAGES

_MOST_FILES = 30


class TemplateSchema(Schema):
    """Something that a competition can start from."""

    source = fields.String(required=True, metadata={"enum": ["template", "earlier"]})
    key = fields.String(required=True)
    name = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    rounds = fields.List(fields.String(), required=True)


class NewCompetitionSchema(Schema):
    """What a new competition is made from."""

    source = fields.String(required=True, validate=validate.OneOf(("template", "earlier", "files")))
    start_from = fields.String(
        load_default="", metadata={"description": "Key of the template or of the earlier competition."}
    )
    key = fields.String(load_default="", metadata={"description": "Of the new competition; files have their own."})
    with_judges = fields.Boolean(
        load_default=False,
        metadata={"description": "Take the judges of the earlier competition along, without their conflicts."},
    )
    names = fields.Dict(
        keys=fields.String(validate=validate.OneOf(LANGUAGES)),
        values=fields.String(),
        load_default=dict,
        metadata={"description": "Language to name; files have their own."},
    )
    files = fields.Dict(
        keys=fields.String(validate=validate.Length(max=100)),
        values=fields.String(),
        load_default=dict,
        validate=validate.Length(max=_MOST_FILES),
        metadata={"description": "`competition.yaml` and the files of its rounds: name to text."},
    )


class MadeCompetitionSchema(Schema):
    """The competition that was made."""

    key = fields.String(required=True)
    rounds = fields.List(fields.String(), required=True)


_PLAIN = {"description": "In the shape of the YAML files; docs/rubrics.md names every key."}


class DefinitionFilesSchema(Schema):
    """A definition as YAML files, and the same as plain data."""

    files = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    competition = fields.Dict(required=True, metadata=_PLAIN)
    rounds = fields.List(fields.Dict(), required=True, metadata=_PLAIN)
    sealed = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Rounds that were opened: their rules change with the consent of the chairs only."},
    )


class ChangedDefinitionSchema(Schema):
    """A definition that replaces the stored one: as files, or as plain data."""

    files = fields.Dict(
        keys=fields.String(validate=validate.Length(max=100)),
        values=fields.String(),
        load_default=None,
        validate=validate.Length(max=_MOST_FILES),
        metadata={"description": "`competition.yaml` and the files of its rounds: name to text."},
    )
    competition = fields.Dict(load_default=None, metadata={"description": "Without `rounds`, instead of `files`."})
    rounds = fields.List(
        fields.Dict(),
        load_default=list,
        validate=validate.Length(max=_MOST_FILES),
        metadata={"description": "The rounds in their order, instead of `files`."},
    )
    check_only = fields.Boolean(load_default=False, metadata={"description": "Say what is wrong, and store nothing."})
