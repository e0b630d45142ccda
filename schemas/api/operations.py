"""The operations of the API: the server serves these, and OpenAPI tells of these, and no others."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from schemas.api import answers as a
from schemas.api import more_answers as m
from schemas.api import parameters as p

Method = Literal["GET", "POST", "DELETE"]
Access = Literal["everybody", "reading", "acting", "peer"]
JSON = "application/json"
EVENTS = "text/event-stream"
GEOJSON = "application/geo+json"
TEXT = "text/plain"


class Answer(NamedTuple):
    """One kind of answer."""

    status: int
    what: str
    content: Any = None  # a type; None: no body, or one of another kind than JSON
    media: str = JSON


class Operation(NamedTuple):
    """One method of one path."""

    operation_id: str
    method: Method
    path: str
    summary: str
    answers: tuple[Answer, ...]
    query: type[p.Query] = p.NoQuery
    body: type[p.Body] | None = None
    access: Access = "reading"
    errors: tuple[int, ...] = ()  # besides 400 and what the access entails
    tagged: bool = False  # with an ETag


def _get(
    operation_id: str,
    path: str,
    content: Any,  # noqa: ANN401 - a type
    what: str,
    query: type[p.Query] = p.NoQuery,
    *errors: int,
) -> Operation:
    return Operation(
        operation_id,
        "GET",
        path,
        what,
        (Answer(200, what, content),),
        query,
        errors=errors,
        tagged=True,
    )


def _act(
    operation_id: str, method: Method, path: str, summary: str, body: type[p.Body], *answers: Answer
) -> Operation:
    return Operation(
        operation_id,
        method,
        path,
        summary,
        answers,
        body=body,
        access="acting",
        errors=(404, 409, 503),
    )


def _file(
    operation_id: str,
    path: str,
    what: str,
    media: str,
    query: type[p.Query] = p.NoQuery,
    *errors: int,
) -> Operation:
    return Operation(
        operation_id,
        "GET",
        path,
        what,
        (Answer(200, what, None, media),),
        query,
        errors=errors,
        tagged=media == GEOJSON,
    )


OPERATIONS: tuple[Operation, ...] = (
    _get("units", "/api/units", a.Units, "All units with their latest status", p.PageQuery),
    _get(
        "unit",
        "/api/units/{unit_id}",
        a.UnitWithOutlook,
        "One unit with its latest status and outlook",
        p.NoQuery,
        404,
    ),
    _get(
        "directory",
        "/api/directory",
        a.Directory,
        "What a page has to know first: units, policy, definitions, windows, access",
    ),
    _file(
        "map",
        "/api/map",
        "The shapes of the units: each feature has properties.unit_id",
        GEOJSON,
        p.NoQuery,
        404,
    ),
    _get("ranking", "/api/ranking", a.Ranking, "The units by their figure", p.FigureQuery, 503),
    _get(
        "profile",
        "/api/units/{unit_id}/profile",
        a.Profile,
        "A unit at an instant, from all sides",
        p.FigureQuery,
        404,
        503,
    ),
    _get(
        "explain",
        "/api/units/{unit_id}/explain",
        m.Explanation,
        "The dossiers behind a figure; all of them, unless limit is given",
        p.ExplainQuery,
        404,
        503,
    ),
    _get(
        "versus",
        "/api/units/{unit_id}/versus",
        m.Comparison,
        "What differs between two figures of a unit, dossier by dossier",
        p.VersusQuery,
        404,
        503,
    ),
    _get(
        "integrity",
        "/api/units/{unit_id}/integrity",
        m.Integrity,
        "Of the dossiers that ended in the window, how many bear no sign of a rewritten date",
        p.IntegrityQuery,
        404,
        503,
    ),
    _get(
        "dossier",
        "/api/dossiers/{unit_id}/{dossier_id}",
        m.OneDossier,
        "One dossier with all its events",
        p.DossierQuery,
        404,
        503,
    ),
    _get(
        "incidents",
        "/api/incidents",
        m.IncidentsPage,
        "Incidents, newest first",
        p.IncidentsQuery,
    ),
    _get("incident", "/api/incidents/{incident_id}", m.Incident, "One incident", p.NoQuery, 404),
    _get("alerts", "/api/alerts", m.AlertsPage, "Steps of incidents, newest first", p.AlertsQuery),
    _get(
        "notifications",
        "/api/notifications",
        m.NotificationsPage,
        "Decisions about telling people, newest first",
        p.NotificationsQuery,
    ),
    _get("silences", "/api/silences", m.Silences, "The silences in force"),
    _get("monitor", "/api/monitor", m.MonitorNow, "The state of the monitor itself"),
    _file(
        "stream",
        "/api/stream",
        "Server-sent events: hello, status, step, notification, monitor, reset",
        EVENTS,
        p.StreamQuery,
        503,
    ),
    _act(
        "acknowledge",
        "POST",
        "/api/incidents/{incident_id}/acknowledge",
        "Say that one has seen an incident and takes care of it",
        p.AcknowledgeBody,
        Answer(201, "written; the notifier takes it up", m.Done),
    ),
    _act(
        "silence",
        "POST",
        "/api/silences",
        "Have nobody told of a unit's incidents for a time",
        p.SilenceBody,
        Answer(201, "written; the notifier takes it up", m.SilenceGiven),
    ),
    _act(
        "unsilence",
        "DELETE",
        "/api/silences/{silence_id}",
        "Lift a silence",
        p.UnsilenceBody,
        Answer(200, "written; the notifier takes it up", m.Done),
    ),
    Operation(
        "sign_in",
        "POST",
        "/api/session",
        "Have the token kept in a cookie",
        (Answer(204, "signed in: the cookie is set"),),
        body=p.SessionBody,
        access="everybody",
        errors=(401,),
    ),
    Operation(
        "sign_out",
        "DELETE",
        "/api/session",
        "Have the cookie taken away",
        (Answer(204, "signed out"),),
        access="everybody",
    ),
    Operation(
        "openapi",
        "GET",
        "/api/openapi.json",
        "This document",
        (Answer(200, "OpenAPI 3.1", dict[str, Any]),),
        access="everybody",
        tagged=True,
    ),
    _file("metrics", "/metrics", "Metrics for Prometheus", TEXT),
    Operation(
        "health",
        "GET",
        "/healthz",
        "Whether the process runs",
        (Answer(200, "it does", m.Health),),
        access="everybody",
    ),
    Operation(
        "readiness",
        "GET",
        "/readyz",
        "Whether the worker has caught up",
        (Answer(200, "ready", m.Ready), Answer(503, "not yet, and why", m.NotReady)),
        access="everybody",
    ),
)

# What workers ask each other; no part of the API.
PEER_RANKING = Operation(
    "peer_ranking",
    "GET",
    "/peer/ranking",
    "The part of a ranking that a worker owns",
    (Answer(200, "rows without places"),),
    p.PeerRankingQuery,
    access="peer",
)
