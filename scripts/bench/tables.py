"""Medians, ratios and the machine, as tables: aligned for people, Markdown for the documentation."""

import datetime
import json
import os
import platform
import statistics
import subprocess
import sys

from running import ROOT, Failed


def words_of(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def machine(directory):
    """Describes the machine. Raises Failed if `directory` is in memory: a sync there proves nothing."""
    source, kind = (words_of(["findmnt", "-no", "SOURCE,FSTYPE", "-T", str(directory)]).split() + ["?", "?"])[:2]
    if kind in ("tmpfs", "ramfs"):
        raise Failed(f"{directory} is in memory; name a directory on a disk with --directory")
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        models = [line.split(":", 1)[1].strip() for line in info if line.startswith("model name")]
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return {
        "date": datetime.date.today().isoformat(),
        "revision": words_of(["git", "-C", str(ROOT), "describe", "--always", "--dirty"]),
        "processor": f"{len(os.sched_getaffinity(0))} cores, {models[0] if models else platform.machine()}",
        "memory": f"{memory:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "disk": f"{kind} on {source}",
        "load_before": round(os.getloadavg()[0], 1),
    }


def warn_if_busy(where):
    if where["load_before"] > 0.5:
        print(f"this machine is busy (load {where['load_before']}): the figures will not be reliable", file=sys.stderr)


def median(values):
    return statistics.median(values) if values else None


def ratio_in_rounds(ours, theirs):
    """The median of the ratios of all rounds. Both sides of a ratio are measured within seconds of each other."""
    return median([a.ops_per_s / b.ops_per_s for a, b in zip(ours, theirs) if a and b and b.ops_per_s])


class Sitting:
    """All figures of one sitting, by case and name: one for each round, None for a run that failed."""

    def __init__(self, reference):
        self.reference = reference
        self.figures = {}

    def add(self, case, name, figure):
        self.figures.setdefault(case, {}).setdefault(name, []).append(figure)

    def rows(self):
        for case, by_name in self.figures.items():
            ours = by_name.get(self.reference, [])
            for name, rounds in by_name.items():
                good = [figure for figure in rounds if figure]
                rates = [figure.ops_per_s for figure in good]
                yield {
                    "workload": case.workload,
                    "connections": case.connections,
                    "depth": case.depth,
                    "name": name,
                    "ops_per_s": median(rates),
                    "ops_per_s_min": min(rates, default=None),
                    "ops_per_s_max": max(rates, default=None),
                    "p50_ms": median([figure.p50_ms for figure in good]),
                    "p99_ms": median([figure.p99_ms for figure in good]),
                    "stockfold_to_it": None if name == self.reference else ratio_in_rounds(ours, rounds),
                    "rounds": len(good),
                    "failed": len(rounds) - len(good),
                    "errors": sum(figure.errors for figure in good),
                    "stock_mismatches": sum(figure.stock_mismatches for figure in good),
                }


COLUMNS = ["workload", "in flight", "", "ops/s", "lowest", "highest", "p50 ms", "p99 ms", "Stockfold / it"]


def number(value, pattern):
    return "" if value is None else format(value, pattern)


def cells_of(row):
    return [
        row["workload"],
        f"{row['connections']} x {row['depth']}",
        row["name"],
        number(row["ops_per_s"], ",.0f"),
        number(row["ops_per_s_min"], ",.0f"),
        number(row["ops_per_s_max"], ",.0f"),
        number(row["p50_ms"], ".2f"),
        number(row["p99_ms"], ".2f"),
        number(row["stockfold_to_it"], ".2f"),
    ]


def aligned(rows, columns, spaced=True, text_columns=3):
    """Aligns text left and numbers right. `spaced` adds a blank line where the first two cells change."""
    widths = [max(len(row[i]) for row in [columns, *rows]) for i in range(len(columns))]

    def line(row):
        return "  ".join(
            cell.ljust(width) if i < text_columns else cell.rjust(width) for i, (cell, width) in enumerate(zip(row, widths))
        ).rstrip()

    lines, last = [line(columns)], None
    for row in rows:
        if spaced and row[:2] != last:
            lines.append("")
        last = row[:2]
        lines.append(line(row))
    return "\n".join(lines)


def markdown(rows, columns, text_columns=3):
    lines = ["| " + " | ".join(columns) + " |", "|" + " --- |" * text_columns + " ---: |" * (len(columns) - text_columns)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def put_markdown(path, name, text):
    """Writes between the marks <!-- name --> and <!-- end of name -->, or the whole file if it has no such marks."""
    first, last = f"<!-- {name} -->", f"<!-- end of {name} -->"
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    before, opened, rest = old.partition(first)
    _, closed, after = rest.partition(last)
    whole = f"{before}{first}\n{text}\n{last}{after}" if opened and closed else f"{text}\n"
    path.write_text(whole, encoding="utf-8")


def about(where, versions, rounds, seconds):
    lines = [f"{where['date']}, Stockfold {where['revision']}; {where['processor']}; {where['memory']}; "
             f"{where['kernel']}; {where['disk']}; load of the machine before: {where['load_before']}."]
    lines += [f"Medians of {rounds} rounds of {seconds:g} s each, after one second to warm up; each round runs every system once."]
    lines += ["; ".join(f"{name}: {version}" for name, version in versions.items()) + "."]
    return lines


def as_json(where, versions, rounds, seconds, sitting):
    return json.dumps(
        {"machine": where, "versions": versions, "rounds": rounds, "seconds": seconds, "rows": list(sitting.rows())}
    )
