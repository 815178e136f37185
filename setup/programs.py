"""The programs that the tests need besides Python: Chromium, Chinese fonts, LibreOffice Calc, R, Dovecot.

Root installs them with apt-get. For other users, apt-get downloads the same packages with a separate state directory;
they are unpacked into ``.tools``, where a start script for each program sets its library path. PATH contains both.
Dovecot knows the places of its parts from its build, so only root can install it.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from setup.environment import PYTHON, ROOT, environment
from setup.progress import Stop, show_detail, step

TOOLS = ROOT / ".tools"
_COMPLETE = TOOLS / "complete"
_APT_OPTIONS = ("-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=3")


def ensure() -> dict[str, str]:
    """Install every program that the tests need; return the environment variables with their paths."""
    variables = _unpacked()
    missing = _missing(environment(**variables))
    if missing and not shutil.which("apt-get"):
        raise Stop(
            f"The tests need {', '.join(missing)}, and there is no apt-get here to fetch them: install them first."
        )
    if missing and os.geteuid() == 0:
        _install(sorted(missing.values()))
    elif missing:
        # All of them: what an earlier version of this module has unpacked is replaced.
        _unpack(sorted(_missing(environment()).values()))
        variables = _unpacked()
    still_missing = _missing(environment(**variables))
    if still_missing:
        raise Stop(f"The tests need {', '.join(still_missing)}, and installing did not bring them.")
    return variables


def _missing(env: dict[str, str]) -> dict[str, str]:
    """Return the missing programs, each with the Debian package that contains it."""
    missing = {}
    # Chromium without windows: a page takes a third of the processor time that it takes in the whole browser. The whole
    # one keeps pages in memory for its back button.
    if not shutil.which("chromium-headless-shell", path=env["PATH"]):
        missing["Chromium without windows"] = "chromium-headless-shell"
    if not shutil.which("chromium", path=env["PATH"]):
        missing["Chromium"] = "chromium"
    if not shutil.which("soffice", path=env["PATH"]):
        missing["LibreOffice Calc"] = "libreoffice-calc-nogui"
    for package in ("curl", "jsonlite"):
        if _output(["Rscript", "-e", f"cat(requireNamespace('{package}', quietly = TRUE))"], env) != "TRUE":
            missing["R"] = "r-base-core"
            missing[f"{package} of R"] = f"r-cran-{package}"
    if not _output(["fc-list", ":lang=zh-hk"], env):
        missing["Chinese fonts"] = "fonts-noto-cjk"
        missing["fontconfig"] = "fontconfig"
    # Nobody else can install it, and the rest of the suite must run without: the tests that need it are skipped then.
    if os.geteuid() == 0 and not shutil.which("dovecot", path=f"{env['PATH']}:/usr/sbin"):
        missing["Dovecot"] = "dovecot-imapd"
    if not _output([env.get("PLAYWRIGHT_NODEJS_PATH") or str(_playwright_node()), "--version"], env):
        missing["libatomic"] = "libatomic1"
    return missing


def _output(command: list[str], env: dict[str, str]) -> str:
    try:
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:
        return ""


def _playwright_node() -> Path:
    return next((PYTHON.parent.parent / "lib").glob("python3*/site-packages/playwright/driver/node"))


def _install(packages: list[str]) -> None:
    with step(f"Installing {', '.join(packages)} with apt-get"):
        # A failed update may be harmless, because the package lists may be recent enough. The installation decides.
        _apt("update", check=False)
        _apt("install", "--yes", "--no-install-recommends", *packages)


def _unpack(packages: list[str]) -> None:
    partial = ROOT / ".tools.unfinished"
    for old_folder in (partial, TOOLS):
        shutil.rmtree(old_folder, ignore_errors=True)
    for folder in ("apt/lists/partial", "apt/archives/partial", "apt/log"):
        (partial / folder).mkdir(parents=True)
    own_state = (
        *("-o", f"Dir::State={partial}/apt", "-o", "Dir::State::status=/var/lib/dpkg/status"),
        *("-o", f"Dir::Cache={partial}/apt", "-o", f"Dir::Log={partial}/apt/log"),
        *("-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User="),
    )
    with step(f"Downloading {', '.join(packages)} and what they need (no root: into .tools)"):
        _apt(*own_state, "update", check=False)
        _apt(*own_state, "install", "--yes", "--no-install-recommends", "--download-only", *packages)
    with step("Unpacking them"):
        for package in sorted((partial / "apt" / "archives").glob("*.deb")):
            show_detail(package.stem)
            subprocess.run(["dpkg-deb", "--extract", package, partial], check=True)
        shutil.rmtree(partial / "apt")
        partial.rename(TOOLS)
        _make_relocatable()
        _COMPLETE.touch()
        show_detail("")


def _apt(*arguments: str, check: bool = True) -> None:
    finished = subprocess.run(
        ["apt-get", *_APT_OPTIONS, *arguments],
        env=environment(DEBIAN_FRONTEND="noninteractive", LC_ALL="C.UTF-8"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if check and finished.returncode:
        tail = "\n".join(f"  apt-get: {line}" for line in finished.stdout.splitlines()[-6:])
        raise Stop(f"apt-get could not fetch the programs the tests need. Check the network and try again.\n{tail}")


def _unpacked() -> dict[str, str]:
    """Return the variables for the unpacked programs; only PATH when nothing is unpacked."""
    variables = {"PATH": environment()["PATH"]}
    if not _COMPLETE.exists():
        return variables
    variables["PATH"] = f"{TOOLS / 'starters'}:{variables['PATH']}"
    if (TOOLS / "usr/share/fonts").exists():
        variables["FONTCONFIG_FILE"] = str(TOOLS / "fonts.conf")
    if list((TOOLS / "usr/lib").glob("*/libatomic.so.1")):
        variables["PLAYWRIGHT_NODEJS_PATH"] = str(TOOLS / "starters" / "node")
    return variables


def _link_what_is_installed(folder: str) -> None:
    """Link files beside a program that belong to a package that this machine has already, so that it is not fetched."""
    unpacked, installed = TOOLS / folder, Path("/") / folder
    if unpacked.exists() and installed.exists():
        for path in installed.iterdir():
            if not (unpacked / path.name).exists():
                (unpacked / path.name).symlink_to(path)


def _make_relocatable() -> None:
    """Replace absolute paths, which expect the files at /, by paths in .tools."""
    for path in list(TOOLS.rglob("*")):
        if path.is_symlink() and (target := path.readlink()).is_absolute():
            path.unlink()
            path.symlink_to(os.path.relpath(f"{TOOLS}{target}", path.parent))
    _link_what_is_installed("usr/lib/chromium")
    office = TOOLS / "usr/lib/libreoffice"
    settings = office / "program/fundamentalrc"
    if settings.exists():
        text = settings.read_text().replace("file:///etc/libreoffice/registry", "${BRAND_BASE_DIR}/share/.registry")
        settings.write_text(re.sub("(?m)^BRAND_BASE_DIR=.*$", f"BRAND_BASE_DIR={office.as_uri()}", text))
    start_of_r = TOOLS / "usr/lib/R/bin/R"
    if start_of_r.exists():
        # Debian makes this file when it installs the package.
        (TOOLS / "etc/R/Renviron").touch()
        text = start_of_r.read_text().replace("/usr/share/R/", f"{TOOLS}/usr/share/R/")
        start_of_r.write_text(text.replace("R_HOME_DIR=/usr/lib/R\n", f"R_HOME_DIR={TOOLS}/usr/lib/R\n", 1))
    (TOOLS / "fonts.conf").write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        '<include ignore_missing="yes">/etc/fonts/fonts.conf</include>'
        f'<include ignore_missing="yes">{TOOLS}/etc/fonts/conf.d</include>'
        f"<dir>{TOOLS}/usr/share/fonts</dir><cachedir>{TOOLS}/fontcache</cachedir></fontconfig>"
    )
    starters = {
        "chromium": TOOLS / "usr/lib/chromium/chromium",
        "chromium-headless-shell": TOOLS / "usr/lib/chromium/chromium-headless-shell",
        "soffice": office / "program/soffice",
        "Rscript": TOOLS / "usr/bin/Rscript",
        "fc-list": TOOLS / "usr/bin/fc-list",
        "node": _playwright_node(),
    }
    libraries = [folder for pattern in ("lib/*-linux-*", "usr/lib/*-linux-*") for folder in sorted(TOOLS.glob(pattern))]
    # The folders to which Debian's alternatives and run paths point.
    libraries += [folder / name for folder in libraries for name in ("blas", "lapack", "pulseaudio")]
    (TOOLS / "starters").mkdir()
    for name, program in starters.items():
        if program.exists():
            own = {"soffice": [program.parent], "Rscript": [TOOLS / "usr/lib/R/lib"]}.get(name, []) + libraries
            home = f'RHOME="{TOOLS}/usr/lib/R" R_LIBS_SITE="{TOOLS}/usr/lib/R/site-library" '
            start = f'LD_LIBRARY_PATH="{":".join(map(str, own))}" exec "{program}" "$@"'
            starter = TOOLS / "starters" / name
            starter.write_text(f"#!/bin/sh\n{home if name == 'Rscript' else ''}{start}\n")
            starter.chmod(0o755)
