// A client on librdkafka that does little but move records, so that what is measured is the broker.
//
//   client produce BOOTSTRAP TOPIC BYTES COUNT ACKS     as fast as it goes, in batches (linger.ms 5)
//   client consume BOOTSTRAP TOPIC COUNT                from the beginning
//   client alone   BOOTSTRAP TOPIC BYTES COUNT ACKS     one record at a time, each sent when the last is confirmed
//   client paced   BOOTSTRAP TOPIC BYTES COUNT RATE     from producer to consumer, RATE records a second
//
// The topic has one partition and exists. What was measured is one line of name=value; the exit status is 0 only when
// every record arrived.
#include <librdkafka/rdkafka.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const double patience = 60;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

__attribute__((noreturn, format(printf, 1, 2))) static void give_up(const char *why, ...) {
  va_list rest;
  va_start(rest, why);
  vfprintf(stderr, why, rest);
  fputc('\n', stderr);
  _exit(1);
}

static long confirmed, refused;

static void on_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque) {
  if (message->err && !refused++) fprintf(stderr, "not delivered: %s\n", rd_kafka_err2str(message->err));
  confirmed++;
}

static void set(rd_kafka_conf_t *settings, const char *name, const char *value) {
  char error[512];
  if (rd_kafka_conf_set(settings, name, value, error, sizeof error)) give_up("%s", error);
}

static rd_kafka_t *client(rd_kafka_type_t type, const char *bootstrap, const char *const settings[][2]) {
  char error[512];
  rd_kafka_conf_t *all = rd_kafka_conf_new();
  set(all, "bootstrap.servers", bootstrap);
  for (; (*settings)[0]; settings++) set(all, (*settings)[0], (*settings)[1]);
  if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set_dr_msg_cb(all, on_delivery);
  rd_kafka_t *made = rd_kafka_new(type, all, error, sizeof error);
  if (!made) give_up("%s", error);
  return made;
}

// A producer that knows who leads the topic's partition.
static rd_kafka_t *producer(
    const char *bootstrap, const char *topic, const char *acks, const char *linger, rd_kafka_topic_t **handle) {
  const char *const settings[][2] = {
      {"acks", acks}, {"linger.ms", linger}, {"queue.buffering.max.messages", "500000"}, {0}};
  rd_kafka_t *made = client(RD_KAFKA_PRODUCER, bootstrap, settings);
  *handle = rd_kafka_topic_new(made, topic, NULL);
  for (double end = now() + 10; now() < end; usleep(20000)) {
    const struct rd_kafka_metadata *found;
    if (rd_kafka_metadata(made, 0, *handle, &found, 5000)) continue;
    int leads = found->topic_cnt == 1 && found->topics[0].partition_cnt > 0 && found->topics[0].partitions[0].leader >= 0;
    rd_kafka_metadata_destroy(found);
    if (leads) return made;
  }
  give_up("nobody leads %s", topic);
}

static rd_kafka_queue_t *consumer(const char *bootstrap, const char *topic, int64_t from, rd_kafka_t **made) {
  const char *const settings[][2] = {
      {"group.id", "bench"}, {"enable.auto.commit", "false"}, {"queued.max.messages.kbytes", "65536"},
      {"fetch.wait.max.ms", "100"}, {0}};
  *made = client(RD_KAFKA_CONSUMER, bootstrap, settings);
  rd_kafka_poll_set_consumer(*made);
  rd_kafka_topic_partition_list_t *place = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(place, topic, 0)->offset = from;
  rd_kafka_assign(*made, place);
  return rd_kafka_queue_get_consumer(*made);
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static void print_latencies(double *seconds, long count) {
  qsort(seconds, count, sizeof *seconds, ascending);
  printf("p50_us=%.0f p99_us=%.0f\n", seconds[count / 2] * 1e6, seconds[count * 99 / 100] * 1e6);
}

static void produce(char **words) {
  const char *topic = words[1];
  size_t bytes = strtoul(words[2], NULL, 10);
  long count = atol(words[3]);
  rd_kafka_topic_t *handle;
  rd_kafka_t *made = producer(words[0], topic, words[4], "5", &handle);
  char *payload = malloc(bytes);
  srand(7);
  for (size_t i = 0; i < bytes; i++) payload[i] = 32 + rand() % 90;
  double began = now();
  for (long i = 0; i < count; i++) {
    while (rd_kafka_produce(handle, 0, RD_KAFKA_MSG_F_COPY, payload, bytes, NULL, 0, NULL)) {
      if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) give_up("%s", rd_kafka_err2str(rd_kafka_last_error()));
      rd_kafka_poll(made, 1);
    }
    if (i % 1024 == 0) rd_kafka_poll(made, 0);
  }
  while (confirmed < count && now() - began < patience) rd_kafka_poll(made, 2);
  double took = now() - began;
  if (confirmed < count || refused) give_up("%ld of %ld confirmed, %ld refused", confirmed, count, refused);
  printf("records_s=%.0f mb_s=%.1f\n", count / took, count * (double)bytes / took / 1e6);
}

