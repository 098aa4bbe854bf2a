"""PostgreSQL with a row of stock for each product, in three ways. pgbench sends the load over a local socket."""

import contextlib
import glob
import math
import os
import pathlib
import shutil
import subprocess

from running import ROOT, Directory, Failed, Figure, Started, run

SQL = ROOT / "bench/postgres"
FIRST_STOCK = 1_000_000_000
BATCH = 64
WARM_UP = 1
CONNECTING = 0.01  # seconds to connect a client; pgbench counts them as part of the run
PORT = 5432  # part of the socket's name; the socket has a directory of its own, and there is no TCP

SETTINGS = """
listen_addresses = ''
max_connections = 620
shared_buffers = {shared_mb}MB
wal_buffers = 64MB
max_wal_size = 16GB
min_wal_size = 2GB
checkpoint_timeout = 30min
synchronous_commit = on
wal_sync_method = fdatasync
commit_delay = 0  # 200 made every case slower here
jit = off
track_activities = off
"""


def programs():
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))
    if not found:
        raise Failed("PostgreSQL is not installed")
    return pathlib.Path(found[-1])


class Cluster:
    """One data directory for all runs. The server runs only during a measurement."""

    def __init__(self, directory: Directory):
        self.bin = programs()
        self.home = directory.fresh("postgres")
        memory_mb = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
        # PostgreSQL refuses to run as root.
        self.owner = {}
        if os.getuid() == 0:
            self.owner = {"user": "postgres", "group": "postgres", "extra_groups": []}
            shutil.chown(self.home, "postgres", "postgres")
        initdb = [self.bin / "initdb", "-D", self.home / "data", "-U", "postgres", "-A", "trust", "--no-sync"]
        run(initdb, cwd=self.home, **self.owner)
        self.shared_mb = min(memory_mb // 4, 4_096)

    @contextlib.contextmanager
    def running(self):
        with open(self.home / "data/postgresql.auto.conf", "w", encoding="utf-8") as conf:
            conf.write(SETTINGS.format(shared_mb=self.shared_mb))
            conf.write(f"unix_socket_directories = '{self.home}'\nport = {PORT}\n")
        serve = [self.bin / "postgres", "-D", self.home / "data"]
        with Started(serve, self.home / "log", cwd=self.home, **self.owner) as server:
            server.wait_until(self.answers)
            yield

    def answers(self):
        ready = [self.bin / "pg_isready", "-q", "-h", self.home, "-p", str(PORT)]
        return subprocess.run(ready, check=False).returncode == 0

    def connected(self, program, *words):
        address = ["-h", self.home, "-p", PORT, "-U", "postgres"]
        return run([self.bin / program, *address, *words, "postgres"], cwd=self.home)

    def script(self, name, **variables):
        settings = [word for key, value in variables.items() for word in ("-v", f"{key}={value}")]
        words = ["-qXAt", "-v", "ON_ERROR_STOP=1", *settings, "-f", SQL / name, "-d"]
        return self.connected("psql", *words).strip()


def figure_of(logs, seconds, commands_each):
    """Counts the calls that ended after the warm-up, from pgbench's log of every call."""
    ends, latencies = [], []
    for log in logs:
        with open(log, encoding="ascii") as lines:
            for line in lines:
                _, _, microseconds, _, epoch, fraction = line.split()[:6]
                ends.append(int(epoch) + int(fraction) / 1e6)
                latencies.append(int(microseconds))
    if not ends:
        raise Failed("pgbench: no call was answered")
    start = min(end - latency / 1e6 for end, latency in zip(ends, latencies)) + WARM_UP
    length = min(seconds, max(ends) - start)
    if length < seconds / 2:
        raise Failed("pgbench: connecting took most of the time")
    counted = sorted(latency for end, latency in zip(ends, latencies) if start <= end < start + length)

    def at(share):
        return counted[min(len(counted) - 1, int(len(counted) * share))] / 1_000

    return Figure(len(counted) * commands_each / length, at(0.5), at(0.99))


class Postgres:
    """`way` names a script in bench/postgres."""

    durable = True

    def __init__(self, cluster, name, way):
        self.cluster = cluster
        self.name = name
        self.way = way

    def version(self):
        return run([self.cluster.bin / "postgres", "--version"]).strip().replace("postgres (", "(")

    def measure(self, case, seconds):
        with self.cluster.running():
            self.cluster.script("schema.sql", products=case.products, first_stock=FIRST_STOCK)
            figure = self.load(case, seconds)
            wrong = int(self.cluster.script("check.sql", first_stock=FIRST_STOCK))
        return Figure(figure.ops_per_s, figure.p50_ms, figure.p99_ms, 0, wrong)

    def load(self, case, seconds):
        """Runs pgbench with as many commands in flight as the case asks for. A batch is 64 commands on one connection."""
        batch = BATCH if self.way == "batch" else 1
        clients = max(1, case.connections * case.depth // batch)
        variables = {"products": case.products, "batch": batch, "orders": 0, "placed": 0, "order": 0}
        variables |= {"product": 0, "stock": 0, "status": 0}
        words = [word for key, value in variables.items() for word in ("-D", f"{key}={value}")]
        logs = self.cluster.home / "calls"
        for old in glob.glob(f"{logs}.*"):
            os.unlink(old)
        words += ["-n", "-M", "prepared", "-c", clients, "-j", 1]
        words += ["-T", math.ceil(seconds + WARM_UP + clients * CONNECTING)]
        words += ["-f", SQL / f"{self.way}.pgbench", "-l", f"--log-prefix={logs}"]
        self.cluster.connected("pgbench", *words)  # fails if one call failed
        return figure_of(glob.glob(f"{logs}.*"), seconds, batch)
