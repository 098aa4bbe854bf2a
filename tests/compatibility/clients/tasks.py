"""The tasks of each Python client: PROGRAM BASE SKU TASK. A task that fails raises; a line on stdout is a note.

`client` has ask(method, path, body, headers) -> (status, headers, parsed body, text), and events(path, headers, count) -> ids
and data of `count` server-sent events.
"""

import json
import sys
import time

IDLE = 12  # seconds


def check(found, wanted):
    if found != wanted:
        raise AssertionError(f"{found!r} and not {wanted!r}")


def placed(client, sku, headers=None):
    status, answered, order, _ = client.ask("POST", "/order/", {"product": sku, "quantity": 2}, headers or {})
    check((status, order["status"]), (201, "in_progress"))
    return order["id"], answered


def place(client, sku):
    placed(client, sku)


def abort(client, sku):
    order, _ = placed(client, sku)
    status, _, answer, _ = client.ask("PUT", f"/order/{order}/abort/", None, {})
    check((status, answer["status"]), (200, "aborted"))


def repeat(client, sku):
    key = {"Idempotency-Key": f"key of {sku}"}
    first, _ = placed(client, sku, key)
    again, headers = placed(client, sku, key)
    check((again, headers["Idempotency-Replayed"]), (first, "true"))


def refused(client, sku):
    order, _ = placed(client, sku)
    client.ask("PUT", f"/order/{order}/abort/", None, {})
    status, _, problem, _ = client.ask("PUT", f"/order/{order}/abort/", None, {})
    check((status, problem["type"]), (409, "order_already_aborted"))


def list_all(client, sku):
    made = [placed(client, sku)[0] for _ in range(5)]
    found, cursor = [], ""
    while cursor is not None:
        status, _, page, _ = client.ask("GET", f"/order/?product={sku}&limit=2" + (f"&cursor={cursor}" if cursor else ""),
                                        None, {})
        check(status, 200)
        found += [order["id"] for order in page["orders"]]
        cursor = page["next"]
    check(sorted(set(made) & set(found)), sorted(made))
    check(len(set(found)), len(found))


def follow(client, sku):
    for _ in range(3):
        placed(client, sku)
    _, _, _, lines = client.ask("GET", f"/events/?stream=product/{sku}", None, {})
    positions = [json.loads(line)["position"] for line in lines.splitlines()]
    path, accept = f"/events/?stream=product/{sku}", {"Accept": "text/event-stream"}
    first = client.events(path, accept, 2)
    check([json.loads(data)["position"] for _, data in first], positions[:2])
    resumed = client.events(path, {**accept, "Last-Event-ID": first[-1][0]}, 1)
    check(json.loads(resumed[0][1])["position"], positions[2])


def idle(client, sku):
    placed(client, sku)
    time.sleep(IDLE)
    placed(client, sku)


TASKS = {"place": place, "abort": abort, "repeat": repeat, "refused": refused, "list": list_all, "follow": follow,
         "idle": idle}


def server_sent(lines, count):
    """The first events of the lines of a stream."""
    found, fields = [], {}
    for line in lines:
        if line == "":
            if "data" in fields:
                found.append((fields["id"], fields["data"]))
            if len(found) == count:
                return found
            fields = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
    raise AssertionError(f"the stream ended after {len(found)} events")


def main(make):
    base, sku, task = sys.argv[1:]
    TASKS[task](make(base), sku)
