"""docker-compose.yml and Dockerfile: what can be checked without an engine.

Debian's docker-compose reads the file; what it mounts is what the other tests here run with.
"""

from __future__ import annotations

import email
import email.message
import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.prometheus.stack import ALERTMANAGER, DASHBOARDS, RECEIVER, need

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
REQUIRED = {
    "GRAFANA_ADMIN_PASSWORD": "a pass$word",
    "ALERT_RECEIVER_URL": "https://relay.example:9095/in",
}
PINNED = re.compile(r"[\w/.-]+:v?\d+\.\d+\.\d+[\w.-]*$")


def compose(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    need("docker-compose")
    return subprocess.run(
        ["docker-compose", "-f", str(ROOT / "docker-compose.yml"), "config"],
        check=False,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **variables},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def services(tmp_path: Path) -> dict[str, dict[str, Any]]:
    """The services as docker-compose understands them."""
    done = compose(tmp_path, **REQUIRED)
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, Any]] = yaml.safe_load(done.stdout)["services"]
    return found


@pytest.mark.prometheus
@pytest.mark.parametrize("missing", REQUIRED)
def test_what_has_to_be_set_is_asked_for(missing: str, tmp_path: Path) -> None:
    given = {name: value for name, value in REQUIRED.items() if name != missing}
    done = compose(tmp_path, **given)
    assert done.returncode != 0
    assert missing in done.stderr


@pytest.mark.prometheus
def test_all_parts_are_there_and_looked_after(services: dict[str, dict[str, Any]]) -> None:
    running = {"kafka", "worker-1", "worker-2", "prometheus", "alertmanager", "grafana"}
    assert services.keys() == running | {"topics"}
    for name in running:
        assert services[name]["healthcheck"]["test"], name
        assert services[name]["restart"] == "unless-stopped", name
    for name, service in services.items():
        assert PINNED.match(service["image"]), name
        for port in service.get("ports", ()):
            assert str(port).startswith("127.0.0.1:"), f"{name} is open to the network: {port}"


