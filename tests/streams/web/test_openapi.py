"""The API is as its description says: compared, and tried with whatever it allows and forbids."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from indicators.definitions import DEFINITIONS
from schemas.api.operations import OPERATIONS
from schemas.openapi import openapi
from tests.streams.web.site import ACTOR, Site

DOCUMENT = openapi(version("vungxanh"), DEFINITIONS)
GOLDEN = Path(__file__).parents[3] / "docs" / "openapi.json"
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)


def test_the_document_in_docs_is_of_this_program() -> None:
    assert json.loads(GOLDEN.read_bytes()) == DOCUMENT, (
        "write it anew: vungxanh schema --openapi --out docs"
    )


def test_every_operation_is_in_it_once() -> None:
    found = {
        (method.upper(), path): one["operationId"]
        for path, methods in DOCUMENT["paths"].items()
        for method, one in methods.items()
    }
    assert found == {(one.method, one.path): one.operation_id for one in OPERATIONS}
    assert len(set(found.values())) == len(found)


def test_every_reference_leads_somewhere_and_our_own_notes_stay_here() -> None:
    text = json.dumps(DOCUMENT)
    names = set(DOCUMENT["components"]["schemas"])
    referred = {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert referred == names
    assert "x-wrong" not in text


@contextmanager
def served(site: Site) -> Iterator[str]:
    """A real server, in a thread of its own; gives its address."""
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    address: list[str] = []

    async def run() -> None:
        await site.server.on_start()
        address.append(site.where.url)
        ready.set()
        await stopped.wait()
        await site.server.on_stop()

    stopped = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    assert ready.wait(60)
    try:
        yield address[0]
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join()
        loop.close()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(Site(replace(Site().settings, http_port=0)).fill()) as address:
        yield address


# What a schema of JSON cannot say: such a request is refused though the schema allows it.
BEYOND = re.compile(
    r"after: this is no cursor|known: 'then' says nothing without as_of|until: \S+ is past"
    r"|\w+: '.*' is no instant"  # years outside 1900-2200, seconds of 60
)


@SCHEMA.exclude(path="/api/stream").parametrize()  # it does not end: see test_stream.py
@settings(derandomize=True, max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_it_answers_as_described(case: Any, url: str) -> None:
    """Allowed and forbidden parameters and bodies, as nobody and as somebody who may act."""
    for headers in ({}, {"Authorization": f"Bearer {ACTOR}"}):
        answer = case.call(base_url=url, headers=headers)
        beyond = answer.status_code == 400 and BEYOND.match(answer.json()["error"])
        excluded = [positive_data_acceptance] if beyond else []
        case.validate_response(answer, excluded_checks=excluded)
