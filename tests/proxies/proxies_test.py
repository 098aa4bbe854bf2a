#!/usr/bin/python3
"""tests/proxies/proxies_test.py PROGRAM [TEST...]

A ledger behind nginx, HAProxy, Apache and Caddy: with the configurations of docs/proxies, and with almost none. TEST is a
part of a name, such as Nginx or Bare. The last line counts the tests.
"""

import argparse
import os
import sys
import tempfile
import threading
import time
import unittest
import uuid
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urljoin, urlsplit

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "browser"))

from world import Browser, Ledger, Relay, until  # noqa: E402

from client import Client, Follower  # noqa: E402
from forgetful import ForgetfulServer  # noqa: E402
from proxies import ALL, NAME, Certificate  # noqa: E402

AT_ONCE = 1.0          # seconds until an event must have come
QUIET = 75             # seconds without an event
IDLE = (12, 30, 70)    # seconds without a request, one after the other
REQUESTS_AT_ONCE = 6

EVERY_CHARACTER = "AZ.az:09_-"
IDS = (EVERY_CHARACTER, "a..b", "-", ":", "_", "x" * 64)
SHOP_IDS = ("Schraube M8/40", "T-Shirt rot #3", "Mütze", "A&B+C=D", "100 % Wolle", "a?b", "../x", "a//b", "%2F", "-/-")


class Place:
    """A ledger, and the proxies of one kind in front of it. Slow checks begin with it."""

    def __init__(self, program, kind, certificate, at_once):
        self.ledger, self.idle_ledger = (Ledger(program, "--http-host", NAME) for _ in range(2))
        self.documented, self.bare, self.idle = (
            kind(self.ledger.http, certificate), kind(self.ledger.http), kind(self.idle_ledger.http, certificate))
        for proxy in (self.documented, self.bare, self.idle):
            proxy.wait_until_it_listens(until)
        self.client, self.bare_client, self.idle_client = (
            Client(proxy, certificate) for proxy in (self.documented, self.bare, self.idle))
        self.quiet = at_once.submit(event_after_quiet, self.client, "quiet")
        self.bare_quiet = at_once.submit(event_after_quiet, self.bare_client, "quiet-bare")
        self.idled = at_once.submit(orders_after_idleness, self.idle_client, self.idle_ledger)
        self.refused = at_once.submit(self.client.ask, "GET", "/order/?min_position=1000000000")

    def remove(self):
        for proxy in (self.documented, self.bare, self.idle):
            proxy.remove()
        self.ledger.remove()
        self.idle_ledger.remove()


def event_after_quiet(client, sku):
    """Heartbeats and events, as received by a reader of lines and by one of server-sent events."""
    client.given_product(sku, 1)
    followers = [Follower(client, sku), Follower(client, sku, as_server_sent=True)]
    time.sleep(QUIET)
    signs = [follower.signs for follower in followers]
    client.ask("POST", f"/product/{sku}/receive/", {"quantity": 1})
    for follower in followers:
        follower.wait_for(1)
        follower.close()
    return signs, [len(follower.came) for follower in followers]


def orders_after_idleness(client, ledger):
    """Places orders after each time without a request. Records how many connections the first needed, and the statuses of
    others that are placed together."""
    client.given_product("idle", 1000)

    def connections():
        name = 'stockfold_connections_accepted_total{protocol="http"} '
        text = ledger.metrics()
        return int(text[text.index(name) + len(name):].split("\n")[0])

    def place(together=None):
        if together is not None:
            together.wait()
        return client.ask("POST", "/order/", {"product": "idle"}).status

    found = []
    for seconds in (0, *IDLE):
        time.sleep(seconds)
        before = connections()
        first = place()
        needed = connections() - before - 1  # one was ours
        with ThreadPoolExecutor(REQUESTS_AT_ONCE) as buyers:
            statuses = list(buyers.map(place, [threading.Barrier(REQUESTS_AT_ONCE)] * REQUESTS_AT_ONCE))
        found.append((seconds, needed, [first, *statuses]))
    return found


