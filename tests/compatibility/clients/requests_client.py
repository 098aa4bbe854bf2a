#!/usr/bin/python3
"""requests: a session, which keeps its connection."""

import requests

import tasks


class Client:
    def __init__(self, base):
        self.base = base
        self.session = requests.Session()

    def ask(self, method, path, body, headers):
        answer = self.session.request(method, self.base + path, json=body, headers=headers, timeout=30)
        is_json = "json" in answer.headers.get("Content-Type", "") and "ndjson" not in answer.headers["Content-Type"]
        return answer.status_code, answer.headers, answer.json() if is_json else None, answer.text

    def events(self, path, headers, count):
        with self.session.get(self.base + path, headers=headers, stream=True, timeout=30) as answer:
            return tasks.server_sent(answer.iter_lines(chunk_size=1, decode_unicode=True), count)


tasks.main(Client)
