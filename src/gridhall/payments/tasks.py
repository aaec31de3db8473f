"""Regular work of the payments room."""

from procrastinate.contrib.django import app

from gridhall.payments.instalments import follow_plans
from gridhall.payments.online import forget_gateway_nonces, resolve_waiting
from gridhall.payments.partners import forget_nonces
from gridhall.payments.refunding import pursue_refunds


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="payments.resolve_waiting", pass_context=False)
def resolve_waiting_orders(timestamp: int) -> int:
    """Ask the gateways about orders of which nothing was heard: how many were resolved. Safe to repeat."""
    del timestamp
    return sum(1 for outcome in resolve_waiting() if outcome.state != "begun")


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="payments.pursue_refunds", pass_context=False)
def pursue_open_refunds(timestamp: int) -> int:
    """Bring on the refunds whose answer is not known: how many were booked. Safe to repeat."""
    del timestamp
    return sum(1 for refund in pursue_refunds() if refund.state == "booked")


@app.periodic(cron="20 1 * * *")
@app.task(queueing_lock="payments.follow_plans", pass_context=False)
def follow_instalment_plans(timestamp: int) -> int:
    """Plans that are paid whole are fulfilled, those with a part too late are broken: how many. Safe to repeat."""
    del timestamp
    return len(follow_plans())


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="payments.forget_nonces", pass_context=False)
def forget_old_nonces(timestamp: int) -> int:
    """Drop nonces of partners and gateways that are too old to be replayed. Safe to repeat."""
    del timestamp
    return forget_nonces() + forget_gateway_nonces()
