"""`vungxanh explain`: what it answers from a file and from the topic, and what it refuses."""

from __future__ import annotations

import html
import re
import shlex
from collections import Counter
from pathlib import Path

import orjson
import pytest

from tests.vungxanh.conftest import Command
from tests.vungxanh.test_publishing import event
from vungxanh.local_kafka import LocalKafka

RECEIPT = Path(__file__).parents[1] / "data" / "receipt" / "events.jsonl.gz"
NOON = "2026-02-01T12:00:00+07:00"


@pytest.fixture
def feed(tmp_path: Path) -> str:
    """A: one early (known late), one overdue, one withdrawn. B: one that is not due yet."""
    due = "2026-01-20"
    events = [
        event(1, "2026-01-10T00:00:00+07:00", due_at=due),
        event(2, "2026-01-11T00:00:00+07:00", due_at=due),
        event(3, "2026-01-12T00:00:00+07:00", due_at=due),
        event(4, "2026-01-13T00:00:00+07:00", unit_id="B", due_at="2027-01-01"),
        event(5, "2026-01-14T00:00:00+07:00", dossier_id="d3", type="withdrawn"),
        event(
            6,
            "2026-01-19T00:00:00+07:00",
            dossier_id="d1",
            type="completed",
            recorded_at="2026-01-25T00:00:00+07:00",
        ),
    ]
    (tmp_path / "feed.jsonl").write_bytes(b"\n".join(map(orjson.dumps, events)))
    return "feed.jsonl"


def test_the_figure_that_the_unit_is_judged_by(command: Command, feed: str) -> None:
    outcome = command("explain", "A", "--as-of", NOON, "--input", feed, "--format", "json")

    assert outcome.code == 0
    answer = orjson.loads(outcome.out)
    assert (answer["definition"], answer["window"]) == ("resolved@1", "30d")
    assert (answer["as_of"], answer["known_at"]) == ("2026-02-01T05:00:00+00:00", None)
    assert (answer["numerator"], answer["denominator"]) == (1, 1)
    [dossier] = answer["dossiers"]
    assert (dossier["dossier_id"], dossier["counted"], dossier["rule"]) == ("d1", "early", "R6")
    assert [(one["event_id"], one["offset"]) for one in dossier["events"]] == [("e1", 0), ("e6", 4)]
    assert answer["left_out"] == [
        {"dossier_id": "d2", "reason": "open_overdue_not_counted"},
        {"dossier_id": "d3", "reason": "ended_withdrawn"},
    ]


def test_a_policy_of_the_unit_s_own(command: Command, feed: str, tmp_path: Path) -> None:
    (tmp_path / "vungxanh.toml").write_text(
        '[policy.units.A]\ndefinition = "strict@1"\nwindow = "7d"\n', "utf-8"
    )
    asked = ["--as-of", NOON, "--input", feed, "--format", "json"]

    own = orjson.loads(command("explain", "A", *asked).out)
    other = orjson.loads(command("explain", "B", *asked).out)
    chosen = orjson.loads(command("explain", "A", *asked, "--window", "365d").out)

    assert (own["definition"], own["window"], own["denominator"]) == ("strict@1", "7d", 1)
    assert (other["definition"], other["window"]) == ("resolved@1", "30d")
    assert (chosen["definition"], chosen["window"], chosen["denominator"]) == (
        "strict@1",
        "365d",
        2,
    )


def test_as_known_at(command: Command, feed: str) -> None:
    asked = ["--as-of", NOON, "--input", feed, "--definition", "strict@1", "--format", "json"]

    before = command("explain", "A", *asked, "--known-at", "2026-01-24T23:59:59+07:00").out
    after = command("explain", "A", *asked, "--known-at", "2026-01-25T00:00:00+07:00").out

    assert [one["counted"] for one in orjson.loads(before)["dossiers"]] == ["overdue", "overdue"]
    assert [one["counted"] for one in orjson.loads(after)["dossiers"]] == ["overdue", "early"]


