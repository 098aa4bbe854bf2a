#!/usr/bin/python3
"""tests/browser/page_test.py PROGRAM [TEST...]

The page of a ledger in a real browser. The last line counts the tests.
"""

import argparse
import os
import subprocess
import sys
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

from selenium.webdriver.common.keys import Keys

from world import SIZES, Browser, Ledger, Relay, go_to, prefer, resize, until

PROGRAM = None


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.quit)

    def setUp(self):
        self.ledger = Ledger(PROGRAM)
        self.addCleanup(self.ledger.remove)
        self.origins = [self.ledger.url]
        self.open()

    def tearDown(self):
        driver = self.browser.driver
        for window in driver.window_handles[1:]:
            driver.switch_to.window(window)
            driver.close()
        driver.switch_to.window(driver.window_handles[0])
        driver.get("about:blank")  # before the ledger stops
        # The browser logs refusals as answers other than 200; every other entry is a bug.
        complaints = [entry for entry in self.browser.console() if entry["source"] != "network"]
        self.assertEqual(complaints, [])
        own = ("data:", "about:", *self.origins, *("blob:" + origin for origin in self.origins))
        self.assertEqual([url for url in self.browser.requests() if not url.startswith(own)], [])

    def open(self, address=""):
        self.browser.open(self.ledger.url + address)

    def wait_for_row(self, table, key, cells):
        """Waits until the row shows these cells, given by column."""
        def shown():
            row = self.browser.row(table, key)
            return row is not None and all(row[column] == text for column, text in cells.items())
        until(f"{key} with {cells} in {table}", shown)

    def wait_for_text(self, css, text):
        until(f"{text!r} in {css}", lambda: text in self.browser.text(css))

    # ---- access ----

    def test_a_ledger_with_tokens_asks_for_one_and_is_then_shown(self):
        self.ledger.ask("POST", "product/", {"sku": "anvil", "name": "Anvil", "stock": 3})
        token = self.ledger.create_token("clerk", "read,command")
        self.wait_for_text("#state", "Closed")
        self.browser.fill("#log-in [name=token]", "nonsense\n")
        until("it asks again", lambda: "not valid for this ledger" in self.browser.text("#state"))
        self.wait_for_text("#state", "requires a token")
        self.browser.fill("#log-in [name=token]", token + "\n")
        self.wait_for_text("#state", "Healthy")
        self.assertFalse(self.browser.all("#log-in")[0].is_displayed())
        self.wait_for_row("#stock", "anvil", {2: "3"})
        self.wait_for_text("#feed", "product registered")
        self.open()  # the tab has kept the token
        self.wait_for_row("#stock", "anvil", {2: "3"})

    def test_events_are_not_asked_for_again_with_a_token_that_was_revoked(self):
        token = self.ledger.create_token("clerk", "read")
        relay = self.open_by_a_relay()
        self.browser.fill("#log-in [name=token]", token + "\n")
        until("healthy", lambda: self.state() == ["Healthy", ""])
        before = len(relay.asked)
        self.ledger.revoke_token("clerk")
        self.wait_for_text("#state", "Closed")
        closed = len(relay.asked)
        until("four looks", lambda: relay.asked[closed:].count("/head/") >= 4)
        self.assertLessEqual(sum("follow" in target for target in relay.asked[before:]), 2)

    # ---- the race ----

    def test_a_race_of_aborts_is_seen_to_have_one_winner(self):
        self.ledger.given_product("race", 3)
        order = self.ledger.given_order("race")
        self.wait_for_row("#orders", order, {1: "in progress"})
        self.wait_for_row("#stock", "race", {2: "2", 3: "1"})
        self.browser.run("window.isTheSame = true")

        with ThreadPoolExecutor(20) as aborters:
            answers = list(aborters.map(lambda _: self.ledger.ask("PUT", f"order/{order}/abort/"), range(20)))
        statuses = [status for status, _ in answers]
        self.assertEqual((statuses.count(200), statuses.count(409)), (1, 19))

        self.wait_for_row("#orders", order, {1: "aborted", 3: ""})
        self.wait_for_row("#stock", "race", {2: "3", 3: "0"})
        until("the abort in the feed", lambda: self.browser.feed(f"order/{order}", "order aborted") > 0)
        self.assertEqual(self.browser.feed(f"order/{order}", "order aborted"), 1)
        self.assertTrue(self.browser.run("return window.isTheSame === true"), "it was loaded again")

    # ---- commands ----

    def test_registers_receives_places_and_aborts(self):
        browser = self.browser
        browser.fill("#register [name=sku]", "anvil")
        browser.fill("#register [name=name]", "An anvil <b>of iron</b>")
        browser.click("#register button")
        self.wait_for_text("#outcome", "Product anvil registered")
        browser.fill("#receive [name=sku]", "anvil")
        browser.fill("#receive [name=quantity]", "5")
        browser.click("#receive button")
        self.wait_for_text("#outcome", "anvil 5 left")
        self.wait_for_row("#stock", "anvil", {1: "An anvil <b>of iron</b>", 2: "5"})

        self.ledger.given_product("rope", 9)
        browser.fill("#place [name=sku]", "anvil")
        browser.click("#place [name=add]")
        browser.fill("#place .line:last-child [name=sku]", "rope")
        browser.fill("#place .line:last-child [name=quantity]", "4")
        browser.fill("#place [name=id]", "mine")
        browser.click("#place button:not([type])")
        self.wait_for_text("#outcome", "Order mine placed: anvil 4 left, rope 5 left")
        self.wait_for_row("#orders", "mine", {1: "in progress", 2: "anvil × 1, rope × 4"})

        browser.click("[aria-label='Abort order mine']")
        self.wait_for_row("#orders", "mine", {1: "aborted"})
        self.assertEqual(browser.run("return document.activeElement.innerText"), "mine", "the focus is lost")
        self.wait_for_row("#stock", "rope", {2: "9", 3: "0"})

    def test_works_with_ids_as_shops_have_them(self):
        browser = self.browser
        for sku, order in (("Schraube M8/40 #3", "2026/7 & 8"), ("50 % Mütze?", "a+b=c")):
            self.ledger.ask("POST", "product/", {"sku": sku, "stock": 5})
            browser.fill("#receive [name=sku]", sku)
            browser.fill("#receive [name=quantity]", "4")
            browser.click("#receive button")
            self.wait_for_text("#outcome", f"{sku} 9 left")
            browser.fill("#stock [name=prefix]", sku[:9] + " ")
            self.wait_for_row("#stock", sku, {2: "9"})
            browser.fill("#place [name=sku]", sku)
            browser.fill("#place [name=id]", order)
            browser.click("#place button:not([type])")
            self.wait_for_text("#outcome", f"Order {order} placed: {sku} 8 left")
            browser.fill("#orders [name=product]", sku)
            self.wait_for_row("#orders", order, {1: "in progress", 2: f"{sku} × 1"})
            browser.click(f"[aria-label='Abort order {order}']")
            self.wait_for_row("#orders", order, {1: "aborted"})
            browser.run("document.querySelector('#orders tbody th a').click()")
            until("its history", lambda: self.column("#history", 2) == ["placed", "aborted"])
            self.open("#/product/" + quote(sku, safe=""))
            until("its statement", lambda: self.column("#statement", 5) == ["9", "8", "9", "5"])
            self.open()

    def test_explains_a_refusal(self):
        browser = self.browser
        self.ledger.given_product("rare", 1)
        self.ledger.given_order("rare")
        browser.fill("#place [name=sku]", "rare")
        browser.click("#place button:not([type])")
        self.wait_for_text("#outcome", "Insufficient stock")
        self.assertIn("refused", browser.one("#outcome").get_attribute("class"))
        self.assertEqual(browser.one("#place [name=sku]").get_attribute("value"), "rare")
        browser.click("#outcome a")
        self.wait_for_text("#event-facts", "OrderPlaced")
        self.assertIn('"sku": "rare"', browser.text("#event-data"))

    def test_a_command_can_be_sent_again_while_the_ledger_was_away(self):
        browser = self.browser
        self.ledger.given_product("patience", 5)
        browser.run("""
            window.keys = [];
            const fetched = window.fetch;
            window.fetch = (path, options = {}) => {
              if (options.method) window.keys.push(options.headers["Idempotency-Key"]);
              return fetched(path, options);
            }""")
        browser.fill("#place [name=sku]", "patience")
        self.ledger.stop()
        try:
            browser.click("#place button:not([type])")
            self.wait_for_text("#outcome", "it is done at most once")
            browser.look()
            until("the state", lambda: browser.text("#state b") == "Not reachable")
        finally:
            self.ledger.start()
        browser.click("#place button:not([type])")
        self.wait_for_text("#outcome", "patience 4 left")
        browser.fill("#place [name=sku]", "patience")
        browser.click("#place button:not([type])")
        self.wait_for_text("#outcome", "patience 3 left")
        first, again, another = browser.run("return window.keys")
        self.assertRegex(first, "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
        self.assertEqual(first, again, "a command that got no answer keeps its key")
        self.assertNotEqual(again, another)

    def test_a_command_is_done_once_where_a_proxy_loses_its_answer(self):
        browser = self.browser
        self.ledger.given_product("lost", 5)
        browser.run("""
            const fetched = window.fetch;
            window.fetch = async (path, options = {}) => {
              const answer = await fetched(path, options);
              if (!options.method) return answer;
              window.fetch = fetched;
              return new Response("<html>Bad Gateway</html>", { status: 502 });
            }""")
        browser.fill("#place [name=sku]", "lost")
        browser.click("#place button:not([type])")
        self.wait_for_text("#outcome", "it is done at most once")
        browser.click("#place button:not([type])")
        self.wait_for_text("#outcome", "lost 4 left")
        self.assertEqual(self.ledger.ask("GET", "product/lost/")[1]["stock"], 4)

    def test_is_worked_by_keyboard_alone(self):
        browser = self.browser
        self.ledger.given_product("keys", 2)
        active = browser.driver.switch_to

        def tab_to(css):
            for _ in range(200):
                active.active_element.send_keys(Keys.TAB)
                if browser.run("return document.activeElement.matches(arguments[0])", css):
                    style = browser.run("return getComputedStyle(document.activeElement).outlineStyle")
                    self.assertEqual(style, "solid", f"the focus on {css} is not seen")
                    return active.active_element
            self.fail(f"no key leads to {css}")

        tab_to("#skip").send_keys(Keys.ENTER)
        self.assertEqual(browser.run("return document.activeElement.id"), "main")
        tab_to("#place [name=sku]").send_keys("keys")
        tab_to("#place [name=quantity]").send_keys(Keys.ARROW_UP)
        tab_to("#place button:not([type])").send_keys(Keys.SPACE)
        self.wait_for_text("#outcome", "keys 0 left")
        self.assertTrue(browser.run("return document.activeElement.matches('#place [name=sku]')"))

    # ---- views of the page ----

    def test_searches_and_turns_pages(self):
        browser = self.browser
        for i in range(25):
            self.ledger.given_product(f"bolt-{i:02}", i)
        self.ledger.given_product("bomb", 1)
        browser.fill("#stock [name=prefix]", "bolt-")
        until("the first page", lambda: browser.keys("#stock") == [f"bolt-{i:02}" for i in range(20)])
        browser.click("#stock [name=next]")
        until("the second page", lambda: browser.keys("#stock") == [f"bolt-{i:02}" for i in range(20, 25)])
        self.assertFalse(browser.one("#stock [name=next]").is_enabled())
        browser.fill("#stock [name=prefix]", "bo")
        until("the first page", lambda: "bolt-00" in browser.keys("#stock"))
        order = self.ledger.given_order("bolt-07", 2)
        browser.fill("#orders [name=product]", "bolt-07")
        until("orders of a product", lambda: browser.keys("#orders") == [order])
        browser.run("const s = document.querySelector('#orders [name=status]'); s.value = 'aborted';"
                    "s.dispatchEvent(new Event('input', { bubbles: true }))")
        until("none of them aborted", lambda: browser.text("#orders tbody") == "Nothing to show")

    def test_shows_a_product_and_an_order(self):
        browser = self.browser
        self.ledger.given_product("book", 10, "A book")
        order = self.ledger.given_order("book", 4)
        self.open("#/product/book")
        until("its statement", lambda: self.column("#statement", 5) == ["6", "10"])
        self.assertEqual(self.column("#statement", 4), ["-4", "+10"])
        self.assertIn("from 10 to 6", browser.one("#balance-chart").get_attribute("aria-label"))
        self.ledger.ask("PUT", f"order/{order}/abort/", {"reason": "changed my mind", "actor": "alice"})
        until("the abort, live", lambda: self.column("#statement", 5) == ["10", "6", "10"])
        browser.fill("#product-receive [name=quantity]", "7")
        browser.click("#product-receive button")
        until("what came in", lambda: self.column("#statement", 5) == ["17", "10", "6", "10"])

        self.open(f"#/order/{order}")
        until("its history", lambda: self.column("#history", 2) == ["placed", "aborted"])
        self.assertEqual(self.column("#history", 5), ["", "changed my mind"])
        self.assertFalse(browser.all("#order-commands")[0].is_displayed(), "nothing is left to be done")

        order = self.ledger.given_order("book")
        self.open(f"#/order/{order}")
        browser.fill("#order-commands [name=reason]", "sent")
        browser.click("#order-commands [value=fulfil]")
        until("it is fulfilled, live", lambda: self.column("#history", 5) == ["", "sent"])
        until("a place for the focus", lambda: browser.run("return document.activeElement.id") == "order-title")
        self.open("#/order/nobody")
        self.wait_for_text("#order-problem", "unknown order")

    def column(self, body, index):
        return self.browser.run("return Array.from(document.querySelector(arguments[0]).rows,"
                                "(row) => row.cells[arguments[1]]?.innerText.trim())", body, index)

    def test_goes_back_in_time_and_returns(self):
        browser = self.browser
        position = self.ledger.given_product("clock", 8)
        order = self.ledger.given_order("clock", 3)
        self.wait_for_row("#stock", "clock", {2: "5"})
        go_to(browser, position)
        self.wait_for_row("#stock", "clock", {2: "8", 3: "0"})
        until("no order", lambda: browser.row("#orders", order) is None)
        self.assertRegex(browser.text("#past-text"), r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC")
        self.assertFalse(browser.one("#place [name=sku]").is_enabled())
        self.ledger.given_order("clock", 2)
        browser.run("location.hash = '#/product/clock'")
        until("its statement then", lambda: self.column("#statement", 5) == ["8"])
        browser.click("#now")
        until("its statement now", lambda: self.column("#statement", 5) == ["3", "5", "8"])
        self.assertTrue(browser.one("#product-receive button").is_enabled())
        browser.run("location.hash = '#/'")
        self.wait_for_row("#stock", "clock", {2: "3"})
        self.ledger.given_order("clock", 1)
        self.wait_for_row("#stock", "clock", {2: "2"})

    # ---- the feed ----

    def test_the_feed_goes_on_where_it_was_when_the_ledger_comes_back(self):
        browser = self.browser
        self.ledger.given_product("before", 1)
        until("the feed", lambda: browser.feed("product/before", "product registered") == 1)
        browser.run("window.isTheSame = true")
        self.ledger.stop()
        self.ledger.start()
        self.ledger.given_product("after", 1)
        until("the feed again", lambda: browser.feed("product/after", "product registered") == 1)
        self.assertEqual(browser.feed("product/before", "product registered"), 1, "there is a gap, or a repeat")
        until("the state", lambda: browser.text("#state b") == "Healthy")
        self.assertTrue(browser.run("return window.isTheSame === true"))

    def test_begins_anew_with_another_ledger(self):
        browser = self.browser
        self.ledger.given_product("gone", 1)
        self.wait_for_row("#stock", "gone", {2: "1"})
        browser.run("window.isTheSame = true")
        self.ledger.stop()
        self.ledger.forget()
        self.ledger.start()
        until("another page", lambda: browser.run("return window.isTheSame !== true"))
        until("an empty ledger", lambda: browser.text("#stock tbody") == "Nothing to show")

    def state(self):
        """The state in a word, and the reason."""
        return [self.browser.text("#state b"), self.browser.text("#state span")]

    def test_says_how_the_ledger_is(self):
        browser = self.browser
        browser.run("""
            const fetched = window.fetch;
            window.answers = {};
            window.fetch = (path, options) => path in window.answers
              ? Promise.resolve(window.answers[path]()) : fetched(path, options)""")
        browser.run("""
            window.answers["metrics"] = () => new Response("stockfold_view_lag_seconds 7\\n")""")
        browser.look()
        until("trailing", lambda: self.state() == ["Trailing", "the views are 7 s behind"])
        browser.run("""
            window.answers["health/ready"] = () => new Response(
              '{"type":"overloaded","title":"overloaded","detail":"the view stock is being built"}', { status: 503 })""")
        browser.look()
        until("not ready", lambda: self.state() == ["Not ready", "the view stock is being built"])
        browser.run("window.answers = {}")
        browser.look()
        until("healthy", lambda: self.state() == ["Healthy", ""])

    def test_lives_through_a_flood(self):
        browser = self.browser
        browser.run("""
            window.longest = 0;
            let last = performance.now();
            requestAnimationFrame(function frame() {
              window.longest = Math.max(window.longest, performance.now() - last);
              last = performance.now();
              requestAnimationFrame(frame);
            })""")
        subprocess.run([PROGRAM, "bench", "--server", self.ledger.tcp, "--workload", "hot", "--connections", "16",
                        "--depth", "16", "--seconds", "1"], check=True, stdout=subprocess.DEVNULL)
        head = self.ledger.ask("GET", "head/")[1]["position"]
        until("the end of the flood",
              lambda: self.column("#feed tbody", 0)[:1] == [f"{head:,}"])
        self.assertLessEqual(len(self.column("#feed tbody", 0)), 100)
        until("the head", lambda: browser.text("#head-position") == f"{head:,}")
        self.assertLess(browser.run("return window.longest"), 4_000, "ms without a frame")

    def test_counts_what_comes_too_fast_to_be_seen(self):
        browser = self.browser
        counting = browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": """
            window.last = 0;
            const Shared = window.SharedWorker;
            window.SharedWorker = function (...of) {
              const worker = new Shared(...of);
              worker.port.addEventListener("message", ({ data }) => { window.last = data.to ?? window.last; });
              return worker;
            }"""})
        self.addCleanup(browser.command, "Page.removeScriptToEvaluateOnNewDocument", **counting)
        self.open()
        self.ledger.given_product("many", 1000)
        until("the feed", lambda: browser.feed("product/many", "product registered") == 1)
        browser.run("""
            const next = requestAnimationFrame;
            window.requestAnimationFrame = (work) => { window.paint = () => next(work); return 1; }""")
        with ThreadPoolExecutor(8) as buyers:
            list(buyers.map(lambda _: self.ledger.given_order("many"), range(250)))
        until("every event", lambda: browser.run("return window.last") == 251)
        browser.run("window.paint()")
        until("the newest on top", lambda: self.column("#feed tbody", 0)[0] == "251")
        self.assertEqual(len(self.column("#feed tbody", 0)), 100)
        self.assertEqual(browser.text("#feed-state"), "Live, the last 100; 150 came too fast to be shown")
        self.wait_for_row("#stock", "many", {2: "750"})

    # ---- behind proxies that buffer events ----

    def open_by_a_relay(self, holds=False):
        relay = Relay(self.ledger)
        self.addCleanup(relay.remove)
        relay.holds = holds
        self.origins.append(relay.url)
        self.browser.open(relay.url)
        return relay

    def test_is_right_and_trails_where_events_are_held_back(self):
        relay = self.open_by_a_relay(holds=True)
        self.ledger.given_product("held", 9)
        self.wait_for_row("#stock", "held", {2: "9"})
        until("trailing", lambda: self.state() == ["Trailing", "live events do not arrive; the page reads them every two seconds"])
        self.wait_for_text("#feed-state", "Not live")
        for left in ("8", "7"):
            order = self.ledger.given_order("held")
            self.wait_for_row("#stock", "held", {2: left})
            self.wait_for_row("#orders", order, {1: "in progress"})
        self.assertEqual(self.column("#feed tbody", 0), ["3", "2", "1"], "there is a gap, or a repeat")
        self.assertEqual(self.state()[0], "Trailing", "what was read does not make it live")
        relay.release()
        until("healthy", lambda: self.state() == ["Healthy", ""])
        self.wait_for_text("#feed-state", "Live")
        self.assertEqual(self.column("#feed tbody", 0), ["3", "2", "1"], "there is a gap, or a repeat")

    def test_opens_another_connection_where_one_has_died(self):
        relay = self.open_by_a_relay()
        self.ledger.given_product("before", 1)
        until("the feed", lambda: self.browser.feed("product/before", "product registered") == 1)
        relay.hold_those_that_follow()
        begin = time.monotonic()
        self.ledger.given_product("after", 1)
        until("the feed again", lambda: self.browser.feed("product/after", "product registered") == 1)
        until("a connection that lives", lambda: relay.following and not relay.held)
        self.assertLess(time.monotonic() - begin, 30, "seconds: it waited for the silence to be too long")
        until("healthy", lambda: self.state() == ["Healthy", ""])
        self.assertEqual(self.column("#feed tbody", 0), ["2", "1"], "there is a gap, or a repeat")

    # ---- many tabs ----

    def open_window(self, url):
        """A window of its own: a tab that is visible next to the others."""
        self.browser.driver.switch_to.new_window("window")
        self.browser.open(url)
        return self.browser.driver.current_window_handle

    def close_window(self, window):
        driver = self.browser.driver
        driver.switch_to.window(window)
        driver.close()
        driver.switch_to.window(driver.window_handles[0])

    def test_eight_tabs_share_one_connection(self):
        driver = self.browser.driver
        relay = self.open_by_a_relay()
        first = self.open_window(relay.url)
        others = [driver.window_handles[0]] + [self.open_window(relay.url) for _ in range(6)]

        def each_shows(product, windows):
            self.ledger.given_product(product, 5)
            for window in windows:
                driver.switch_to.window(window)
                self.wait_for_row("#stock", product, {2: "5"})
                until("it in the feed", lambda: self.browser.feed(f"product/{product}", "product registered") == 1)
                until("healthy", lambda: self.state() == ["Healthy", ""])

        each_shows("seen-by-all", [first, *others])
        self.assertEqual(len(relay.following), 1)
        self.close_window(first)
        each_shows("seen-by-the-others", others)
        self.assertEqual(len(relay.following), 1)

    def test_a_hidden_tab_holds_no_connection_and_catches_up(self):
        driver = self.browser.driver
        relay = self.open_by_a_relay()
        until("a connection", lambda: len(relay.following) == 1)
        page = driver.current_window_handle
        driver.switch_to.new_window("tab")
        until("none", lambda: not relay.following)
        self.ledger.given_product("meanwhile", 150)
        for _ in range(150):
            self.ledger.given_order("meanwhile")
        driver.close()
        driver.switch_to.window(page)
        self.wait_for_row("#stock", "meanwhile", {2: "0"})
        until("the newest", lambda: self.column("#feed tbody", 0) == [str(position) for position in range(151, 51, -1)])
        until("a connection", lambda: len(relay.following) == 1)

    def test_tabs_with_other_tokens_share_none(self):
        tokens = [self.ledger.create_token(f"clerk-{i}", "read") for i in range(4)]
        relay = self.open_by_a_relay()
        driver = self.browser.driver
        windows = [driver.window_handles[0]] + [self.open_window(relay.url) for _ in range(3)]
        for window, token in zip(windows, tokens):
            driver.switch_to.window(window)
            self.browser.fill("#log-in [name=token]", token + "\n")
            until("it is open", lambda: self.state()[0] in ("Healthy", "Trailing"))
        until("trailing", lambda: self.state()[0] == "Trailing")  # last: connections remain for other requests
        self.assertEqual(len(relay.following), 3)
        self.close_window(windows[1])
        driver.switch_to.window(windows[3])
        until("healthy", lambda: self.state() == ["Healthy", ""])

    # ---- accessibility ----

    def test_loads_without_a_complaint_and_from_nowhere_else(self):
        self.assertEqual(self.browser.text("#state b"), "Healthy")
        until("rates", lambda: self.browser.text("#rate-now") != "–")
        self.assertEqual(self.browser.console(), [])
        self.assertIn(self.ledger.url + "assets/chart.js", self.browser.requests())

    def test_has_a_name_for_everything(self):
        self.ledger.given_product("named", 1)
        order = self.ledger.given_order("named")
        for address in ("", "#/product/named", f"#/order/{order}"):
            self.open(address)
            until("content", lambda: "Nothing" not in self.browser.text("main .view:not([hidden]) tbody tr"))
            nameless = self.browser.run("""
                const label = (one) => Array.from(one.labels ?? [], (label) => label.firstChild.textContent.trim()).join("");
                const said = (one) => one.getAttribute("aria-label")
                  || (one.matches("input, select") ? label(one) : one.innerText?.trim());
                const shown = (css) => Array.from(document.querySelectorAll(css)).filter((one) => one.checkVisibility());
                return [
                  ...shown("input, select, button, a, canvas").filter((one) => !said(one)),
                  ...shown("th").filter((one) => !["col", "row"].includes(one.getAttribute("scope"))),
                  ...shown("canvas").filter((one) => one.getAttribute("role") !== "img"),
                  ...shown("fieldset").filter((one) => !one.querySelector("legend")),
                ].map((one) => one.outerHTML)""")
            self.assertEqual(nameless, [])
            self.assertEqual(self.browser.run("return document.querySelectorAll('h1, main').length"), 2)
            self.assertEqual(self.browser.run("return document.documentElement.lang"), "en")

    def test_fits_a_phone_and_the_dark(self):
        browser = self.browser
        self.ledger.given_product("x" * 64, 2**40, "A name that goes on and on " * 4)
        order = self.ledger.given_order("x" * 64)
        light = browser.run("return getComputedStyle(document.body).backgroundColor")
        try:
            prefer(browser, prefers_color_scheme="dark", prefers_reduced_motion="reduce")
            dark = browser.run("return getComputedStyle(document.body).backgroundColor")
            self.assertNotEqual(light, dark)
            resize(browser, "phone")
            until("the narrow page", lambda: browser.run("return innerWidth") == SIZES["phone"][0])
            for address in ("", f"#/product/{'x' * 64}", f"#/order/{order}", "#/event/1"):
                self.open(address)
                until("content", lambda: browser.text("main .view:not([hidden])") != "")
                self.assertEqual(browser.run("return document.documentElement.scrollWidth"), SIZES["phone"][0], address)
        finally:
            prefer(browser)
            browser.command("Emulation.clearDeviceMetricsOverride")


def main():
    global PROGRAM
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("program")
    options.add_argument("tests", nargs="*")
    chosen = options.parse_args()
    PROGRAM = os.path.abspath(chosen.program)
    loader = unittest.defaultTestLoader
    tests = loader.loadTestsFromNames(chosen.tests, Page) if chosen.tests else loader.loadTestsFromTestCase(Page)
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2 if sys.stdout.isatty() else 1).run(tests)
    failed = len(result.failures) + len(result.errors)
    print(f"tests: {result.testsRun - failed} passed, {failed} failed", flush=True)
    sys.exit(0 if result.testsRun > 0 and failed == 0 else 1)


main()
