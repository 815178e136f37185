"""How many versions of scoresheets a person may save in a minute.

Every version stays for ever, so a program in a loop would fill the disk. Nobody types that fast. The count is in the
memory of each process: with several processes the limit is the sum of theirs.
"""

import math
import threading
from collections import deque

from judging.errors import TooFast

WINDOW_SECONDS = 60.0


class Pace:
    """The versions of the last minute, by person.

    Parameters
    ----------
    most : int
        Versions of one person in a minute; 0 is no limit.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._saved: dict[int, deque[float]] = {}
        self._swept_at = 0.0

    def count(self, person_id: int, *, at: float) -> None:
        """Count one more version.

        Parameters
        ----------
        person_id : int
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
            saved = self._saved.setdefault(person_id, deque(maxlen=self._most))
            if len(saved) == self._most and at - saved[0] < WINDOW_SECONDS:
                raise TooFast(retry_after_seconds=max(1, math.ceil(saved[0] + WINDOW_SECONDS - at)))
            saved.append(at)

    def _forget(self, at: float) -> None:
        if at - self._swept_at > WINDOW_SECONDS:
            self._swept_at = at
            self._saved = {key: saved for key, saved in self._saved.items() if at - saved[-1] < WINDOW_SECONDS}
