"""What the tables of the settings are made of: keys with their words, and kinds of values."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from vungxanh.quantities import read_texts

SPAN = "a span such as 30s, 10m, 24h, 90d, or 0"
SHARE = "a share between 0 and 1, such as 0.90"
PORT = "a whole number from 0 (any free port) to 65535"


def key(default: object, meaning: str, allowed: str, unit: str = "–") -> Any:  # noqa: ANN401 - as pydantic's
    """A key of the settings: what `vungxanh config`, the errors and docs/settings.md say of it."""
    return Field(
        default=default,
        description=meaning,
        validate_default=True,
        json_schema_extra={"allowed": allowed, "unit": unit},
    )


class Table(BaseModel):
    """A table of the settings: unknown keys are refused, nothing changes later."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def no_text_is_none(value: object) -> object:
    """An empty text stands for what is absent: a variable cannot be taken away."""
    return None if value == "" else value


def web_address(value: object) -> str:
    """`http://` or `https://` with a host, and no user or password in it; else ValueError."""
    text = str(value).strip()
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("not an address of the web")
    if "@" in parts.netloc or any(sign.isspace() for sign in text):
        raise ValueError("with a user, a password or spaces")
    _ = parts.port  # ValueError where it is none
    return text.rstrip("/")


Texts = BeforeValidator(read_texts)
OptionalText = Annotated[str | None, BeforeValidator(no_text_is_none)]
OptionalPath = Annotated[Path | None, BeforeValidator(no_text_is_none)]
OptionalSecret = Annotated[SecretStr | None, BeforeValidator(no_text_is_none)]
WebAddress = Annotated[str, BeforeValidator(web_address)]
