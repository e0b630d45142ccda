"""Apache Kafka's jars: fetched once, kept in the user's Maven cache, checked before every start.

`jars.lock` names every jar with its size and SHA-256. It was resolved once (`lock.py`), so that
fetching needs no resolving: the same bytes run everywhere, whatever a registry says later. All
are hashed at every start; it takes some 0.05 s.
"""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from jgo.config import GlobalSettings
from jgo.constants import MAVEN_CENTRAL_URL
from jgo.maven import MavenContext, PythonResolver

from vungxanh.local_kafka.errors import JarsUnavailableError, JarTamperedError

FetchProgress = Callable[[int, int], None]  # bytes fetched, bytes to fetch; called from threads

_CONNECTIONS = 4
_PATIENCE = 30  # seconds without a byte


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of the lock: `group:artifact:version`, size in bytes, SHA-256 in hex."""

    coordinate: str
    size: int
    sha256: str

    @property
    def path(self) -> Path:
        """Where a Maven cache keeps it, relative to the cache."""
        group, artifact, version = self.coordinate.split(":")
        return Path(*group.split("."), artifact, version, f"{artifact}-{version}.jar")


def read_lock(text: str | None = None) -> list[Jar]:
    """The jars of a lock file's text, by default the one that ships with this package."""
    if text is None:
        text = files(__package__).joinpath("jars.lock").read_text("utf-8")
    fields = (line.split() for line in text.splitlines() if line and not line.startswith("#"))
    return [Jar(coordinate, int(size), sha256) for coordinate, size, sha256 in fields]


def jar_cache() -> Path:
    """The Maven cache that jgo uses: `~/.m2/repository`, or what M2_REPO or jgo's settings say."""
    return Path(GlobalSettings.load().repo_cache).absolute()


def classpath(
    jars: Sequence[Jar], cache: Path | None = None, progress: FetchProgress | None = None
) -> list[Path]:
    """The files of the jars, each checked; those that are missing are fetched first.

    Raises JarsUnavailableError if one cannot be fetched, JarTamperedError if one is not the one
    that the lock names.
    """
    cache = cache or jar_cache()
    missing = [jar for jar in jars if not (cache / jar.path).exists()]
    if missing:
        _fetch(missing, cache, progress)
    for jar in jars:
        _check(jar, cache / jar.path, "delete the file and start again")
    return [cache / jar.path for jar in jars]


def _check(jar: Jar, path: Path, remedy: str) -> None:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != jar.sha256:
        raise JarTamperedError(
            f"{path} is not the {jar.coordinate} that this version was built with "
            f"(SHA-256 {found}, expected {jar.sha256}): {remedy}"
        )


def _fetch(jars: Sequence[Jar], cache: Path, progress: FetchProgress | None) -> None:
    """Bring jars into the cache, each whole and checked or not at all."""
    fetched = dict.fromkeys((jar.path.name for jar in jars), 0)
    total = sum(jar.size for jar in jars)

    @contextlib.contextmanager
    def progress_of(name: str, _size: int) -> Iterator[Callable[[int], None]]:
        def count(size: int) -> None:
            fetched[name] += size
            if progress:
                progress(sum(fetched.values()), total)

        yield count

    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".vungxanh-", dir=cache) as staging:
            context = MavenContext(
                resolver=PythonResolver(progress_callback=progress_of),
                repo_cache=Path(staging),
                remote_repos={"central": MAVEN_CENTRAL_URL, **GlobalSettings.load().repositories},
                timeout=_PATIENCE,
            )
            pool = ThreadPoolExecutor(_CONNECTIONS)
            try:
                for each in [pool.submit(_fetch_one, jar, context, cache) for jar in jars]:
                    each.result()
            finally:
                # The first failure, or Ctrl-C, is the end: do not try the rest of them too.
                pool.shutdown(cancel_futures=True)
    except OSError as error:
        raise JarsUnavailableError(
            f"cannot keep Apache Kafka's jars in {cache} ({error}): make the folder writable, "
            "or name another in M2_REPO"
        ) from error


def _fetch_one(jar: Jar, context: MavenContext, cache: Path) -> None:
    group, artifact, version = jar.coordinate.split(":")
    try:
        # Staged in a folder of this run, then renamed: a download that breaks off leaves nothing
        # behind, and two that run at once do not meet.
        staged = Path(context.project(group, artifact).at_version(version).artifact().resolve())
    except (OSError, RuntimeError) as error:  # what requests raises is an OSError
        raise JarsUnavailableError(
            f"cannot fetch {jar.coordinate}, a part of Apache Kafka ({_root(error)}): check the "
            "connection to the network and its proxy settings, then start again"
        ) from error
    _check(jar, staged, "what the network gave was altered; start again over another network")
    target = cache / jar.path
    target.parent.mkdir(parents=True, exist_ok=True)
    staged.replace(target)


def _root(error: BaseException) -> BaseException:
    """What was at the bottom of it: `Connection refused`, without all that wrapped it up."""
    return _root(error.__context__) if error.__context__ else error
