#pragma once

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdint.h>

/// Loads librdkafka and finds every function of `functions.h` in it. Until this has succeeded none of them may be called;
/// afterwards they are librdkafka's own. Null on success; otherwise what the system said, valid until this thread asks
/// for another library, and everything is as before. For one thread at a time.
const char *_Nullable baedal_kafka_load(const char *_Nonnull file);

// What Swift cannot call: rd_kafka_producev takes a list of arguments of no fixed length.

/// Copies the key and the value and queues them. The headers, if any, belong to librdkafka once this has succeeded.
static inline rd_kafka_resp_err_t baedal_kafka_produce(
    rd_kafka_t *_Nonnull client, rd_kafka_topic_t *_Nonnull topic, int32_t partition, const void *_Nullable key,
    size_t key_size, const void *_Nullable value, size_t value_size, int64_t timestamp,
    rd_kafka_headers_t *_Nullable headers) {
  if (headers) {
    return rd_kafka_producev(
        client, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY(key, key_size), RD_KAFKA_V_VALUE((void *)value, value_size),
        RD_KAFKA_V_TIMESTAMP(timestamp), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
  }
  return rd_kafka_producev(
      client, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
      RD_KAFKA_V_KEY(key, key_size), RD_KAFKA_V_VALUE((void *)value, value_size), RD_KAFKA_V_TIMESTAMP(timestamp),
      RD_KAFKA_V_END);
}
