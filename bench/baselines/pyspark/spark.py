"""The Spark session and the producer that both baselines share."""

import glob
import os

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

EXPORT_SCHEMA = "trans_id STRING, item_id BIGINT, store_id BIGINT, date_time STRING, quantity INT, change_type_id INT"


def session(name: str) -> SparkSession:
    """Two local threads. Small shuffles: the default of 200 partitions suits a cluster."""
    return (
        SparkSession.builder.master("local[2]")
        .appName(name)
        .config("spark.jars", ",".join(glob.glob(os.path.join(os.environ["SPARK_EXTRA_JARS"], "*.jar"))))
        .config("spark.driver.memory", "3g")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.log.level", "ERROR")
        .getOrCreate()
    )


def change_files(folder: str) -> list[str]:
    """The change exports, without the table of change types beside them."""
    every = glob.glob(os.path.join(folder, "inventory_change_*.csv"))
    return sorted(path for path in every if not os.path.basename(path).startswith("inventory_change_type"))


def produce(spark: SparkSession, folder: str, brokers: str, topic: str) -> None:
    """Every row of the exports as JSON into Kafka, keyed by store and item."""
    rows: DataFrame = spark.read.csv(change_files(folder), header=True, schema=EXPORT_SCHEMA)
    messages = rows.select(
        f.concat_ws(":", "store_id", "item_id").alias("key"),
        f.to_json(f.struct("*", f.current_timestamp().alias("sent_time"))).alias("value"),
    )
    messages.write.format("kafka").option("kafka.bootstrap.servers", brokers).option("topic", topic).save()
