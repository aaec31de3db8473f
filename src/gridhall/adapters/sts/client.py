"""How the application asks the security module for tokens."""

import json
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gridhall.adapters.sts.module import BadOrder

ANSWER_WITHIN_SECONDS = 30.0


class ModuleSilent(Exception):
    """The module cannot be reached, or did not answer: nobody knows whether the tokens were made. Send the very same
    orders again: those that were made come again, the others are made now."""


def ask(path: Path, orders: Sequence[dict[str, Any]]) -> list[list[str]]:
    """The tokens of each order. Raises BadOrder (nothing was made) and ModuleSilent."""
    message = json.dumps({"orders": list(orders)}).encode() + b"\n"
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(ANSWER_WITHIN_SECONDS)
            line.connect(str(path))
            line.sendall(message)
            with line.makefile("rb") as answers:
                text = answers.readline()
        said = json.loads(text)
    except (OSError, ValueError) as error:
        raise ModuleSilent("the token module does not answer") from error
    if "error" in said:
        if not said["field"]:
            raise ModuleSilent(said["error"])
        raise BadOrder(said["row"], said["field"], said["error"])
    tokens: list[list[str]] = said["tokens"]
    return tokens
