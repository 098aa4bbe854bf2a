"""Measures what users ask of a log and its views: rebuild, replay, audit, export, import and the past. Called by
scripts/bench-views."""

import argparse
import json
import os
import pathlib
import random
import signal
import statistics
import subprocess
import sys
import time

from running import STOCKFOLD, Directory, Failed, end_by_signals, run, show_progress
from serving import Server
from tables import aligned, machine, markdown, put_markdown, warn_if_busy

QUESTIONS = 20  # of each kind about the past; the table has the median
LONGEST_LOAD = 20  # seconds


class Asked:
    """One run of the program, with its time and its peak memory."""

    def __init__(self, *arguments, ends=(0,)):
        command = [str(word) for word in (STOCKFOLD, *arguments)]
        show_progress(" ".join(["stockfold", *map(str, arguments[:2])]))
        started = time.perf_counter()
        program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.out = program.stdout.read()
        _, status, usage = os.wait4(program.pid, 0)
        self.seconds = time.perf_counter() - started
        program.returncode = os.waitstatus_to_exitcode(status)
        if program.returncode not in ends:
            raise Failed(f"{' '.join(command)} ended with {program.returncode}")
        self.megabytes = usage.ru_maxrss * 1024 / 1e6


def fill(server, wanted):
    """Places and aborts orders until the log has at least `wanted` events. Returns its position."""
    position, rate = server.position, 100_000
    while position < wanted:
        done = server.bench(min(max((wanted - position) / rate, 1), LONGEST_LOAD), "--no-verify")
        rate = done["ops_per_s"]
        position = json.loads(run([STOCKFOLD, "head", "--server", server.address]))["position"]
        show_progress(f"{position:,} of {wanted:,} events, {rate:,.0f}/s")
    return position


def of_events(what, events, asked):
    return {"what": what, "seconds": round(asked.seconds, 2), "events_per_s": round(events / asked.seconds),
            "resident_mb": round(asked.megabytes)}


def of_questions(what, ask):
    taken = [ask().seconds for _ in range(QUESTIONS)]
    return {"what": what, "seconds": round(statistics.median(taken), 3), "longest_s": round(max(taken), 3)}


def about_the_past(server, head):
    """Asks about products and orders that are drawn from the first page of each list."""
    draw = random.Random(head)
    at = ["--server", server.address]

    def listed(kind, key):
        lines = run([STOCKFOLD, kind, "list", "--limit", "1000", "--json", *at]).splitlines()
        return [line[key] for line in map(json.loads, lines) if key in line]

    skus, orders = listed("product", "sku"), listed("order", "order")

    def past(*question):  # "not there yet" is a valid answer
        return Asked(*question, "--at", draw.randint(1, head), *at, ends=(0, 3))

    return [
        of_questions("product show --at", lambda: past("product", "show", draw.choice(skus))),
        of_questions("order show --at", lambda: past("order", "show", draw.choice(orders))),
        of_questions("product list --at, every product", lambda: past("product", "list")),
        of_questions("explain product", lambda: Asked("explain", "product", draw.choice(skus), *at)),
        of_questions("explain order", lambda: Asked("explain", "order", draw.choice(orders), *at)),
        of_questions("product movements", lambda: Asked("product", "movements", draw.choice(skus), *at)),
    ]


def rebuild_under_load(server, events):
    """Rebuilds a view under full load. Measures the rate of commands without the rebuild and during it."""
    alone = server.bench(8, "--no-verify")["ops_per_s"]
    load = subprocess.Popen(server.bench_command(8, "--no-verify"), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    time.sleep(2)  # the load registers its products first
    rebuilt = Asked("rebuild", "stock", "--server", server.address)
    during = json.loads(load.communicate()[0])
    if during["overloaded"] + during["errors"] > 0:
        raise Failed("commands were refused or failed during the rebuild of a view")
    row = of_events("rebuild stock, under full load", events, rebuilt)
    return {**row, "ops_per_s": round(during["ops_per_s"]), "ops_per_s_alone": round(alone)}


def of_a_served_ledger(server, head):
    at = ["--server", server.address]
    rows = about_the_past(server, head)
    rows.append(of_events("audit of a running ledger", head, Asked("audit", *at)))
    rows.append(rebuild_under_load(server, head))
    return rows


def of_a_directory(data, scratch):
    store = ["--data", data]
    head = json.loads(run([STOCKFOLD, "head", *map(str, store)]))["position"]
    lines = scratch / "log.jsonl"
    rows = [
        of_events("replay", head, Asked("replay", *store)),
        of_events("replay --to, half way", head // 2, Asked("replay", *store, "--to", head // 2)),
        of_events("audit --log-only", head, Asked("audit", *store, "--log-only", "--scratch", scratch)),
        of_events("audit", head, Asked("audit", *store, "--scratch", scratch)),
        of_events("rebuild stock", head, Asked("rebuild", "stock", *store)),
        of_events("rebuild all", head, Asked("rebuild", "all", *store)),
        of_events("export", head, Asked("export", lines, *store)),
        of_events("import", head, Asked("import", lines, "--data", scratch / "imported")),
    ]
    return head, rows


HEADERS = ["what", "seconds", "events/s", "resident MB", "longest, s", "ops/s during it, and without it"]


def cells(row):
    def figure(key, form):
        return form.format(row[key]) if key in row else ""

    during = f"{row['ops_per_s']:,} and {row['ops_per_s_alone']:,}" if "ops_per_s" in row else ""
    return [row["what"], f"{row['seconds']:g}", figure("events_per_s", "{:,}"), figure("resident_mb", "{:,}"),
            figure("longest_s", "{:g}"), during]


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench-views", description=__doc__)
    parser.add_argument("--events", type=int, default=10_000_000, help="the approximate number of events in the log (10 million)")
    parser.add_argument("--directory", default="/var/tmp", help="a directory on the disk to measure (/var/tmp)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--markdown", type=pathlib.Path, metavar="FILE", help="write the table to its place in FILE, too")
    options = parser.parse_args()
    end_by_signals()
    where = machine(options.directory)
    warn_if_busy(where)
    with Directory(options.directory) as directory:
        data = directory.path / "store"
        server = Server(data)
        try:
            rows = of_a_served_ledger(server, fill(server, options.events))
        finally:
            server.stop(signal.SIGTERM)
        head, more = of_a_directory(data, directory.path)
        rows = more + rows
    show_progress("")
    if options.json:
        print(json.dumps({"machine": where, "events": head, "rows": rows}))
    else:
        print(aligned([cells(row) for row in rows], HEADERS, False, 1))
    if options.markdown:
        when = f"{where['date']}, Stockfold {where['revision']}; {where['processor']}; {where['memory']}; {where['disk']}."
        table = markdown([cells(row) for row in rows], HEADERS, 1)
        put_markdown(options.markdown, "bench-views", f"{when} A log of {head:,} events.\n\n{table}")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(f"bench-views: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)
