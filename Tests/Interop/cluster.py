"""A `baedal serve` process: started, waited for, stopped."""

import contextlib
import os
import pathlib
import queue
import signal
import socket
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BAEDAL = os.environ.get("BAEDAL", str(ROOT / ".build/debug/baedal"))
# Brokers in a debug build, beside other work on two cores.
PATIENCE = float(os.environ.get("INTEROP_PATIENCE", "30"))


def eventually(probe, within=PATIENCE, every=0.05, what=None):
    """Calls `probe` until it returns something true, and returns that; fails after `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        result = probe()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:.0f} s: {what or probe}; last saw {result!r}")
        time.sleep(every)


def free_ports(count):
    """The first of `count` adjacent ports nobody listens on, below the range the kernel hands out to clients."""
    for first in range(20000 + os.getpid() % 9000, 32000, count):
        sockets = []
        try:
            for port in range(first, first + count):
                sockets.append(socket.socket())
                sockets[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                sockets[-1].bind(("127.0.0.1", port))
            return first
        except OSError:
            continue
        finally:
            for each in sockets:
                each.close()
    raise AssertionError(f"no {count} adjacent free ports")


class Process:
    """One running program: what it prints is kept, its first lines can be waited for."""

    def __init__(self, command, log):
        self.log = pathlib.Path(log)
        self.errors = open(self.log, "ab")
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=self.errors, stdin=subprocess.DEVNULL, text=True)
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def line(self, prefix, within=PATIENCE):
        """The rest of the first line that starts with `prefix`."""
        deadline = time.monotonic() + within
        while True:
            try:
                line = self.lines.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no line `{prefix}` within {within:.0f} s\n{self.tail()}")
            if line is None:
                raise AssertionError(f"ended with {self.process.wait()} before `{prefix}`\n{self.tail()}")
            if line.startswith(prefix):
                return line[len(prefix):].strip()

    def pass_over(self):
        """Leaves out what has been printed so far; the end is never passed over."""
        with contextlib.suppress(queue.Empty):
            while True:
                line = self.lines.get_nowait()
                if line is None:
                    return self.lines.put(None)

    @property
    def pid(self):
        return self.process.pid

    def alive(self):
        return self.process.poll() is None

    def stop(self, sign=signal.SIGTERM, within=PATIENCE):
        """Signals the process and returns its exit status; a process that does not leave is killed, and None."""
        if self.alive():
            self.process.send_signal(sign)
        try:
            return self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None
        finally:
            self.errors.close()

    def tail(self, lines=40):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def resident(self, peak=False):
        """Resident memory in bytes: now, or the most it has been."""
        field = "VmHWM:" if peak else "VmRSS:"
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(field):
                return int(line.split()[1]) * 1024
        return 0


class Cluster:
    """All nodes of a cluster in one `baedal serve` process."""

    def __init__(self, nodes, *arguments):
        self.nodes = nodes
        self.arguments = arguments
        self.process = None

    def start(self):
        first = free_ports(self.nodes)
        log = pathlib.Path(tempfile.mkdtemp(prefix="baedal-interop-")) / "serve.log"
        began = time.monotonic()
        self.process = Process(
            [BAEDAL, "serve", "--nodes", str(self.nodes), "--port", str(first), *self.arguments], log)
        self.bootstrap = self.process.line("ready:")
        self.ready_after = time.monotonic() - began
        self.addresses = [(host, int(port)) for host, port in
                          (each.rsplit(":", 1) for each in self.bootstrap.split(","))]
        return self

    def stop(self):
        return self.process.stop()

    @property
    def replicas(self):
        return min(3, self.nodes)
