"""Kafka's framing by hand: what no client library would send."""

import socket
import struct

from cluster import PATIENCE


class Closed(Exception):
    """The broker closed the connection."""


class Wire:
    def __init__(self, address, patience=PATIENCE):
        self.socket = socket.create_connection(address, timeout=patience)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def request(self, key, version, body=b"", correlation=7, flexible=False):
        self.send(frame(header(key, version, correlation, flexible) + body))

    def receive(self):
        """One response's bytes, the correlation id first."""
        return self._exactly(struct.unpack(">i", self._exactly(4))[0])

    def ask(self, key, version, body=b"", correlation=7, flexible=False):
        """The response's body after its correlation id."""
        self.request(key, version, body, correlation, flexible)
        response = self.receive()
        assert struct.unpack(">i", response[:4])[0] == correlation
        return response[4:]

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            try:
                part = self.socket.recv(count - len(data))
            except ConnectionResetError:
                raise Closed()
            if not part:
                raise Closed()
            data += part
        return data

    def closed(self):
        """Waits until the broker closes the connection; false if it answers or stays silent instead."""
        try:
            self._exactly(1)
            return False
        except Closed:
            return True
        except TimeoutError:
            return False


def header(key, version, correlation, flexible=False, client="interop"):
    return (struct.pack(">hhih", key, version, correlation, len(client)) + client.encode()
            + (b"\0" if flexible else b""))


def frame(payload):
    return struct.pack(">i", len(payload)) + payload


def string(text):
    return struct.pack(">h", len(text)) + text.encode()


def fetch_v4(topic, partition, offset, max_bytes=1 << 20, wait=100, least=1):
    """The body of a Fetch request, version 4, of one partition."""
    return (struct.pack(">iiiib", -1, wait, least, max_bytes, 0) + struct.pack(">i", 1) + string(topic)
            + struct.pack(">iiqi", 1, partition, offset, max_bytes))


def fetched_v4(body, topic):
    """The error, the high watermark and the bytes of records in a Fetch response, version 4, of one partition."""
    at = 4 + 4 + 2 + len(topic) + 4 + 4
    error, high, _stable, aborted = struct.unpack_from(">hqqi", body, at)
    at += 22 + max(0, aborted) * 16
    size, = struct.unpack_from(">i", body, at)
    return error, high, body[at + 4:at + 4 + max(0, size)]


def leaders_batches(clients, topic):
    """The error, the high watermark and the bytes of partition 0's records, as its leader has them."""
    metadata = clients.producer().list_topics(topic, 30)
    leader = metadata.brokers[metadata.topics[topic].partitions[0].leader]
    with Wire((leader.host, leader.port)) as wire:
        return fetched_v4(wire.ask(1, 4, fetch_v4(topic, 0, 0)), topic)


def codecs(batches):
    """The number of each batch's codec."""
    found = []
    while len(batches) > 22:
        found.append(struct.unpack_from(">h", batches, 21)[0] & 7)
        batches = batches[12 + struct.unpack_from(">i", batches, 8)[0]:]
    return found
