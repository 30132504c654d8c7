// librdkafka's own mock cluster as a program: `mock BROKERS` prints where it listens, and runs until SIGTERM.
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

int main(int count, char **words) {
  char error[512];
  sigset_t ends;  // blocked before there are threads, so that they are waited for
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  sigprocmask(SIG_BLOCK, &ends, NULL);
  rd_kafka_conf_t *settings = rd_kafka_conf_new();
  rd_kafka_conf_set(settings, "log_level", "2", NULL, 0);
  rd_kafka_t *host = rd_kafka_new(RD_KAFKA_PRODUCER, settings, error, sizeof error);
  rd_kafka_mock_cluster_t *cluster = host ? rd_kafka_mock_cluster_new(host, count > 1 ? atoi(words[1]) : 1) : NULL;
  if (!cluster) {
    fprintf(stderr, "no mock cluster: %s\n", host ? "librdkafka refuses" : error);
    return 1;
  }
  printf("%s\n", rd_kafka_mock_cluster_bootstraps(cluster));
  fflush(stdout);
  int came;
  sigwait(&ends, &came);
  rd_kafka_mock_cluster_destroy(cluster);
  rd_kafka_destroy(host);
  return 0;
}
