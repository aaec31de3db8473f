"""Tables of versions compiled before layout 1002 are brought into it: longer head and components, the same numbers.

The content hash is that of the new table, so that a book entered again finds its version.
"""

import hashlib
from typing import Any

from django.db import migrations

OLD_HEAD, OLD_SIZE, HEAD, SIZE, LAYOUT = 9, 20, 16, 28, 1002
SEASON_AT, COMPONENTS, LAYOUT_AT, USE_AT = 7, 8, 9, 10
KIND, SOURCE, PRICE_AT, PERIODS = 0, 3, 4, 5
PLACES = (PRICE_AT, 9, 11, 13, 19)
MINIMUM, SOURCE_ONE = 6, -1


def lifted(table: list[int]) -> list[int]:
    """The same plan in the new layout; a table that has it already is returned as it is."""
    if len(table) > LAYOUT_AT and table[LAYOUT_AT] == LAYOUT:
        return table
    count = table[COMPONENTS]
    old_data, data = OLD_HEAD + OLD_SIZE * count, HEAD + SIZE * count
    moved = data - old_data
    head = table[:OLD_HEAD] + [0] * (HEAD - OLD_HEAD)
    head[0] += moved
    head[SEASON_AT] += moved
    head[LAYOUT_AT] = LAYOUT
    result = head
    for k in range(count):
        row = table[OLD_HEAD + k * OLD_SIZE : OLD_HEAD + (k + 1) * OLD_SIZE] + [0] * (SIZE - OLD_SIZE)
        for place in PLACES:
            row[place] += moved if row[place] else 0
        if row[KIND] == MINIMUM:
            row[SOURCE] = SOURCE_ONE
        if row[PERIODS] > 1:
            head[USE_AT] = 1
        result = result + row
    result[USE_AT] = head[USE_AT]
    return result + table[old_data:]


def lift_all(apps: Any, _schema_editor: Any) -> None:
    versions = apps.get_model("tariffs", "TariffVersion")
    for version in versions.objects.exclude(table=[]).iterator():
        version.table = lifted(list(version.table))
        version.content_hash = hashlib.sha256(",".join(map(str, version.table)).encode()).hexdigest()
        version.save(update_fields=["table", "content_hash"])


class Migration(migrations.Migration):
    dependencies = [("tariffs", "0001_initial")]
    operations = [migrations.RunPython(lift_all, migrations.RunPython.noop)]
