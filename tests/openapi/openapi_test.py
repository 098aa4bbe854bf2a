#!/usr/bin/python3
"""tests/openapi/openapi_test.py PROGRAM [TEST...]

The description of the REST interface in tools that others wrote: linters, a validating proxy before a ledger, and a typed
client that is generated, compiled and run. They are npm's packages, of the versions in package-lock.json, and go to
build/openapi. The last line counts the tests.
"""

import filecmp
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(ROOT, "tests", "browser"), os.path.join(ROOT, "tests", "support")]

import counted_tests  # noqa: E402
from world import PATIENCE, Ledger, until  # noqa: E402

BUILT = os.path.join(ROOT, "build", "openapi")
TOOLS = os.path.join(BUILT, "node_modules", ".bin")
QUIET = {**os.environ, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}
FORM = "application/x-www-form-urlencoded"


def install():
    """Installs what the lock file lists, if it is missing. Runs no scripts of packages."""
    os.makedirs(BUILT, exist_ok=True)
    lock = os.path.join(HERE, "package-lock.json")
    done = os.path.join(BUILT, "installed-lock.json")
    if os.path.exists(done) and filecmp.cmp(lock, done, shallow=False):
        return
    for name in ("package.json", "package-lock.json"):
        shutil.copy(os.path.join(HERE, name), BUILT)
    subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=BUILT, check=True)
    shutil.copy(lock, done)


def tool(name, *arguments, **options):
    ran = subprocess.run([os.path.join(TOOLS, name), *arguments], env=QUIET, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True, **options)
    return ran.returncode, ran.stdout


class Served(unittest.TestCase):
    """A ledger, and a file with the description that it serves."""

    @classmethod
    def setUpClass(cls):
        install()
        cls.ledger = Ledger(counted_tests.program())
        cls.addClassCleanup(cls.ledger.remove)
        directory = tempfile.TemporaryDirectory(prefix="stockfold-openapi-")
        cls.addClassCleanup(directory.cleanup)
        cls.directory = directory.name
        cls.described = os.path.join(cls.directory, "openapi.json")
        with urllib.request.urlopen(cls.ledger.url + "openapi.json", timeout=PATIENCE) as answer:
            cls.description = answer.read().decode()
        with open(cls.described, "w") as file:
            file.write(cls.description)


class TheDescription(Served):
    def test_redocly_has_nothing_to_say(self):
        _, said = tool("redocly", "lint", "--config", os.path.join(HERE, "redocly.yaml"), "--format=json", self.described)
        found = json.loads(said[said.index("{"):said.rindex("}") + 1])
        self.assertEqual(found["problems"], [])
        self.assertEqual(found["totals"], {"errors": 0, "warnings": 0, "ignored": 0})

    def test_spectral_has_nothing_to_say(self):
        status, said = tool("spectral", "lint", "--ruleset", os.path.join(HERE, "spectral.yaml"),
                            "--fail-severity=hint", "--format=json", self.described)
        self.assertEqual((status, json.loads(said[said.index("["):said.rindex("]") + 1])), (0, []))

    def test_a_typed_client_is_made_compiled_and_run(self):
        place = os.path.join(self.directory, "client")
        os.mkdir(place)
        os.symlink(os.path.join(BUILT, "node_modules"), os.path.join(place, "node_modules"))
        for name in ("client.ts", "tsconfig.json"):
            shutil.copy(os.path.join(HERE, name), place)
        with open(os.path.join(place, "package.json"), "w") as file:
            file.write('{"type": "module"}')
        for arguments in (["openapi-typescript", self.described, "--output", "ledger.d.ts"], ["tsc"]):
            status, said = tool(*arguments, cwd=place)
            self.assertEqual(status, 0, said)
        ran = subprocess.run(["node", "client.js", self.ledger.url], cwd=place, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, timeout=PATIENCE)
        self.assertEqual((ran.returncode, ran.stdout), (0, "all as typed true\n"))


class Prism:
    """A proxy in front of the ledger. A header lists where a request or an answer differs from the description."""

    def __init__(self, described, ledger):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [os.path.join(TOOLS, "prism"), "proxy", described, ledger.url.rstrip("/"), "--port", str(self.port)],
            env=QUIET, stdout=self.log, stderr=self.log)
        until("Prism listens", self.is_listening)

    def is_listening(self):
        if self.process.poll() is not None:
            self.log.seek(0)
            raise AssertionError(f"Prism did not start: {self.log.read()}")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def remove(self):
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.log.close()

    def ask(self, method, path, body=None, headers=None):
        """The status, the answer, and the violations of request and answer."""
        headers = dict(headers or {})
        if isinstance(body, dict):
            body = json.dumps(body)
            headers["Content-Type"] = "application/json"
        elif body is not None:
            headers["Content-Type"] = FORM
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            violations = json.loads(answer.getheader("sl-violations") or "[]")
        finally:
            connection.close()
        sides = {side: [v for v in violations if v["location"][0] == side] for side in ("request", "response")}
        self_made = sum(map(len, sides.values())) != len(violations)
        if self_made:
            raise AssertionError(f"violations of neither side: {violations}")
        return answer, text, sides


