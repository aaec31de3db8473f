"""The folder in which Gridhall keeps its own things: the embedded database, interval data, print files, keys."""

import os
from pathlib import Path


def home() -> Path:
    """`GRIDHALL_HOME`, or /var/lib/gridhall for root, or the user's data folder. Made when missing."""
    chosen = os.environ.get("GRIDHALL_HOME")
    if chosen:
        folder = Path(chosen)
    elif os.geteuid() == 0:
        folder = Path("/var/lib/gridhall")
    else:
        data = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
        folder = Path(data) / "gridhall"
    folder = folder.expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder
