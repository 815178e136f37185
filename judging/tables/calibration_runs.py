"""Calibration runs: dated, complete, immutable."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from judging.tables.types import JSONObject, JSONValue, KeyedRow, UTCDateTime


class CalibrationRun(KeyedRow, table=True):
    """One dated fit of one round: method, settings, input digests and result. Triggers refuse any change."""

    __tablename__ = "calibration_run"
    __table_args__ = (UniqueConstraint("round_id", "number", name="uq_calibration_run_round_id_number"),)

    round_id: int = Field(foreign_key="round.id", index=True)
    # 1, 2, 3 within the round, for people ("run 3 of the first screening").
    number: int
    model: str = Field(max_length=40)
    settings: JSONObject = Field(sa_type=JSONValue)
    # SHA-256 of the input ratings, of the round's rules, and of the result.
    input_digest: str = Field(max_length=64)
    rules_digest: str = Field(max_length=64)
    result_digest: str = Field(max_length=64)
    result: JSONObject = Field(sa_type=JSONValue)
    code_version: str = Field(max_length=40)
    created_at: datetime = Field(sa_type=UTCDateTime)
    created_by: int = Field(foreign_key="person.id")