class BehindAValidatingProxy(Served):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.prism = Prism(cls.described, cls.ledger)
        cls.addClassCleanup(cls.prism.remove)

    def ask(self, status, method, path, body=None, headers=None, valid=True):
        """Sends a request that must agree with the description, as must its answer, with this status."""
        answer, text, violations = self.prism.ask(method, path, body, headers)
        where = f"{method} {path} {body}: {answer.status} {text}"
        self.assertEqual(violations["response"], [], where)
        self.assertEqual(violations["request"] == [], valid, f"{where}: {violations}")
        self.assertEqual(answer.status, status, where)
        return text

    def given_order(self, **fields):
        return json.loads(self.ask(201, "POST", "/order", {"product": "anvil", **fields}))["id"]

    def setUp(self):
        if self.ledger.ask("GET", "product/anvil/")[0] == 404:
            self.ledger.given_product("anvil", 1000, "Anvil")
            self.ledger.given_product("rope", 10)

    def test_orders_are_as_described(self):
        key = {"Idempotency-Key": "cart 17"}
        for _ in range(2):
            self.ask(201, "POST", "/order", {"lines": [{"sku": "anvil", "quantity": 2}, {"sku": "rope"}]}, key)
        self.ask(201, "POST", "/order", "product=anvil&quantity=3&actor=alice")
        self.ask(201, "POST", "/order", "line=anvil%3D2&line=rope")
        self.ask(201, "POST", "/order", "line=anvil")
        self.ask(409, "POST", "/order", {"product": "rope", "quantity": 1000})
        self.ask(409, "POST", "/order", {"product": "hammer"})
        for method in ("PUT", "PATCH"):
            order = self.given_order()
            self.ask(412, method, f"/order/{order}/abort", headers={"If-Match": '"7"'})
            self.ask(200, method, f"/order/{order}/abort", {"reason": "broken"})
            self.ask(409, method, f"/order/{order}/abort")
            self.ask(200, method, f"/order/{self.given_order()}/fulfil")
            self.ask(200, method, f"/order/{self.given_order(draft=True)}/place")
        self.ask(200, "POST", f"/order/{self.given_order()}/abort", "product=anvil&_method=PUT")
        order = self.given_order()
        shown = json.loads(self.ask(200, "GET", f"/order/{order}"))
        self.ask(409, "PUT", f"/order/{order}/abort", {**shown, "product": "rope"})
        self.ask(200, "PUT", f"/order/{order}/abort", shown)
        self.ask(404, "PUT", "/order/unknown/abort")

    def test_products_are_as_described(self):
        self.ask(201, "POST", "/product", {"sku": "hook", "name": "Hook", "stock": 5})
        self.ask(409, "POST", "/product", {"sku": "hook"})
        self.ask(200, "POST", "/product/hook/receive", "quantity=5")
        self.ask(200, "POST", "/product/hook/write-off", {"quantity": 1, "reason": "rust"})
        self.ask(409, "POST", "/product/hook/write-off", {"quantity": 100})
        self.ask(200, "POST", "/product/hook/retire")
        self.ask(409, "POST", "/product/hook/receive", {"quantity": 1})
        self.ask(404, "POST", "/product/unknown/receive", {"quantity": 1})

    def test_reads_are_as_described(self):
        order = self.given_order()
        for path in ("/order", "/order?limit=1", "/order?status=in_progress&product=anvil", f"/order/{order}",
                     f"/order/{order}/explain", "/product", "/product?limit=1", "/product/anvil", "/product/anvil?at=1",
                     "/product/anvil/explain", "/product/anvil/explain?limit=1", "/product/anvil/movements",
                     "/product/anvil/movements?zone=Asia/Kolkata&limit=1", "/events", "/events?limit=1",
                     "/events?type=OrderPlaced,OrderAborted&stream=product/anvil", "/head", "/health/live",
                     "/health/ready", "/metrics", "/openapi.json", "/", "/assets/page.js", "/assets/page.css"):
            self.ask(200, "GET", path)
        self.ask(304, "GET", f"/order/{order}", headers={"If-None-Match": '"1"'})
        self.ask(404, "GET", "/order/unknown")
        self.ask(409, "GET", "/events?life=00000000.1")
        cursor = json.loads(self.ask(200, "GET", "/product?limit=1"))["next"]
        self.ask(200, "GET", f"/product?cursor={urllib.parse.quote(cursor)}")

    def test_what_is_malformed_is_refused_as_described(self):
        self.ask(400, "POST", "/order", {"product": "anvil", "quantity": 0}, valid=False)
        self.ask(400, "POST", "/order", {"product": "anvil", "colour": "red"}, valid=False)
        self.ask(400, "POST", "/order", "product=anvil&quantity=none", valid=False)
        self.ask(400, "GET", "/order?limit=0", valid=False)

    def test_an_answer_that_is_not_as_described_is_seen(self):
        other = json.loads(self.description)
        other["components"]["schemas"]["Head"]["properties"]["hash"] = {"type": "integer"}
        path = os.path.join(self.directory, "other.json")
        with open(path, "w") as file:
            json.dump(other, file)
        prism = Prism(path, self.ledger)
        self.addCleanup(prism.remove)
        self.assertNotEqual(prism.ask("GET", "/head")[2]["response"], [])


if __name__ == "__main__":
    counted_tests.run(__doc__)
