#include "server/protocol.h"

#include <cassert>
#include <limits>
#include <type_traits>

#include "server/frame.h"
#include "storage/bounded_archive.h"
#include "storage/domain_archive.h"
#include "storage/event_codec.h"

namespace stockfold {
namespace {

constexpr std::string_view kMagic = "SFLD";
constexpr std::uint8_t kFirstRequest = 1;
constexpr std::uint8_t kFirstReply = 129;

template <class Archive>
constexpr bool kLoads = std::is_same_v<Archive, BoundedInput>;

// ---- what messages are made of ----------------------------------------------------------------------------

template <class Archive, class T>
void field(Archive& archive, const char* name, T& value) {
  archive(cereal::make_nvp(name, value));
}
template <class Archive>
void field(Archive& archive, const char* name, OrderStatus& status) {
  auto coded = numbered(status, OrderStatus::fulfilled);
  archive(cereal::make_nvp(name, coded));
}

/// An optional in Cereal's coding, but errors name the field.
template <class Archive, class T>
void field(Archive& archive, const char* name, std::optional<T>& value) {
  bool empty = !value.has_value();
  field(archive, name, empty);
  if (empty) return;
  if constexpr (kLoads<Archive>) value.emplace();
  field(archive, name, *value);
}

/// A variant is the number of its alternative, counted from `first`, and the alternative's fields. Not named
/// save and load: every alternative converts to its variant, and would be taken for one.
template <class... Alternatives>
void save_variant(BoundedOutput& archive, const std::variant<Alternatives...>& variant, std::uint64_t first) {
  archive.put_number(first + variant.index());
  std::visit([&](const auto& alternative) { archive(alternative); }, variant);
}

/// Makes `variant` its alternative number `index`, from 0, and loads that by `load`.
template <class Variant, class Load>
void load_alternative(Variant& variant, std::size_t index, const Load& load) {
  assert(index < std::variant_size_v<Variant>);
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    ((I == index ? load(variant.template emplace<I>()) : void()), ...);
  }(std::make_index_sequence<std::variant_size_v<Variant>>());
}

template <class... Alternatives>
void load_variant(BoundedInput& archive, std::variant<Alternatives...>& variant, std::uint64_t first) {
  const std::uint64_t number = archive.take_number(first + sizeof...(Alternatives) - 1);
  if (number < first) return archive.fail("a number out of its range");
  load_alternative(variant, number - first, [&](auto& alternative) { archive(alternative); });
}

template <class Archive, class... Alternatives>
void variant_field(Archive& archive, const char* name, std::variant<Alternatives...>& variant,
                   std::uint64_t first = 1) {
  if constexpr (kLoads<Archive>) {
    archive.enter(name);
    load_variant(archive, variant, first);
  } else {
    save_variant(archive, variant, first);
  }
}

void magic(BoundedOutput& archive) { archive.put_bytes(kMagic.data(), kMagic.size()); }
void magic(BoundedInput& archive) {
  archive.enter("magic");
  if (archive.take_bytes(kMagic.size()) != kMagic) archive.fail("not this protocol");
}

template <class Archive, class Row>
void page(Archive& archive, const char* name, std::vector<Row>& rows) {
  field(archive, name, rows);
  if constexpr (kLoads<Archive>) {
    if (rows.size() > kMaxPageRows) archive.fail("too long");
  }
}

template <class Archive>
void page_limit(Archive& archive, std::uint32_t& limit) {
  field(archive, "limit", limit);
  if constexpr (kLoads<Archive>) {
    if (limit == 0 || limit > kMaxPageRows) archive.fail("a number out of its range");
  }
}

}  // namespace

// ---- commands ---------------------------------------------------------------------------------------------

template <class Archive>
void serialize(Archive& archive, RegisterProduct& command) {
  field(archive, "sku", command.sku);
  field(archive, "name", command.name);
  field(archive, "stock", command.stock);
}

template <class Archive>
void serialize(Archive& archive, ReceiveStock& command) {
  field(archive, "sku", command.sku);
  field(archive, "quantity", command.quantity);
  field(archive, "reason", command.reason);
}

template <class Archive>
void serialize(Archive& archive, WriteOffStock& command) {
  field(archive, "sku", command.sku);
  field(archive, "quantity", command.quantity);
  field(archive, "reason", command.reason);
}

template <class Archive>
void serialize(Archive& archive, RetireProduct& command) {
  field(archive, "sku", command.sku);
}

template <class Archive>
void serialize(Archive& archive, DraftOrder& command) {
  field(archive, "order", command.order);
  field(archive, "lines", command.lines);
}

template <class Archive>
void serialize(Archive& archive, PlaceOrder& command) {
  field(archive, "order", command.order);
  field(archive, "lines", command.lines);
}

template <class Archive>
void serialize(Archive& archive, AbortOrder& command) {
  field(archive, "order", command.order);
  field(archive, "reason", command.reason);
}

template <class Archive>
void serialize(Archive& archive, FulfilOrder& command) {
  field(archive, "order", command.order);
  field(archive, "reason", command.reason);
}

/// Of an identity only the id: the body's hash is the ledger's to make.
template <class Archive>
void serialize(Archive& archive, CommandIdentity& identity) {
  field(archive, "command id", identity.id);
}

template <class Archive>
void serialize(Archive& archive, Command& command) {
  variant_field(archive, "command", command.body);
  field(archive, "expected version", command.expected);
  field(archive, "command id", command.identity);
  field(archive, "actor", command.actor);
}

// ---- requests ---------------------------------------------------------------------------------------------

