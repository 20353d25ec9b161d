"""The ancestors' own producer: own_way_produce.py FOLDER BROKERS TOPIC

Spark reads each kind of export and types it, the driver collects all rows as JSON texts, and a Python client sends them
one by one: TOPIC.change for changes, TOPIC.snapshot for counts.
"""

import glob
import json
import os
import sys

import spark
from kafka import KafkaProducer
from pyspark.sql import functions as f

SNAPSHOT_SCHEMA = "item_id INT, employee_id INT, store_id INT, date_time STRING, quantity INT"
CHANGE_SCHEMA = "trans_id STRING, item_id INT, store_id INT, date_time STRING, quantity INT, change_type_id INT"


def main(folder: str, brokers: str, topic: str) -> None:
    session = spark.session("own way")
    producer = KafkaProducer(bootstrap_servers=brokers, value_serializer=lambda row: json.dumps(row).encode())
    snapshots = sorted(glob.glob(os.path.join(folder, "inventory_snapshot_*.csv")))
    for kind, files, schema in (
        ("snapshot", snapshots, SNAPSHOT_SCHEMA),
        ("change", spark.change_files(folder), CHANGE_SCHEMA),
    ):
        rows = session.read.csv(files, header=True, schema=schema)
        rows = rows.withColumn("date_time", f.to_timestamp("date_time", "M/d/yyyy H:mm"))
        for text in rows.toJSON().collect():
            producer.send(f"{topic}.{kind}", json.loads(text))
        producer.flush()
    session.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