def test_text_for_a_terminal(command: Command, feed: str, tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text("unit_id,name_vi\nA,Sở Y tế\n", "utf-8")

    outcome = command(
        "explain", "A", "--as-of", NOON, "--input", feed, "--definition", "strict@1",
        UNITS="units.csv",
    )  # fmt: skip

    assert outcome.lines == [
        "A  Sở Y tế",
        "50.00%, 1 on time of 2, by strict@1",
        "30d: from 2026-01-02 12:00:00 to before 2026-02-01 12:00:00 (Asia/Ho_Chi_Minh)",
        "from all that is known",
        "",
        "OVERDUE: 1",
        "  d2  due end of 2026-01-20, open  (R6, end and due date)",
        "      2026-01-11 00:00:00  received  due 2026-01-20  [e2 at 2/1]",
        "",
        "EARLY: 1",
        "  d1  due end of 2026-01-20, completed 2026-01-19 00:00:00  (R6, end and due date)",
        "      2026-01-10 00:00:00  received  due 2026-01-20  [e1 at 2/0]",
        "      2026-01-19 00:00:00  completed  [e6 at 2/4]",
        "",
        "LEFT OUT: 1",
        "  withdrawn, which is no result: 1",
        "      d3",
    ]


def test_text_names_so_many_left_out_and_counts_the_rest(command: Command, tmp_path: Path) -> None:
    events = [event(number, "2026-01-10T00:00:00Z", due_at="2027-01-01") for number in range(33)]
    (tmp_path / "feed.jsonl").write_bytes(b"\n".join(map(orjson.dumps, events)))

    outcome = command("explain", "A", "--as-of", NOON, "--input", "feed.jsonl")

    assert "no ratio, 0 on time of 0, by resolved@1" in outcome.lines
    assert "  open and not overdue: 33" in outcome.lines
    assert " ".join(outcome.out.split()).endswith("and 3 more (--format json names all)")


def test_pauses_flags_and_what_was_taken_back(command: Command, tmp_path: Path) -> None:
    told: list[tuple[str, str, dict[str, str]]] = [
        ("received", "10", {"due_at": "2026-01-12T00:00:00+07:00"}),
        ("fee_requested", "11", {}),
        ("fee_paid", "12", {}),
        ("completed", "14", {}),
        ("apology_issued", "15", {"due_at": "2026-01-30"}),
        ("delivered", "16", {}),
        ("voided", "17", {"voids": "e6"}),
    ]
    events = [
        event(number, f"2026-01-{day}T00:00:00+07:00", dossier_id="d", type=kind, **more)
        for number, (kind, day, more) in enumerate(told, start=1)
    ]
    (tmp_path / "feed.jsonl").write_bytes(b"\n".join(map(orjson.dumps, events)))

    lines = command("explain", "A", "--as-of", NOON, "--input", "feed.jsonl").lines

    assert lines[6:] == [
        "  d  due 2026-01-13 00:00:00, completed 2026-01-14 00:00:00  (R3, a moved due date)",
        "      paused from 2026-01-11 00:00:00 to 2026-01-12 00:00:00",
        "      note: a due date was stated too late, and does not count",
        "      2026-01-10 00:00:00  received  due 2026-01-12 00:00:00  [e1 at 2/0]",
        "      2026-01-11 00:00:00  fee_requested  [e2 at 2/1]",
        "      2026-01-12 00:00:00  fee_paid  [e3 at 2/2]",
        "      2026-01-14 00:00:00  completed  [e4 at 2/3]",
        "      2026-01-15 00:00:00  apology_issued  due 2026-01-30  [e5 at 2/4]",
        "      2026-01-16 00:00:00  delivered  taken back  [e6 at 2/5]",
        "      2026-01-17 00:00:00  voided  takes back e6  [e7 at 2/6]",
    ]


def test_html_to_hand_over(command: Command, feed: str, tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text("unit_id,name_vi\nA,Sở <i>Y tế</i>\n", "utf-8")
    asked = ["--as-of", NOON, "--known-at", NOON, "--input", feed, "--format", "html"]

    outcome = command("explain", "A", *asked, UNITS="units.csv")

    assert outcome.code == 0
    assert outcome.out.startswith("<!doctype html>")
    assert "Sở &lt;i&gt;Y tế&lt;/i&gt;" in outcome.out
    assert command_of(outcome.out) == (
        "vungxanh explain A --as-of 2026-02-01T05:00:00+00:00 --known-at 2026-02-01T05:00:00+00:00 "
        "--definition resolved@1 --window 30d --input feed.jsonl"
    )


def command_of(page: str) -> str:
    """The command on a page, whose words stand apart so that none is broken at a line's end."""
    [marked] = re.findall("<code>(.*)</code>", page)
    return html.unescape(re.sub("</?span>", "", marked))


BEFORE = "2026-01-24T23:59:59+07:00"  # the end of d1 had not arrived


def test_what_was_shown_and_what_is_known_now(command: Command, feed: str, tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text("unit_id,name_vi\nA,Sở Y tế\n", "utf-8")

    outcome = command(
        "explain", "A", "--as-of", NOON, "--known-at", BEFORE, "--versus", "known:now",
        "--definition", "strict@1", "--input", feed, UNITS="units.csv",
    )  # fmt: skip

    assert outcome.code == 0
    assert outcome.lines == [
        "A  Sở Y tế",
        "A: 0.00%, 0 on time of 2, by strict@1",
        "   30d: from 2026-01-02 12:00:00 to before 2026-02-01 12:00:00 (Asia/Ho_Chi_Minh)",
        "   as known at 2026-01-24 23:59:59",
        "B: 50.00%, 1 on time of 2, by strict@1",
        "   30d: from 2026-01-02 12:00:00 to before 2026-02-01 12:00:00 (Asia/Ho_Chi_Minh)",
        "   from all that is known",
        "from A to B: +1 on time, +0 counted; 1 counted alike",
        "",
        "CHANGED SIDES: 1",
        "  d1  +1 on time, +0 counted, by these events",
        "      A: overdue  (R6, end and due date); due end of 2026-01-20",
        "      B: early  (R6, end and due date); due end of 2026-01-20; "
        "completed 2026-01-19 00:00:00",
        "      2026-01-19 00:00:00  completed  [e6 at 2/4]  was not known in A",
    ]


@pytest.mark.parametrize(
    ("versus", "differs", "changes"),
    [
        pytest.param(
            ["2026-01-20T12:00:00+07:00"],
            {"as_of": "2026-01-20T05:00:00+00:00"},
            [("d2", "left", "time")],
            id="an instant",
        ),
        pytest.param(
            ["resolved@1"],
            {"definition": "resolved@1"},
            [("d2", "left", "definition")],
            id="a definition",
        ),
        pytest.param(
            ["7d"],
            {"window": "7d"},
            [("d1", "left", "window")],
            id="a window",
        ),
        pytest.param(
            [f"known:{BEFORE}"],
            {"known_at": "2026-01-24T16:59:59+00:00"},
            [("d1", "changed_side", "events")],
            id="a knowledge time",
        ),
        pytest.param(
            ["resolved@1", "90d", f"known:{BEFORE}", "2026-01-20T12:00:00+07:00"],
            {
                "definition": "resolved@1",
                "window": "90d",
                "known_at": "2026-01-24T16:59:59+00:00",
                "as_of": "2026-01-20T05:00:00+00:00",
            },
            [("d1", "left", "events"), ("d2", "left", "time")],
            id="all at once",
        ),
        pytest.param([NOON], {}, [], id="the same"),
    ],
)
def test_what_can_be_held_against_a_figure(
    command: Command,
    feed: str,
    versus: list[str],
    differs: dict[str, str],
    changes: list[tuple[str, str, str]],
) -> None:
    asked = ["--as-of", NOON, "--input", feed, "--definition", "strict@1"]
    options = [word for one in versus for word in ("--versus", one)]

    outcome = command("explain", "A", *asked, *options, "--format", "json")

    assert outcome.code == 0
    answer = orjson.loads(outcome.out)
    other = {name: answer["b"][name] for name in ("definition", "window", "as_of", "known_at")}
    assert other == {name: answer["a"][name] for name in other} | differs
    assert [(one["dossier_id"], one["change"], one["by"]) for one in answer["changes"]] == changes
    page = command("explain", "A", *asked, *options, "--format", "html")
    again = shlex.split(command_of(page.out))
    assert command(*again[1:], "--format", "json").out == outcome.out


@pytest.mark.parametrize(
    ("versus", "said"),
    [
        pytest.param(["x@9"], "--versus: 'x@9' is no definition", id="no definition"),
        pytest.param(["soon"], "known:INSTANT, known:now, a definition", id="nothing of all"),
        pytest.param(["2026-01-20"], "--versus: not an instant", id="an instant without an offset"),
        pytest.param(["known:soon"], "--versus known:soon: not an instant", id="no knowledge time"),
        pytest.param(
            ["7d", "90d"], "--versus: 7d and 90d are both a window; give one", id="two windows"
        ),
        pytest.param(
            ["2026-01-09T00:00:00+07:00"],
            "--versus: nothing of unit A that is known had happened before",
            id="before the first event",
        ),
        pytest.param(
            ["known:2026-01-09T00:00:00+07:00"],
            "--versus: nothing of unit A had arrived by",
            id="before the first arrival",
        ),
    ],
)
def test_what_cannot_be_held_against_a_figure(
    command: Command, feed: str, versus: list[str], said: str
) -> None:
    options = [word for one in versus for word in ("--versus", one)]

    outcome = command("explain", "A", "--as-of", NOON, "--input", feed, *options)

    assert outcome.code == 2
    assert outcome.out == ""
    assert said in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["C", "--as-of", NOON], "no event of unit C", id="a unit nobody knows"),
        pytest.param(
            ["A", "--as-of", "2026-01-10T00:00:00+07:00"],
            "its first event is of 2026-01-09T17:00:00+00:00",
            id="T before the first event",
        ),
        pytest.param(
            ["A", "--as-of", NOON, "--known-at", "2026-01-09T00:00:00+07:00"],
            "its first record arrived at 2026-01-09T17:00:00.000+00:00",
            id="K before the first arrival",
        ),
        pytest.param(["A", "--as-of", "2026-02-01"], "--as-of", id="T without an offset"),
        pytest.param(["A", "--as-of", NOON, "--known-at", "x"], "--known-at", id="K is none"),
        pytest.param(["A", "--as-of", NOON, "--window", "3w"], "--window", id="no window"),
        pytest.param(["A", "--as-of", NOON, "--definition", "x@1"], "x@1", id="no definition"),
        pytest.param(["A"], "--as-of", id="no T"),
        pytest.param(["A\udcff", "--as-of", NOON], "UTF-8", id="an id that is no text"),
    ],
)
def test_what_is_refused(command: Command, feed: str, words: list[str], said: str) -> None:
    outcome = command("explain", *words, "--input", feed)

    assert outcome.code == 2
    assert outcome.out == ""
    assert said in outcome.err
    assert "Traceback" not in outcome.err


