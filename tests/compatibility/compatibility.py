#!/usr/bin/python3
"""tests/compatibility/compatibility.py PROGRAM PACKAGES [CLIENT...]

Runs third-party clients, proxies and tools against a ledger, and prints docs/COMPATIBILITY.md. PACKAGES is a folder with the
node_modules of package.json. With CLIENTs, such as curl, it runs those alone and prints their rows. Failures go to stderr.
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
        self.version = version  # a command that prints it, or the name of an npm package
        self.only = only        # the only task that the client supports


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
    """Compiles the clients that need it, and copies those of Node next to their packages."""
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
    """Runs every task of a client against a ledger of its own. Returns a cell for each task."""
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
        print(f"{client.name}, {task}: timed out", file=sys.stderr)
        return "**times out**"
    if ran.returncode == 4:
        return "–"
    if ran.returncode != 0:
        print(f"{client.name}, {task}: {ran.stdout}", file=sys.stderr)
        return "**fails**"
    if task != "idle":
        return "ok"
    used = connections(ledger) - before - 1  # reading the metrics took one
    return "ok" if used == 1 else f"ok, {used} connections"


def verbose(tests, program):
    """Runs a test program. Returns, in its order, each (class, test) and whether it passed."""
    outer, inner = pty.openpty()
    process = subprocess.Popen([os.path.join(ROOT, tests), program], stdout=inner, stderr=inner)
    os.close(inner)
    text = b""
    while True:
        try:
            piece = os.read(outer, 65536)
        except OSError:  # the program has closed its side
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
        raise SystemExit(f"{tests} did not report its results: {said}")
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
    with ThreadPoolExecutor(3) as workers:  # clients are idle most of the time
        cells = list(workers.map(lambda one: try_client(program, one), chosen))
    return [[one.name, version_of(one, packages), *found] for one, found in zip(chosen, cells)]


PROXIES = {"Nginx": ("nginx", ["nginx", "-v"]), "HAProxy": ("HAProxy", ["haproxy", "-v"]),
           "Apache": ("Apache", ["apache2", "-v"]), "Caddy": ("Caddy", ["caddy", "version"])}
# The name of a test class is the proxy's name and one of these.
CONFIGURATIONS = {"": "as documented", "Bare": "defaults", "Waiting": "both"}
# How the page describes a test whose name is not a description by itself.
PROXY_TASKS = {
    "test_commands_are_done_once_and_refusals_are_told": "commands are done once; refusals reach the client",
    "test_events_come_at_once": "events arrive at once",
    "test_links_and_locations_lead_right_below_a_prefix": "links and locations are correct below a prefix",
    "test_ids_of_every_allowed_character": "ids with every allowed character",
    "test_a_tag_is_taken_back_as_it_was_handed_out": "the ledger accepts tags as the proxy rewrites them",
    "test_a_body_may_be_as_large_as_the_ledger_takes": "bodies as large as the ledger accepts pass",
    "test_a_command_whose_answer_is_lost_is_not_repeated": "the proxy does not repeat a command whose answer is lost",
    "test_the_page_is_live_and_commands": "the ledger's page updates live and sends commands",
    "test_the_page_is_right_and_commands": "the ledger's page is correct and sends commands",
    "test_a_refusal_says_when_to_come_again": "a refusal tells the client when to retry",
    "test_an_event_comes_after_quiet": "an event arrives after 75 s without one",
    "test_commands_are_done_after_idleness": "commands are done after idle times",
}


def proxy_table(program):
    found = {}  # by task and configuration, then by proxy
    for (case, test), passed in verbose("tests/proxies/proxies_test.py", program).items():
        proxy = next((name for name in PROXIES if case.startswith(name)), None)
        if proxy is not None:  # otherwise the class tests the page without a proxy
            found.setdefault((test, CONFIGURATIONS[case.removeprefix(proxy)]), {})[proxy] = passed
    head = ["task", "configuration", *(f"{name} {version(command)}" for name, command in PROXIES.values())]
    return table(head, [[PROXY_TASKS.get(test, words(test)), configuration, *(cell(of.get(proxy)) for proxy in PROXIES)]
                        for (test, configuration), of in found.items()])


def tool_table(program):
    found = verbose("tests/openapi/openapi_test.py", program)
    monitored = verbose("tests/monitoring/monitoring_test.py", program)

    with open(os.path.join(ROOT, "tests", "openapi", "package.json")) as file:
        versions = json.load(file)["dependencies"]

    def of(results, case, part=""):
        return cell(all(passed for (of, test), passed in results.items() if of == case and part in test))
    prometheus = version(["prometheus", "--version"])
    return table(["tool", "task", "result"], [
        ["Redocly CLI " + versions["@redocly/cli"], "lint with its recommended rules: no error, no warning", of(found, "TheDescription", "redocly")],
        ["Spectral " + versions["@stoplight/spectral-cli"], "lint with its rules for OpenAPI: no finding", of(found, "TheDescription", "spectral")],
        ["Prism " + versions["@stoplight/prism-cli"], "validating proxy: no violation", of(found, "BehindAValidatingProxy")],
        [", ".join(f"{name} {versions[name]}" for name in ("openapi-typescript", "openapi-fetch", "typescript")),
         "client generated, compiled (strict) and run",
         of(found, "TheDescription", "typed_client")],
        [f"promtool {prometheus}", "alarms: checked; each fires, and each is silent", of(monitored, "TheAlarms")],
        [f"Prometheus {prometheus}", "scrapes by address and name, evaluates the alarms", of(monitored, "ARunningPrometheus")],
    ])


PAGE = """# Compatibility

This page shows which third-party clients, proxies and tools were run against a ledger.
`scripts/compatibility` runs all of them again and writes this page. The programs are in
[tests/compatibility](../tests/compatibility).

Run on {date} with Stockfold {version}, on Debian {debian}, Node {node}.

## Clients
A short program does each task, in the way the client's manual shows. **ok**: the task is done, with
the answer that [HTTP.md](HTTP.md) describes. –: not a task for this client.

{clients}
- *place*, *abort*: the program reads the answer's status and fields.
- *repeat under a key*: the second answer is the first order, with `Idempotency-Replayed`.
- *409 readable*: the program reads the body of the refusal. wget shows it only with
  `--content-on-error`.
- *list by cursor*: the program reads all pages, two orders each, and finds every order once.
- *follow, resume*: the program reads two server-sent events and breaks off. It resumes by
  `Last-Event-ID` without a gap or a repeat.
- *POST after 12 s*: the program sends a POST on a connection that was idle meanwhile. If the client
  opened another connection, the cell shows it. wget and HTTPie use a process and a connection for
  each request.

## Proxies
These are the tests of [tests/proxies](../tests/proxies). *as documented*: with the configurations
of [docs/proxies](proxies), over TLS. *defaults*: with a configuration that only names the ledger's
address.

{proxies}
## Linters, generators, monitoring
These are the tests of [tests/openapi](../tests/openapi) and
[tests/monitoring](../tests/monitoring).

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
