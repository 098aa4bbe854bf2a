"""Starts and stops the programs that are measured, and holds the figures of a run."""

import dataclasses
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
STOCKFOLD = ROOT / "build/release/stockfold"
BUILT = ROOT / "build/bench/bench"


class Failed(Exception):
    """A run gave no figure."""


@dataclasses.dataclass(frozen=True)
class Case:
    """A load: the products that are ordered, and the number of commands in flight."""

    workload: str  # hot, spread
    connections: int
    depth: int

    @property
    def products(self):
        return 1 if self.workload == "hot" else 10_000

    @property
    def shape(self):
        return f"{self.connections} x {self.depth}"

    def __str__(self):
        return f"{self.workload} {self.shape}"


@dataclasses.dataclass(frozen=True)
class Figure:
    """The figures of one run."""

    ops_per_s: float
    p50_ms: float
    p99_ms: float
    errors: int = 0
    stock_mismatches: int = 0

    @staticmethod
    def of_json(line):
        fields = json.loads(line)
        known = {field.name for field in dataclasses.fields(Figure)}
        return Figure(**{name: value for name, value in fields.items() if name in known})


def run(command, **options):
    """Runs a program and returns its output. If it fails, raises Failed with its last line."""
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False, **options
    )
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise Failed(f"{pathlib.Path(str(command[0])).name}: {lines[-1] if lines else done.returncode}")
    return done.stdout


def run_for_figure(command):
    """Runs a load that prints one JSON object. A load that counted errors returns its figure, too."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    try:
        return Figure.of_json(done.stdout)
    except (ValueError, TypeError):
        raise Failed(f"{pathlib.Path(str(command[0])).name}: {done.stderr.strip() or 'no figure'}") from None


class Started:
    """A program in the background, for the length of a `with`."""

    def __init__(self, command, log, **options):
        self.command = [str(word) for word in command]
        self.log = log
        self.options = options

    def __enter__(self):
        with open(self.log, "ab") as log:
            self.program = subprocess.Popen(self.command, stderr=log, **self.options)
        return self

    def __exit__(self, *_):
        self.program.terminate()
        try:
            self.program.wait(20)
        except subprocess.TimeoutExpired:
            self.program.kill()
            self.program.wait()
        if self.program.stdout:
            self.program.stdout.close()

    def why_it_ended(self):
        return Failed(f"{self.command[0]} did not start: {self.log.read_text(errors='replace').strip()[-300:]}")

    def wait_until(self, ready):
        for _ in range(400):
            if self.program.poll() is not None:
                break
            if ready():
                return
            time.sleep(0.025)
        raise self.why_it_ended()

    def wait_for_port(self, port):
        def listens():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        self.wait_until(listens)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Directory:
    """A temporary directory on the disk under test. Other users may pass through it: PostgreSQL runs as another user."""

    def __init__(self, parent):
        self.parent = parent

    def __enter__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="stockfold-peers-", dir=self.parent))
        self.path.chmod(0o711)
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def fresh(self, name):
        path = self.path / name
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir()
        return path


def end_by_signals():
    """Turns signals into an exit that stops the programs and removes the directories."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda caught, _: sys.exit(128 + caught))


def show_progress(text):
    if os.isatty(2):
        print(f"\r{text:100}", end="", file=sys.stderr, flush=True)
