"""The policies of one round, sealed with its rules: how it is calibrated, read, practised and pitched."""

from dataclasses import dataclass

from judging.calibration.settings import Settings
from judging.rubric import Text


@dataclass(frozen=True, slots=True)
class EarlierSheets:
    """Scoresheets that count for what they say about the judges; their proposals are not ranked.

    Attributes
    ----------
    kind : one of OCCASION_KINDS
        ``round`` and ``anchor`` (practice proposals that everyone scores) are rounds of this competition, ``year`` is a
        round of another one.
    round : str
        Key of the round.
    competition : str or None
        Key of the other competition; its judges are matched by account.
    """

    kind: str
    round: str
    competition: str | None = None

    @property
    def name(self) -> str:
        """Return the key of the round, with that of its competition where it is another one."""
        return self.round if self.competition is None else f"{self.competition}/{self.round}"


@dataclass(frozen=True, slots=True)
class CalibrationPolicy:
    """Settings of the calibration of a round.

    Attributes
    ----------
    model : one of MODELS
    home_city : one of HOME_CITY_POLICIES
        The advantage of being scored by one's own city: shown, also removed from the ranking, or left out of the model.
    quality_prior : one of QUALITY_PRIORS
        ``city_blind`` shrinks no proposal towards the usual level of its own city or category.
    assumption : one of ASSUMPTIONS
        The assumption that separates a city's quality from its severity when there are no cross-city scoresheets.
    interval : float
        Coverage probability of the intervals, such as 0.9.
    n_draws, seed : int
        Number of joint draws for rank intervals, and the seed of the draws.
    earlier : tuple of EarlierSheets or None
        Earlier scoresheets of the same judges, the oldest first. None, not empty: a definition without the field keeps
        its digest.
    """

    # The defaults are those of the command line.
    model: str = Settings.model
    home_city: str = Settings.home_city
    quality_prior: str = Settings.quality_prior
    assumption: str = Settings.assumption
    interval: float = Settings.interval
    n_draws: int = Settings.n_draws
    seed: int = Settings.seed
    earlier: tuple[EarlierSheets, ...] | None = None


@dataclass(frozen=True, slots=True)
class ReadingPolicy:
    """How many scoresheets proposals get.

    Attributes
    ----------
    per_proposal : int
        Number for every proposal when the round opens.
    extra : int
        Additional scoresheets of the whole round, assigned where they would change the shortlist most; 0 is a fixed
        design.
    maximum : int
        Maximum for a proposal, so that no proposal is favoured with more scoresheets.
    cross_city : int
        At least this many proposals of each city are also scored by a judge of another city.
    stop_below : float or None
        Percent: no further scoresheet is asked for where it would change the shortlist with a lower probability. None:
        as long as it could change it at all.
    """

    per_proposal: int = 3
    extra: int = 0
    maximum: int = 3
    cross_city: int = 0
    stop_below: float | None = None


@dataclass(frozen=True, slots=True)
class PrivacyPolicy:
    """Information that is hidden from judges.

    Attributes
    ----------
    teams_hidden : bool
        Proposals are shown without the name of their team.
    identity_flags : int
        Number of independent reports that a team is recognisable, from which the chair must decide on the proposal.
    mirror : bool or None
        Whether judges see, after the round, how their own scores compare with the panel. None, not False: a definition
        without the field keeps its digest.
    """

    teams_hidden: bool = True
    identity_flags: int = 2
    mirror: bool | None = None


@dataclass(frozen=True, slots=True)
class CarryOver:
    """Calibrated scores of an earlier round count for ``weight`` percent in this one."""

    round: str
    weight: float


@dataclass(frozen=True, slots=True)
class ReferenceScore:
    """The agreed score of a practice proposal on one criterion, in the units of its scale, and why."""

    criterion: str
    score: float
    reason: Text | None = None


@dataclass(frozen=True, slots=True)
class PracticeProposal:
    """A proposal that every judge scores for practice, by its key, with the agreed scores if there are any."""

    key: str
    reference: tuple[ReferenceScore, ...] = ()


@dataclass(frozen=True, slots=True)
class PracticePolicy:
    """Makes a round practice: every judge scores these proposals, and nothing of it is ranked.

    Attributes
    ----------
    proposals : tuple of PracticeProposal
        They take part in this round only.
    """

    proposals: tuple[PracticeProposal, ...]

    def proposal(self, key: str) -> PracticeProposal | None:
        """Return the practice proposal with this key; None when there is none."""
        return next((proposal for proposal in self.proposals if proposal.key == key), None)


@dataclass(frozen=True, slots=True)
class PitchPolicy:
    """How long each team has on the stage; the clock stops nobody, and scores are accepted until the round closes.

    Attributes
    ----------
    pitch_minutes : int
        For the pitch itself.
    questions_minutes : int
        For the questions of the judges; 0 is a pitch without questions.
    scoring_minutes : int
        For the scoresheets, before the next team is called.
    """

    pitch_minutes: int
    questions_minutes: int
    scoring_minutes: int
