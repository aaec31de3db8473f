"""Regular work of the cards room."""

from procrastinate.contrib.django import app

from gridhall.cards.lapsing import expire_cards
from gridhall.kernel.access import system


@app.periodic(cron="10 1 * * *")
@app.task(queueing_lock="cards.expire", pass_context=False)
def expire_run_out_cards(timestamp: int) -> int:
    """Let the cards lapse that have run out: how many. Safe to repeat."""
    del timestamp
    return expire_cards(system("worker"))
