// What the ledger answers.
#include "protocol/archive.h"
#include "storage/codec/event_codec.h"

namespace stockfold {
namespace {

constexpr std::uint8_t kFirstReply = 129;

}  // namespace

template <class Archive>
void serialize(Archive& archive, ServerHello& hello) {
  field(archive, "version", hello.version);
  field(archive, "ledger", hello.ledger);
  field(archive, "epoch", hello.epoch);
  field(archive, "position", hello.position);
  field(archive, "max frame bytes", hello.max_frame_bytes);
  field(archive, "max in flight", hello.max_in_flight);
  field(archive, "server", hello.server);
}

template <class Archive>
void serialize(Archive& archive, Answer& answer) {
  variant_field(archive, "outcome", answer.outcome);
  field(archive, "replayed", answer.replayed);
}

template <class Archive>
void serialize(Archive& archive, CommandReply& reply) {
  archive(reply.answer);
}

template <class Archive>
void serialize(Archive& archive, ProductReply& reply) {
  field(archive, "sku", reply.sku);
  field(archive, "product", reply.product);
  field(archive, "as of", reply.as_of);
}

template <class Archive>
void serialize(Archive& archive, OrderReply& reply) {
  field(archive, "order", reply.order);
  field(archive, "state", reply.state);
  field(archive, "as of", reply.as_of);
}

template <class Archive>
void serialize(Archive& archive, ProductsReply& reply) {
  page(archive, "rows", reply.rows);
  field(archive, "next", reply.next);
  field(archive, "as of", reply.as_of);
}

template <class Archive>
void serialize(Archive& archive, OrdersReply& reply) {
  page(archive, "rows", reply.rows);
  field(archive, "next", reply.next);
  field(archive, "as of", reply.as_of);
}

template <class Archive>
void serialize(Archive& archive, MovementsReply& reply) {
  field(archive, "sku", reply.sku);
  page(archive, "rows", reply.rows);
  field(archive, "next", reply.next);
  field(archive, "as of", reply.as_of);
}

template <class Archive>
void serialize(Archive& archive, HeadReply& reply) {
  field(archive, "ledger", reply.ledger);
  field(archive, "epoch", reply.epoch);
  field(archive, "position", reply.position);
  field(archive, "hash", reply.hash);
  field(archive, "time", reply.time);
  field(archive, "views", reply.views);
}

template <class Archive>
void serialize(Archive& archive, ErrorReply& reply) {
  auto rule = numbered(reply.rule, kLastRule);
  field(archive, "rule", rule);
  field(archive, "detail", reply.detail);
  field(archive, "closing", reply.closing);
}

template <class Archive>
void serialize(Archive& archive, PositionReply& reply) {
  field(archive, "position", reply.position);
}

template <class Archive>
void serialize(Archive& archive, CommitExtent& commit) {
  field(archive, "first", commit.first);
  field(archive, "events", commit.events);
  field(archive, "epoch", commit.epoch);
}

template <class Archive>
void serialize(Archive& archive, RebuildingReply& reply) {
  field(archive, "at", reply.at);
  field(archive, "head", reply.head);
}

template <class Archive>
void serialize(Archive& archive, RowDifference& difference) {
  field(archive, "key", difference.key);
  field(archive, "live row", difference.live);
  field(archive, "rebuilt row", difference.rebuilt);
}

template <class Archive>
void serialize(Archive& archive, RebuiltReply& reply) {
  RebuiltView& rebuilt = reply.rebuilt;
  auto finding = numbered(rebuilt.finding, RebuildFinding::nothing);
  field(archive, "view", rebuilt.view);
  field(archive, "position", rebuilt.position);
  field(archive, "rows", rebuilt.rows);
  field(archive, "digest", rebuilt.digest);
  field(archive, "finding", finding);
  field(archive, "live digest", rebuilt.live);
  field(archive, "difference", rebuilt.difference);
  field(archive, "reason", rebuilt.reason);
}

template <class Archive>
void serialize(Archive& archive, CheckpointReply& reply) {
  field(archive, "directory", reply.directory);
  field(archive, "position", reply.position);
}

template <class Archive>
void serialize(Archive& archive, LoggedIn& reply) {
  std::uint32_t bits = reply.scopes.bits();
  field(archive, "name", reply.name);
  field(archive, "scopes", bits);
  if constexpr (kLoads<Archive>) {
    const auto scopes = Scopes::of_bits(bits);
    if (!scopes) return archive.fail("a number out of its range");
    reply.scopes = *scopes;
  }
}

template <class Archive>
void serialize(Archive& archive, SignedHeadReply& reply) {
  Head& head = reply.signed_head.head;
  field(archive, "ledger", head.ledger);
  field(archive, "epoch", head.epoch);
  field(archive, "position", head.position);
  field(archive, "hash", head.hash);
  field(archive, "time", head.time);
  field(archive, "key", reply.signed_head.key);
  field(archive, "signature", reply.signed_head.signature);
}

// ---- bytes ------------------------------------------------------------------------------------------------

namespace {

/// Events have a codec of their own, the log's.
void encode_events(BoundedOutput& archive, const std::vector<RecordedEvent>& events, std::string& out) {
  assert(events.size() <= kMaxPageRows);
  archive.put_number(events.size());
  for (const RecordedEvent& event : events) {
    archive(event.position, event.time);
    encode_event(event, out);
  }
}
void encode_fields(const EventsReply& reply, std::string& out) {
  BoundedOutput archive(out);
  encode_events(archive, reply.events, out);
  archive(reply.next, reply.head);
}
void encode_fields(const CommitsReply& reply, std::string& out) {
  BoundedOutput archive(out);
  archive(reply.created);
  encode_events(archive, reply.events, out);
  archive(reply.commits, reply.next, reply.head);
}

template <class T>
void decode_fields(BoundedInput& archive, T& message) {
  archive(message);
}
void decode_event_field(BoundedInput& archive, std::vector<RecordedEvent>& events) {
  GlobalPosition position;
  UnixMillis time;
  field(archive, "position", position);
  field(archive, "time", time);
  archive.enter("event");
  std::string_view rest = archive.rest();
  auto event = decode_event(rest, position, time);
  if (!event) return archive.fail(event.error().what);
  archive.take_bytes(archive.rest().size() - rest.size());
  events.push_back(std::move(*event));
}
void decode_events(BoundedInput& archive, std::vector<RecordedEvent>& events) {
  archive.enter("events");
  const std::uint64_t count = archive.take_number(kMaxPageRows);
  for (std::uint64_t i = 0; i < count && archive.ok(); ++i) decode_event_field(archive, events);
}
void decode_fields(BoundedInput& archive, EventsReply& reply) {
  decode_events(archive, reply.events);
  field(archive, "next", reply.next);
  field(archive, "head", reply.head);
}
void decode_fields(BoundedInput& archive, CommitsReply& reply) {
  field(archive, "created", reply.created);
  decode_events(archive, reply.events);
  page(archive, "commits", reply.commits);
  field(archive, "next", reply.next);
  field(archive, "head", reply.head);
}

}  // namespace

void encode_reply(const ReplyMessage& message, std::string& out) {
  const auto encode = [&](const auto& fields) {
    encode_message(kFirstReply + message.reply.index(), message.id, out, [&] { encode_fields(fields, out); });
  };
  std::visit(encode, message.reply);
}

void encode_answer(std::uint64_t id, const Answer& answer, std::string& out) {
  constexpr std::size_t kCommandReply = 1;
  static_assert(std::is_same_v<std::variant_alternative_t<kCommandReply, Reply>, CommandReply>);
  encode_message(kFirstReply + kCommandReply, id, out, [&] { encode_fields(answer, out); });
}

bool is_later_reply(std::string_view payload) {
  return !payload.empty() &&
         static_cast<std::uint8_t>(payload.front()) >= kFirstReply + std::variant_size_v<Reply>;
}

std::expected<ReplyMessage, ProtocolError> decode_reply(std::string_view payload) {
  ReplyMessage message;
  const auto load = [](BoundedInput& archive, auto& fields) {
    archive.take_later_kinds();  // of a later ledger: docs/PROTOCOL.md, "What may be added"
    decode_fields(archive, fields);
  };
  if (auto decoded = decode_message(payload, kFirstReply, message.id, message.reply, load); !decoded) {
    return std::unexpected(std::move(decoded.error()));
  }
  return message;
}

}  // namespace stockfold
