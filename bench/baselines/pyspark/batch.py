"""A competent PySpark version, from files to one CSV: batch.py BROKERS TOPIC OUTPUT_FOLDER TABLE [EXPORT_FOLDER]

With EXPORT_FOLDER one application does it all; without it the topic was filled by produce.py. PostgreSQL's address,
user and password stand in the environment (PG_JDBC_URL, PGUSER, PGPASSWORD). Deltas are appended to TABLE; no event is
kept, and a second run would add the same rows again.
"""

import glob
import os
import shutil
import sys

import spark
from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as f


def main(brokers: str, topic: str, output: str, table: str, folder: str | None = None) -> None:
    session = spark.session("batch")
    if folder is not None:
        spark.produce(session, folder, brokers, topic)
    rows = read_topic(session, brokers, topic).persist()
    append_deltas(rows, table)
    write_running(rows, output)
    session.stop()


def read_topic(session: SparkSession, brokers: str, topic: str):
    """The topic from its first to its present last offset, typed."""
    kafka = session.read.format("kafka").option("kafka.bootstrap.servers", brokers).option("subscribe", topic)
    messages = kafka.option("startingOffsets", "earliest").option("endingOffsets", "latest").load()
    event = f.from_json(f.col("value").cast("string"), f"{spark.EXPORT_SCHEMA}, sent_time TIMESTAMP").alias("event")
    rows = messages.select(event).select("event.*")
    return rows.withColumn("date_time", f.to_timestamp("date_time", "M/d/yyyy H:mm"))


def append_deltas(rows, table: str) -> None:
    deltas = rows.groupBy("store_id", "item_id").agg(f.sum("quantity").alias("delta_quantity"))
    writer = deltas.write.format("jdbc").option("url", os.environ["PG_JDBC_URL"]).option("dbtable", table)
    writer = writer.option("user", os.environ["PGUSER"]).option("password", os.environ["PGPASSWORD"])
    writer = writer.option("driver", "org.postgresql.Driver").option("reWriteBatchedInserts", "true")
    writer.option("batchsize", 10_000).mode("append").save()


def write_running(rows, output: str) -> None:
    """One CSV with the running quantity: written in parts by all threads, then joined, which is quicker than one part."""
    pair = Window.partitionBy("store_id", "item_id").orderBy("date_time", "trans_id")
    so_far = pair.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    combined = rows.withColumn("final_quantity", f.sum("quantity").over(so_far))
    parts = os.path.join(output, "parts")
    combined.write.csv(parts, timestampFormat="yyyy-MM-dd HH:mm:ss", mode="overwrite")
    with open(os.path.join(output, "combined.csv"), "wb") as file:
        file.write((",".join(combined.columns) + "\n").encode())
        for part in sorted(glob.glob(os.path.join(parts, "part-*.csv"))):
            with open(part, "rb") as source:
                shutil.copyfileobj(source, file, 1024 * 1024)
    shutil.rmtree(parts)


if __name__ == "__main__":
    main(*sys.argv[1:])
