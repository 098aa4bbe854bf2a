"""A client of a ledger behind a proxy."""

import gzip
import http.client
import json
import socket
import ssl
import threading
import time

from world import PATIENCE, until

from proxies import NAME


class Connection(http.client.HTTPConnection):
    """A connection to a proxy on this machine, under the name in its certificate."""

    def __init__(self, proxy, certificate):
        super().__init__(NAME if proxy.is_secured else "127.0.0.1", proxy.port, timeout=PATIENCE)
        self.context = ssl.create_default_context(cafile=certificate.chain) if proxy.is_secured else None

    def connect(self):
        self.sock = socket.create_connection(("127.0.0.1", self.port), self.timeout)
        if self.context is not None:
            self.sock = self.context.wrap_socket(self.sock, server_hostname=NAME)


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()
        self.is_compressed = self.headers.get("Content-Encoding") == "gzip"

    @property
    def json(self):
        return json.loads(gzip.decompress(self.body) if self.is_compressed else self.body)


class Client:
    def __init__(self, proxy, certificate):
        self.proxy = proxy
        self.certificate = certificate

    def connect(self):
        return Connection(self.proxy, self.certificate)

    def ask(self, method, path, fields=None, **headers):
        """One request on its own connection. `if_match=…` is the header If-Match."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        body = fields
        if fields is not None and not isinstance(fields, bytes):
            body = json.dumps(fields).encode()
            headers["Content-Type"] = "application/json"
        connection = self.connect()
        try:
            connection.request(method, path, body, headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def given_product(self, sku, stock):
        answer = self.ask("POST", "/product/", {"sku": sku, "stock": stock})
        assert answer.status == 201, answer.body
        return answer.json["position"]


class Follower:
    """Follows the events of a product, and records when each line came."""

    def __init__(self, client, sku, as_server_sent=False):
        head = client.ask("GET", "/head/").json["position"]
        self.came = []  # times and texts of lines other than heartbeats
        self.signs = 0
        self.error = None
        self.connection = client.connect()
        kind = "text/event-stream" if as_server_sent else "application/x-ndjson"
        self.connection.request("GET", f"/events/?follow&from={head + 1}&stream=product/{sku}", headers={"Accept": kind})
        self.reading = threading.Thread(target=self.read, daemon=True)
        self.reading.start()

    def read(self):
        try:
            self.connection.sock.settimeout(120)
            response = self.connection.getresponse()
            while line := response.readline():
                text = line.decode().strip()
                if '"position":' in text:
                    self.came.append((time.monotonic(), text))
                elif text in ("", ":"):
                    self.signs += 1
            self.error = "the end"
        except (OSError, http.client.HTTPException) as problem:
            self.error = repr(problem)

    def wait_for(self, count):
        until(f"{count} events, not {len(self.came)}", lambda: len(self.came) >= count or self.error)
        assert self.error is None, self.error

    def close(self):
        try:
            self.connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.reading.join(PATIENCE)
        self.connection.close()
