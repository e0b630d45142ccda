"""A province's own templates: they replace the built-in ones, file by file; a broken one does not
keep a message from going out, and is named with its file, its line and what is wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from alerts.messages import sandbox
from alerts.messages.check import check
from alerts.messages.composer import Composer
from alerts.messages.content import Content
from alerts.messages.samples import NAMES, sample
from alerts.messages.sandbox import BrokenTemplateError, Sandbox
from alerts.messages.template_files import builtin_files

BUILT_IN = Composer()
OPENED = "vi/sentence/opened.txt"


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return folder


def test_a_province_replaces_one_sentence_and_keeps_the_rest(tmp_path: Path) -> None:
    put(tmp_path, OPENED, "{{ item.unit }} cần chú ý: {{ item.figure }}.\n")
    composed = Composer(tmp_path).compose(sample("opened"))
    built_in = BUILT_IN.compose(sample("opened"))
    assert composed.broken is None
    assert composed.text.splitlines()[0] == "Tam Kỳ cần chú ý: 44/50."
    assert composed.text.splitlines()[1:] == built_in.text.splitlines()[1:]
    assert composed.subject == built_in.subject
    assert "Tam Kỳ cần chú ý: 44/50." in composed.html
    assert Composer(tmp_path).compose(sample("opened", "en")) == BUILT_IN.compose(
        sample("opened", "en")
    )


def test_a_province_replaces_single_words_and_names_a_new_definition(tmp_path: Path) -> None:
    put(
        tmp_path,
        "vi/words.toml",
        '[zones]\nyellow = "mức cảnh báo"\n[definitions]\n"form06a@1" = "theo biểu 06a"\n',
    )
    content = sample("opened")
    content = content._replace(items=(content.items[0]._replace(definition="form06a@1"),))
    text = Composer(tmp_path).compose(content).text
    assert "hiện ở mức cảnh báo." in text
    assert "Chỉ số: theo biểu 06a (form06a@1)" in text
    assert "Việc cần làm" in text


def test_a_province_may_add_a_file_of_its_own_and_include_it(tmp_path: Path) -> None:
    put(tmp_path, "vi/greeting.txt", "Kính gửi {{ message.recipient_id }}.")
    put(tmp_path, OPENED, '{% include "vi/greeting.txt" %} {{ item.unit }} rời vùng xanh.')
    composed = Composer(tmp_path).compose(sample("opened"))
    assert composed.text.startswith("Kính gửi truong-phong-tam-ky. Tam Kỳ rời vùng xanh.")
    assert check(tmp_path) == []


BROKEN = {
    "syntax": ("Đơn vị\n{{ item.unit }\n", "line 2", "unexpected '}'"),
    "an end without a start": ("Đơn vị\n\n{% endif %}\n", "line 3", "endif"),
    "an unknown variable": ("Đơn vị\n{{ item.unti }}\n", "line 2", "unti"),
    "an unknown name": ("{{ unit }}\n", "line 1", "'unit' is undefined"),
    "an unknown filter": ("{{ item.unit|shout }}\n", "line 1", "shout"),
    "a missing include": ('Đơn vị\n{% include "vi/gone.txt" %}', "line 2", "vi/gone.txt"),
    "a sum of text and number": ("{{ item.unit + 1 }}", "line 1", "can only concatenate"),
    "a division by zero": ("{{ 1 / 0 }}", "line 1", "division by zero"),
    "nothing": ("{# nothing #}\n", OPENED, "makes an empty text"),
    "the program's insides": (
        "{{ item.__class__.__mro__ }}",
        "line 1",
        "access to attribute '__class__'",
    ),
    "the insides by a filter": (
        "{{ (item|attr('__class__')).mro() }}",
        "line 1",
        "access to attribute '__class__'",
    ),
    "an endless loop": (
        "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
        "line 1",
        "a loop without end?",
    ),
    "too long a range": ("{% for a in range(10000000) %}{% endfor %}", "line 1", "Range too big"),
    "macros without end": (
        "{% macro a() %}{{ a() }}{% endmacro %}\n{{ a() }}",
        "line 1",
        "call each other without end",
    ),
    "macros that double": (
        "{% macro a(n) %}{% if n %}{{ a(n - 1) ~ a(n - 1) }}{% endif %}{% endmacro %}{{ a(60) }}",
        "line 1",
        "a loop without end?",
    ),
    "itself": (f'{{% include "{OPENED}" %}}', "line 1", "call each other without end"),
    "a large power": ("{{ 9 ** 9 ** 9 }}", "line 1", "** is not allowed"),
    "a repeated text": ("{{ 'x' * 1000000000 }}", "line 1", "* is for numbers"),
    "a very large number": ("{{ 10000000000000 * 3 }}", "line 1", "not for very large ones"),
    "too much text": (
        "{% for a in range(40000) %}{{ 'some text, and ' ~ item.figure ~ item.unit }}{% endfor %}",
        OPENED,
        "makes more than 1000000 characters",
    ),
    "a change of what it is given": ("{{ message.clear() }}", "line 1", "clear"),
    "unescaped text": ("{{ item.unit|safe }}", "line 1", "safe"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_template_falls_back_and_is_named(what: str, tmp_path: Path) -> None:
    text, where, problem = BROKEN[what]
    put(tmp_path, OPENED, text)
    put(tmp_path, "vi/sentence/worsened.txt", "Xuống vùng đỏ.")
    composed = Composer(tmp_path).compose(sample("opened"))
    built_in = BUILT_IN.compose(sample("opened"))
    assert composed[:3] == built_in[:3]
    assert composed.broken is not None
    assert composed.broken.startswith(OPENED)
    assert where in composed.broken
    assert problem in composed.broken
    assert "\n" not in composed.broken
    assert len(composed.broken) < 400
    # A message that has no part of it is not called broken, and the other file is in use.
    worsened = Composer(tmp_path).compose(sample("worsened"))
    assert worsened.broken is None
    assert worsened.text.startswith("Xuống vùng đỏ.\n")


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("message.html", "<p>{{ items[0].unti }}</p>", "message.html, line 1: "),
        ("message.html", '{% include "vi/facts.txt" %}', "HTML takes only .html files"),
        ("message.html", "{% autoescape false %}{{ subject }}{% endautoescape %}", "autoescape"),
        ("message.html", "{{ subject|safe }}", "No filter named 'safe'"),
        ("message.txt", "\n{% for item in itmes %}{% endfor %}", "message.txt, line 2: 'itmes'"),
        ("vi/subject.txt", "\n\n{{ item.x }}", "vi/subject.txt, line 3: "),
        ("vi/facts.txt", "{% if item.unit %}", "vi/facts.txt, line 1: "),
        ("vi/advice.txt", "{{ item.recovery.end }}", "vi/advice.txt, line 1: "),
        ("vi/words.toml", "[zones]\ngreen = x\n", "vi/words.toml: Invalid value (at line 2"),
        ("vi/words.toml", "[zones]\ngreen = 1", "zones.green: 1 is no text"),
        ("vi/words.toml", '[zones]\ngren = "x"', "zones.gren: no such key; there are green,"),
        ("vi/words.toml", '[label]\ntodo = "x"', "[label]: no such table; there are zones,"),
        ("vi/words.toml", 'zones = "x"', "zones: a table is wanted: [zones]"),
        ("vi/words.toml", '[labels]\nmore = "{n} nữa"', "labels.more: {n} is never filled"),
        ("vi/words.toml", '[labels]\nmore = "} nữa"', "labels.more"),
        ("vi/words.toml", '[labels]\nmore = "{count.real} nữa"', "labels.more"),
    ],
)
def test_a_broken_file_of_any_sort_falls_back(
    name: str, text: str, problem: str, tmp_path: Path
) -> None:
    put(tmp_path, name, text)
    composed = Composer(tmp_path).compose(sample("opened"))
    assert composed[:3] == BUILT_IN.compose(sample("opened"))[:3]
    assert composed.broken is not None
    assert composed.broken.startswith(name)
    assert problem in composed.broken


def test_several_broken_files_are_all_named(tmp_path: Path) -> None:
    put(tmp_path, OPENED, "{{ item.unti }}")
    put(tmp_path, "vi/facts.txt", "{% if %}")
    put(tmp_path, "vi/advice.txt", "Gọi 1022 khi cần.")
    composed = Composer(tmp_path).compose(sample("opened"))
    assert composed.broken is not None
    assert [part.split(",")[0] for part in composed.broken.split("; ")] == [OPENED, "vi/facts.txt"]
    assert "Gọi 1022 khi cần." in composed.text
    assert "; ".join(check(tmp_path)) == composed.broken


def test_the_check_finds_what_only_a_rare_message_shows(tmp_path: Path) -> None:
    put(
        tmp_path, "en/line.txt", "{{ line.figure }}{% if line.stale_since %}{{ line.x }}{% endif %}"
    )
    put(
        tmp_path,
        "vi/sentence/corrected.txt",
        "{% if item.zone == 'grey' %}{{ item.y }}{% endif %}x",
    )
    found = check(tmp_path)
    assert [problem.split(": ")[0] for problem in found] == [
        "vi/sentence/corrected.txt, line 1",
        "en/line.txt, line 1",
    ]


def test_an_error_that_shows_in_a_built_in_file_is_laid_to_the_provinces(tmp_path: Path) -> None:
    put(tmp_path, OPENED, '\n{% set item = 3 %}{% include "vi/figure.txt" %}')
    composed = Composer(tmp_path).compose(sample("opened"))
    assert composed.broken is not None
    assert composed.broken.startswith(f"{OPENED}, line 2: ")


def test_a_file_that_is_not_utf8_is_named_and_not_used(tmp_path: Path) -> None:
    put(tmp_path, OPENED, "")
    (tmp_path / OPENED).write_bytes("Đơn vị".encode("utf-16"))
    composed = Composer(tmp_path).compose(sample("opened"))
    assert composed.broken == f"{OPENED}: not UTF-8 at byte 0; save it as UTF-8"
    assert composed[:3] == BUILT_IN.compose(sample("opened"))[:3]


def test_a_folder_that_is_gone_keeps_no_message_back(tmp_path: Path) -> None:
    composed = Composer(tmp_path / "gone").compose(sample("opened"))
    assert composed.broken == f"{tmp_path / 'gone'}: No such file or directory"
    assert composed[:3] == BUILT_IN.compose(sample("opened"))[:3]
    assert check(tmp_path / "gone") == [composed.broken]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    put(tmp_path, OPENED, "x")
    (tmp_path / OPENED).chmod(0)
    assert check(tmp_path) == [f"{OPENED}: Permission denied"]


def test_an_empty_folder_is_a_finding(tmp_path: Path) -> None:
    assert check(tmp_path) == [
        f"{tmp_path}: no template in it; files stand in the folders vi or en, as built in"
    ]


def test_a_file_under_a_wrong_name_is_a_finding(tmp_path: Path) -> None:
    put(tmp_path, "vi/sentense/opened.txt", "x")
    put(tmp_path, "vi/notes.md", "not a template")
    put(tmp_path, "vi/.opened.txt.swp", "an editor's")
    assert check(tmp_path) == [
        "vi/sentense/opened.txt: replaces nothing: no built-in template has that name"
    ]


def test_a_copy_of_all_built_in_files_is_all_right_and_changes_nothing(tmp_path: Path) -> None:
    for name, text in builtin_files().items():
        put(tmp_path, name, text)
    assert check(tmp_path) == []
    own = Composer(tmp_path)
    for name in NAMES:
        assert own.compose(sample(name)) == BUILT_IN.compose(sample(name))


def test_a_fault_of_a_built_in_template_is_raised_not_hidden() -> None:
    files = {"vi/subject.txt": "{{ gone }}"}
    with pytest.raises(BrokenTemplateError, match=r"vi/subject.txt, line 1: 'gone' is undefined"):
        Sandbox(files).render("vi/subject.txt", {})


def test_the_longest_message_takes_a_small_part_of_the_steps_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sandbox, "MOST_STEPS", sandbox.MOST_STEPS // 10)
    digest = sample("digest-province").digest
    assert digest is not None
    crowded = digest._replace(units=digest.units[1:2] * 500)
    Composer().compose(sample("digest-province")._replace(digest=crowded))
    several = sample("several")
    Composer().compose(several._replace(items=several.items * 20))


@pytest.mark.parametrize(
    "content",
    [
        sample("opened")._replace(items=()),
        sample("opened")._replace(items=(sample("opened").items[0]._replace(kind="digest"),)),
    ],
)
def test_a_content_that_tells_nothing_is_refused(content: Content) -> None:
    with pytest.raises(ValueError, match=r"^message sample/opened: "):
        BUILT_IN.compose(content)