@pytest.mark.prometheus
def test_what_is_mounted_is_there(services: dict[str, dict[str, Any]]) -> None:
    mounted = {
        name: [volume.split(":") for volume in service.get("volumes", ())]
        for name, service in services.items()
    }
    for name, volumes in mounted.items():
        for source, target, mode in volumes:
            if source.startswith("/"):
                assert Path(source).exists(), f"{name}: {source}"
                assert mode == "ro", f"{name}: {target} can be written to"
    assert [str(DASHBOARDS / "prometheus"), "/etc/prometheus", "ro"] in mounted["prometheus"]
    assert str(ALERTMANAGER) in [source for source, *_ in mounted["alertmanager"]]
    provider = (DASHBOARDS / "grafana/provisioning/dashboards/vungxanh.yml").read_text()
    (path,) = re.findall(r"path: (\S+)", provider)
    generated = [str(DASHBOARDS / "grafana" / "generated"), path, "ro"]
    assert generated in mounted["grafana"]
    home = services["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert (DASHBOARDS / "grafana" / "generated" / Path(home).name).exists()


@pytest.mark.prometheus
def test_services_are_found_under_the_addresses_that_others_use(
    services: dict[str, dict[str, Any]],
) -> None:
    targets = DASHBOARDS / "prometheus" / "targets"
    named = [
        address
        for file in ("workers.yml", "alertmanagers.yml")
        for group in yaml.safe_load((targets / file).read_text())
        for address in group["targets"]
    ]
    source = (DASHBOARDS / "grafana/provisioning/datasources/prometheus.yml").read_text()
    named += re.findall(r"url: http://(\S+)", source)
    worker = services["worker-1"]["environment"]
    named.append(worker["VUNGXANH_NOTIFY__ALERTMANAGER_URLS"].removeprefix("http://"))
    named.append(worker["VUNGXANH_KAFKA__BOOTSTRAP_SERVERS"])
    assert {address.split(":")[0] for address in named} <= services.keys()
    scraped = {one.split(":")[0] for one in named if one.startswith("worker")}
    assert scraped == {name for name in services if name.startswith("worker")}


@pytest.mark.prometheus
def test_alertmanager_starts_with_the_receiver_put_in(
    services: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    """Its command is run as it stands, but for the paths and for what it starts at the end."""
    service = services["alertmanager"]
    (script,) = service["command"]
    script = script.replace("$$", "$").replace("exec /bin/alertmanager", "exec echo")
    script = script.replace("/etc/alertmanager/deployed.yml", str(ALERTMANAGER))
    script = script.replace("/tmp/alertmanager.yml", str(tmp_path / "alertmanager.yml"))
    subprocess.run(
        [*service["entrypoint"], script],
        check=True,
        env={"PATH": os.environ["PATH"], **service["environment"]},
        capture_output=True,
    )
    made = (tmp_path / "alertmanager.yml").read_text(encoding="utf-8")
    deployed = ALERTMANAGER.read_text(encoding="utf-8")
    assert made == deployed.replace(RECEIVER, REQUIRED["ALERT_RECEIVER_URL"])
    assert RECEIVER not in made


def test_no_secret_stands_in_the_file() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    for line in text.splitlines():
        if re.search(r"(?i)(password|secret|token)\w*:", line):
            assert re.search(r'"\$\{\w+:\?[^}]+\}"$', line), line


def test_the_image_runs_as_nobody_special() -> None:
    stages = DOCKERFILE.split("\nFROM ")[1:]
    assert len(stages) == 2
    users = re.findall(r"^USER (\S+)$", stages[-1], re.MULTILINE)
    assert users
    assert int(users[-1]) > 0
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(set(bases)) == 1
    assert PINNED.match(bases[0])


def test_what_the_image_is_built_from_is_not_ignored() -> None:
    sent = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    needed = {*packages, "pyproject.toml", project["project"]["readme"]}
    needed |= set(project["project"]["license-files"])
    needed |= set(re.findall(r"\b[\w-]+\.lock\b", DOCKERFILE)) - {"backend.lock"}
    assert needed <= sent
    assert all((ROOT / name).exists() for name in sent)


def pinned(lock: str) -> dict[str, str]:
    """The versions of a lock file by their packages."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    found = re.findall(r"^([\w.-]+)(?:\[\w+\])?==(\S+)", text, re.MULTILINE)
    return {canonicalize_name(name): version for name, version in found}


def test_the_lock_has_what_the_wheel_asks_for(tmp_path: Path) -> None:
    """The image installs the lock and then the wheel without its dependencies."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        check=True,
        cwd=ROOT,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as content:
        names = content.namelist()
        (metadata,) = [name for name in names if name.endswith(".dist-info/METADATA")]
        read = email.message_from_bytes(content.read(metadata))
    assert "dashboards/grafana/generated/province.json" in names
    assert "dashboards/prometheus/rules/alerts.yml" in names
    assert not [name for name in names if "__pycache__" in name]
    locked = pinned("requirements.lock")
    asked = [Requirement(text) for text in read.get_all("Requires-Dist", [])]
    assert asked
    for one in asked:
        if one.marker is None or one.marker.evaluate({"extra": ""}):
            version = locked.get(canonicalize_name(one.name))
            assert version is not None, f"{one} is not in requirements.lock: make lock"
            assert one.specifier.contains(version, prereleases=True), f"{one}: {version}"


def test_the_build_backend_is_locked_with_all_that_it_needs() -> None:
    """Dockerfile names these packages one by one; pip refuses what it does not name."""
    (named,) = re.findall(r"\^\(([\w|-]+)\)==", DOCKERFILE)
    wanted, seen = ["hatchling"], set()
    while wanted:
        name = canonicalize_name(wanted.pop())
        if name not in seen:
            seen.add(name)
            for text in importlib.metadata.requires(name) or ():
                needed = Requirement(text)
                if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                    wanted.append(needed.name)
    assert set(named.split("|")) == seen
    assert seen <= pinned("requirements-dev.lock").keys()
