#!/usr/bin/python3
"""httpx: a client, which keeps its connection for as long as the ledger does."""

import httpx

import tasks


class Client:
    def __init__(self, base):
        self.client = httpx.Client(base_url=base, timeout=30, limits=httpx.Limits(keepalive_expiry=60))

    def ask(self, method, path, body, headers):
        answer = self.client.request(method, path, json=body, headers=headers)
        is_json = "json" in answer.headers.get("Content-Type", "") and "ndjson" not in answer.headers["Content-Type"]
        return answer.status_code, answer.headers, answer.json() if is_json else None, answer.text

    def events(self, path, headers, count):
        with self.client.stream("GET", path, headers=headers) as answer:
            return tasks.server_sent((line.rstrip("\n") for line in answer.iter_lines()), count)


tasks.main(Client)
