"""`vungxanh schema`: the published JSON Schemas, the AsyncAPI and the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import click
import orjson

from indicators.definitions import DEFINITIONS
from schemas.asyncapi import asyncapi, asyncapi_page
from schemas.openapi import openapi
from schemas.published import schemas
from vungxanh.cli import VungxanhCommand
from vungxanh.errors import DONE, WrongUseError
from vungxanh.printing import print_line

_DOCUMENTS = ("asyncapi", "openapi")
NAMES = (*schemas(), *_DOCUMENTS)


@click.command(cls=VungxanhCommand)
@click.argument("name", required=False, type=click.Choice(NAMES))
@click.option("--openapi", "http_api", is_flag=True, help="as NAME openapi: the HTTP API")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="write files into this folder instead of printing",
)
def command(name: str | None, *, http_api: bool, out: Path | None) -> int:
    """Print a JSON Schema (2020-12), or the AsyncAPI 3.0 document, which holds all of them.

    With --out: one of them, or all, as files, and a page of the AsyncAPI document. OpenAPI 3.1, of
    the HTTP API, only where it is asked for.
    """
    if http_api:
        if name not in (None, "openapi"):
            raise WrongUseError(f"{name} and --openapi are two documents; ask for one")
        name = "openapi"
    program = version("vungxanh")
    documents: dict[str, Mapping[str, object]] = {
        **schemas(),
        "asyncapi": asyncapi(program),
        "openapi": openapi(program, DEFINITIONS),
    }
    if out is None:
        print_line(_text(documents[name or "asyncapi"]).rstrip("\n"))
        return DONE
    files = {
        (f"{one}.json" if one in _DOCUMENTS else f"{one}.schema.json"): _text(document)
        for one, document in documents.items()
        if name == one or (name is None and one != "openapi")
    }
    if name in (None, "asyncapi"):
        files["asyncapi.html"] = asyncapi_page(program)
    _write(out, files)
    return DONE


def _text(document: Mapping[str, object]) -> str:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n"


def _write(folder: Path, files: Mapping[str, str]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, "utf-8")
            print_line(str(folder / name))
    except OSError as error:
        raise WrongUseError(f"--out {folder}: {error.strerror}") from None
