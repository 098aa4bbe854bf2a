"""Runs a ledger, and puts load on it."""

import json
import pathlib
import signal
import subprocess
import time

from running import STOCKFOLD, Failed, run

MOST_OPEN = 10_000_000  # orders of one load; beyond this, the load would settle orders instead of placing more


class Server:
    """`stockfold serve` with its defaults, on a store that outlives it."""

    def __init__(self, data):
        started = time.monotonic()
        command = [str(STOCKFOLD), "serve", "--data", str(data), "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"]
        self.program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        words = self.program.stdout.readline().split()
        if not words or words[0] != "ready":
            raise Failed("stockfold serve did not start")
        self.seconds_to_ready = time.monotonic() - started
        fields = dict(word.split("=", 1) for word in words[1:])
        self.address, self.http, self.position = fields["tcp"], fields["http"], int(fields["position"])

    def resident(self):
        """Memory now and at its peak, in bytes."""
        status = pathlib.Path(f"/proc/{self.program.pid}/status").read_text(encoding="utf-8")
        fields = dict(line.split(":", 1) for line in status.splitlines())
        return tuple(int(fields[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))

    def stop(self, number=signal.SIGTERM):
        self.program.send_signal(number)
        self.program.wait()
        self.program.stdout.close()

    def bench_command(self, seconds, *more):
        load = [STOCKFOLD, "bench", "--json", "--server", self.address, "--workload", "spread", "--connections", 64]
        return [str(word) for word in load + ["--depth", 16, "--seconds", f"{seconds:.1f}", *more]]

    def bench(self, seconds, *more):
        return json.loads(run(self.bench_command(seconds, *more)))

    def place(self, seconds):
        # the ledger assigns the ids, so any order can be asked for by its number
        more = ["--mix", "place=1", "--assigned-ids", "--max-open", MOST_OPEN, "--warm-up", 0, "--no-verify"]
        return self.bench(seconds, *more)
