"""The same scenarios through a real Kafka, a real worker, and real ways out to people."""

from __future__ import annotations

import os
import random
import uuid
from collections import Counter
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.scenarios.every import THROUGH_A_WORKER
from tests.scenarios.outcome import Outcome, of_nobody
from tests.scenarios.province import Province
from tests.scenarios.pure_player import PurePlayer
from tests.scenarios.real_player import RealPlayer
from tests.scenarios.scripts_care import CARE
from tests.scenarios.scripts_limits import LIMITS
from tests.scenarios.scripts_people import TWO_CHANNELS
from tests.scenarios.scripts_plain import PLAIN
from tests.scenarios.scripts_tree import TREE
from tests.scenarios.variant import Variant
from vungxanh.local_kafka import LocalKafka


class Played(NamedTuple):
    """A variant, and all that came of it."""

    variant: Variant
    outcome: Outcome
    mails: list[EmailMessage]


def play(kafka: LocalKafka, folder: Path, variant: Variant, seed: int | None = None) -> Played:
    """All scripts of a variant in one run of a worker; with a seed it is killed in the middle."""
    prefix = f"t{uuid.uuid4().hex[:8]}-"
    with Province(kafka, prefix, folder, variant).standing() as province:
        player = RealPlayer(kafka.bootstrap_servers, prefix, province)
        try:
            outcome = player.play(variant, seed)
        finally:
            player.close()
        return Played(variant, outcome, province.mailbox.mails)


@pytest.fixture(scope="module", params=THROUGH_A_WORKER, ids=lambda one: one.name)
def played(
    request: pytest.FixtureRequest, kafka: LocalKafka, tmp_path_factory: pytest.TempPathFactory
) -> Played:
    """Played once for all that is asked of it."""
    return play(kafka, tmp_path_factory.mktemp(request.param.name), request.param)


def as_wanted(played: Played) -> None:
    """All that was written is in the tables, and all that is in the tables was written.

    In a minute in any order: what is of different subjects lies in different partitions.
    """
    scripts = played.variant.scripts
    found = {one.name: played.outcome.of(played.variant, one).table(one) for one in scripts}
    wanted = {one.name: one.wanted() for one in scripts}
    assert {k: sorted(v) for k, v in found.items()} == {k: sorted(v) for k, v in wanted.items()}
    assert of_nobody(played.variant, played.outcome) == []


def as_on_the_pure_machine(played: Played) -> None:
    """Of every subject the same records, ids and all, in the same order."""
    for script in played.variant.scripts:
        alone = PurePlayer(played.variant, [script], "steps first").play()
        assert played.outcome.of(played.variant, script).comparable() == alone.comparable()


Message = tuple[str, tuple[str, ...]]  # its key, and the kinds of all that travels in it


def failures(played: Played) -> Counter[str]:
    """How often the webhook of a recipient fails."""
    found = Counter[str]()
    for script in played.variant.scripts:
        found += Counter(script.fails())
    return found


def attempts(played: Played) -> Counter[Message]:
    """How often each message has to be handed over; a mail does not say its kinds."""
    wanted, failing, expected = Counter[Message](), failures(played), played.outcome.expected()
    for record in played.outcome.decisions():
        if record["outcome"] == "decided" and "channel" in record:
            key = record["notification_id"]
            kinds = () if record["channel"] == "email" else expected[key]
            wanted[key, kinds] = 1 + failing[record["recipient"]]
    return wanted


def handed_over(played: Played) -> Counter[Message]:
    """How often each message was handed over."""
    return Counter((one.key, one.kinds) for one in played.outcome.sent)


def test_it_comes_as_the_tables_say(played: Played) -> None:
    as_wanted(played)


def test_it_comes_as_on_the_pure_machine(played: Played) -> None:
    as_on_the_pure_machine(played)


def test_each_message_comes_once(played: Played) -> None:
    """But for the attempts that the other side refused; with all that travels in it."""
    assert handed_over(played) == attempts(played)


def test_what_came_of_sending_is_written_down(played: Played) -> None:
    outcome, results = played.outcome, played.outcome.results()
    assert results.keys() == outcome.expected().keys()
    for script in played.variant.scripts:
        mine = outcome.of(played.variant, script)
        tried = 1 + sum(script.fails().values())
        for came_of in mine.results().values():
            retries = {"retrying channel_failed": tried - 1} if tried > 1 else {}
            assert came_of == {"sent delivered": 1, **retries}
        sent = [one for one in mine.records if one["outcome"] == "sent"]
        assert {one["attempts"] for one in sent} <= {tried}


def test_the_mail_can_be_read(played: Played) -> None:
    """Who has an e-mail channel gets by mail what the webhook gets."""
    wanted = [("opened", "16/18"), ("worsened", "16/21")] if played.variant == PLAIN else []
    assert len(played.mails) == len(wanted)
    if not wanted:
        return
    mine = played.outcome.of(PLAIN, TWO_CHANNELS)
    in_order = [one for one in mine.decisions() if one.get("channel") == "email"]
    assert [one["kind"] for one in in_order] == [kind for kind, _ in wanted]
    for mail, (_, figure) in zip(played.mails, wanted, strict=True):
        assert mail["To"] == f"{TWO_CHANNELS.own('head')}@example.vn"
        text, html = mail.iter_parts()
        for part in (text, html):
            assert isinstance(part, EmailMessage)
            assert figure in part.get_content()


@pytest.fixture
def seed() -> int:
    """A new one each time, unless it is given."""
    chosen = int(os.environ.get("VUNGXANH_TEST_SEED") or random.SystemRandom().randrange(10**6))
    print(f"VUNGXANH_TEST_SEED={chosen}")  # shown by pytest where the test fails
    return chosen


def test_a_worker_killed_in_the_middle_changes_nothing(
    kafka: LocalKafka, tmp_path: Path, seed: int
) -> None:
    """But that a message may come twice, under one key. The seed chooses the variant, too."""
    variant = (CARE, LIMITS, TREE, PLAIN)[seed % 4]
    killed = play(kafka, tmp_path, variant.for_a_worker, seed)
    as_wanted(killed)
    as_on_the_pure_machine(killed)
    wanted, found = attempts(killed), handed_over(killed)
    assert found.keys() == wanted.keys()
    assert not wanted - found, "fewer attempts than it takes"
    assert (found - wanted).total() <= 1, "more than one message was repeated"
    results, failing = killed.outcome.results(), failures(killed)
    assert results.keys() == killed.outcome.expected().keys()
    for record in killed.outcome.decisions():
        if record["outcome"] == "decided" and "channel" in record:
            came_of = results[record["notification_id"]]
            # An attempt that was not written down before the kill is in no record.
            retries = came_of.pop("retrying channel_failed", 0)
            assert came_of == {"sent delivered": 1}
            assert retries <= failing[record["recipient"]]
