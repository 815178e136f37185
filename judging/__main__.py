"""Run the command line: ``python -m judging``."""

from judging.cli import main

if __name__ == "__main__":
    main()
