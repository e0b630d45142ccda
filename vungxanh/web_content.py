"""What the settings of the web server mean: units, map, people, and where the page is."""

from __future__ import annotations

from urllib.parse import urlsplit

from dashboards.page import page_folder
from streams.settings import AccessRules, ProvinceMap, WebContent
from vungxanh.map_file import read_map
from vungxanh.people_file import read_people
from vungxanh.settings import Settings
from vungxanh.settings_use import units_of


def web_content(settings: Settings) -> WebContent:
    """What a worker shows, and to whom. Reads the files; raises SettingsError."""
    return WebContent(
        pages=page_folder(),
        units=units_of(settings),
        map=map_of(settings),
        access=access_rules(settings),
    )


def map_of(settings: Settings) -> ProvinceMap | None:
    """The shapes; None where the settings name no file. Raises SettingsError."""
    return None if settings.map is None else read_map(settings.map, settings.map_property)


def access_rules(settings: Settings) -> AccessRules:
    """Who may read and who may act. Raises SettingsError."""
    http = settings.http
    return AccessRules(
        reading=http.reading,
        people=() if http.people is None else read_people(http.people),
        proxy_header=http.proxy_header,
        proxies=http.proxies,
        origins=_origins(settings),
    )


def _origins(settings: Settings) -> frozenset[str]:
    """Where people reach the page, perhaps by a proxy; nothing where the settings do not say so.

    The default is an address of the reader's own machine: any program there may serve pages on it.
    """
    if "base_url" not in settings.notify.model_fields_set:
        return frozenset()
    page = urlsplit(settings.notify.base_url)
    return frozenset({f"{page.scheme}://{page.netloc}".lower()})
