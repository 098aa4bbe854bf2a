"""What grows with the store: one store, filled further and further, and measured at every size."""

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
LONGEST_LOAD = 20  # seconds; places fewer than that


class Connection:
    """Asks for one order at a time, as docs/PROTOCOL.md says."""

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
                raise Failed("the connection ended")
            taken += some
        return taken

    def milliseconds_to_show(self, number):
        order = str(number).encode()
        begun = time.perf_counter()
        reply = self.ask(b"\x04\x02" + bytes([len(order)]) + order + b"\x01\x00")
        taken = (time.perf_counter() - begun) * 1_000
        if reply[0] != 132 or reply[3 + len(order)] != 0:  # Order, and it is there
            raise Failed(f"order {number} is not there")
        return taken


def look_ups(server, numbers):
    connection = Connection(server.address)
    taken = sorted(connection.milliseconds_to_show(number) for number in numbers)
    return statistics.median(taken), taken[int(len(taken) * 0.99)]


def empty_system_cache():
    """False where only root may."""
    os.sync()
    try:
        pathlib.Path("/proc/sys/vm/drop_caches").write_text("3", encoding="ascii")
    except OSError:
        return False
    return True


def bytes_below(directory):
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


def settled_bytes(directory):
    """Once compactions have ended."""
    before = -1
    for _ in range(60):
        size = bytes_below(directory)
        if size == before:
            break
        before = size
        time.sleep(3)
    return before


def restart_after_kill(server, data):
    """Killed in the middle of full load. Returns the server that came after it."""
    load = subprocess.Popen(server.bench_command(60, "--no-verify"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(5)
    server.stop(signal.SIGKILL)
    load.wait()
    return Server(data)


def measure(server, data, orders):
    """At this size; returns the row and the server, which is another one then."""
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
    """Places orders until there are so many, and returns how many there are."""
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
    parser.add_argument("--orders", type=int, action="append", help="a size to measure at (1, 10 and 100 million)")
    parser.add_argument("--directory", default="/var/tmp", help="on the disk to measure on (/var/tmp)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--markdown", type=pathlib.Path, metavar="FILE", help="put the table in its place there")
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
