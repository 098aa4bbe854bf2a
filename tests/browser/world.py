"""A ledger for one test, and a browser that shows its page."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

SIZES = {"desk": (1280, 900), "phone": (360, 740)}

PATIENCE = 40  # seconds to wait for something; a sanitizer is slow


def until(what, condition):
    """Waits until the condition holds, and returns its value."""
    end = time.monotonic() + PATIENCE
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"not in {PATIENCE} s: {what}")
        time.sleep(0.02)


class Ledger:
    """The program as a process, on its own store; it can be restarted at the same address."""

    def __init__(self, program, *options):
        self.program = program
        self.options = options
        self.directory = tempfile.TemporaryDirectory(prefix="stockfold-page-")
        self.http = "127.0.0.1:0"
        self.process = None
        self.start()

    def start(self):
        data = os.path.join(self.directory.name, "data")
        log = open(os.path.join(self.directory.name, "log"), "a")
        with log:
            self.process = subprocess.Popen(
                [self.program, "serve", "--data", data, "--listen", "127.0.0.1:0", "--http", self.http,
                 *self.options],
                stdout=subprocess.PIPE, stderr=log, text=True)
        ready = self.process.stdout.readline()
        if not ready.startswith("ready "):
            with open(log.name) as said:
                raise AssertionError(f"the ledger did not start: {said.read()}")
        self.tcp, self.http = (word.split("=")[1] for word in ready.split()[1:3])
        self.url = f"http://{self.http}/"

    def create_token(self, name, scopes):
        """From now on every client needs a token."""
        data = os.path.join(self.directory.name, "data")
        made = subprocess.run([self.program, "token", "create", name, "--scope", scopes, "--data", data],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
        return made.stdout.strip()

    def revoke_token(self, name):
        data = os.path.join(self.directory.name, "data")
        subprocess.run([self.program, "token", "revoke", name, "--data", data], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.stdout.close()
        status = self.process.wait(PATIENCE)
        if status != 0:
            with open(os.path.join(self.directory.name, "log")) as said:
                raise AssertionError(f"the ledger ended with {status}: {said.read()}")

    def forget(self):
        """The next start serves another ledger, at the same address."""
        shutil.rmtree(os.path.join(self.directory.name, "data"))

    def remove(self):
        self.stop()
        self.directory.cleanup()

    def ask(self, method, path, fields=None):
        """Status and answer of one request, on its own connection."""
        body = None if fields is None else json.dumps(fields).encode()
        request = urllib.request.Request(self.url + path, body, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, json.load(refused)

    def metrics(self):
        with urllib.request.urlopen(self.url + "metrics", timeout=PATIENCE) as answer:
            return answer.read().decode()

    def given_product(self, sku, stock, name=""):
        status, answer = self.ask("POST", "product/", {"sku": sku, "stock": stock, "name": name})
        assert status == 201, answer
        return answer["position"]

    def given_order(self, sku, quantity=1):
        status, answer = self.ask("POST", "order/", {"product": sku, "quantity": quantity})
        assert status == 201, answer
        return answer["order"]


class Relay:
    """A relay between a browser and a ledger. It can hold back what the ledger sends on event streams."""

    def __init__(self, ledger):
        self.ledger = ledger
        self.holds = False     # whether new event streams are held back
        self.held = set()      # sockets to the ledger whose bytes are held back
        self.following = set() # all that follow
        self.asked = []        # targets of requests
        self.moved = threading.Condition()
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}/"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listening.accept()
                host, port = self.ledger.http.split(":")
                ledger = socket.create_connection((host, int(port)))
            except OSError:
                return
            threading.Thread(target=self.copy, args=(client, ledger, self.note), daemon=True).start()
            threading.Thread(target=self.copy, args=(ledger, client, self.wait), daemon=True).start()

    def copy(self, source, sink, before):
        try:
            while data := source.recv(65536):
                before(source, sink, data)
                sink.sendall(data)
        except OSError:
            pass  # one of the two has closed
        with self.moved:
            for one in (source, sink):
                self.following.discard(one)
                self.held.discard(one)
            self.moved.notify_all()
        for one in (source, sink):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def note(self, _client, ledger, data):
        if data.startswith(b"GET "):
            self.asked.append(data.split(b" ", 2)[1].decode())
        if not data.startswith(b"GET /events/?follow"):
            return
        with self.moved:
            self.following.add(ledger)
            if self.holds:
                self.held.add(ledger)

    def wait(self, ledger, _client, _data):
        with self.moved:
            self.moved.wait_for(lambda: ledger not in self.held)

    def hold_those_that_follow(self):
        with self.moved:
            self.held |= self.following

    def release(self):
        with self.moved:
            self.holds = False
            self.held.clear()
            self.moved.notify_all()

    def remove(self):
        self.listening.close()
        self.release()


class Browser:
    """Headless Chromium. Its log is kept, to be checked."""

    def __init__(self, *arguments):
        options = webdriver.ChromeOptions()
        for argument in ("--headless=new", "--disable-dev-shm-usage", "--disable-gpu", "--window-size=1280,900",
                         "--hide-scrollbars", "--no-first-run", "--disable-background-networking", *arguments):
            options.add_argument(argument)
        if os.getuid() == 0:
            options.add_argument("--no-sandbox")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)

    def quit(self):
        self.driver.quit()

    def open(self, url):
        self.driver.get("about:blank")  # so that an address that differs only after its # is loaded, too
        self.driver.get(url)
        until("the state of the ledger", lambda: self.text("#state b") not in ("", "Connecting"))

    # ---- what is shown ----

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def all(self, css):
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def one(self, css):
        return until(css, lambda: next((e for e in self.all(css) if e.is_displayed()), None))

    def text(self, css):
        """The text of the first element, read in one step, because rows appear and disappear."""
        return self.run("return document.querySelector(arguments[0])?.innerText ?? ''", css)

    def row(self, table, key):
        """The cells of the table row that begins with `key`; None if there is none."""
        return self.run("""
            const row = Array.from(document.querySelectorAll(`${arguments[0]} tbody tr`))
              .find((one) => one.dataset.key === arguments[1]);
            return row ? Array.from(row.cells, (cell) => cell.innerText.trim()) : null""", table, key)

    def keys(self, table):
        return self.run("return Array.from(document.querySelectorAll(`${arguments[0]} tbody tr`), (r) => r.dataset.key)",
                        table)

    def feed(self, about, what):
        """How many events of this kind the feed shows for a stream."""
        return self.run("""
            return Array.from(document.querySelectorAll("#feed tbody tr")).filter((row) => row.cells.length > 3
              && row.cells[2].innerText === arguments[1] && row.cells[3].innerText.split(", ").includes(arguments[0]))
              .length""", about, what)

    # ---- actions ----

    def fill(self, css, value):
        field = self.one(css)
        field.clear()
        field.send_keys(value)

    def click(self, css):
        self.one(css).click()

    def look(self):
        """Makes the page read the ledger's state now, and not in two seconds."""
        self.run("document.dispatchEvent(new Event('visibilitychange'))")

    def command(self, method, **parameters):
        self.driver.execute_cdp_cmd(method, parameters)

    # ---- the log ----

    def console(self):
        """Errors that the page's scripts and the browser have logged since the last call."""
        return self.driver.get_log("browser")

    def requests(self):
        """The addresses that were requested since the last call."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [message["params"]["request"]["url"] for message in messages
                if message["method"] == "Network.requestWillBeSent"]


def resize(browser, size):
    width, height = SIZES[size]
    browser.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                    mobile=size == "phone")


def prefer(browser, **features):
    wanted = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
    browser.command("Emulation.setEmulatedMedia", features=wanted)


def go_to(browser, position):
    """Shows the page at an earlier position."""
    field = browser.one("#moment-position")
    until("the slider reaches the position",
          lambda: field.is_enabled() and int(field.get_attribute("max")) >= position)
    browser.fill("#moment-position", str(position))
    until("the past", lambda: f"position {position:,}," in browser.text("#past-text"))
