"""A start in a third of the time: Java's ahead-of-time cache of the broker's classes.

Most of a start is Java reading, checking and linking some 9,000 classes. From version 25 on Java
can write down what came of that when a program ends, and take it from there the next time. The
cache belongs to one build of Java, one set of jars and one set of flags; where it does not fit
exactly, Java leaves it aside.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from vungxanh.local_kafka.java import Java
from vungxanh.local_kafka.launch import FLAGS

_FIRST_JAVA = 25


def quick_start_flags(java: Java, jars: Sequence[Path]) -> list[str]:
    """The flags with which Java takes the cache; none where there is no cache."""
    cache = quick_start_cache(java, jars)
    return [f"-XX:AOTCache={cache}"] if cache and cache.exists() else []


def quick_start_cache(java: Java, jars: Sequence[Path]) -> Path | None:
    """Where the cache for just these is kept, if it was made; None if this Java makes none."""
    if java.version < _FIRST_JAVA:
        return None
    parts = [java.build, *FLAGS, *(f"{jar} {jar.stat().st_mtime_ns}" for jar in jars)]
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return home.absolute() / "vungxanh" / f"kafka-{key}.aot"
