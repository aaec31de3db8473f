"""Regular work of batch debit."""

from procrastinate.contrib.django import app

from gridhall.debits import cycles, files, results
from gridhall.debits.models import DebitFile, ResultFile


@app.periodic(cron="40 8 * * *")
@app.task(queueing_lock="debits.announce_due", pass_context=False)
def announce_due(timestamp: int) -> int:
    """Tell the customers of the cycles whose day to do so has come: how many cycles. Safe to repeat."""
    del timestamp
    return cycles.announce_due()


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="debits.go_on", pass_context=False)
def go_on(timestamp: int) -> int:
    """Finish what was killed half way: files that were being written, results that were read and not booked."""
    del timestamp
    writing = list(DebitFile.objects.filter(state=files.SENDING).values_list("pk", flat=True))
    loaded = list(ResultFile.objects.filter(state=results.LOADED).values_list("pk", flat=True))
    for file_id in writing:
        files.write_file(file_id)
    for result_id in loaded:
        results.post_results(result_id)
    return len(writing) + len(loaded)
