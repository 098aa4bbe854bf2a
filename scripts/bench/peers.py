"""Measures Stockfold and its alternatives by turns on one machine. Called by scripts/bench-peers."""

import argparse
import pathlib
import sys
import time

from postgres import Cluster, Postgres
from redis import Redis
from running import Case, Directory, Failed, end_by_signals, show_progress
from stockfold import Ceiling, Stockfold
from tables import COLUMNS, Sitting, about, aligned, as_json, cells_of, machine, markdown, put_markdown, warn_if_busy

FAMILIES = ("ceiling", "stockfold", "redis", "postgres")


def contestants(directory, chosen):
    """Each system with the shapes of load to measure it with: a peer without pipelining has only depth 1."""
    everywhere = {(1, 1), (64, 1), (64, 16), (512, 1)}
    found = []
    if "ceiling" in chosen:
        found.append((Ceiling(directory), everywhere))
    if "stockfold" in chosen:
        found.append((Stockfold(directory), everywhere))
    if "redis" in chosen:
        found.append((Redis(directory), everywhere))
    if "postgres" in chosen:
        cluster = Cluster(directory)
        found.append((Postgres(cluster, "PostgreSQL, batches of 64", "batch"), {(64, 1), (64, 16)}))
        found.append((Postgres(cluster, "PostgreSQL, function", "function"), {(1, 1), (64, 1), (512, 1)}))
        found.append((Postgres(cluster, "PostgreSQL, transaction", "transaction"), {(64, 1), (512, 1)}))
    return found


def cases(quick):
    shapes = [(64, 1), (64, 16)] if quick else [(64, 1), (64, 16), (512, 1)]
    listed = [Case(workload, *shape) for workload in ("hot", "spread") for shape in shapes]
    return listed + [Case("hot", 1, 1)]


def measure(directory, options):
    sitting = Sitting(Stockfold.name)
    field = contestants(directory, options.only)
    planned = [
        (case, contestant)
        for _ in range(options.rounds)
        for case in cases(options.quick)
        for contestant, shapes in field
        if (case.connections, case.depth) in shapes
    ]
    for number, (case, contestant) in enumerate(planned):
        show_progress(f"{number + 1} of {len(planned)}: {case}, {contestant.name}")
        try:
            figure = contestant.measure(case, options.seconds)
        except Failed as failure:
            print(f"\nbench-peers: {case}, {contestant.name}: {failure}", file=sys.stderr)
            figure = None
        sitting.add(case, contestant.name, figure)
    show_progress("")
    versions = {}
    for contestant, _ in field:
        versions.setdefault(contestant.name.split(",")[0], contestant.version())
    return sitting, versions


def names(text):
    chosen = text.split(",")
    unknown = [name for name in chosen if name not in FAMILIES]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]} is not one of {', '.join(FAMILIES)}")
    return chosen


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench-peers", description=__doc__)
    parser.add_argument("--rounds", type=int, help="how often each system runs (3)")
    parser.add_argument("--seconds", type=float, help="how long each run is measured (8)")
    parser.add_argument("--quick", action="store_true", help="2 rounds of 2 s, without 512 connections")
    parser.add_argument("--only", type=names, default=list(FAMILIES), metavar="NAME,...", help=", ".join(FAMILIES))
    parser.add_argument("--directory", default="/var/tmp", help="a directory on the disk to measure (/var/tmp)")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout instead of the table")
    parser.add_argument("--markdown", type=pathlib.Path, metavar="FILE", help="write the table to FILE, too; in docs/BENCHMARKS.md to its place")
    options = parser.parse_args()
    options.rounds = options.rounds or (2 if options.quick else 3)
    options.seconds = options.seconds or (2 if options.quick else 8)
    if options.rounds < 1 or options.seconds < 0.1:
        parser.error("--rounds must be at least 1 and --seconds at least 0.1")
    return options


def main():
    options = arguments()
    end_by_signals()
    started = time.monotonic()
    where = machine(options.directory)
    warn_if_busy(where)
    with Directory(options.directory) as directory:
        sitting, versions = measure(directory, options)

    rows = list(sitting.rows())
    cells = [cells_of(row) for row in rows]
    lines = about(where, versions, options.rounds, options.seconds)
    if options.json:
        print(as_json(where, versions, options.rounds, options.seconds, sitting))
    else:
        print("\n".join([*lines, "", aligned(cells, COLUMNS)]))
    if options.markdown:
        put_markdown(options.markdown, "bench-peers", "\n".join([*lines, "", markdown(cells, COLUMNS)]))
    print(f"took {time.monotonic() - started:.0f} s", file=sys.stderr)

    wrong = [row for row in rows if row["failed"] or row["errors"] or row["stock_mismatches"]]
    for row in wrong:
        print(
            f"bench-peers: {row['workload']} {row['connections']} x {row['depth']}, {row['name']}: {row['failed']} runs "
            f"failed, {row['errors']} errors, {row['stock_mismatches']} products with wrong stock",
            file=sys.stderr,
        )
    return 1 if wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(f"bench-peers: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)
