#!/usr/bin/python3
"""tests/compatibility/compatibility.py PROGRAM PACKAGES [CLIENT...]

Tries clients, proxies and tools of others with a ledger, and prints docs/COMPATIBILITY.md. PACKAGES has the node_modules of
package.json. With CLIENTs, such as curl, it tries those alone and prints their row. What failed goes to stderr.
"""

import argparse
import datetime
import json
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CLIENTS = os.path.join(HERE, "clients")
sys.path.insert(0, os.path.join(ROOT, "tests", "browser"))

from world import Ledger  # noqa: E402

TASKS = {"place": "place", "abort": "abort", "repeat": "repeat under a key", "refused": "409 readable",
         "list": "list by cursor", "follow": "follow, resume", "idle": "POST after 12 s"}


class Client:
    def __init__(self, name, command, version, only=None):
        self.name = name
        self.command = command
        self.version = version  # a command that prints it, or the name of a package of npm
        self.only = only        # the one task that it is made for


def clients(packages):
    def node(file):
        return ["node", os.path.join(packages, file)]

    def python(module):
        return ["/usr/bin/python3", "-c", f"import {module}; print({module}.__version__)"]
    return [
        Client("curl", [os.path.join(CLIENTS, "curl.sh")], ["curl", "--version"]),
        Client("wget", [os.path.join(CLIENTS, "wget.sh")], ["wget", "--version"]),
        Client("HTTPie", [os.path.join(CLIENTS, "httpie.sh")], ["http", "--version"]),
        Client("Python requests", [os.path.join(CLIENTS, "requests_client.py")], python("requests")),
        Client("Python httpx", [os.path.join(CLIENTS, "httpx_client.py")], python("httpx")),
        Client("Python aiohttp", [os.path.join(CLIENTS, "aiohttp_client.py")], python("aiohttp")),
        Client("Node fetch", node("fetch.mjs"), ["node", "--version"]),
        Client("undici", node("undici.mjs"), "undici"),
        Client("axios", node("axios.mjs"), "axios"),
        Client("got", node("got.mjs"), "got"),
        Client("eventsource", node("eventsource.mjs"), "eventsource", only="follow"),
        Client("Java HttpClient", ["java", "-cp", packages, "Client"], ["java", "--version"]),
        Client("Ruby net/http", [os.path.join(CLIENTS, "client.rb")], ["ruby", "--version"]),
        Client("PHP curl", ["php", os.path.join(CLIENTS, "client.php")], ["php", "--version"]),
        Client("Perl LWP", [os.path.join(CLIENTS, "client.pl")], ["perl", "-MLWP", "-e", "print $LWP::VERSION"]),
        Client("Go net/http", [os.path.join(packages, "client-go")], ["go", "version"]),
    ]


def prepare(packages):
    """What has to be compiled, or to lie beside its packages."""
    for name in os.listdir(CLIENTS):
        if name.endswith(".mjs"):
            shutil.copy(os.path.join(CLIENTS, name), packages)
    if shutil.which("javac"):
        subprocess.run(["javac", "-d", packages, os.path.join(CLIENTS, "Client.java")], check=True)
    subprocess.run(["go", "build", "-o", os.path.join(packages, "client-go"), os.path.join(CLIENTS, "client.go")], check=True,
                   env={**os.environ, "GOFLAGS": "-mod=mod", "GO111MODULE": "off", "GOCACHE": os.path.join(packages, "go")})


def first_version(text):
    found = re.search(r"\d+(?:\.\d+)+", text)
    return found.group() if found else text.strip()


def version_of(client, packages):
    if isinstance(client.version, str):
        with open(os.path.join(packages, "node_modules", client.version, "package.json")) as file:
            return json.load(file)["version"]
    return version(client.version)


def version(command):
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return first_version(ran.stdout)


def connections(ledger):
    return int(re.search(r'connections_accepted_total\{protocol="http"\} (\d+)', ledger.metrics()).group(1))


def try_client(program, client):
    """A cell for each task, with a ledger of its own for them."""
    ledger = Ledger(program)
    try:
        ledger.given_product("anvil", 1000)
        return [try_task(ledger, client, task) for task in TASKS]
    finally:
        ledger.remove()


def try_task(ledger, client, task):
    if client.only not in (None, task):
        return "–"
    before = connections(ledger)
    try:
        ran = subprocess.run([*client.command, ledger.url.rstrip("/"), "anvil", task], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, timeout=120)
    except subprocess.TimeoutExpired:
        print(f"{client.name}, {task}: no end", file=sys.stderr)
        return "**no end**"
    if ran.returncode == 4:
        return "–"
    if ran.returncode != 0:
        print(f"{client.name}, {task}: {ran.stdout}", file=sys.stderr)
        return "**fails**"
    if task != "idle":
        return "ok"
    used = connections(ledger) - before - 1  # one was ours
    return "ok" if used == 1 else f"ok, {used} connections"


def verbose(tests, program):
    """What a program of tests found: (class, test) and whether it passed, in its order."""
    outer, inner = pty.openpty()
    process = subprocess.Popen([os.path.join(ROOT, tests), program], stdout=inner, stderr=inner)
    os.close(inner)
    text = b""
    while True:
        try:
            piece = os.read(outer, 65536)
        except OSError:  # the other side is closed
            break
        if not piece:
            break
        text += piece
    os.close(outer)
    process.wait()
    said = text.decode(errors="replace").replace("\r", "")
    failed = set(re.findall(r"^(?:FAIL|ERROR): (test_\w+) \((?:\w+\.)*(\w+)\.test_\w+\)", said, re.MULTILINE))
    ran = re.findall(r"^(test_\w+) \((?:\w+\.)*(\w+)\.test_\w+\)", said, re.MULTILINE)
    counted = re.search(r"^tests: (\d+) passed, (\d+) failed$", said, re.MULTILINE)
    if counted is None or int(counted[1]) + int(counted[2]) != len(set(ran)):
        raise SystemExit(f"{tests} did not say what it did: {said}")
    if failed:
        print(said, file=sys.stderr)
    return {(case, test): (test, case) not in failed for test, case in dict.fromkeys(ran)}


