"""Regular work of the portal."""

from django.contrib.sessions.backends.db import SessionStore
from procrastinate.contrib.django import app


@app.periodic(cron="17 3 * * *")
@app.task(queueing_lock="portal.clear_sessions", pass_context=False)
def clear_sessions(timestamp: int) -> None:
    """Take away sessions that have expired, customers' and staff's, once a day."""
    del timestamp
    SessionStore.clear_expired()
