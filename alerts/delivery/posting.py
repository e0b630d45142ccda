"""A POST of JSON that is taken or not, as webhooks and Alertmanager have it."""

from __future__ import annotations

import email.utils
from collections.abc import Mapping
from datetime import UTC, datetime

import aiohttp

from alerts.delivery.faults import answered, is_final, network_fault
from alerts.delivery.message import DeliveryError
from schemas.instants import Millis

USER_AGENT = "vungxanh"


async def post(url: str, body: bytes, headers: Mapping[str, str], timeout_s: float) -> None:
    """Post; DeliveryError unless the answer is a 2xx.

    A redirect is not followed: the message is for the address that was configured, and whoever
    can answer there should not be able to send it elsewhere. The body of the answer is not read.
    """
    timeout = aiohttp.ClientTimeout(total=timeout_s)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.post(
                url,
                data=body,
                headers={"User-Agent": USER_AGENT, **headers},
                allow_redirects=False,
            ) as response,
        ):
            status, retry_after = response.status, response.headers.get("Retry-After")
    except (aiohttp.InvalidURL, ValueError):
        raise DeliveryError("its URL cannot be used", permanent=True) from None
    except TimeoutError:
        raise DeliveryError(f"no answer within {timeout_s:g} s") from None
    except aiohttp.ClientConnectorCertificateError as error:
        raise DeliveryError(network_fault(_as_os_error(error.certificate_error))) from None
    except aiohttp.ClientConnectorError as error:
        raise DeliveryError(network_fault(error.os_error)) from None
    except OSError as error:
        raise DeliveryError(network_fault(error)) from None
    except aiohttp.ClientError as error:
        raise DeliveryError(f"no HTTP answer ({type(error).__name__})") from None
    _judge(status, retry_after)


def read_retry_after(text: str | None, now: datetime) -> Millis | None:
    """The pause that a Retry-After header asks for, in seconds or by a date; None: none."""
    if text is None:
        return None
    if text.isascii() and text.isdigit():
        return int(text[:9]) * 1_000
    try:
        at = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0, round((aware - now).total_seconds() * 1_000))


def _judge(status: int, retry_after: str | None) -> None:
    if 200 <= status < 300:
        return
    said = answered(status)
    if 300 <= status < 400:
        said += ": a redirect, which is not followed; configure the address that it leads to"
    raise DeliveryError(
        said,
        permanent=is_final(status),
        retry_after=read_retry_after(retry_after, datetime.now(UTC)),
    )


def _as_os_error(error: Exception) -> OSError:
    return error if isinstance(error, OSError) else OSError()
