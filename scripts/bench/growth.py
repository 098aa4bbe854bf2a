"""Fills one store with orders, and measures at every size what grows with it. Called by scripts/bench-growth."""

import argparse
import json
import os
import pathlib
import random
import signal
import socket
import statistics
import struct
import subprocess
import sys
import time
import zlib

from running import Directory, Failed, end_by_signals, show_progress
from serving import Server
from tables import aligned, machine, markdown, put_markdown, warn_if_busy

LOOK_UPS = 2_000
LONGEST_LOAD = 20  # seconds; at this length one load places fewer than serving.MOST_OPEN orders


class Connection:
    """Asks for one order at a time, by docs/PROTOCOL.md."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.ask(b"\x01\x01SFLD\x01\x01\x06growth")

    def ask(self, payload):
        self.socket.sendall(struct.pack("<II", len(payload), zlib.crc32(payload)) + payload)
        size = struct.unpack("<I", self.take(8)[:4])[0]
        return self.take(size)

    def take(self, size):
        taken = b""
        while len(taken) < size:
            some = self.socket.recv(size - len(taken))
            if not some:
                raise Failed("the server closed the connection")
            taken += some
        return taken

    def milliseconds_to_show(self, number):
        order = str(number).encode()
        started = time.perf_counter()
        reply = self.ask(b"\x04\x02" + bytes([len(order)]) + order + b"\x01\x00")
        taken = (time.perf_counter() - started) * 1_000
        if reply[0] != 132 or reply[3 + len(order)] != 0:  # not the message Order, or the order is unknown
            raise Failed(f"the ledger does not find order {number}")
        return taken


def look_ups(server, numbers):
    connection = Connection(server.address)
    taken = sorted(connection.milliseconds_to_show(number) for number in numbers)
    return statistics.median(taken), taken[int(len(taken) * 0.99)]


def empty_system_cache():
    """Returns False if only root may do this."""
    os.sync()
    try:
        pathlib.Path("/proc/sys/vm/drop_caches").write_text("3", encoding="ascii")
    except OSError:
        return False
    return True


def bytes_below(directory):
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


def settled_bytes(directory):
    """The size of the store after its compactions have ended, or after three minutes."""
    before = -1
    for _ in range(60):
        size = bytes_below(directory)
        if size == before:
            break
        before = size
        time.sleep(3)
    return before


def restart_after_kill(server, data):
    """Kills the server in the middle of full load. Returns its successor."""
    load = subprocess.Popen(server.bench_command(60, "--no-verify"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(5)
    server.stop(signal.SIGKILL)
    load.wait()
    return Server(data)


def measure(server, data, orders):
    """Measures the store at its present size. Returns the row, and the server that runs now: a new one."""
    size = settled_bytes(data)
    throughput = server.bench(5)["ops_per_s"]
    resident, _ = server.resident()
    numbers = random.Random(orders).sample(range(1, orders + 1), LOOK_UPS)
    server.stop()
    cold = (None, None)
    emptied = empty_system_cache()
    server = Server(data)
    if emptied:
        cold = look_ups(server, numbers)
    else:
        look_ups(server, numbers)
    warm = look_ups(server, numbers)
    server = restart_after_kill(server, data)
    return {
        "orders": orders,
        "disk_bytes_an_order": round(size / orders, 1),
        "resident_mb": round(resident / 1e6),
        "ops_per_s": round(throughput),
        "cold_p50_ms": cold[0],
        "cold_p99_ms": cold[1],
        "warm_p50_ms": warm[0],
        "warm_p99_ms": warm[1],
        "restart_s": round(server.seconds_to_ready, 2),
    }, server


def fill(server, placed, wanted):
    """Places orders until there are at least `wanted`. Returns their number."""
    rate = 100_000
    while placed < wanted:
        seconds = min(max((wanted - placed) / rate, 1), LONGEST_LOAD)
        done = server.place(seconds)
        placed += done["actions"]["place"]["ops"]
        rate = done["ops_per_s"]
        show_progress(f"{placed:,} of {wanted:,} orders, {rate:,.0f}/s")
    return placed


HEADERS = ["orders", "disk bytes an order", "resident MB", "ops/s, 64 x 16"] + [
    "look-up cold p50, p99 ms", "look-up warm p50, p99 ms", "restart after kill -9, s"
]


def cells(row):
    def pair(kind):
        return "–" if row[f"{kind}_p50_ms"] is None else f"{row[f'{kind}_p50_ms']:.2f}, {row[f'{kind}_p99_ms']:.2f}"

    return [f"{row['orders']:,}", f"{row['disk_bytes_an_order']:.0f}", f"{row['resident_mb']:,}"] + [
        f"{row['ops_per_s']:,}", pair("cold"), pair("warm"), f"{row['restart_s']:.2f}"
    ]


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench-growth", description=__doc__)
    parser.add_argument("--orders", type=int, action="append", help="a number of orders to measure at (1, 10 and 100 million)")
    parser.add_argument("--directory", default="/var/tmp", help="a directory on the disk to measure (/var/tmp)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--markdown", type=pathlib.Path, metavar="FILE", help="write the table to its place in FILE, too")
    options = parser.parse_args()
    end_by_signals()
    where = machine(options.directory)
    warn_if_busy(where)
    rows, placed = [], 0
    with Directory(options.directory) as directory:
        data = directory.path / "store"
        server = Server(data)
        try:
            for wanted in sorted(options.orders or [1_000_000, 10_000_000, 100_000_000]):
                placed = fill(server, placed, wanted)
                row, server = measure(server, data, placed)
                rows.append(row)
        finally:
            server.stop(signal.SIGKILL)
    show_progress("")
    if options.json:
        print(json.dumps({"machine": where, "rows": rows}))
    else:
        print(aligned([cells(row) for row in rows], HEADERS, False, 0))
    if options.markdown:
        when = f"{where['date']}, Stockfold {where['revision']}; {where['processor']}; {where['memory']}; {where['disk']}."
        put_markdown(options.markdown, "bench-growth", f"{when}\n\n{markdown([cells(row) for row in rows], HEADERS, 0)}")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(f"bench-growth: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)