class Case(unittest.TestCase):
    kind = None
    place = None

    def ask(self, *request, **headers):
        return self.client.ask(*request, **headers)

    def order_of(self, sku, stock=5):
        self.client.given_product(sku, stock)
        answer = self.ask("POST", "/order/", {"product": sku})
        self.assertEqual(answer.status, 201)
        return answer.json["order"]

    def assert_commands_are_right(self, sku):
        self.client.given_product(sku, 2)
        key = str(uuid.uuid4())
        first, again = (self.ask("POST", "/order/", {"product": sku}, Idempotency_Key=key) for _ in range(2))
        self.assertEqual((first.status, again.status), (201, 201))
        self.assertEqual(again.headers["Idempotency-Replayed"], "true")
        self.assertEqual(first.json["order"], again.json["order"])
        self.assertEqual(self.ask("GET", f"/product/{sku}/").json["stock"], 1)
        abort = f"/order/{first.json['order']}/abort/"
        self.assertEqual(self.ask("PUT", abort).status, 200)
        refused = self.ask("PUT", abort)
        self.assertEqual((refused.status, refused.json["type"]), (409, "order_already_aborted"))
        self.assertEqual(refused.headers["Content-Type"], "application/problem+json")
        self.assertIn("position", refused.json)

    def assert_events_come_at_once(self, sku):
        self.client.given_product(sku, 1)
        followers = [Follower(self.client, sku), Follower(self.client, sku, as_server_sent=True)]
        took = [[], []]
        for count in range(1, 6):
            begin = time.monotonic()
            self.place.ledger.ask("POST", f"product/{sku}/receive/", {"quantity": 1})
            for follower, times in zip(followers, took):
                follower.wait_for(count)
                times.append(follower.came[count - 1][0] - begin)
        for follower in followers:
            follower.close()
        for name, times in zip(("lines", "server-sent events"), took):
            self.assertLess(min(times), AT_ONCE, f"seconds until {name} came: {times}")

    def assert_page_is_right(self, url, sku):
        """The page follows the events of others, and its commands are executed."""
        browser = self.browser
        browser.open(url)
        browser.fill("#stock [name=prefix]", sku)
        browser.fill("#orders [name=product]", sku)
        self.place.ledger.given_product(sku, 9)
        self.wait_for_stock(sku, "9")
        for left in (8, 7):
            order = self.place.ledger.given_order(sku)
            self.wait_for_stock(sku, str(left))
            until("the order", lambda: (browser.row("#orders", order) or ["", ""])[1] == "in progress")
        browser.fill("#receive [name=sku]", sku)
        browser.fill("#receive [name=quantity]", "5")
        browser.click("#receive button")
        until("what came of it", lambda: f"{sku} 12 left" in browser.text("#outcome"))
        self.wait_for_stock(sku, "12")
        until("the feed", lambda: browser.feed(f"product/{sku}", "stock received") == 1)

    def wait_for_stock(self, sku, units):
        until(f"{units} of {sku}", lambda: (self.browser.row("#stock", sku) or [""] * 3)[2] == units)

    def leave_page(self):
        self.browser.driver.get("about:blank")


