"""`python -m bench [worker|replay|topic|latency|http|all]`: measure, and say on what."""

from __future__ import annotations

import argparse
import logging
import signal
from collections.abc import Callable

from bench import http, latency, replay, replay_topic, worker
from bench.feed import SEED
from bench.machine import describe

MEASURES: dict[str, Callable[[argparse.Namespace], bool]] = {
    "replay": replay.run,
    "topic": replay_topic.run,
    "latency": latency.run,
    "worker": worker.run,
    "http": http.run,
}


def main() -> int:
    """Exit code 0; 1 where a target of the project was missed."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: exit(1))  # so that what was started is ended
    logging.getLogger("aiokafka").setLevel(logging.ERROR)  # not that a new topic has no leader yet
    chosen = MEASURES if options.what == "all" else {options.what: MEASURES[options.what]}
    missed = []
    for name, measure in chosen.items():
        print(describe(), flush=True)
        if not measure(options):
            missed.append(name)
        print()
    for name in missed:
        print(f"{name}: the project's target was missed in this run")
    return 1 if missed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("what", nargs="?", choices=[*MEASURES, "all"], default="all")
    sizes = {
        "--events": (400_000, "worker, topic: events of the feed"),
        "--naive-events": (40_000, "worker: how many of them the naive one gets"),
        "--replay-events": (500_000, "replay: events in the file"),
        "--rate": (500, "latency: events a second"),
        "--seconds": (30, "latency: how long"),
        "--units": (11_000, "http: units, all on one worker"),
        "--dossiers": (20, "http: dossiers of each"),
        "--runs": (3, "repetitions of each (not of latency, http)"),
        "--seed": (SEED, "of the feed"),
    }
    for option, (default, meaning) in sizes.items():
        parser.add_argument(option, type=int, default=default, help=f"{meaning} ({default})")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
