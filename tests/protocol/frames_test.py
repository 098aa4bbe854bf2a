#!/usr/bin/env python3
"""A codec of the protocol, written from docs/PROTOCOL.md alone, compared with the golden frames.

tests/golden/protocol/frames.json has every golden frame once more, taken apart into its fields, so that a client in
any language can check its own codec: decode `frame` and compare with `message`, `id` and `fields`, and back.
Bytes are in hex, what is left out is null. `frames_test.py --add` adds golden frames that are not in it yet.
"""

import json
import pathlib
import struct
import sys
import zlib

GOLDEN = pathlib.Path(__file__).parent.parent / "golden" / "protocol"


class Codec:
    """Reads a value from the front of bytes, and writes it: read(b) -> (value, rest), write(value) -> bytes."""

    def __init__(self, read, write):
        self.read, self.write = read, write


def read_number(b):
    number = 0
    for i in range(10):
        number |= (b[i] & 0x7F) << 7 * i
        if b[i] < 0x80:
            assert b[i] or i == 0, "a needless byte"
            assert number < 2**64
            return number, b[i + 1 :]
    raise ValueError("a number without an end")


def write_number(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


NUMBER = Codec(read_number, write_number)


def read_flag(b):
    assert b[0] in (0, 1)
    return b[0] == 1, b[1:]


FLAG = Codec(read_flag, lambda flag: bytes([flag]))


def read_sized(b):
    size, rest = read_number(b)
    assert size <= 1024 and size <= len(rest)
    return rest[:size], rest[size:]


def sized(to_value, from_value):
    def read(b):
        found, rest = read_sized(b)
        return to_value(found), rest

    return Codec(read, lambda value: write_number(len(from_value(value))) + from_value(value))


TEXT = sized(lambda b: b.decode(), str.encode)
ANY_BYTES = sized(bytes.hex, bytes.fromhex)


def raw(size):
    return Codec(lambda b: (b[:size].hex(), b[size:]), bytes.fromhex)


def literal(text):
    def read(b):
        assert b.startswith(text)
        return text.decode(), b[len(text) :]

    return Codec(read, lambda _: text)


def optional(codec):
    def read(b):
        left_out, rest = read_flag(b)
        return (None, rest) if left_out else codec.read(rest)

    return Codec(read, lambda value: b"\1" if value is None else b"\0" + codec.write(value))


def list_of(codec):
    def read(b):
        count, b = read_number(b)
        values = []
        for _ in range(count):
            value, b = codec.read(b)
            values.append(value)
        return values, b

    return Codec(read, lambda values: write_number(len(values)) + b"".join(map(codec.write, values)))


def record(**fields):
    def read(b):
        values = {}
        for name, codec in fields.items():
            values[name], b = codec.read(b)
        return values, b

    return Codec(read, lambda values: b"".join(codec.write(values[name]) for name, codec in fields.items()))


def one_of(first=1, numbers=None, **alternatives):
    """A number that selects an alternative: from `first` on, or as `numbers` says. The value is an object with `is`,
    the name of the alternative."""
    numbered = {name: first + i for i, name in enumerate(alternatives)} | (numbers or {})
    names = {number: name for name, number in numbered.items()}

    def read(b):
        number, b = read_number(b)
        name = names[number]
        value, b = alternatives[name].read(b)
        return {"is": name, **value}, b

    def write(value):
        name = value["is"]
        return write_number(numbered[name]) + alternatives[name].write(value)

    return Codec(read, write)


def named(*names):
    """A number from 1 on, each with a name."""

    def read(b):
        number, rest = read_number(b)
        return names[number - 1], rest

    return Codec(read, lambda name: write_number(names.index(name) + 1))


# ---- the tables of the page --------------------------------------------------------------------------------

STATUS = named("draft", "in_progress", "aborted", "fulfilled")
STREAM = record(kind=named("order", "product"), id=TEXT)
LINE = record(sku=TEXT, quantity=NUMBER)
# fmt: off
RULE = named(
    "unknown_product", "product_retired", "product_exists", "insufficient_stock", "stock_overflow", "unknown_order",
    "order_exists", "order_not_draft", "order_already_aborted", "order_already_fulfilled", "order_not_in_progress",
    "version_conflict", "command_id_reused", "invalid_argument", "overloaded", "outcome_unknown", "view_not_ready",
    "unauthorised", "forbidden", "out_of_space", "clock_jumped", *(f"rule_{n}" for n in range(22, 42)),
    "batch_refused")
COMMAND = one_of(
    RegisterProduct=record(sku=TEXT, name=TEXT, stock=NUMBER),
    ReceiveStock=record(sku=TEXT, quantity=NUMBER, reason=TEXT),
    WriteOffStock=record(sku=TEXT, quantity=NUMBER, reason=TEXT),
    RetireProduct=record(sku=TEXT),
    DraftOrder=record(order=optional(TEXT), lines=list_of(LINE)),
    PlaceOrder=record(order=optional(TEXT), lines=list_of(LINE)),
    AbortOrder=record(order=TEXT, reason=TEXT),
    FulfilOrder=record(order=TEXT, reason=TEXT))
# fmt: on
FRESHNESS = record(min_position=optional(NUMBER), stale=FLAG)
SHOW_PRODUCT = record(sku=TEXT, freshness=FRESHNESS)
SHOW_ORDER = record(order=TEXT, freshness=FRESHNESS)
LIST_PRODUCTS = record(start=optional(TEXT), limit=NUMBER, freshness=FRESHNESS)
LIST_ORDERS = record(
    start=optional(TEXT), limit=NUMBER, status=optional(STATUS), product=optional(TEXT), freshness=FRESHNESS
)
READS = dict(ShowProduct=SHOW_PRODUCT, ShowOrder=SHOW_ORDER, ListProducts=LIST_PRODUCTS, ListOrders=LIST_ORDERS)
A_COMMAND = record(command=COMMAND, expected_version=NUMBER, command_id=optional(raw(16)), actor=TEXT)
PAST_READS = one_of(3, dict(ShowOrderHistory=22), **READS, ShowOrderHistory=SHOW_ORDER)
REQUESTS = one_of(
    1,
    dict(ReadZoneMovements=21, ShowOrderHistory=22),
    ClientHello=record(magic=literal(b"SFLD"), min_version=NUMBER, max_version=NUMBER, client=TEXT),
    Command=A_COMMAND,
    **READS,
    ReadEvents=record(
        first=NUMBER, last=optional(NUMBER), stream=optional(STREAM), limit=NUMBER, freshness=FRESHNESS
    ),
    FollowEvents=record(first=NUMBER, stream=optional(STREAM)),
    ShowHead=record(),
    At=record(
        moment=one_of(position=record(position=NUMBER), time=record(time=NUMBER)), read=PAST_READS
    ),
    FindPosition=record(time=NUMBER),
    ReadCommits=record(first=NUMBER, last=optional(NUMBER), limit=NUMBER),
    Rebuild=record(view=TEXT),
    SignHead=record(),
    ReadMovements=record(
        sku=TEXT, first=optional(NUMBER), last=optional(NUMBER), limit=NUMBER, freshness=FRESHNESS
    ),
    MakeCheckpoint=record(),
    FollowTypes=record(first=NUMBER, stream=optional(STREAM), types=NUMBER),
    LogIn=record(token=TEXT),
    CommandBatch=record(commands=list_of(A_COMMAND), atomic=FLAG),
    ShowOrderHistory=SHOW_ORDER,
    ReadZoneMovements=record(
        sku=TEXT, zone=TEXT, first=optional(NUMBER), last=optional(NUMBER), limit=NUMBER, freshness=FRESHNESS
    ),
)

PRODUCT = record(
    name=TEXT,
    received=NUMBER,
    written_off=NUMBER,
    in_progress=NUMBER,
    fulfilled=NUMBER,
    retired=FLAG,
    version=NUMBER,
    registered_at=NUMBER,
    retired_at=NUMBER,
    changed_at=NUMBER,
)
ORDER = record(status=STATUS, lines=list_of(LINE), version=NUMBER, changed_at=NUMBER, changed_by=TEXT)
REFUSAL = record(
    rule=RULE,
    subject=optional(STREAM),
    state=one_of(0, nothing=record(), product=PRODUCT, order=ORDER),
    obstacle=optional(NUMBER),
    expected_version=NUMBER,
    actual_version=NUMBER,
    requested=NUMBER,
    detail=TEXT,
)


def read_acceptance(b):
    value, b = record(subject=STREAM, has_status=FLAG).read(b)
    value["status"], b = STATUS.read(b) if value.pop("has_status") else (None, b)
    rest, b = ACCEPTED.read(b)
    return {**value, **rest}, b


def write_acceptance(value):
    status = b"\0" if value["status"] is None else b"\1" + STATUS.write(value["status"])
    return STREAM.write(value["subject"]) + status + ACCEPTED.write(value)


ACCEPTED = record(
    version=NUMBER, position=NUMBER, time=NUMBER, stock=list_of(record(sku=TEXT, stock=NUMBER))
)

STOCKED = list_of(record(sku=TEXT, quantity=NUMBER, stock_after=NUMBER, version=NUMBER))
MOVED = record(sku=TEXT, quantity=NUMBER, stock_after=NUMBER, reason=TEXT)
PAYLOADS = dict(
    ProductRegistered=record(sku=TEXT, name=TEXT, stock=NUMBER),
    StockReceived=MOVED,
    StockWrittenOff=MOVED,
    ProductRetired=record(sku=TEXT, stock_after=NUMBER),
    OrderDrafted=record(order=TEXT, lines=list_of(LINE)),
    OrderPlaced=record(order=TEXT, lines=STOCKED),
    OrderAborted=record(order=TEXT, was_draft=FLAG, lines=STOCKED, reason=TEXT),
    OrderFulfilled=record(order=TEXT, lines=STOCKED, reason=TEXT),
    CommandRefused=record(command=NUMBER, refusal=REFUSAL),
)


def read_event(b):
    event, b = record(position=NUMBER, time=NUMBER, size=NUMBER).read(b)
    size = event.pop("size")
    body, b = b[:size], b[size:]
    assert len(body) == size
    head, body = record(type=NUMBER, type_version=NUMBER, flags=NUMBER).read(body)
    flags = head.pop("flags")
    assert flags < 4 and head["type_version"] == 1
    name = list(PAYLOADS)[head["type"] - 1]
    event.update(type=name, command_id=None, body_hash=None, actor=None)
    if flags & 1:
        ids, body = record(command_id=raw(16), body_hash=raw(16)).read(body)
        event.update(ids)
    if flags & 2:
        event["actor"], body = TEXT.read(body)
    event["version"], body = NUMBER.read(body)
    event["data"], body = PAYLOADS[name].read(body)
    assert not body
    return event, b


def write_event(event):
    flags = (event["command_id"] is not None) + 2 * (event["actor"] is not None)
    body = write_number(list(PAYLOADS).index(event["type"]) + 1) + write_number(1) + write_number(flags)
    if flags & 1:
        body += bytes.fromhex(event["command_id"] + event["body_hash"])
    if flags & 2:
        body += TEXT.write(event["actor"])
    body += NUMBER.write(event["version"]) + PAYLOADS[event["type"]].write(event["data"])
    return NUMBER.write(event["position"]) + NUMBER.write(event["time"]) + write_number(len(body)) + body


ANSWER = record(
    outcome=one_of(accepted=Codec(read_acceptance, write_acceptance), refused=REFUSAL), replayed=FLAG
)
EVENTS = list_of(Codec(read_event, write_event))
HEAD = dict(ledger=raw(16), epoch=NUMBER, position=NUMBER, hash=raw(32), time=NUMBER)
SUMS = dict(
    placed=NUMBER, aborted=NUMBER, fulfilled=NUMBER, received=NUMBER, written_off=NUMBER, events=NUMBER
)
LATER_SUMS = dict(
    returned=NUMBER, counted_up=NUMBER, counted_down=NUMBER, transferred_in=NUMBER, transferred_out=NUMBER
)
REPLIES = one_of(
    129,
    dict(ZoneMovements=148, OrderHistory=149),
    ServerHello=record(
        version=NUMBER,
        ledger=raw(16),
        epoch=NUMBER,
        position=NUMBER,
        max_frame_bytes=NUMBER,
        max_in_flight=NUMBER,
        server=TEXT,
    ),
    Command=ANSWER,
    Product=record(sku=TEXT, product=optional(PRODUCT), as_of=NUMBER),
    Order=record(order=TEXT, state=optional(ORDER), as_of=NUMBER),
    Products=record(
        rows=list_of(record(sku=TEXT, product=PRODUCT)), next=optional(TEXT), as_of=NUMBER
    ),
    Orders=record(rows=list_of(record(order=TEXT, state=ORDER)), next=optional(TEXT), as_of=NUMBER),
    Events=record(events=EVENTS, next=optional(NUMBER), end=NUMBER),
    Head=record(**HEAD, views=NUMBER),
    Error=record(rule=RULE, detail=TEXT, closing=FLAG),
    Position=record(position=NUMBER),
    Commits=record(
        created=NUMBER,
        events=EVENTS,
        commits=list_of(record(first=NUMBER, events=NUMBER, epoch=NUMBER)),
        next=optional(NUMBER),
        end=NUMBER,
    ),
    Rebuilding=record(at=NUMBER, end=NUMBER),
    Rebuilt=record(
        view=TEXT,
        position=NUMBER,
        rows=NUMBER,
        digest=raw(32),
        finding=named("same", "differs", "nothing"),
        live_digest=optional(raw(32)),
        difference=optional(
            record(key=ANY_BYTES, live=optional(ANY_BYTES), rebuilt=optional(ANY_BYTES))
        ),
        reason=TEXT,
    ),
    SignedHead=record(**HEAD, key=raw(32), signature=raw(64)),
    Movements=record(
        sku=TEXT,
        rows=list_of(record(day=NUMBER, **SUMS)),
        next=optional(NUMBER),
        as_of=NUMBER,
    ),
    Checkpoint=record(directory=TEXT, position=NUMBER),
    LoggedIn=record(name=TEXT, scopes=NUMBER),
    Batch=record(answers=list_of(ANSWER), last=FLAG),
    OrderHistory=record(
        order=TEXT,
        state=optional(ORDER),
        steps=list_of(record(position=NUMBER, type=NUMBER, time=NUMBER, actor=TEXT)),
        as_of=NUMBER,
    ),
    ZoneMovements=record(
        sku=TEXT,
        known=FLAG,
        zone=TEXT,
        rows=list_of(record(day=NUMBER, begin=NUMBER, end=NUMBER, **SUMS, **LATER_SUMS)),
        next=optional(NUMBER),
        as_of=NUMBER,
    ),
)


# ---- frames ------------------------------------------------------------------------------------------------


def decode(frame):
    length, checksum = struct.unpack_from("<II", frame)
    payload = frame[8:]
    assert length == len(payload) and checksum == zlib.crc32(payload)
    assert 1 <= length <= 1 << 20
    number, after = payload[0], payload[1:]
    request_id, fields = read_number(after)
    codec = REQUESTS if number < 128 else REPLIES
    value, rest = codec.read(write_number(number) + fields)
    assert not rest, "bytes are left over"
    return {"message": value.pop("is"), "id": request_id, "fields": value}


def encode(message, from_client):
    codec = REQUESTS if from_client else REPLIES
    coded = codec.write({"is": message["message"], **message["fields"]})
    number, fields = read_number(coded)
    payload = bytes([number]) + write_number(message["id"]) + fields
    return struct.pack("<II", len(payload), zlib.crc32(payload)) + payload


def golden_frames():
    """By name; those of a later version than 1 lie in a folder of their version."""
    paths = sorted(GOLDEN.glob("**/*.hex"))
    return {str(path.relative_to(GOLDEN).with_suffix("")): bytes.fromhex(path.read_text()) for path in paths}


def entry(name, frame):
    return {"name": name, "from": "client" if frame[8] < 128 else "ledger", "frame": frame.hex(), **decode(frame)}


def main():
    path = GOLDEN / "frames.json"
    known = json.loads(path.read_text()) if path.exists() else []
    frames = golden_frames()
    if sys.argv[1:] == ["--add"]:
        names = {frame["name"] for frame in known}
        known += [entry(name, frame) for name, frame in frames.items() if name not in names]
        lines = ",\n".join(json.dumps(one) for one in known)
        path.write_text(f"[\n{lines}\n]\n")
    assert {one["name"] for one in known} == set(frames), "frames.json and the golden frames are not the same"
    for one in known:
        frame = frames[one["name"]]
        assert entry(one["name"], frame) == one, f"{one['name']} decodes to {json.dumps(entry(one['name'], frame))}"
        assert encode(one, one["from"] == "client") == frame, f"{one['name']} is encoded differently"
    print(f"{len(known)} frames decode to what frames.json says, and back")


if __name__ == "__main__":
    main()
