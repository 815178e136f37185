"""What ``judging calibrate`` prints for eight files, and the numbers in it, compared with stored values.

A change of the code's structure must not change a printed digit. ``python -m tests.support.printed`` computes all
outputs again and names the numbers that differ; with ``--store`` it replaces the stored outputs, which is right only
after a change of a method that the changelog names.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from judging.cli import run
from tests.support.files.data import DIVING, OURS

STORED = OURS / "printed"

_WORKED = Path(__file__).parents[2] / "docs" / "worked-example.csv"
_WEIGHTS_AND_SCALE = ("--weights", "c1=30,c2=25,c3=20,c4=15,c5=10", "--scale", "1:10:1", "--shortlist", "24")
# A number with no letter or digit joined to it: not the digits of a name such as J007.
_NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?!\w)")


@dataclass(frozen=True)
class Case:
    """One call of ``judging calibrate``.

    Attributes
    ----------
    arguments : tuple of str
        What follows the file's name.
    file : Path or None
        The scores; None for a simulated file.
    simulated : tuple of str
        Arguments of ``judging simulate`` that write the file.
    """

    arguments: tuple[str, ...]
    file: Path | None = None
    simulated: tuple[str, ...] = ()


def _simulated(seed: int, truth: str, *arguments: str) -> Case:
    return Case((*_WEIGHTS_AND_SCALE, *arguments), simulated=("--seed", str(seed), "--truth", truth))


CASES = {
    "diving": Case(
        (
            *("--model", "mixed", "--column", "proposal=dive"),
            *("--column", "proposal_city=diver_country", "--column", "judge_city=judge_country"),
        ),
        DIVING,
    ),
    "worked-example": Case(
        ("--model", "mixed", "--scale", "0:100:1", "--shortlist", "3", "--sensitivity", "--simultaneous"), _WORKED
    ),
    "simulated-1-hierarchical": _simulated(1, "default", "--sensitivity", "--simultaneous"),
    "simulated-2-mixed": _simulated(2, "severity-only", "--model", "mixed", "--home-city", "report"),
    "simulated-3-hierarchical": _simulated(3, "unlinked"),
    "simulated-4-rasch": _simulated(4, "ceiling", "--model", "rasch"),
    "simulated-5-additive": _simulated(5, "drift", "--model", "additive"),
    "simulated-6-zscore": _simulated(6, "colluders", "--model", "zscore"),
}


def printed(name: str) -> str:
    """Return what the command line prints for a case."""
    case = CASES[name]
    with tempfile.TemporaryDirectory() as folder:
        file = case.file
        if file is None:
            file = Path(folder) / "scores.csv"
            with contextlib.redirect_stderr(io.StringIO()):
                assert run(["simulate", *case.simulated, "--out", str(file)]) == 0
        with contextlib.redirect_stdout(io.StringIO()) as out:
            assert run(["calibrate", str(file), *case.arguments]) == 0
    return out.getvalue()


def stored(name: str) -> str:
    """Return what was stored for a case."""
    return (STORED / f"{name}.txt").read_text(encoding="utf-8")


def numbers(text: str) -> list[str]:
    """Return the numbers of an output as printed, in their order; the words between them may change."""
    return _NUMBER.findall(text)


def main() -> int:
    """Compare every case digit by digit, or with --store replace what is stored; 1 when a number differs."""
    if sys.argv[1:] == ["--store"]:
        STORED.mkdir(exist_ok=True)
        for name in CASES:
            (STORED / f"{name}.txt").write_text(printed(name), encoding="utf-8")
        return 0
    n_different = 0
    for name in CASES:
        new, old = numbers(printed(name)), numbers(stored(name))
        differing = [f"{before} -> {now}" for before, now in zip(old, new, strict=False) if before != now]
        n_different += len(differing) + abs(len(new) - len(old))
        print(f"{name}: {len(old)} numbers stored, {len(new)} computed, {len(differing)} differ", *differing[:10])
    return 1 if n_different else 0


if __name__ == "__main__":
    sys.exit(main())
