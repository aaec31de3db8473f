"""What sends notices out: one implementation for each way, in `adapters`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a message."""

    name: str
    content_type: str
    data: bytes


@dataclass(frozen=True)
class Message:
    """One message out. `ident` is the same however often it is sent, so that a receiver can drop doubles."""

    ident: str
    address: str
    title: str
    body: str
    language: str
    attachments: tuple[Attachment, ...] = ()


TAKEN, AGAIN, NEVER = "taken", "again", "never"


@dataclass(frozen=True)
class Outcome:
    """What the other side said: taken, try again later, or never. `answer`: in its own words."""

    state: str
    answer: str


class Way(Protocol):
    """A way out."""

    def send(self, messages: Sequence[Message]) -> list[Outcome]:
        """Send messages: an outcome each. Where the other side cannot be reached at all, `again` for all."""


def way(number: int) -> Way | None:
    """The way that the settings name (`NOTICE_WAYS`); None where it is not set up."""
    path = settings.NOTICE_WAYS.get(number)
    return cast(Way, import_string(path)()) if path else None
