"""The rows the database keeps, and the constraints it keeps them by.

Read as ``tables.Round``, ``tables.Assignment``: the core has values of the same names (``competition.Round``)
that know nothing of storage. Table classes validate nothing; what comes from outside passes ``judging.schemas`` first,
and what must hold whatever the code does is a CHECK, UNIQUE or FOREIGN KEY with a name here.
"""

from judging.tables.audit import AuditEntry, AuditHead
from judging.tables.calibration_runs import CalibrationRun
from judging.tables.competitions import Competition, Judge, Proposal, Round, RoundProposal, Team
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
from judging.tables.people import ROLES, Person, Role, SignInAttempt, SignInLink
from judging.tables.scoring import Assignment, Score, Scoresheet
from judging.tables.types import metadata

__all__ = [
    "ROLES",
    "Assignment",
    "AuditEntry",
    "AuditHead",
    "Award",
    "AwardGrant",
    "CalibrationRun",
    "Competition",
    "ConflictOfInterest",
    "Decision",
    "Judge",
    "Meeting",
    "MeetingNote",
    "Person",
    "Proposal",
    "Release",
    "Role",
    "Round",
    "RoundProposal",
    "RulesConsent",
    "RulesVersion",
    "Score",
    "Scoresheet",
    "SignInAttempt",
    "SignInLink",
    "Signature",
    "Team",
    "metadata",
]
