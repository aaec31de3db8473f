"""What customers needs from outside: somebody who carries a message."""

from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string


class MessageSender(Protocol):
    """Carries one message to a customer. Raises OSError where it could not be handed over."""

    def send(self, to: str, way: str, occasion: str, text: str, *, account_id: int = 0) -> None:
        """`to`: phone number or address; `way`: text | email; `occasion`: a stable code such as `sign_in_code`."""


def sender() -> MessageSender:
    """The sender that the settings name (`MESSAGE_SENDER`)."""
    return cast(MessageSender, import_string(settings.MESSAGE_SENDER)())
