"""How a process of a run begins. Imports no models: it is what sets Django up in a spawned process."""

import multiprocessing
import os
import threading
from multiprocessing.process import BaseProcess


def start_worker(database: str) -> None:
    """Set up a spawned process: the settings, its own connection to the same database, and an end with its parent."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridhall.project.settings")
    django.setup()
    from django.db import connections

    connections.databases["default"]["NAME"] = database
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    """A worker whose parent was killed would wait for work for ever."""
    parent.join()
    os._exit(1)
