"""The command line ``judging``: one module for each command, imported when the command is called.

A command's module has ``configure(parser)`` and ``run(arguments)``, which returns the exit code.
"""

import argparse
import gc
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Final

from judging.cli.mistakes import missing_in, mistake_in
from judging.errors import JudgingError

COMMANDS: Final = {
    "archive": (
        "competition.archive",
        "archive a competition, take it out again, remove the personal data of its people",
    ),
    "audit-head": ("installation.audit_head", "print the signed head of the audit log, for somebody outside to keep"),
    "backup": (
        "installation.backup",
        "copy database and files while the service runs; with --to, check the copy, keep the newest",
    ),
    "bundle": ("bundle", "write a round's results bundle: workbook, rules, scores, decisions, digests in one archive"),
    "calibrate": ("analysis.calibrate", "calibrate the scores of a file: table, JSON or workbook"),
    "check-rubrics": (
        "rubrics",
        "check competition and rubric files; say file, line and column of everything that is wrong",
    ),
    "compare": (
        "analysis.compare",
        "compare the models on the scores of a file: who enters the shortlist, who leaves, and whether adjusting helps",
    ),
    "conflicts": (
        "competition.conflicts",
        "list conflicts of interest of judges; enter one, refuse a proposed one, end one",
    ),
    "copy-database": (
        "installation.copy_database",
        "copy the whole database into an empty one of PostgreSQL or SQLite, and verify the copy",
    ),
    "database-role": (
        "installation.database_role",
        "print the SQL that gives a PostgreSQL role what the service needs",
    ),
    "demo": ("demo", "load the simulated challenge and the real dives, and print sign-in links"),
    "end-sessions": (
        "installation.end_sessions",
        "end every session and revoke every unused link, after a database was restored",
    ),
    "export-event": (
        "installation.export_event",
        "write one event with its decks, videos and log into a file, to move it to another installation",
    ),
    "files": (
        "competition.files",
        "decks and videos of a competition: list them, add those of a folder, delete what nothing refers to",
    ),
    "health": (
        "installation.health",
        "say whether the installation can serve: database, worker, room on the disk; for monitoring",
    ),
    "import": ("competition.import_file", "bring judges, teams, proposals, assignments or scores into a competition"),
    "import-event": (
        "installation.import_event",
        "store an event that another installation has exported, completely or not at all",
    ),
    "invite": ("competition.invite", "give a person a role in a competition and print a personal sign-in link"),
    "jobs": ("jobs", "list the newest jobs of the service and its workers"),
    "load-competition": (
        "competition.load_competition",
        "store a competition and its rounds as the files of a folder define them",
    ),
    "messages": ("competition.messages", "list the e-mail messages of a competition and their state; send one again"),
    "migrate": ("installation.migrate", "bring the database to the newest form of its tables, keeping what is in it"),
    "people": (
        "competition.people",
        "list the people of a competition; make a link, revoke links, change an address or a name, remove somebody",
    ),
    "pitches": (
        "competition.pitches",
        "the pitches of a final: their running order, a lot for it, and the host's moves",
    ),
    "plan": ("plan", "give each proposal its judges, and forecast what the plan will be able to tell"),
    "read-bounces": (
        "installation.read_bounces",
        "read reports of mail servers that messages were not delivered: from a pipe, a file, an mbox or a folder",
    ),
    "report": (
        "report",
        "write the method report of a calibration run as PDF or HTML, to hand to an auditor",
    ),
    "restore": (
        "installation.restore",
        "put a copy made by `judging backup` in place of the database, with the service stopped",
    ),
    "preflight": (
        "competition.preflight",
        "forecast what a round's assignments will be able to tell, and what they will not",
    ),
    "roster": (
        "competition.roster",
        "let a judge leave, withdraw a proposal, put either back; print the history of a roster's row",
    ),
    "rounds": ("competition.rounds", "list, check, open, close or reopen the rounds of a competition; set a deadline"),
    "setup-link": (
        "installation.setup_link",
        "print a link with which the first organiser sets up an installation that has none",
    ),
    "simulate": (
        "analysis.simulate",
        "write the scores of a simulated challenge, and the truth that they were made from",
    ),
    "work": ("work", "do the jobs of the service: calibrations, comparisons, workbooks; runs until it is told to end"),
    "verify": ("verify", "check a results bundle: compute its ranking again, and name whatever was changed"),
    "verify-audit": (
        "installation.verify_audit",
        "check the audit log: its chain, every stored row against it, and with --head what somebody outside has kept",
    ),
    "verify-letter": ("verify_letter", "check with a published root that a letter to a team is one that was released"),
}
"""Command -> module and summary; stored here so that `judging --help` imports no command module."""

USAGE_ERROR: Final = 2


def main(argv: Sequence[str] | None = None) -> None:
    """Run a command and exit with its exit code."""
    # What is imported lives as long as the command; the garbage collector need not look through it again and again.
    gc.set_threshold(50_000, 20, 50)
    sys.exit(run(sys.argv[1:] if argv is None else argv))


def run(argv: Sequence[str]) -> int:
    """Run a command; print a mistake of the user in one line and return exit code 2. A fault of ours is raised."""
    # Before numpy is imported. Our matrices are small: on a busy processor, several threads of linear algebra wait for
    # each other, and a fit takes up to twenty times as long. They would also take it from the people who save.
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    folder = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    folder.add_argument(
        "--data-dir",
        metavar="FOLDER",
        help="the data folder of the service, with its settings (default: JUDGING_DATA_DIR, else var in the project)",
    )
    # It may stand before or after the command; its value may be the name of a command.
    chosen, argv = folder.parse_known_args(argv)
    if chosen.data_dir is not None:
        os.environ["JUDGING_DATA_DIR"] = chosen.data_dir
    parser = argparse.ArgumentParser(
        prog="judging", description="Judging and scoring of competitions.", parents=[folder]
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    # Only the module of the requested command is imported; the help of the others comes from the table.
    requested = next((argument for argument in argv if argument in COMMANDS), None)
    for name, (module_name, summary) in COMMANDS.items():
        sub = commands.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
        if name == requested:
            module = importlib.import_module(f"judging.cli.{module_name}")
            module.configure(sub)
            sub.set_defaults(run=module.run)
    arguments = parser.parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except JudgingError as error:
        print(missing_in(error) or error, file=sys.stderr)
        return USAGE_ERROR
    except BrokenPipeError:
        # The process that reads our output (`judging ... | head`) has ended; buffered output is discarded.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if (text := mistake_in(error)) is None:
            raise
        print(text, file=sys.stderr)
        return USAGE_ERROR