class Documented(Case):
    """With the configuration that the documents show, over TLS."""

    @property
    def client(self):
        return self.place.client

    def test_commands_are_done_once_and_refusals_are_told(self):
        self.assert_commands_are_right("once")

    def test_events_come_at_once(self):
        self.assert_events_come_at_once("prompt")

    def test_links_and_locations_lead_right_below_a_prefix(self):
        base = f"https://{NAME}/ledger/"

        def path_of(reference, asked):
            where = urlsplit(urljoin(urljoin(base, asked), reference))
            return where.path + (f"?{where.query}" if where.query else "")

        for sku in ("p-1", "p-2"):
            answer = self.ask("POST", "/ledger/product/", {"sku": sku, "stock": 3})
            self.assertEqual(answer.status, 201)
        placed = self.ask("POST", "/ledger/order", {"product": "p-1"})  # without the last slash
        where = path_of(placed.headers["Location"], "order")
        self.assertTrue(where.startswith("/ledger/"), where)
        self.assertEqual(self.ask("GET", where).json["id"], placed.json["order"])
        for asked in ("product/?limit=1", "product?limit=1", "events/?limit=1", "order/?limit=1"):
            page = self.ask("GET", "/ledger/" + asked)
            reference = page.headers["Link"].split(">")[0].removeprefix("<")
            following = self.ask("GET", path_of(reference, asked))
            self.assertEqual(following.status, 200)
            self.assertNotEqual(following.body, page.body)
        to_slash = self.ask("GET", "/ledger")
        self.assertIn(to_slash.status, (301, 302, 307, 308))
        self.assertEqual(path_of(to_slash.headers["Location"], ""), "/ledger/")
        self.assertIn(b"<!doctype html>", self.ask("GET", "/ledger/").body)

    def test_ids_of_every_allowed_character(self):
        for prefix in ("", "/ledger"):
            for given in IDS:
                with self.subTest(id=given, prefix=prefix):
                    id = given[:-1] + "L" if prefix and len(given) == 64 else given + "L" * len(prefix[:1])
                    self.assertEqual(self.ask("POST", f"{prefix}/product/", {"sku": id, "stock": 2}).status, 201)
                    placed = self.ask("POST", f"{prefix}/order/", {"id": id, "product": id})
                    self.assertEqual(placed.status, 201)
                    for written in (id, quote(id, safe=""), "".join(f"%{ord(c):02X}" for c in id)):
                        self.assertEqual(self.ask("GET", f"{prefix}/product/{written}/").json["sku"], id)
                        self.assertEqual(self.ask("GET", f"{prefix}/order/{written}/").json["id"], id)
                    self.assertEqual(self.ask("PUT", f"{prefix}/order/{id}/abort/").status, 200)

    def test_ids_as_shops_have_them_in_the_query(self):
        for prefix in ("", "/ledger"):
            for given in SHOP_IDS:
                with self.subTest(id=given, prefix=prefix):
                    id = given + prefix[:2]
                    query = "?id=" + quote(id, safe="")
                    self.assertEqual(self.ask("POST", f"{prefix}/product/", {"sku": id, "stock": 2}).status, 201)
                    placed = self.ask("POST", f"{prefix}/order/", {"id": id, "product": id})
                    self.assertEqual(placed.status, 201)
                    self.assertEqual(self.ask("GET", f"{prefix}/product/-/{query}").json["sku"], id)
                    self.assertEqual(self.ask("GET", f"{prefix}/order/-/{query}").json["id"], id)
                    self.assertEqual(self.ask("GET", f"{prefix}/product/-/explain/{query}").status, 200)
                    self.assertEqual(self.ask("POST", f"{prefix}/product/-/receive/{query}", {"quantity": 1}).status, 200)
                    self.assertEqual(self.ask("PUT", f"{prefix}/order/-/abort/{query}").status, 200)

    def test_ids_as_shops_have_them_in_the_path(self):
        for prefix in self.kind.prefixes_that_keep_paths:
            for given in SHOP_IDS:
                with self.subTest(id=given, prefix=prefix):
                    id = given + prefix[:2] + "!"
                    made = self.ask("POST", f"{prefix}/product/", {"sku": id, "stock": 2})
                    self.assertEqual(made.status, 201)
                    where = f"{prefix}/product/" + made.headers["Location"]
                    self.assertEqual(self.ask("GET", where).json["sku"], id)
                    self.assertEqual(self.ask("POST", where + "retire/").status, 200)
        if not self.kind.prefixes_that_keep_paths:  # then the documents send readers to the query
            self.assertEqual(self.ask("POST", "/product/", {"sku": "a/slash"}).status, 201)
            self.assertEqual(self.ask("GET", "/product/a%2Fslash/").status, 404)

    def test_a_tag_is_taken_back_as_it_was_handed_out(self):
        lines = [f"tag-{i}" for i in range(40)]  # as much as is worth compressing
        for sku in lines:
            self.client.given_product(sku, 5)
        placed = self.ask("POST", "/order/", {"lines": [{"sku": sku, "quantity": 1} for sku in lines]})
        path = f"/order/{placed.json['order']}/"
        shown = self.ask("GET", path, Accept_Encoding="gzip")
        self.assertTrue(shown.is_compressed)
        self.assertEqual(shown.json["version"], 1)
        tag = shown.headers["ETag"]
        self.assertEqual(self.ask("GET", path, If_None_Match=tag, Accept_Encoding="gzip").status, 304)
        self.assertEqual(self.ask("PUT", path + "abort/", If_Match=tag).status, 200)
        self.assertEqual(self.ask("PUT", path + "fulfil/", If_Match=tag).status, 412)

    def test_a_body_may_be_as_large_as_the_ledger_takes(self):
        body = b'{"sku":"large","stock":1}'.ljust(1 << 20)
        self.assertEqual(self.ask("POST", "/product/", body, Content_Type="application/json").status, 201)

    def test_a_command_whose_answer_is_lost_is_not_repeated(self):
        server = ForgetfulServer()
        self.addCleanup(server.remove)
        proxy = self.kind(server.address, self.client.certificate)
        self.addCleanup(proxy.remove)
        proxy.wait_until_it_listens(until)
        client = Client(proxy, self.client.certificate)
        until("an answer", lambda: client.ask("GET", "/order/").status == 200)
        for method in ("POST", "PUT", "PATCH"):
            client.ask("GET", "/order/")  # leaves a connection
            self.assertEqual(client.ask(method, "/order/lost/", {}).status, 502)
        self.assertEqual(server.lost, ["POST", "PUT", "PATCH"])

    def test_the_page_is_live_and_commands(self):
        for path, sku in (("", "page"), ("ledger/", "page-below")):
            self.assert_page_is_right(self.place.documented.url + path, sku)
            until("healthy", lambda: self.browser.text("#state b") == "Healthy")
            self.assertTrue(self.browser.text("#feed-state").startswith("Live"))
        self.leave_page()


