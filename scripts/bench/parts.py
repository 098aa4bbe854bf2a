"""Measures the ledger's parts, and the ceiling for each kind of log. Called by scripts/bench-parts."""

import argparse
import json
import pathlib
import sys

from running import BUILT, Case, Directory, Failed, end_by_signals, run, show_progress
from stockfold import Ceiling
from tables import aligned, machine, markdown, put_markdown, warn_if_busy

LOGS = ("growing", "written", "none")
SHAPES = ((1, 1), (64, 1), (64, 16), (512, 1))


def measure_parts(repetitions):
    """Medians by Google Benchmark: wall-clock time for parts that wait for the disk, processor time for the others."""
    rows = []
    for program in sorted(BUILT.glob("*_benchmark")):
        show_progress(program.name)
        answer = run(
            [program, "--benchmark_format=json", f"--benchmark_repetitions={repetitions}"]
            + ["--benchmark_report_aggregates_only=true"]
        )
        for result in json.loads(answer)["benchmarks"]:
            if result.get("error_occurred"):
                raise Failed(f"{program.name}: {result['error_message']}")
            if result.get("aggregate_name", "median") != "median":
                continue
            name, *settings = result["run_name"].split("/")
            shown = ", ".join(word.replace(":", " ") for word in settings if not word.startswith(("iter", "real", "rep")))
            size = f"{result['bytes']:.0f}" if "bytes" in result else ""
            rate = result.get("items_per_second")
            per_item = f"{1e9 / rate:,.0f}" if rate else ""
            rows.append([program.name, name, shown, f"{rate:,.0f}" if rate else "", per_item, size])
    return rows


def measure_ceilings(directory, rounds, seconds):
    figures = {}
    for _ in range(rounds):
        for shape in SHAPES:
            for log in LOGS:
                show_progress(f"ceiling, {log}, {shape}")
                figure = Ceiling(directory, log).measure(Case("hot", *shape), seconds)
                figures.setdefault(log, {}).setdefault(shape, []).append(figure.ops_per_s)
    rows = [[log] + [f"{sorted(rates)[len(rates) // 2]:,.0f}" for rates in by.values()] for log, by in figures.items()]
    return rows


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench-parts", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3, help="how long each ceiling is measured (3)")
    parser.add_argument("--directory", default="/var/tmp", help="a directory on the disk to measure (/var/tmp)")
    parser.add_argument("--markdown", type=pathlib.Path, metavar="FILE", help="write the tables to their places in FILE, too")
    options = parser.parse_args()
    end_by_signals()
    where = machine(options.directory)
    warn_if_busy(where)
    with Directory(options.directory) as directory:
        ceilings = measure_ceilings(directory, options.rounds, options.seconds)
    parts = measure_parts(options.rounds)
    show_progress("")

    when = f"{where['date']}, Stockfold {where['revision']}; {where['processor']}; {where['disk']}; "
    when += f"load of the machine before: {where['load_before']}; medians of {options.rounds}.\n"
    tables = {
        "bench-ceilings": (1, ["log, ops/s", *(f"{c} x {d}" for c, d in SHAPES)], ceilings),
        "bench-parts": (3, ["program", "what", "of", "items/s", "ns an item", "bytes"], parts),
    }
    print(when)
    for name, (text_columns, columns, rows) in tables.items():
        print(aligned(rows, columns, False, text_columns) + "\n")
        if options.markdown:
            put_markdown(options.markdown, name, f"{when}\n{markdown(rows, columns, text_columns)}")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(f"bench-parts: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)
