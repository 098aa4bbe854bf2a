"""Compares Stockfold with the ceiling measured in the same minute, and their ratio with the expected one. Called by
scripts/bench-quick."""

import argparse
import json
import sys
import time

from running import ROOT, Case, Directory, Failed, end_by_signals, show_progress
from stockfold import Ceiling, Stockfold
from tables import Sitting, aligned, machine, ratio_in_rounds, warn_if_busy

EXPECTED = ROOT / "bench/expected.json"
CASES = [Case("hot", 64, 1), Case("hot", 64, 16), Case("spread", 64, 16), Case("hot", 1, 1)]
# Other work on the machine changes the ratio, too. So only a fall below half of the expected ratio is a failure.
TOLERATED = 0.5
COLUMNS = ["workload", "in flight", "verdict", "Stockfold", "p99 ms", "ceiling", "ratio", "expected"]


def measure(directory, rounds, seconds):
    sitting = Sitting(Stockfold.name)
    field = [Ceiling(directory), Stockfold(directory)]
    for turn in range(rounds):
        for case in CASES:
            show_progress(f"round {turn + 1} of {rounds}: {case}")
            for contestant in field:
                sitting.add(case, contestant.name, contestant.measure(case, seconds))
    show_progress("")
    return sitting


def is_clean(figures):
    return not any(figure.errors or figure.stock_mismatches for figure in figures)


def verdict_on(ratio, expected, ours):
    """Returns the verdict in a few words, and whether it is a failure."""
    if any(figure.stock_mismatches for figure in ours):
        return "WRONG STOCK", True
    if any(figure.errors for figure in ours):
        return "ERRORS", True
    if expected is None:
        return "not known yet", True
    if ratio < TOLERATED * expected:
        return "TOO SLOW", True
    return ("faster" if ratio > expected / TOLERATED else "as expected"), False


def judge(sitting, expected):
    """Returns the rows of the table, the ratios, and whether one of them is a failure."""
    by_case = {(row["workload"], row["connections"], row["depth"], row["name"]): row for row in sitting.rows()}
    table, ratios, failed = [], {}, False
    for case, figures in sitting.figures.items():
        ours = figures[Stockfold.name]
        ratio = ratio_in_rounds(ours, figures[Ceiling.name])
        verdict, bad = verdict_on(ratio, expected.get(str(case)), ours)
        failed |= bad
        ratios[str(case)] = round(ratio, 3)
        rows = [by_case[(case.workload, case.connections, case.depth, name)] for name in (Stockfold.name, Ceiling.name)]
        known = expected.get(str(case))
        table.append(
            [case.workload, case.shape, verdict, f"{rows[0]['ops_per_s']:,.0f}", f"{rows[0]['p99_ms']:.2f}"]
            + [f"{rows[1]['ops_per_s']:,.0f}", f"{ratio:.3f}", "" if known is None else f"{known:.3f}"]
        )
    return table, ratios, failed


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench-quick", description=__doc__)
    parser.add_argument("--update", action="store_true", help="write the ratios to bench/expected.json")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.5, help="how long each run is measured (2.5)")
    parser.add_argument("--directory", default="/var/tmp", help="a directory on the disk to measure (/var/tmp)")
    options = parser.parse_args()
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
        sitting = measure(directory, options.rounds, options.seconds)

    expected = {}
    if EXPECTED.exists():
        expected = json.loads(EXPECTED.read_text(encoding="utf-8"))["ratios"]
    table, ratios, failed = judge(sitting, expected)
    print(f"{where['processor']}; {where['disk']}; commands/s, medians of {options.rounds} x {options.seconds:g} s\n")
    print(aligned(table, COLUMNS, spaced=False))
    print(f"took {time.monotonic() - started:.0f} s", file=sys.stderr)
    if options.update:
        if not all(is_clean(by_name[Stockfold.name]) for by_name in sitting.figures.values()):
            print("bench-quick: bench/expected.json is unchanged: some answers were errors or some stock is wrong", file=sys.stderr)
            return 1
        known = {"machine": where, "ratios": ratios}
        EXPECTED.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
        return 0
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(f"bench-quick: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)
