#!/usr/bin/python3
"""aiohttp: one session in one event loop, which keeps its connection."""

import asyncio
import json

import aiohttp

import tasks


class Client:
    def __init__(self, base):
        self.base = base
        self.loop = asyncio.new_event_loop()
        self.session = self.loop.run_until_complete(self.begin())

    async def begin(self):
        return aiohttp.ClientSession(connector=aiohttp.TCPConnector(keepalive_timeout=60))

    def ask(self, *request):
        return self.loop.run_until_complete(self.ask_in_loop(*request))

    async def ask_in_loop(self, method, path, body, headers):
        async with self.session.request(method, self.base + path, json=body, headers=headers) as answer:
            text = await answer.text()
            is_json = answer.content_type in ("application/json", "application/problem+json")
            return answer.status, answer.headers, json.loads(text) if is_json else None, text

    def events(self, path, headers, count):
        return self.loop.run_until_complete(self.events_in_loop(path, headers, count))

    async def events_in_loop(self, path, headers, count):
        lines, blanks = [], 0
        async with self.session.get(self.base + path, headers=headers) as answer:
            async for line in answer.content:
                lines.append(line.decode().rstrip("\n"))
                blanks += lines[-1] == "" and lines[-2:-1] != [""] and any(one.startswith("data") for one in lines)
                if blanks == count:
                    return tasks.server_sent(lines, count)

    def close(self):
        self.loop.run_until_complete(self.session.close())


def make(base):
    client = Client(base)
    import atexit
    atexit.register(client.close)
    return client


tasks.main(make)
