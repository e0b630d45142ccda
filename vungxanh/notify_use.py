"""What the settings of telling people mean: recipients, words, ways out, links."""

from __future__ import annotations

from collections.abc import Mapping

from alerts.delivery.alertmanager import AlertmanagerSync
from alerts.delivery.apprise_channel import AppriseSender
from alerts.delivery.dispatch import Dispatcher
from alerts.delivery.email import EmailSender, MailServer, Security
from alerts.delivery.message import Sender
from alerts.delivery.webhook import WebhookSender
from alerts.messages.composer import Composer
from alerts.messages.links import AckLinks
from alerts.recipients import ChannelKind, Recipients
from streams.telling import Telling
from vungxanh.errors import SettingsError
from vungxanh.recipients_file import kinds_in_use, read_recipients
from vungxanh.settings import Settings
from vungxanh.settings_use import monitor_rules, notify_rules, units_of, working_calendar

_SECURITY: Mapping[str, Security] = {"starttls": "starttls", "tls": "ssl", "none": "none"}


def telling_of(settings: Settings, environ: Mapping[str, str]) -> Telling:
    """By what people are told. Reads all that the settings name; raises SettingsError."""
    return Telling(
        rules=notify_rules(settings),
        monitor_rules=monitor_rules(settings),
        calendar=working_calendar(settings),
        recipients=recipients_of(settings, environ),
        composer=composer_of(settings),
        dispatcher=dispatcher_of(settings),
        base_url=settings.notify.base_url,
        links=ack_links(settings),
        links_last=settings.notify.link_expires,
        alertmanager=alertmanager_of(settings),
        units={unit.unit_id: unit for unit in units_of(settings)},
    )


def recipients_of(settings: Settings, environ: Mapping[str, str]) -> Recipients:
    """The recipients with the tree of the units; nobody where no file is named.

    Raises SettingsError: for the file's faults, and for e-mail without a server to send it by.
    """
    units = units_of(settings)
    path = settings.notify.recipients
    if path is None:
        return Recipients((), {unit.unit_id: unit.parent_id for unit in units if unit.parent_id})
    recipients = read_recipients(path, units, environ)
    if settings.notify.smtp_host is None:
        for one, kind in kinds_in_use(recipients):
            if kind == "email":
                raise SettingsError(
                    f"notify.smtp_host is missing; recipient {one.recipient_id} in {path} has an "
                    "e-mail channel"
                )
    return recipients


def composer_of(settings: Settings) -> Composer:
    """What makes messages, with the province's templates. Raises SettingsError."""
    folder = settings.notify.templates
    if folder is not None and not folder.is_dir():
        raise SettingsError(f"notify.templates: there is no folder {folder}")
    return Composer(folder)


def dispatcher_of(settings: Settings) -> Dispatcher:
    """The ways out; without notify.smtp_host none for e-mail."""
    senders: dict[ChannelKind, Sender] = {
        "webhook": WebhookSender(settings.notify.base_url),
        "apprise": AppriseSender(),
    }
    server = _mail_server(settings)
    if server is not None:
        senders["email"] = EmailSender(server)
    return Dispatcher(senders)


def _mail_server(settings: Settings) -> MailServer | None:
    notify = settings.notify
    if notify.smtp_host is None:
        return None
    password = notify.smtp_password
    return MailServer(
        host=notify.smtp_host,
        sender=notify.smtp_sender or "",  # there, as `misfits` sees to
        port=notify.smtp_port,
        security=_SECURITY[notify.smtp_security],
        user=notify.smtp_username or "",
        password="" if password is None else password.get_secret_value(),
    )


def ack_links(settings: Settings) -> AckLinks | None:
    """What makes and reads acknowledge links; None without notify.secret."""
    secret = settings.notify.secret
    if secret is None:
        return None
    return AckLinks(secret.get_secret_value().encode(), settings.notify.base_url)


def alertmanager_of(settings: Settings) -> AlertmanagerSync | None:
    """What tells the Alertmanagers; None where none is named."""
    urls = settings.notify.alertmanager_urls
    return AlertmanagerSync(urls) if urls else None