def test_a_file_that_is_not_there(command: Command) -> None:
    outcome = command("explain", "A", "--as-of", NOON, "--input", "nowhere.jsonl")

    assert outcome.code == 2
    assert "nowhere.jsonl" in outcome.err


def test_bad_lines_and_conflicts_are_told_and_the_rest_is_explained(
    command: Command, feed: str, tmp_path: Path
) -> None:
    again = event(2, "2026-01-11T00:00:00+07:00", due_at="2026-03-01")
    with (tmp_path / feed).open("ab") as file:
        file.write(b"\noops\n" + orjson.dumps(again) + b"\n")

    outcome = command("explain", "A", "--as-of", NOON, "--input", feed, "--format", "json")

    assert outcome.code == 1
    bad, conflict = outcome.err.splitlines()
    assert bad.startswith("line 7: not_json: ")
    assert conflict == "1 events came again with other content; the first of each counts"
    assert orjson.loads(outcome.out)["denominator"] == 1


def test_units_of_the_receipt_log_as_replay_has_them(command: Command) -> None:
    """Both commands say the same."""
    asked = ["--as-of", "2011-06-30T00:00:00+02:00", "--input", RECEIPT, "--format", "json"]
    replayed = command(
        "replay", *asked, "--definition", "strict@1", "--window", "90d",
        TIMEZONE="Europe/Amsterdam",
    )  # fmt: skip
    rows = [orjson.loads(line) for line in replayed.lines]
    assert len(rows) > 5
    for row in rows[::4]:
        asked_more = [*asked, "--definition", "strict@1", "--window", "90d"]
        answer = orjson.loads(command("explain", row["unit_id"], *asked_more).out)
        counts = Counter(one["counted"] for one in answer["dossiers"])
        assert (answer["numerator"], answer["denominator"]) == (
            row["numerator"],
            row["denominator"],
        )
        assert (counts["early"], counts["late"], counts["overdue"]) == (
            row["early"],
            row["late"],
            row["open_overdue"],
        )


