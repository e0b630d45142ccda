"""A worker whose event loop stands still ends; one that only works hard does not."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from streams.exits import Exit


def run(body: str) -> subprocess.CompletedProcess[str]:
    """Run the body of a coroutine under a lease of 0.8 s, in a process of its own."""
    program = textwrap.dedent(
        """
        import asyncio, logging, time
        from streams.lease import Lease

        logging.basicConfig()

        async def main():
            lease = Lease(session_timeout_ms=1_000)
            lease.start()
            renewing = asyncio.create_task(lease.renew())
        {body}
            print("went on")

        asyncio.run(main())
        """
    ).format(body=textwrap.indent(textwrap.dedent(body), "    "))
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )


def test_a_loop_that_stands_still_ends_the_process_while_it_does() -> None:
    ended = run("await asyncio.sleep(0.1)\ntime.sleep(30)")
    assert ended.returncode == Exit.STALLED
    assert "went on" not in ended.stdout
    assert "the event loop stood still" in ended.stderr
    assert "STALLED" in ended.stderr


def test_a_loop_that_gives_way_in_time_goes_on() -> None:
    ended = run("for _ in range(30):\n    time.sleep(0.05)\n    await asyncio.sleep(0)")
    assert (ended.returncode, ended.stdout) == (Exit.DONE, "went on\n")


def test_an_ended_lease_watches_no_more() -> None:
    ended = run("lease.end()\ntime.sleep(1.5)\nlease.check()")
    assert (ended.returncode, ended.stdout) == (Exit.DONE, "went on\n")


@pytest.mark.parametrize("code", list(Exit))
def test_the_process_ends_at_once_with_one_line_that_says_why(code: Exit) -> None:
    program = (
        "import logging; logging.basicConfig(); from streams.exits import Exit, end_process\n"
        f"try:\n    end_process(Exit({int(code)}), 'because')\nfinally:\n    print('clean-up')"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == code
    assert ended.stdout == ""
    (line,) = ended.stderr.splitlines()
    assert f"code {int(code)} ({code.name}): because" in line
