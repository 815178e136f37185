"""LibreOffice, to see a workbook as a person who opens it would."""

import shutil
import subprocess
from pathlib import Path


def recalculate(workbook: Path, folder: Path) -> Path:
    """Open a workbook with LibreOffice, let it calculate every formula, and return the workbook it saved."""
    return _converted(workbook, folder, "xlsx:Calc MS Excel 2007 XML", ".xlsx")


def printed(workbook: Path, folder: Path) -> Path:
    """Return the PDF that LibreOffice prints of a workbook."""
    return _converted(workbook, folder, "pdf", ".pdf")


def _converted(workbook: Path, folder: Path, form: str, ending: str) -> Path:
    soffice = shutil.which("soffice")
    if soffice is None:
        raise RuntimeError("There is no LibreOffice on PATH: run the tests with python3 run.py test, which brings one.")
    results = folder / "converted"
    # A profile of its own: two at once, or one of the person at this machine, would otherwise be handed the work.
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    convert: list[str | Path] = ["--convert-to", form, "--outdir", results, workbook]
    subprocess.run(
        [soffice, profile, "--headless", "--norestore", *convert], check=True, capture_output=True, timeout=600
    )
    return results / workbook.with_suffix(ending).name
