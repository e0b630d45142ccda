"""What ails the monitor itself, in the words of both languages."""

from __future__ import annotations

import pytest

from alerts.messages.composer import Composer
from alerts.messages.content import Ailment, Composed, Item
from alerts.messages.samples import SAMPLE_AT, sample
from alerts.recipients import Language
from schemas.condition import Condition
from schemas.notification import Why

COMPOSER = Composer()
SINCE = SAMPLE_AT - 28 * 60_000  # 07:42
SILENT = Ailment(Condition("feed", unit_id="H47.507", since=SINCE), "Điện Bàn")
UNNAMED = Ailment(Condition("feed", unit_id="H47.507"))
LETTERS = Ailment(Condition("dead_letters", number=1_041))
LAG = Ailment(Condition("lag", number=6_000))
MAIL = Ailment(Condition("delivery", channel="email"))


def composed(language: Language, ailment: Ailment, why: Why) -> Composed:
    item = Item("health", why, "", "", at=SAMPLE_AT, ailment=ailment)
    return COMPOSER.compose(sample("health", language)._replace(items=(item,)))


def sentence(language: Language, ailment: Ailment, why: Why) -> str:
    return composed(language, ailment, why).text.splitlines()[0]


@pytest.mark.parametrize(
    ("language", "ailment", "words"),
    [
        ("vi", SILENT, "đơn vị Điện Bàn không có dữ liệu mới từ 23/11/2026 07:42"),
        ("en", SILENT, "no new data from Điện Bàn since 23 Nov 2026 07:42"),
        ("vi", UNNAMED, "đơn vị H47.507 không có dữ liệu mới"),
        ("en", UNNAMED, "no new data from H47.507"),
        ("vi", LETTERS, "số bản ghi lỗi tăng nhanh, tới 1.041 bản ghi trong vòng một giờ; xem "),
        ("en", LETTERS, "dead letters grow fast, up to 1,041 within an hour; see "),
        ("vi", LAG, "bản ghi chờ xử lý bị dồn ứ, hiện còn 6.000 bản ghi, trong mười phút qua"),
        ("en", LAG, "records pile up, 6,000 are waiting, and no fewer than ten minutes ago"),
        ("vi", MAIL, "không gửi được tin nhắn qua kênh email"),
        ("en", MAIL, "messages over email fail"),
    ],
)
@pytest.mark.parametrize("why", [Why.HEALTH, Why.FLAPPING])
def test_what_is_wrong(language: Language, ailment: Ailment, words: str, why: Why) -> None:
    """Told again and again it is told in the same words: nothing else is known of it."""
    begins = {"vi": "Hệ thống giám sát cần được kiểm tra: ", "en": "The monitor needs a look: "}
    assert sentence(language, ailment, why).startswith(begins[language] + words)
    subjects = {"vi": "[Vùng xanh] Hệ thống giám sát: ", "en": "[Green zone] The monitor: "}
    assert composed(language, ailment, why).subject.startswith(subjects[language] + words)


@pytest.mark.parametrize(
    ("language", "ailment", "words"),
    [
        ("vi", SILENT, "đơn vị Điện Bàn đã có dữ liệu trở lại (gián đoạn từ 23/11/2026 07:42)."),
        ("en", SILENT, "data from Điện Bàn come again (none had come since 23 Nov 2026 07:42)."),
        ("vi", UNNAMED, "đơn vị H47.507 đã có dữ liệu trở lại."),
        ("en", UNNAMED, "data from H47.507 come again."),
        ("vi", LETTERS, "số bản ghi lỗi không còn tăng nhanh."),
        ("en", LETTERS, "dead letters no longer grow fast."),
        ("vi", LAG, "số bản ghi chờ xử lý đã trở lại bình thường."),
        ("en", LAG, "no more records wait than usual."),
        ("vi", MAIL, "tin nhắn qua kênh email đã gửi được bình thường trở lại."),
        ("en", MAIL, "messages over email get through again."),
    ],
)
def test_that_it_is_over(language: Language, ailment: Ailment, words: str) -> None:
    begins = {
        "vi": "Sự cố của hệ thống giám sát đã hết: ",
        "en": "What ailed the monitor is over: ",
    }
    assert sentence(language, ailment, Why.RECOVERED) == begins[language] + words
    subjects = {"vi": "[Vùng xanh] Đã hết: ", "en": "[Green zone] Over: "}
    subject = composed(language, ailment, Why.RECOVERED).subject
    assert subject == subjects[language] + words.removesuffix(".")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "vi",
            "Hệ thống giám sát không nhắc lại nữa cho đến khi có dữ liệu: đơn vị Điện Bàn không có "
            "dữ liệu mới từ 23/11/2026 07:42.",
        ),
        (
            "en",
            "You are not told again until data come: no new data from Điện Bàn since 23 Nov 2026 "
            "07:42.",
        ),
    ],
)
def test_that_it_is_given_up(language: Language, words: str) -> None:
    given_up = SILENT._replace(condition=SILENT.condition._replace(given_up=True))
    assert sentence(language, given_up, Why.LONG_SILENT) == words


@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_is_kept_from_before_there_were_numbers_is_told_without(language: Language) -> None:
    for kind in ("dead_letters", "lag"):
        text = sentence(language, Ailment(Condition(kind)), Why.HEALTH)
        assert "None" not in text
        assert ", ," not in text
        assert "  " not in text


def test_the_digest_says_what_stands_in_the_reader_s_language() -> None:
    for language, words in (
        ("vi", "- đơn vị Điện Bàn không có dữ liệu mới từ 23/11/2026 07:42"),
        ("en", "- no new data from Điện Bàn since 23 Nov 2026 07:42"),
    ):
        content = sample("digest-province", language)  # type: ignore[arg-type]
        assert content.digest is not None
        digest = content.digest._replace(missing=(SILENT,))
        lines = COMPOSER.compose(content._replace(digest=digest)).text.splitlines()
        assert words in lines


def test_a_unit_long_silent_is_only_counted_in_the_digest_unless_its_incident_is_open() -> None:
    content = sample("digest-province")
    assert content.digest is not None

    def lines(**changes: object) -> list[str]:
        assert content.digest is not None
        units = tuple(
            unit._replace(**changes) if unit.unit_id == "H47.507" else unit  # type: ignore[arg-type]
            for unit in content.digest.units
        )
        digest = content.digest._replace(units=units, missing=())
        text = COMPOSER.compose(content._replace(digest=digest)).text
        return [line for line in text.splitlines() if "Điện Bàn" in line]

    assert len(lines()) == 1
    assert lines(given_up=True, overdue=3) == []
    assert len(lines(given_up=True, incident_id="H47.507/resolved@1/1")) == 1
