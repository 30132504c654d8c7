#!/usr/bin/env bash
# librdkafka's own suite against three brokers in one process.
#
#   Tests/Interop/librdkafka/run.sh LIBRDKAFKA REPORT [OPTION...]
#
# LIBRDKAFKA: its source, built (./configure && make && make -C tests build). REPORT: where the suite writes what came of
# each test; table.py makes a table of it. OPTIONs go to the test runner; without any, -L -K -Q -p3: no local tests,
# go on after a failure, quick, three at a time.
#
#   BAEDAL   the binary; .build/release/baedal       PYTHON   one with confluent-kafka; python3
#   PORT     of the first broker; 29192              SERVE    more options for `baedal serve`
#   CONF     a file of more settings for the clients TESTS, TESTS_SKIP, TEST_CONSUMER_GROUP_PROTOCOL   as the suite has them
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
suite=$1/tests
report=$(realpath -m "$2")
shift 2
port=${PORT:-29192}
export PYTHON=${PYTHON:-python3} KAFKA_PATH=$here TEST_KAFKA_VERSION=4.0.0 TEST_REPORT=$report
export TESTS_SKIP=${TESTS_SKIP-0118}
export BROKERS=127.0.0.1:$port,127.0.0.1:$((port + 1)),127.0.0.1:$((port + 2))
work=$(mktemp -d)
# shellcheck disable=SC2086
"${BAEDAL:-$here/../../../.build/release/baedal}" serve --nodes 3 --port "$port" --partitions 4 --log-level warning \
  --max-connections 20000 --cleaner-interval 20s ${SERVE:-} </dev/null >"$work/brokers" 2>&1 &
brokers=$!
trap 'kill $brokers 2>/dev/null; wait $brokers 2>/dev/null; tail -n 5 "$work/brokers"; rm -rf "$work"' EXIT
{
  echo "metadata.broker.list=$BROKERS"
  echo "test.topic.random=true"
  if [ -n "${CONF:-}" ]; then cat "$CONF"; fi
} >"$work/test.conf"
export RDKAFKA_TEST_CONF=$work/test.conf
for _ in $(seq 100); do
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
  read -rt 0.1 <> <(:) || true
done
if [ $# = 0 ]; then set -- -L -K -Q -p3; fi
cd "$suite"
# 0098 has `make` compile a Java program first; produce.py does what it would.
for class in Murmur2Cli TransactionProducerCli IncrementalRebalanceCli; do touch "java/$class.class"; done
# The sockets that the suite spoils for itself now and then write to what is closed.
trap '' PIPE
LD_LIBRARY_PATH=../src:../src-cpp ./test-runner "$@"
