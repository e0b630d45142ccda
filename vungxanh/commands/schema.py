"""`vungxanh schema`: the published JSON Schemas and the AsyncAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import click
import orjson

from schemas.asyncapi import asyncapi, asyncapi_page
from schemas.published import schemas
from vungxanh.cli import VungxanhCommand
from vungxanh.errors import DONE, WrongUseError
from vungxanh.printing import print_line

NAMES = (*schemas(), "asyncapi")


@click.command(cls=VungxanhCommand)
@click.argument("name", required=False, type=click.Choice(NAMES))
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="write files into this folder instead of printing",
)
def command(name: str | None, out: Path | None) -> int:
    """Print a JSON Schema (2020-12), or the AsyncAPI 3.0 document, which holds all of them.

    With --out: one of them, or all, as files, and a page of the AsyncAPI document.
    """
    program = version("vungxanh")
    documents: dict[str, Mapping[str, object]] = {**schemas(), "asyncapi": asyncapi(program)}
    if out is None:
        print_line(_text(documents[name or "asyncapi"]).rstrip("\n"))
        return DONE
    files = {
        ("asyncapi.json" if one == "asyncapi" else f"{one}.schema.json"): _text(document)
        for one, document in documents.items()
        if name in (None, one)
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
