"""The ancestors' consumer: a pandas frame, walked row by row. row_by_row.py BROKERS TOPIC OUTPUT_FOLDER"""

import json
import os
import sys

import pandas as pd
from confluent_kafka import Consumer, TopicPartition


def read_topic(brokers: str, topic: str) -> list[dict]:
    """Everything that the topic holds now."""
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": f"{topic}-pandas", "enable.auto.commit": False})
    partitions = list(consumer.list_topics(topic).topics[topic].partitions)
    left = 0
    for partition in partitions:
        low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition))
        left += high - low
    consumer.assign([TopicPartition(topic, partition, 0) for partition in partitions])
    rows = []
    while left > 0:
        for message in consumer.consume(10_000, timeout=1.0):
            if message.error():
                raise RuntimeError(message.error())
            rows.append(json.loads(message.value()))
            left -= 1
    consumer.close()
    return rows


def main(brokers: str, topic: str, output: str) -> None:
    frame = pd.DataFrame(read_topic(brokers, topic))
    frame["date_time"] = pd.to_datetime(frame["date_time"], format="%m/%d/%Y %H:%M")
    frame = frame.sort_values("date_time", kind="stable")
    running: dict[tuple[int, int], int] = {}
    final_quantity = []
    for _, row in frame.iterrows():
        pair = (row["store_id"], row["item_id"])
        running[pair] = running.get(pair, 0) + row["quantity"]
        final_quantity.append(running[pair])
    frame["final_quantity"] = final_quantity
    os.makedirs(output, exist_ok=True)
    frame.to_csv(os.path.join(output, "combined.csv"), index=False)
    deltas = [(store, item, quantity) for (store, item), quantity in running.items()]
    columns = ["store_id", "item_id", "delta_quantity"]
    pd.DataFrame(deltas, columns=columns).to_csv(os.path.join(output, "delta_quantity.csv"), index=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
