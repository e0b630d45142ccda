"""The map: shapes of units from GeoJSON, or one line that says what is wrong with the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from vungxanh.demo import units_file
from vungxanh.errors import SettingsError
from vungxanh.map_file import read_map
from vungxanh.units import read_units

RING = [[108.0, 15.0], [108.1, 15.0], [108.1, 15.1], [108.0, 15.0]]


def feature(unit_id: object = "A", kind: str = "Polygon", coordinates: Any = None) -> Any:
    rings = [RING] if kind == "Polygon" else [[RING], [RING]]
    return {
        "type": "Feature",
        "properties": {"unit_id": unit_id, "name": "a name", "phone": "1"},
        "geometry": {"type": kind, "coordinates": rings if coordinates is None else coordinates},
    }


def written(folder: Path, content: object) -> Path:
    file = folder / "map.geojson"
    file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return file


def collection(*features: object) -> dict[str, object]:
    return {"type": "FeatureCollection", "features": list(features)}


def test_the_map_of_the_demo_has_every_unit() -> None:
    read = read_map(units_file().with_name("districts.geojson"), "unit_id")
    units = read_units(units_file())
    assert read.shapes == {unit.unit_id for unit in units if unit.parent_id}
    features = json.loads(read.geojson)["features"]
    assert {one["properties"]["unit_id"] for one in features} == read.shapes


def test_only_the_id_is_kept_of_the_properties(tmp_path: Path) -> None:
    file = written(tmp_path, collection(feature(), feature("B", "MultiPolygon")))
    read = read_map(file, "unit_id")
    assert read.shapes == {"A", "B"}
    one, other = json.loads(read.geojson)["features"]
    assert one == {**feature(), "properties": {"unit_id": "A"}}
    assert other["geometry"] == feature("B", "MultiPolygon")["geometry"]


def test_another_property_may_hold_the_id(tmp_path: Path) -> None:
    read = read_map(written(tmp_path, collection(feature())), "name")
    assert read.shapes == {"a name"}


POINT = {"type": "Feature", "properties": {"unit_id": "A"}, "geometry": {"type": "Point"}}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not JSON"),
        ([], "is not GeoJSON: wanted is a FeatureCollection"),
        ({"type": "Topology"}, "is not GeoJSON"),
        ({"type": "FeatureCollection"}, "has no features"),
        (collection(), "has no features"),
        (collection(5), "feature number 1: is no Feature"),
        (collection(feature(), feature(5)), "feature number 2: has no property unit_id"),
        (collection(feature("")), "the setting map_property names another one"),
        (collection({"type": "Feature"}), "feature number 1: has no property unit_id"),
        (collection(feature(), feature()), "feature number 2: unit A has a shape before"),
        (collection(POINT), "(A): its geometry is none of Polygon, MultiPolygon"),
        (collection({**POINT, "geometry": None}), "its geometry is none of"),
        (collection(feature(coordinates=[])), "its coordinates are no Polygon"),
        (collection(feature(coordinates=[[]])), "its coordinates are no Polygon"),
        (collection(feature(coordinates=[RING[:3]])), "its coordinates are no Polygon"),
        (collection(feature(coordinates=[["a"] * 4])), "its coordinates are no Polygon"),
        (collection(feature(coordinates=[[["a", "b"]] * 4])), "its coordinates are no Polygon"),
        (collection(feature(coordinates=5)), "its coordinates are no Polygon"),
        (
            collection(feature(coordinates=[[[552_000.0, 1_700_000.0]] * 4])),
            "552000.0, 1700000.0 is no longitude and latitude; convert the file to WGS 84",
        ),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, content: object, said: str) -> None:
    file = written(tmp_path, content)
    with pytest.raises(SettingsError) as caught:
        read_map(file, "unit_id")
    assert str(caught.value).startswith("map: ")
    assert said in str(caught.value)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="map: there is no file"):
        read_map(tmp_path / "map.geojson", "unit_id")
    with pytest.raises(SettingsError, match="cannot be read"):
        read_map(tmp_path, "unit_id")
