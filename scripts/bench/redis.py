"""Redis: one Lua script per command. Redis writes and syncs its append-only file before it answers."""

import dataclasses

from running import BUILT, ROOT, Failed, Started, free_port, run, run_for_figure

# Debian's package redis-tools contains the program under this name. Package redis-server would add a service, and the usual name.
PROGRAM = "/usr/bin/redis-check-rdb"
SCRIPTS = ROOT / "bench/redis"
FIRST_STOCK = 1_000_000_000
COUNT_MISMATCHES = """
local wrong = 0
for i = 0, ARGV[1] - 1 do
  if redis.call('GET', 'stock:' .. i) ~= ARGV[2] then wrong = wrong + 1 end
end
return wrong"""
STOCK_UP = "for i = 0, ARGV[1] - 1 do redis.call('SET', 'stock:' .. i, ARGV[2]) end"


class Redis:
    name = "Redis, script and stream"
    durable = True

    def __init__(self, directory):
        self.directory = directory

    def version(self):
        return " ".join(run(["redis-cli", "--version"]).split()).replace("redis-cli", "Redis")

    def measure(self, case, seconds):
        data = self.directory.fresh("redis")
        port = free_port()
        serve = ["redis-server", "--port", port, "--bind", "127.0.0.1", "--dir", data, "--save", ""]
        serve += ["--appendonly", "yes", "--appendfsync", "always", "--auto-aof-rewrite-percentage", "0"]
        serve += ["--tcp-backlog", "2048", "--logfile", data / "log", "--daemonize", "no"]

        def ask(*words):
            answer = run(["redis-cli", "-p", port, *words]).strip()
            if answer.startswith("ERR") or answer.startswith("NOSCRIPT"):
                raise Failed(f"redis: {answer}")
            return answer

        with Started(serve, data / "log", executable=PROGRAM) as server:
            server.wait_for_port(port)
            place, abort = (
                ask("SCRIPT", "LOAD", (SCRIPTS / name).read_text()) for name in ("place.lua", "abort.lua")
            )
            ask("EVAL", STOCK_UP, "0", case.products, FIRST_STOCK)
            figure = run_for_figure(
                [BUILT / "stockfold-redis-load", "--port", port, "--place", place, "--abort", abort]
                + ["--products", case.products, "--connections", case.connections, "--depth", case.depth]
                + ["--seconds", seconds]
            )
            # Every order was aborted by the end, so all stock must be back.
            wrong = int(ask("EVAL", COUNT_MISMATCHES, "0", case.products, FIRST_STOCK))
            return dataclasses.replace(figure, stock_mismatches=wrong)
