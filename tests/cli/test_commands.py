"""The list of the commands."""

from __future__ import annotations

from judging.cli import COMMANDS


def test_every_command_of_the_list_declares_its_arguments() -> None:
    import argparse
    import importlib

    for name, (module_name, _) in COMMANDS.items():
        parser = argparse.ArgumentParser(prog=name)
        importlib.import_module(f"judging.cli.{module_name}").configure(parser)
        assert f"usage: {name} " in parser.format_usage()
