"""How often somebody may do something in a minute: save a version of a scoresheet, ask for a sign-in link.

Every version stays for ever, so a program in a loop would fill the disk. Nobody types that fast. The count is in the
memory of each process: with several processes the limit is the sum of theirs.
"""

import math
import threading
from collections import deque
from collections.abc import Hashable

from judging.errors import TooFast

WINDOW_SECONDS = 60.0


class Pace:
    """What was done in the last minute, by person or network.

    Parameters
    ----------
    most : int
        Times in a minute; 0 is no limit.
    refusal : Message or str, optional
        The text of the error; by default that of TooFast.
    """

    def __init__(self, most: int, refusal: str | None = None) -> None:
        self._most, self._refusal = most, refusal
        self._lock = threading.Lock()
        self._saved: dict[Hashable, deque[float]] = {}
        self._swept_at = 0.0

    def count(self, key: Hashable, *, at: float) -> None:
        """Count one more.

        Parameters
        ----------
        key : hashable
            The person or network.
        at : float
            Seconds on a clock that is never set back.

        Raises
        ------
        TooFast
            When there were too many in the last minute; this one is not counted.
        """
        if not self._most:
            return
        with self._lock:
            self._forget(at)
            saved = self._saved.setdefault(key, deque(maxlen=self._most))
            if len(saved) == self._most and at - saved[0] < WINDOW_SECONDS:
                seconds = max(1, math.ceil(saved[0] + WINDOW_SECONDS - at))
                raise TooFast(self._refusal, retry_after_seconds=seconds)
            saved.append(at)

    def _forget(self, at: float) -> None:
        if at - self._swept_at > WINDOW_SECONDS:
            self._swept_at = at
            self._saved = {key: saved for key, saved in self._saved.items() if at - saved[-1] < WINDOW_SECONDS}