def words(test):
    return test.removeprefix("test_").replace("_", " ")


def cell(passed):
    return {True: "ok", False: "**fails**", None: "–"}[passed]


def table(head, rows):
    lines = ["| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows]]
    return "\n".join(lines) + "\n"


def client_rows(program, packages, wanted):
    prepare(packages)
    chosen = [one for one in clients(packages) if not wanted or one.name in wanted]
    with ThreadPoolExecutor(3) as workers:  # most of the time is idle
        cells = list(workers.map(lambda one: try_client(program, one), chosen))
    return [[one.name, version_of(one, packages), *found] for one, found in zip(chosen, cells)]


PROXIES = {"Nginx": ("nginx", ["nginx", "-v"]), "HAProxy": ("HAProxy", ["haproxy", "-v"]),
           "Apache": ("Apache", ["apache2", "-v"]), "Caddy": ("Caddy", ["caddy", "version"])}
# What follows the name of the proxy in the name of a class of tests.
CONFIGURATIONS = {"": "as documented", "Bare": "defaults", "Waiting": "both"}


def proxy_table(program):
    found = {}  # by task and configuration, and by proxy
    for (case, test), passed in verbose("tests/proxies/proxies_test.py", program).items():
        proxy = next((name for name in PROXIES if case.startswith(name)), None)
        if proxy is not None:  # else it is about the page alone
            found.setdefault((test, CONFIGURATIONS[case.removeprefix(proxy)]), {})[proxy] = passed
    head = ["task", "configuration", *(f"{name} {version(command)}" for name, command in PROXIES.values())]
    return table(head, [[words(test), configuration, *(cell(of.get(proxy)) for proxy in PROXIES)]
                        for (test, configuration), of in found.items()])


def tool_table(program):
    found = verbose("tests/openapi/openapi_test.py", program)
    monitored = verbose("tests/monitoring/monitoring_test.py", program)

    with open(os.path.join(ROOT, "tests", "openapi", "package.json")) as file:
        versions = json.load(file)["dependencies"]

    def of(results, case, part=""):
        return cell(all(passed for (of, test), passed in results.items() if of == case and part in test))
    prometheus = version(["prometheus", "--version"])
    return table(["tool", "task", ""], [
        ["Redocly CLI " + versions["@redocly/cli"], "lint, recommended rules: no error, no warning", of(found, "TheDescription", "redocly")],
        ["Spectral " + versions["@stoplight/spectral-cli"], "lint, its rules for OpenAPI: nothing found", of(found, "TheDescription", "spectral")],
        ["Prism " + versions["@stoplight/prism-cli"], "validating proxy: no violation", of(found, "BehindAValidatingProxy")],
        [", ".join(f"{name} {versions[name]}" for name in ("openapi-typescript", "openapi-fetch", "typescript")),
         "client generated, compiled (strict) and run",
         of(found, "TheDescription", "typed_client")],
        [f"promtool {prometheus}", "alarms: checked, each fires and is silent", of(monitored, "TheAlarms")],
        [f"Prometheus {prometheus}", "scrapes by address and name, evaluates the alarms", of(monitored, "ARunningPrometheus")],
    ])


PAGE = """# Compatibility

Clients, proxies and tools that others wrote, each tried with a running ledger. `scripts/compatibility` tries all of them
again and writes this page; the programs are in [tests/compatibility](../tests/compatibility).

Tried on {date} with Stockfold {version}, on Debian {debian}, Node {node}.

## Clients
Each task is done by a program of some lines, as the client's manual has it. **ok**: done, with the answer that
[HTTP.md](HTTP.md) describes. –: not a task for this client.

{clients}
- *place*, *abort*: the answer's status and fields are read.
- *repeat under a key*: the second answer is the first order, with `Idempotency-Replayed`.
- *409 readable*: the body of the refusal is read. wget shows it with `--content-on-error` only.
- *list by cursor*: all pages, two orders each; every order once.
- *follow, resume*: server-sent events, broken off after two, resumed by `Last-Event-ID` without gap or repeat.
- *POST after 12 s*: on a connection that was idle meanwhile. Where the client opened another, the cell says so. wget and
  HTTPie have a process and a connection for each request.

## Proxies
The tests of [tests/proxies](../tests/proxies), with the configurations of [docs/proxies](proxies) over TLS, and with what
a proxy does when its configuration names the ledger's address and nothing else.

{proxies}
## Linters, generators, monitoring
The tests of [tests/openapi](../tests/openapi) and [tests/monitoring](../tests/monitoring).

{tools}"""


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("program")
    options.add_argument("packages")
    options.add_argument("clients", nargs="*")
    chosen = options.parse_args()
    program, packages = os.path.abspath(chosen.program), os.path.abspath(chosen.packages)
    head = ["client", "version", *TASKS.values()]
    rows = client_rows(program, packages, chosen.clients)
    if chosen.clients:
        print(table(head, rows), end="")
        return
    with open("/etc/debian_version") as file:
        debian = file.read().strip()
    print(PAGE.format(date=datetime.datetime.now(datetime.timezone.utc).date(), version=version([program, "--version"]),
                      debian=debian, node=version(["node", "--version"]), clients=table(head, rows),
                      proxies=proxy_table(program), tools=tool_table(program)), end="")


main()
