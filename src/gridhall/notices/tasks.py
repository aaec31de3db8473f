"""Regular work of the notices room."""

from procrastinate.contrib.django import app

from gridhall.notices.sending import send_waiting

BATCHES_MOST = 50  # of one minute; the next one goes on


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="notices.send", pass_context=False)
def send_notices(timestamp: int) -> int:
    """Send what is due: how many were tried. Safe to repeat."""
    del timestamp
    done = 0
    for _ in range(BATCHES_MOST):
        tried = send_waiting()
        done += tried
        if not tried:
            break
    return done
