"""The API's bodies and answers about the archive and the removal of personal data."""

from marshmallow import Schema, fields


class ArchivingSchema(Schema):
    """Why a competition is archived, or taken out of the archive."""

    reason = fields.String(required=True)


class ArchiveSchema(Schema):
    """Whether a competition is archived."""

    archived_at = fields.AwareDateTime(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    personal_data_removed_at = fields.AwareDateTime(required=True, allow_none=True)
    removal_due_at = fields.AwareDateTime(
        required=True,
        allow_none=True,
        metadata={"description": "When a removal of personal data that was asked for may begin."},
    )
    removal_objection = fields.String(
        required=True, allow_none=True, metadata={"description": "Why a chair or auditor stopped the last one."}
    )


class RemovalPreviewSchema(Schema):
    """What a removal of personal data takes away, and what it leaves."""

    n_people = fields.Integer(required=True)
    n_judges = fields.Integer(required=True)
    n_teams = fields.Integer(required=True)
    n_kept = fields.Integer(required=True, metadata={"description": "People who keep their accounts."})
    n_entries = fields.Integer(required=True, metadata={"description": "Entries of the log that may name somebody."})
    n_files = fields.Integer(required=True)
    n_letters = fields.Integer(required=True)
    n_comments = fields.Integer(required=True, metadata={"description": "Their texts stay."})
    n_scoresheets = fields.Integer(required=True, metadata={"description": "They stay with their scores."})


class RemovalSchema(Schema):
    """The confirmation of a removal."""

    key = fields.String(required=True, metadata={"description": "The key of the competition, once more."})
