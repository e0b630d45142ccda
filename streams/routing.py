"""Where a unit's events belong: Kafka's own default partitioner, as every producer has it."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=100_000)
def partition_of(unit_id: str, partitions: int) -> int:
    """The partition that Kafka's default partitioner gives to the key `unit_id`."""
    from aiokafka.partitioner import murmur2  # noqa: PLC0415 - a FILE that is replayed needs none

    return int(murmur2(unit_id.encode()) & 0x7FFFFFFF) % partitions


def is_home(key: bytes | None, unit_id: str, partition: int, partitions: int) -> bool:
    """Whether a record of that unit, found there under that key, is where it belongs."""
    return key == unit_id.encode() and partition_of(unit_id, partitions) == partition
