"""Measures the REST interface with wrk, and the same load over TCP for comparison. Called by scripts/bench-http."""

import argparse
import json
import pathlib
import sys
import urllib.request

from running import ROOT, Case, Directory, Failed, Figure, end_by_signals, run, show_progress
from serving import Server
from stockfold import Stockfold
from tables import aligned, machine, markdown, median, put_markdown, warn_if_busy

CONNECTIONS = (1, 64, 512)
COLUMNS = ["load", "connections", "ops/s", "lowest", "highest", "p50 ms", "p99 ms"]


def send(url, fields):
    request = urllib.request.Request(url, json.dumps(fields).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10):
        pass


def measure(directory, load, connections, seconds):
    """Measures on a fresh store with one product and, for reads, a thousand orders."""
    server = Server(directory.fresh("stockfold") / "store")
    try:
        url = "http://" + server.http
        send(url + "/product/", {"sku": "A", "stock": 1_000_000_000})
        if load == "reads":
            for number in range(1_000):
                send(url + "/order/", {"id": f"first-{number}", "product": "A"})
        output = run(
            ["wrk", "-t", min(connections, 2), "-c", connections, "-d", f"{seconds}s"]
            + ["-s", ROOT / "bench/http.lua", url, "--", load]
        )
    finally:
        server.stop()
    figure = Figure.of_json(output.strip().splitlines()[-1])
    if figure.errors:
        raise Failed(f"{load}, {connections} connections: {figure.errors} requests failed")
    return figure


def row_of(load, connections, figures):
    rates = [figure.ops_per_s for figure in figures]
    cells = [f"{rate:,.0f}" for rate in (median(rates), min(rates), max(rates))]
    times = [f"{median([getattr(figure, name) for figure in figures]):.2f}" for name in ("p50_ms", "p99_ms")]
    return [load, str(connections), *cells, *times]


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench-http", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5, help="how long each load is measured (5)")
    parser.add_argument("--directory", default="/var/tmp", help="a directory on the disk to measure (/var/tmp)")
    parser.add_argument("--markdown", type=pathlib.Path, metavar="FILE", help="write the table to its place in FILE, too")
    options = parser.parse_args()
    end_by_signals()
    where = machine(options.directory)
    warn_if_busy(where)
    figures = {}
    with Directory(options.directory) as directory:
        for _ in range(options.rounds):
            for connections in CONNECTIONS:
                for name, load in (("place and abort", "orders"), ("product and order shown", "reads")):
                    show_progress(f"{name}, {connections} connections")
                    figure = measure(directory, load, connections, options.seconds)
                    figures.setdefault((name, connections), []).append(figure)
                show_progress(f"over TCP, {connections} connections")
                figure = Stockfold(directory).measure(Case("hot", connections, 1), options.seconds)
                figures.setdefault(("place and abort, over TCP", connections), []).append(figure)
    show_progress("")

    when = f"{where['date']}, Stockfold {where['revision']}; {where['processor']}; {where['disk']}; "
    when += f"load of the machine before: {where['load_before']}; medians of {options.rounds}.\n"
    rows = [row_of(load, connections, taken) for (load, connections), taken in sorted(figures.items())]
    print(f"{when}\n{aligned(rows, COLUMNS, False, 1)}")
    if options.markdown:
        put_markdown(options.markdown, "bench-http", f"{when}\n{markdown(rows, COLUMNS, 1)}")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(f"bench-http: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)
