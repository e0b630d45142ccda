"""The map: a GeoJSON file with the shapes of units, made ready for the page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from streams.settings import ProvinceMap
from vungxanh.errors import SettingsError

_SHAPES = ("Polygon", "MultiPolygon")


def read_map(path: Path, unit_property: str) -> ProvinceMap:
    """The shapes of a GeoJSON file (RFC 7946: longitude and latitude).

    Of a feature's properties only the unit's id is kept, as `unit_id`. Raises SettingsError that
    names file and feature.
    """
    features = _features(path)
    shapes: dict[str, dict[str, Any]] = {}
    for number, feature in enumerate(features, 1):
        where = f"map: {path}, feature number {number}"
        unit_id, geometry = _feature(feature, unit_property, where)
        if unit_id in shapes:
            raise SettingsError(
                f"{where}: unit {unit_id} has a shape before; make one MultiPolygon of them"
            )
        properties = {"unit_id": unit_id}
        shapes[unit_id] = {"type": "Feature", "properties": properties, "geometry": geometry}
    collection = {"type": "FeatureCollection", "features": list(shapes.values())}
    return ProvinceMap(orjson.dumps(collection), frozenset(shapes))


def _features(path: Path) -> list[Any]:
    try:
        content = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        raise SettingsError(f"map: there is no file {path}") from None
    except OSError as error:
        raise SettingsError(f"map: {path} cannot be read: {error.strerror}") from None
    except orjson.JSONDecodeError as error:
        raise SettingsError(f"map: {path} is not JSON: {error}") from None
    if not isinstance(content, dict) or content.get("type") != "FeatureCollection":
        raise SettingsError(f"map: {path} is not GeoJSON: wanted is a FeatureCollection")
    features = content.get("features")
    if not isinstance(features, list) or not features:
        raise SettingsError(f"map: {path} has no features")
    return features


def _feature(feature: object, unit_property: str, where: str) -> tuple[str, dict[str, Any]]:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise SettingsError(f"{where}: is no Feature")
    properties = feature.get("properties")
    unit_id = properties.get(unit_property) if isinstance(properties, dict) else None
    if not isinstance(unit_id, str) or not unit_id:
        raise SettingsError(
            f"{where}: has no property {unit_property} with a unit's id; the setting map_property "
            "names another one"
        )
    geometry = feature.get("geometry")
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if not isinstance(geometry, dict) or kind not in _SHAPES:
        raise SettingsError(f"{where} ({unit_id}): its geometry is none of {', '.join(_SHAPES)}")
    coordinates = geometry.get("coordinates")
    polygons = coordinates if kind == "MultiPolygon" else [coordinates]
    try:
        for longitude, latitude in _positions(polygons):
            if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
                raise SettingsError(
                    f"{where} ({unit_id}): {longitude}, {latitude} is no longitude and latitude; "
                    "convert the file to WGS 84 (EPSG:4326)"
                )
    except (TypeError, ValueError):
        raise SettingsError(f"{where} ({unit_id}): its coordinates are no {kind}") from None
    return unit_id, {"type": kind, "coordinates": coordinates}


def _positions(polygons: Any) -> Iterator[tuple[float, float]]:  # noqa: ANN401 - JSON
    """All positions; TypeError or ValueError where there is something else."""
    if not polygons:
        raise ValueError("no polygon")
    for polygon in polygons:
        if not polygon:
            raise ValueError("no ring")
        for ring in polygon:
            if len(ring) < 4:  # the last is the first again
                raise ValueError("no ring")
            for position in ring:
                longitude, latitude, *_ = position
                if isinstance(longitude, bool) or isinstance(latitude, bool):
                    raise TypeError("no number")
                yield longitude + 0.0, latitude + 0.0
