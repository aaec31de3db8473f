"""Regular work of the kernel."""

from procrastinate.contrib.django import app

from gridhall.kernel import outbox


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="kernel.deliver_facts", pass_context=False)
def deliver_facts(timestamp: int) -> int:
    """Hand the facts of the last minute to their subscribers: how many. Safe to repeat."""
    del timestamp
    done = 0
    while handled := outbox.deliver():
        done += handled
    return done


@app.periodic(cron="17 3 * * *")
@app.task(queueing_lock="kernel.prune_facts", pass_context=False)
def prune_facts(timestamp: int) -> int:
    """Take away facts that were handled long ago: how many."""
    del timestamp
    done = 0
    while gone := outbox.prune():
        done += gone
    return done
