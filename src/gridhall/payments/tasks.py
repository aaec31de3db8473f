"""Regular work of the payments room."""

from procrastinate.contrib.django import app

from gridhall.payments.online import resolve_waiting


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="payments.resolve_waiting", pass_context=False)
def resolve_waiting_orders(timestamp: int) -> int:
    """Ask the gateways about orders of which nothing was heard: how many were resolved. Safe to repeat."""
    del timestamp
    return sum(1 for outcome in resolve_waiting() if outcome.state != "begun")
