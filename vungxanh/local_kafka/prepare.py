"""All that a first start needs, done beforehand: the jars, and the cache for quick starts."""

from __future__ import annotations

import tempfile
from pathlib import Path

from vungxanh.local_kafka.broker import LocalKafka
from vungxanh.local_kafka.jars import FetchProgress, classpath, read_lock
from vungxanh.local_kafka.java import find_java
from vungxanh.local_kafka.ports import free_port
from vungxanh.local_kafka.quick_start import quick_start_cache

_WRITING = 120.0  # seconds that Java may take to write the cache when the broker ends


def prepare(on_fetch: FetchProgress | None = None) -> bool:
    """Fetch the jars, and run a broker once on trial so that later ones start quickly.

    The trial takes some 10 s and 70 MB in the user's cache folder, once for a build of Java and a
    version of Kafka. It pays where brokers are started again and again, as in tests. True if
    there is a cache now; False if this Java makes none. Raises LocalKafkaError as
    `LocalKafka.start`, and OSError if the cache folder cannot be written.
    """
    java = find_java()
    cache = quick_start_cache(java, classpath(read_lock(), progress=on_fetch))
    if cache is None:
        return False
    if cache.exists():
        return True
    cache.parent.mkdir(parents=True, exist_ok=True)
    # Written elsewhere and renamed: nobody ever sees half a cache.
    with tempfile.TemporaryDirectory(prefix=".trial-", dir=cache.parent) as folder:
        written = Path(folder) / cache.name
        flags = [f"-XX:AOTCacheOutput={written}"]
        broker = LocalKafka(Path(folder), free_port(), java=java.path, java_flags=flags)
        with broker:
            broker.stop(_WRITING)
        if not written.exists():
            return False
        written.replace(cache)
    return True
