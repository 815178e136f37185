"""The database tables and their constraints.

Use them as ``tables.Round``, ``tables.Assignment``. The rules that a row of ``Round`` or ``Competition`` stores are
``RoundRules`` and ``CompetitionRules`` in ``judging.competition``. Table classes validate nothing: ``judging.schemas``
validates input first. What must be true whatever the code does is a named CHECK, UNIQUE or FOREIGN KEY here.
"""

from judging.tables.access_tokens import AccessToken
from judging.tables.account_changes import AccountChange
from judging.tables.appeals import APPEAL_OUTCOMES, Appeal, AppealEffect, AppealOutcome, AppealReading
from judging.tables.audit import AuditEntry, AuditHead
from judging.tables.calibration_runs import CalibrationRun
from judging.tables.competitions import Competition, Judge, Proposal, Round, RoundProposal, Team
from judging.tables.conduct import ConductAcceptance
from judging.tables.decisions import (
    Award,
    AwardGrant,
    ConflictOfInterest,
    Decision,
    Meeting,
    MeetingNote,
    Release,
    RulesConsent,
    RulesVersion,
    Signature,
)
from judging.tables.former_logs import FormerEntry, FormerLog
from judging.tables.incoming import IncomingFile, TableMappingRow
from judging.tables.jobs import Job, JobFile, StoredResult, Worker
from judging.tables.judge_conflicts import CONFLICT_ORIGINS, CONFLICT_STATES, JudgeConflict
from judging.tables.mail_texts import MailText
from judging.tables.outbox import MESSAGE_STATES, RETURNED, LinkRequest, OutboxMessage
from judging.tables.outside_comparisons import DIRECTIONS, OutsideComparison
from judging.tables.paper_entries import PaperEntry
from judging.tables.people import (
    BEGINNINGS,
    CONFIRMATIONS,
    ROLES,
    Person,
    Role,
    SignInAttempt,
    SignInLink,
    SignInSession,
)
from judging.tables.pitches import PITCH_PHASES, Pitch, PitchMove
from judging.tables.proposal_files import ProposalFile, RenderedDeck
from judging.tables.removed_personal_data import RemovedPersonalData
from judging.tables.request_keys import RequestKey
from judging.tables.roster_changes import ROSTER_ACTIONS, ROSTER_KINDS, RosterChange
from judging.tables.scoring import Assignment, Score, Scoresheet
from judging.tables.second_factors import Authenticator, Passkey, RecoveryCode, SingleSignOnIdentity, UsedChallenge
from judging.tables.sent_heads import SentHead
from judging.tables.setup_links import SetupLink
from judging.tables.team_letters import CommentChoice, TeamLetterLink, TeamLetterMessage, TeamLetters
from judging.tables.types import metadata
from judging.tables.webhooks import DELIVERY_STATES, Webhook, WebhookDelivery

__all__ = [
    "APPEAL_OUTCOMES",
    "BEGINNINGS",
    "CONFIRMATIONS",
    "CONFLICT_ORIGINS",
    "CONFLICT_STATES",
    "DELIVERY_STATES",
    "DIRECTIONS",
    "MESSAGE_STATES",
    "PITCH_PHASES",
    "RETURNED",
    "ROLES",
    "ROSTER_ACTIONS",
    "ROSTER_KINDS",
    "AccessToken",
    "AccountChange",
    "Appeal",
    "AppealEffect",
    "AppealOutcome",
    "AppealReading",
    "Assignment",
    "AuditEntry",
    "AuditHead",
    "Authenticator",
    "Award",
    "AwardGrant",
    "CalibrationRun",
    "CommentChoice",
    "Competition",
    "ConductAcceptance",
    "ConflictOfInterest",
    "Decision",
    "FormerEntry",
    "FormerLog",
    "IncomingFile",
    "Job",
    "JobFile",
    "Judge",
    "JudgeConflict",
    "LinkRequest",
    "MailText",
    "Meeting",
    "MeetingNote",
    "OutboxMessage",
    "OutsideComparison",
    "PaperEntry",
    "Passkey",
    "Person",
    "Pitch",
    "PitchMove",
    "Proposal",
    "ProposalFile",
    "RecoveryCode",
    "Release",
    "RemovedPersonalData",
    "RenderedDeck",
    "RequestKey",
    "Role",
    "RosterChange",
    "Round",
    "RoundProposal",
    "RulesConsent",
    "RulesVersion",
    "Score",
    "Scoresheet",
    "SentHead",
    "SetupLink",
    "SignInAttempt",
    "SignInLink",
    "SignInSession",
    "Signature",
    "SingleSignOnIdentity",
    "StoredResult",
    "TableMappingRow",
    "Team",
    "TeamLetterLink",
    "TeamLetterMessage",
    "TeamLetters",
    "UsedChallenge",
    "Webhook",
    "WebhookDelivery",
    "Worker",
    "metadata",
]
