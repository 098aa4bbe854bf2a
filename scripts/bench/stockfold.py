"""Stockfold, and the ceiling: a server without logic."""

import subprocess

from running import BUILT, STOCKFOLD, Started, run, run_for_figure


class Stockfold:
    name = "stockfold"
    durable = True

    def __init__(self, directory, program=STOCKFOLD):
        self.directory = directory
        self.program = program

    def version(self):
        return run([self.program, "--version"]).strip()

    def measure(self, case, seconds):
        """Measures on a fresh store."""
        data = self.directory.fresh("stockfold")
        serve = [self.program, "serve", "--data", data / "store", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"]
        with Started(serve, data / "log", stdout=subprocess.PIPE, text=True) as server:
            ready = server.program.stdout.readline()
            if not ready.startswith("ready "):
                raise server.why_it_ended()
            address = dict(field.split("=", 1) for field in ready.split()[1:])["tcp"]
            return run_for_figure(
                [self.program, "bench", "--json", "--server", address, "--workload", case.workload]
                + ["--connections", case.connections, "--depth", case.depth, "--seconds", seconds]
            )


class Ceiling:
    name = "ceiling"
    durable = True

    def __init__(self, directory, log="growing"):
        self.directory = directory
        self.log = log

    def version(self):
        return "one thread, fdatasync, no logic"

    def measure(self, case, seconds):
        return run_for_figure(
            [BUILT / "stockfold-ceiling", "--log", self.log, "--directory", self.directory.path]
            + ["--connections", case.connections, "--depth", case.depth, "--seconds", seconds]
        )
