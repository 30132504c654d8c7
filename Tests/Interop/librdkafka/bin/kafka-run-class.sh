#!/bin/sh
# What librdkafka's suite calls where Kafka's distribution would be: $KAFKA_PATH/bin.
exec "${PYTHON:-python3}" "$(dirname "$0")/../produce.py" "$@"
