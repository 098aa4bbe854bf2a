// The coding of requests.
#include <algorithm>
#include <limits>
#include <optional>
#include <type_traits>

#include "core/utf8.h"
#include "protocol/archive.h"

namespace stockfold {
namespace {

static_assert(kHasDistinctNumbers<Request>);

constexpr std::string_view kMagic = "SFLD";

void magic(BoundedOutput& archive) { archive.put_bytes(kMagic.data(), kMagic.size()); }
void magic(BoundedInput& archive) {
  archive.enter("magic");
  if (archive.take_bytes(kMagic.size()) != kMagic) archive.fail("not this protocol");
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

/// Only the id of an identity: the ledger hashes the body itself.
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
    if (!is_utf8(hello.client)) archive.fail("not UTF-8");
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
void serialize(Archive& archive, ShowOrderHistory& request) {
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

namespace {

constexpr std::uint64_t kAtPosition = 1;
constexpr std::uint64_t kAtTime = 2;

void moment_field(BoundedOutput& archive, const Moment& moment) {
  archive.put_number(std::holds_alternative<GlobalPosition>(moment) ? kAtPosition : kAtTime);
  std::visit([&](const auto& point) { archive(point); }, moment);
}
void moment_field(BoundedInput& archive, Moment& moment) {
  archive.enter("moment");
  const std::uint64_t number = archive.take_number(kAtTime);
  if (number == kAtPosition) {
    archive(moment.emplace<GlobalPosition>());
  } else if (number == kAtTime) {
    archive(moment.emplace<UnixMillis>());
  } else {
    archive.fail("a number out of its range");
  }
}

}  // namespace

/// The inner read has the number that it has as a request of its own.
template <class Archive>
void serialize(Archive& archive, At& request) {
  moment_field(archive, request.moment);
  variant_field(archive, "read", request.read);
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
void serialize(Archive& archive, ReadZoneMovements& request) {
  field(archive, "sku", request.sku);
  field(archive, "zone", request.zone);
  if constexpr (kLoads<Archive>) {
    if (request.zone.size() > kMaxZoneBytes) archive.fail("too long");
    if (!is_utf8(request.zone)) archive.fail("not UTF-8");
  }
  field(archive, "from", request.from);
  field(archive, "to", request.to);
  page_limit(archive, request.limit);
  archive(request.freshness);
}

template <class Archive>
void serialize(Archive& /*archive*/, MakeCheckpoint& /*request*/) {}

/// A set of types is a number whose bit N stands for the type N.
template <class Archive>
void serialize(Archive& archive, FollowTypes& request) {
  constexpr auto kLast = static_cast<std::uint32_t>(EventType::command_refused);
  archive(request.events);
  std::uint32_t bits = 0;
  for (const EventType type : request.types) bits |= 1U << static_cast<std::uint32_t>(type);
  field(archive, "types", bits);
  if constexpr (kLoads<Archive>) {
    if (bits == 0 || bits % 2 == 1 || bits >> kLast > 1) return archive.fail("a number out of its range");
    for (std::uint32_t number = 1; number <= kLast; ++number) {
      if ((bits >> number & 1U) == 1) request.types.push_back(static_cast<EventType>(number));
    }
  }
}

template <class Archive>
void serialize(Archive& archive, LogIn& request) {
  field(archive, "token", request.token);
  if constexpr (kLoads<Archive>) {
    if (request.token.size() > kMaxTokenBytes) archive.fail("too long");
  }
}

template <class Archive>
void serialize(Archive& archive, CommandBatch& request) {
  field(archive, "commands", request.commands);
  if constexpr (kLoads<Archive>) {
    const std::size_t count = request.commands.size();
    if (count == 0 || count > kMaxBatchCommands) {
      archive.enter("commands");
      archive.fail("a batch has 1 to 1,000 commands");
    }
  }
  field(archive, "atomic", request.atomic);
}

// ---- bytes ------------------------------------------------------------------------------------------------

std::optional<std::uint32_t> common_version(std::uint32_t min, std::uint32_t max) {
  const std::uint32_t greatest = std::min(max, kProtocolVersion);
  if (greatest < std::max(min, kFirstProtocolVersion)) return std::nullopt;
  return greatest;
}

void encode_request(const RequestMessage& message, std::string& out, std::uint32_t version) {
  const auto encode = [&]<class Message>(const Message& fields) {
    assert(version >= first_version<Message>());
    encode_message(Message::kNumber, message.id, out, [&] { encode_fields(fields, out, version); });
  };
  std::visit(encode, message.request);
}

std::expected<RequestMessage, ProtocolError> decode_request(std::string_view payload, std::uint32_t version) {
  RequestMessage message;
  const auto load = [](BoundedInput& archive, auto& fields) { archive(fields); };
  if (auto decoded = decode_message(payload, version, message.id, message.request, load); !decoded) {
    return std::unexpected(std::move(decoded.error()));
  }
  return message;
}

bool fits_frame(const CommandBatch& batch, std::uint32_t version) {
  std::string fields;
  encode_fields(batch, fields, version);
  return 1 + kMaxNumberBytes + fields.size() <= kMaxFrameBytes;
}

std::uint32_t first_version_of(const Request& request) {
  return std::visit([]<class Message>(const Message&) { return first_version<Message>(); }, request);
}

std::optional<UnreadCommand> peek_command(std::string_view payload) {
  thread_local BoundedInput archive;
  archive.read_from(payload);
  const std::string_view number = archive.take_bytes(1);
  const std::uint64_t id = archive.take_number(std::numeric_limits<std::uint64_t>::max());
  const std::uint64_t kind = archive.take_number(greatest_number<CommandBody>());
  if (!archive.ok() || kind == 0 || static_cast<std::uint8_t>(number.front()) != CommandRequest::kNumber)
    return std::nullopt;
  return UnreadCommand{id, static_cast<CommandKind>(kind)};
}

std::optional<std::uint64_t> peek_batch(std::string_view payload) {
  if (!payload.starts_with(static_cast<char>(CommandBatch::kNumber))) return std::nullopt;
  thread_local BoundedInput archive;
  archive.read_from(payload.substr(1));
  const std::uint64_t id = archive.take_number(std::numeric_limits<std::uint64_t>::max());
  return archive.ok() ? std::optional(id) : std::nullopt;
}

}  // namespace stockfold