class Bare(Case):
    """With a proxy that is given only the ledger's address."""

    @property
    def client(self):
        return self.place.bare_client

    def test_commands_are_done_once_and_refusals_are_told(self):
        self.assert_commands_are_right("once-bare")

    def test_events_come_at_once(self):
        self.assert_events_come_at_once("prompt-bare")

    def test_the_page_is_right_and_commands(self):
        self.assert_page_is_right(self.place.bare.url, "page-bare")
        self.leave_page()


class Waiting(Case):
    """The slow checks that began with the fixture."""

    def test_a_refusal_says_when_to_come_again(self):
        answer = self.place.refused.result()
        self.assertEqual((answer.status, answer.json["type"]), (503, "overloaded"))
        self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)

    def test_an_event_comes_after_quiet(self):
        for quiet in (self.place.quiet, self.place.bare_quiet):
            signs, came = quiet.result()
            self.assertEqual(came, [1, 1])
            self.assertGreaterEqual(min(signs), QUIET // 15, "signs of life")

    def test_commands_are_done_after_idleness(self):
        for seconds, needed, statuses in self.place.idled.result():
            self.assertEqual(statuses, [201] * len(statuses), f"after {seconds} s")
            if self.kind.keeps_connections and 0 < seconds < 60:
                self.assertEqual(needed, 0, f"connections to the ledger, after {seconds} s")


class Silent(unittest.TestCase):
    """A page whose event stream dies silently, while no events happen."""

    dead = None   # the connection
    relay = None

    def test_another_connection_is_opened(self):
        until("another connection", lambda: self.relay.following - self.dead)


def begin_silence(browser, ledger):
    """In a window that stays in the background."""
    Silent.relay = Relay(ledger)
    browser.open(Silent.relay.url)
    until("a connection", lambda: Silent.relay.following)
    until("healthy", lambda: browser.text("#state b") == "Healthy")
    Silent.relay.hold_those_that_follow()
    Silent.dead = set(Silent.relay.held)
    browser.driver.switch_to.new_window("window")


def cases(places, browser):
    """Each test of each kind of proxy; tests that wait come last."""
    for tests in (Documented, Bare, Waiting):
        for kind, place in places.items():
            name = kind.__name__ + ("" if tests is Documented else tests.__name__)
            case = type(name, (tests,), {"kind": kind, "place": place, "browser": browser})
            for test in vars(tests):
                if test.startswith("test_"):
                    yield case(test)
    yield Silent("test_another_connection_is_opened")


def run(program, wanted):
    with tempfile.TemporaryDirectory(prefix="stockfold-proxies-") as directory, ThreadPoolExecutor(32) as at_once:
        certificate = Certificate(directory)
        places = {}
        browser = None
        silent_ledger = None
        try:
            for kind in ALL:
                places[kind] = Place(program, kind, certificate, at_once)
            browser = Browser(f"--host-resolver-rules=MAP {NAME} 127.0.0.1", "--ignore-certificate-errors")
            silent_ledger = Ledger(program)
            begin_silence(browser, silent_ledger)
            suite = unittest.TestSuite(case for case in cases(places, browser)
                                       if not wanted or any(part in case.id() for part in wanted))
            return unittest.TextTestRunner(stream=sys.stdout, verbosity=2 if sys.stdout.isatty() else 1).run(suite)
        finally:
            if browser is not None:
                browser.quit()
            if silent_ledger is not None:
                silent_ledger.remove()
            for place in places.values():
                place.remove()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("program")
    options.add_argument("tests", nargs="*")
    chosen = options.parse_args()
    result = run(os.path.abspath(chosen.program), chosen.tests)
    failed = len({test.id() for test, _ in result.failures + result.errors})
    print(f"tests: {result.testsRun - failed} passed, {failed} failed", flush=True)
    sys.exit(0 if result.testsRun > 0 and failed == 0 else 1)


main()
