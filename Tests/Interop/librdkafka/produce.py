"""What 0098 has a Java program do: producers in and out of transactions, told what to do by words.

BOOTSTRAP topic,NAME testid,ID producerN,PARTITION,FIRST,COUNT,KIND,FLUSH ... sleep,MILLISECONDS ... exit,STATUS
"""

import os
import sys
import time

from confluent_kafka import Producer


def main(program, bootstrap, *commands):
    if program != "TransactionProducerCli":
        sys.exit(f"no program {program}. Expected: TransactionProducerCli")
    producers, topic, test = {}, None, None
    for command in commands:
        verb, *words = [word.strip() for word in command.split(",")]
        if verb == "sleep":
            time.sleep(int(words[0]) / 1000)
        elif verb == "exit":
            # As a process that dies: nothing is sent any more, nothing aborted.
            os._exit(int(words[0]))
        elif verb == "topic":
            topic = words[0]
        elif verb == "testid":
            test = words[0]
        elif verb.startswith("producer"):
            partition, first, count = (int(word, 0) for word in words[:3])
            kind, flush = words[3:]
            if verb not in producers:
                config = {"bootstrap.servers": bootstrap, "enable.idempotence": True, "linger.ms": 5}
                if kind != "None":
                    config["transactional.id"] = f"test-transactional-id-{test}-{verb}"
                producers[verb] = Producer(config)
                if kind != "None":
                    producers[verb].init_transactions()
            send(producers[verb], topic, partition, first, count, kind, flush == "DoFlush")
        else:
            sys.exit(f"unknown command {command}")
    for producer in producers.values():
        producer.flush()


def send(producer, topic, partition, first, count, kind, flush):
    if kind.startswith("Begin"):
        producer.begin_transaction()
    for number in range(first, first + count):
        producer.produce(
            topic, key=bytes([number & 0xFF]), value=b"\x10\x20\x30\x40", **({"partition": partition} if partition >= 0 else {}))
    if flush:
        producer.flush()
    if kind.endswith("Abort"):
        producer.abort_transaction()
    elif kind.endswith("Commit"):
        producer.commit_transaction()


if __name__ == "__main__":
    main(*sys.argv[1:])
