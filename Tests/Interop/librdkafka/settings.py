"""What the suite's own file says of TLS and passwords: whoever stands in for Kafka's programs comes in as its clients do."""

import os


def client(bootstrap):
    settings = {}
    with open(os.environ["RDKAFKA_TEST_CONF"]) as lines:
        for line in lines:
            name, separator, value = line.strip().partition("=")
            if separator and name.startswith(("security.", "ssl.", "sasl.")):
                settings[name] = value
    return settings | {"bootstrap.servers": bootstrap}
