"""The ancestors' own consumer: own_way_consume.py BROKERS TOPIC OUTPUT_FOLDER INPUT_FOLDER

One message after the other by a Python client until none comes for five seconds, a pandas frame of all, and in it each
pair's rows walked one by one, with each result set in its cell. INPUT_FOLDER gives the names of stores and change types.
"""

import csv
import json
import os
import sys

import pandas as pd
from kafka import KafkaConsumer


def names(path: str, key: str, value: str) -> dict[int, str]:
    with open(path, newline="", encoding="utf-8-sig") as file:
        return {int(row[key]): row[value] for row in csv.DictReader(file)}


def main(brokers: str, topic: str, output: str, folder: str) -> None:
    stores = names(os.path.join(folder, "store.csv"), "store_id", "name")
    types = names(os.path.join(folder, "inventory_change_type.csv"), "change_type_id", "change_type")
    consumer = KafkaConsumer(
        f"{topic}.change",
        f"{topic}.snapshot",
        bootstrap_servers=brokers,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        value_deserializer=lambda value: json.loads(value.decode()),
        consumer_timeout_ms=5_000,
    )
    counts, changes = [], []
    for message in consumer:
        row = message.value
        row["store_name"] = stores.get(row["store_id"], "Unknown")
        if message.topic.endswith(".snapshot"):
            row["source_type"] = "snapshot_only"
            row["action"] = "inventory report"
            counts.append(row)
        else:
            row["source_type"] = "change_only"
            row["action"] = row["change_type"] = types.get(row["change_type_id"], "N/A")
            changes.append(row)
    frame = pd.concat([pd.DataFrame(counts), pd.DataFrame(changes)], ignore_index=True)
    frame["date_time"] = pd.to_datetime(frame["date_time"])
    frame = frame.sort_values(by=["store_id", "item_id", "date_time"])
    frame["final_quantity"] = None
    for _, pair in frame.groupby(["store_id", "item_id"]):
        on_hand = None
        for index, row in pair.iterrows():
            if row["source_type"] == "snapshot_only":
                on_hand = row["quantity"]
            elif on_hand is not None:
                on_hand += row["quantity"]
                frame.at[index, "source_type"] = "snapshot_w_change"
            frame.at[index, "final_quantity"] = on_hand
    frame.loc[frame["store_name"] == "online", "employee_id"] = None
    os.makedirs(output, exist_ok=True)
    frame.to_csv(os.path.join(output, "combined.csv"), index=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
