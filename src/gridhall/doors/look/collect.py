"""Collecting static files before the pages are served; nothing is done where none has changed."""

from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command

STAMP = "collected"


def _newest() -> str:
    """A stamp of all static files: how many there are and when the newest was written."""
    files = (storage.path(name) for finder in finders.get_finders() for name, storage in finder.list([]))
    times = [Path(path).stat().st_mtime_ns for path in files]
    return f"{len(times)} {max(times, default=0)}"


def collect_if_changed() -> bool:
    """Collect, hash and pack the static files into `STATIC_ROOT` where any has changed. True where it was done."""
    stamp = Path(settings.STATIC_ROOT) / STAMP
    newest = _newest()
    if stamp.exists() and stamp.read_text() == newest:
        return False
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(newest)
    return True
