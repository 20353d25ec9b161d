"""83 supermarkets, 11 orange juices, 121 weeks: orangejuice.py DOWNLOADS OUTPUT (needs the package rdata)"""

import math
import sys
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import canonical
import rdata

# Week 1 of Dominick's calendar (its data manual, Kilts Center): Thursday to Wednesday.
FIRST_WEEK = date(1989, 9, 14)
# The source's "units" are fluid ounces; the sizes of its brands 1 to 11 (help page of orangeJuice) give bottles.
OUNCES = (64, 96, 64, 64, 64, 96, 64, 64, 64, 64, 128)


def bottles(brand, ounces):
    """Whole bottles. Raises ValueError where the ounces are no multiple of the bottle, as then the sizes are wrong."""
    count = round(ounces / OUNCES[brand - 1])
    if abs(count * OUNCES[brand - 1] - ounces) > 1:
        raise ValueError(f"orangejuice: brand {brand} sold {ounces} oz, expected a multiple of {OUNCES[brand - 1]}")
    return count


if __name__ == "__main__":
    downloads, output = sys.argv[1:]
    (package,) = Path(downloads).glob("r-cran-bayesm_*.deb")
    (file,) = Path(downloads).rglob("orangeJuice.rda")
    table = rdata.read_rda(file)["orangeJuice"]["yx"]
    sales = defaultdict(dict)
    for store, brand, week, log_ounces in zip(table["store"], table["brand"], table["week"], table["logmove"]):
        start = FIRST_WEEK + timedelta(weeks=int(week) - 1)
        sales[int(store), int(brand)][start] = bottles(int(brand), math.exp(log_ounces))
    canonical.write(
        output,
        "orangejuice",
        sales,
        source=f"Debian r-cran-bayesm {package.name.split('_')[1]}, orangeJuice.rda",
        licence="GPL-2.0-or-later",
        grain="week",
        unit="bottles",
    )