template <class Archive>
void serialize(Archive& archive, ClientHello& hello) {
  magic(archive);
  field(archive, "min version", hello.min_version);
  field(archive, "max version", hello.max_version);
  field(archive, "client", hello.client);
  if constexpr (kLoads<Archive>) {
    if (hello.client.size() > kMaxClientNameBytes) archive.fail("too long");
  }
}

template <class Archive>
void serialize(Archive& archive, CommandRequest& request) {
  archive(request.command);
}

template <class Archive>
void serialize(Archive& archive, Freshness& freshness) {
  field(archive, "min position", freshness.min_position);
  field(archive, "stale", freshness.stale);
}

template <class Archive>
void serialize(Archive& archive, ShowProduct& request) {
  field(archive, "sku", request.sku);
  archive(request.freshness);
}

template <class Archive>
void serialize(Archive& archive, ShowOrder& request) {
  field(archive, "order", request.order);
  archive(request.freshness);
}

template <class Archive>
void serialize(Archive& archive, ListProducts& request) {
  field(archive, "from", request.from);
  page_limit(archive, request.limit);
  archive(request.freshness);
}

template <class Archive>
void serialize(Archive& archive, ListOrders& request) {
  field(archive, "from", request.from);
  page_limit(archive, request.limit);
  field(archive, "status", request.status);
  field(archive, "product", request.product);
  archive(request.freshness);
}

template <class Archive>
void serialize(Archive& archive, ReadEvents& request) {
  field(archive, "from", request.from);
  field(archive, "to", request.to);
  field(archive, "stream", request.stream);
  page_limit(archive, request.limit);
  archive(request.freshness);
}

template <class Archive>
void serialize(Archive& archive, FollowEvents& request) {
  field(archive, "from", request.from);
  field(archive, "stream", request.stream);
}

/// The read within has the number that it has as a request of its own.
template <class Archive>
void serialize(Archive& archive, At& request) {
  constexpr std::uint64_t kShowProduct = 3;
  static_assert(
      std::is_same_v<std::variant_alternative_t<kShowProduct - kFirstRequest, Request>, ShowProduct>);
  variant_field(archive, "moment", request.moment);
  variant_field(archive, "read", request.read, kShowProduct);
}

template <class Archive>
void serialize(Archive& archive, FindPosition& request) {
  field(archive, "time", request.time);
}

template <class Archive>
void serialize(Archive& archive, ReadCommits& request) {
  field(archive, "from", request.from);
  field(archive, "to", request.to);
  page_limit(archive, request.limit);
}

template <class Archive>
void serialize(Archive& archive, Rebuild& request) {
  field(archive, "view", request.view);
}

template <class Archive>
void serialize(Archive& archive, ReadMovements& request) {
  field(archive, "sku", request.sku);
  field(archive, "from", request.from);
  field(archive, "to", request.to);
  page_limit(archive, request.limit);
  archive(request.freshness);
}

template <class Archive>
void serialize(Archive& /*archive*/, MakeCheckpoint& /*request*/) {}

// ---- replies ----------------------------------------------------------------------------------------------

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
  auto rule = numbered(reply.rule, Rule::view_not_ready);
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

template <class T>
void encode_fields(const T& message, std::string& out) {
  thread_local BoundedOutput archive;
  archive.write_to(out)(message);
}
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

template <class Fields>
void encode_message(std::size_t number, std::uint64_t id, const Fields& fields, std::string& out) {
  const std::size_t start = begin_frame(out);
  out.push_back(static_cast<char>(number));
  append_number(out, id);
  encode_fields(fields, out);
  end_frame(out, start);
}

template <class Variant>
void encode(std::uint64_t id, const Variant& message, std::uint8_t first, std::string& out) {
  std::visit([&](const auto& fields) { encode_message(first + message.index(), id, fields, out); }, message);
}

template <class Variant>
std::expected<void, ProtocolError> decode(std::string_view payload, std::uint8_t first, std::uint64_t& id,
                                          Variant& message) {
  thread_local BoundedInput archive;
  archive.read_from(payload);
  const std::string_view number = archive.take_bytes(1);
  archive.enter("request id");
  id = archive.take_number(std::numeric_limits<std::uint64_t>::max());
  archive.enter("message");
  // A number below the first wraps around to one that is too large.
  const std::size_t index =
      number.empty() ? 0 : std::size_t{static_cast<std::uint8_t>(number.front())} - first;
  if (index < std::variant_size_v<Variant>) {
    load_alternative(message, index, [&](auto& fields) { decode_fields(archive, fields); });
  } else {
    archive.fail("an unknown number");
  }
  archive.finish();
  if (!archive.ok()) return std::unexpected(ProtocolError{id, archive.error()});
  return {};
}

}  // namespace

void encode_request(const RequestMessage& message, std::string& out) {
  encode(message.id, message.request, kFirstRequest, out);
}

void encode_reply(const ReplyMessage& message, std::string& out) {
  encode(message.id, message.reply, kFirstReply, out);
}

void encode_answer(std::uint64_t id, const Answer& answer, std::string& out) {
  constexpr std::size_t kCommandReply = 1;
  static_assert(std::is_same_v<std::variant_alternative_t<kCommandReply, Reply>, CommandReply>);
  encode_message(kFirstReply + kCommandReply, id, answer, out);
}

std::expected<RequestMessage, ProtocolError> decode_request(std::string_view payload) {
  RequestMessage message;
  if (auto decoded = decode(payload, kFirstRequest, message.id, message.request); !decoded) {
    return std::unexpected(std::move(decoded.error()));
  }
  return message;
}

std::expected<ReplyMessage, ProtocolError> decode_reply(std::string_view payload) {
  ReplyMessage message;
  if (auto decoded = decode(payload, kFirstReply, message.id, message.reply); !decoded) {
    return std::unexpected(std::move(decoded.error()));
  }
  return message;
}

}  // namespace stockfold
