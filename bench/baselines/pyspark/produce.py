"""The producer as a process of its own: produce.py FOLDER BROKERS TOPIC"""

import sys

import spark

if __name__ == "__main__":
    folder, brokers, topic = sys.argv[1:]
    session = spark.session("produce")
    spark.produce(session, folder, brokers, topic)
    session.stop()