static void consume(char **words) {
  long count = atol(words[2]), got = 0;
  double bytes = 0, first = 0, began = now();
  rd_kafka_t *made;
  rd_kafka_queue_t *queue = consumer(words[0], words[1], 0, &made);
  rd_kafka_message_t *messages[2000];
  while (got < count && now() - began < patience) {
    ssize_t came = rd_kafka_consume_batch_queue(queue, 100, messages, 2000);
    for (ssize_t i = 0; i < came; i++) {
      if (!messages[i]->err) {
        if (!got++) first = now();
        bytes += messages[i]->len;
      }
      rd_kafka_message_destroy(messages[i]);
    }
  }
  double took = now() - first;
  if (got < count) give_up("%ld of %ld came", got, count);
  printf("records_s=%.0f mb_s=%.1f\n", got / took, bytes / took / 1e6);
}

static void alone(char **words) {
  size_t bytes = strtoul(words[2], NULL, 10);
  long count = atol(words[3]);
  rd_kafka_topic_t *handle;
  rd_kafka_t *made = producer(words[0], words[1], words[4], "0", &handle);
  char *payload = calloc(1, bytes);
  double *latencies = malloc(count * sizeof *latencies), began = now();
  for (long i = -count / 10; i < count; i++) {
    double sent = now();
    long wanted = confirmed + 1;
    rd_kafka_produce(handle, 0, RD_KAFKA_MSG_F_COPY, payload, bytes, NULL, 0, NULL);
    while (confirmed < wanted) {
      rd_kafka_poll(made, 1000);
      if (now() - began > patience) give_up("only %ld confirmed", confirmed);
    }
    if (i >= 0) latencies[i] = now() - sent;
  }
  if (refused) give_up("%ld refused", refused);
  print_latencies(latencies, count);
}

static void paced(char **words) {
  size_t bytes = strtoul(words[2], NULL, 10);
  long count = atol(words[3]), sent = 0, got = 0;
  double rate = atof(words[4]);
  if (bytes < sizeof(double)) give_up("a record holds the time at which it was sent: %zu bytes", sizeof(double));
  rd_kafka_topic_t *handle;
  rd_kafka_t *from = producer(words[0], words[1], "1", "0", &handle), *to;
  rd_kafka_queue_t *queue = consumer(words[0], words[1], RD_KAFKA_OFFSET_END, &to);
  for (double end = now() + 1.5; now() < end;) {  // until it waits at the end
    rd_kafka_message_t *message = rd_kafka_consume_queue(queue, 50);
    if (message) rd_kafka_message_destroy(message);
  }
  char *payload = calloc(1, bytes);
  double *latencies = malloc(count * sizeof *latencies), began = now();
  while (got < count && now() - began < patience) {
    for (double time = now(); sent < count && time >= began + sent / rate; sent++) {
      time = now();
      memcpy(payload, &time, sizeof time);
      rd_kafka_produce(handle, 0, RD_KAFKA_MSG_F_COPY, payload, bytes, NULL, 0, NULL);
    }
    rd_kafka_poll(from, 0);
    rd_kafka_message_t *message = rd_kafka_consume_queue(queue, 0);
    if (!message) {
      usleep(20);
      continue;
    }
    if (!message->err && message->len == bytes) {
      double time;
      memcpy(&time, message->payload, sizeof time);
      latencies[got++] = now() - time;
    }
    rd_kafka_message_destroy(message);
  }
  if (got < count) give_up("%ld of %ld came", got, count);
  print_latencies(latencies, count);
}

int main(int count, char **words) {
  static const struct {
    const char *name;
    int words;
    void (*run)(char **);
  } modes[] = {{"produce", 5, produce}, {"consume", 3, consume}, {"alone", 5, alone}, {"paced", 5, paced}};
  for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
    if (count != modes[i].words + 2 || strcmp(words[1], modes[i].name)) continue;
    modes[i].run(words + 2);
    fflush(stdout);
    _exit(0);  // a consumer takes its time to say good-bye
  }
  fprintf(stderr, "expected: produce, consume, alone or paced, and what the source says of each\n");
  return 2;
}