def test_the_topic_gives_what_the_file_gives(
    command: Command, kafka: LocalKafka, topic_prefix: str, feed: str
) -> None:
    """The same figures, rules and places."""
    there = {
        "KAFKA__BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "TOPICS__PREFIX": topic_prefix,
    }
    assert command("topics", **there).code == 0
    assert command("publish", feed, "--arrival", "occurred", **there).code == 0
    asked = ["--as-of", NOON, "--format", "json"]

    from_topic = command("explain", "A", *asked, **there)
    from_file = command("explain", "A", *asked, "--input", feed)
    nobody = command("explain", "C", *asked, **there)
    page = command("explain", "A", "--as-of", NOON, "--format", "html", **there)
    versus = ["--known-at", BEFORE, "--versus", "known:now"]
    compared = command("explain", "A", *asked, *versus, **there)
    compared_from_file = command("explain", "A", *asked, *versus, "--input", feed)

    assert (from_topic.code, from_topic.err) == (0, "")
    assert from_topic.out == from_file.out
    assert compared.out == compared_from_file.out
    assert orjson.loads(compared.out)["numerator"] == 1
    assert nobody.code == 2
    assert "the topic has no event of unit C" in nobody.err
    assert f"Nguồn: <bdi>{topic_prefix}dossier-events</bdi>" in page.out


def test_no_kafka(command: Command) -> None:
    outcome = command("explain", "A", "--as-of", NOON, KAFKA__BOOTSTRAP_SERVERS="127.0.0.1:9")

    assert outcome.code == 3
