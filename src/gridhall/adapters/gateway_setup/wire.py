"""HTTP to gateways, and the forms in which Chinese ones write amounts and times."""

import hashlib
import time
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from urllib.parse import urlsplit

import httpx

from gridhall.adapters.gateway_setup.refusing import refused

ANSWER_WITHIN_S = 8.0
BYTES_MOST = 64_000_000
BEIJING = timezone(timedelta(hours=8))  # China has had no summer time since 1991
AMOUNT_MOST = 10**13


def ask(method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b"") -> httpx.Response:
    """One question to a gateway. Refuses gateway_unreachable where no answer comes, or none that can be used."""
    here = urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")
    try:
        with (
            httpx.Client(timeout=ANSWER_WITHIN_S, trust_env=not here) as client,
            client.stream(method, url, headers=dict(headers or {}), content=body or None) as answer,
        ):
            parts, size = [], 0
            for part in answer.iter_bytes():
                parts.append(part)
                size += len(part)
                if size > BYTES_MOST:
                    raise refused("gateway_unreachable", field="answer", value=size)
            return httpx.Response(
                answer.status_code, headers=_plain(answer.headers), content=b"".join(parts), request=answer.request
            )
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise refused("gateway_unreachable", value=type(error).__name__) from error


def _plain(headers: httpx.Headers) -> dict[str, str]:
    """The headers of an answer whose body is unpacked already."""
    return {name: value for name, value in headers.items() if name not in ("content-encoding", "content-length")}


def minor(text: str) -> int:
    """An amount such as 86.4, 86.40 or -0.52 in fen. ValueError for anything else."""
    sign, number = (-1, text[1:]) if text.startswith("-") else (1, text)
    whole, point, part = number.partition(".")
    if not (whole.isascii() and whole.isdecimal()) or (point and not (part.isascii() and part.isdecimal())):
        raise ValueError(f"{text[:20]!r} is no amount")
    if len(part.rstrip("0")) > 2 or len(whole) > 13:
        raise ValueError(f"{text[:20]!r} is no amount")
    return sign * (int(whole) * 100 + int(part.rstrip("0").ljust(2, "0") or "0"))


def yuan(amount: int) -> str:
    """An amount in fen as 86.40."""
    return f"{amount // 100}.{amount % 100:02d}"


def beijing(seconds: float | None = None) -> datetime:
    """A moment (now) in Beijing. The gateway's clock is the world's, also where ours is set to another day."""
    return datetime.fromtimestamp(time.time() if seconds is None else seconds, BEIJING)


def moment(text: str) -> datetime:
    """A time such as 2026-11-25 15:04:05 in Beijing. ValueError for anything else."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)


def day(text: str | None) -> date | None:
    """The Beijing day of a time as the gateway writes it; None where there is none or it cannot be read."""
    try:
        return moment(text).date() if text else None
    except ValueError:
        return None


def sha1(data: bytes) -> str:
    """The digest under which WeChat names its files; the address that it came with is signed."""
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()
