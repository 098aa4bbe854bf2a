#include "storage/codec/event_codec.h"

#include <cassert>
#include <cstdint>
#include <limits>
#include <string>
#include <variant>

#include "storage/codec/bounded_archive.h"
#include "storage/codec/domain_archive.h"
#include "storage/codec/domain_ranges.h"

namespace stockfold {
namespace {

constexpr std::uint8_t kHasIdentity = 1;
constexpr std::uint8_t kHasActor = 2;

constexpr std::uint64_t form(EventType type, std::uint32_t version) {
  return std::uint64_t{version} << 8 | static_cast<std::uint8_t>(type);
}

using TakePayload = void (*)(BoundedInput&, Event&);

template <class Payload>
void take(BoundedInput& archive, Event& event) {
  archive(event.emplace<Payload>());
}

/// Reads one form of an event as the event of today. A form of an older version gets a function that reads
/// the old fields and converts them. Null if this program does not know the form.
TakePayload reader_of(EventType type, std::uint32_t version) {
  switch (form(type, version)) {
    case form(EventType::product_registered, 1):
      return take<ProductRegistered>;
    case form(EventType::stock_received, 1):
      return take<StockReceived>;
    case form(EventType::stock_written_off, 1):
      return take<StockWrittenOff>;
    case form(EventType::product_retired, 1):
      return take<ProductRetired>;
    case form(EventType::order_drafted, 1):
      return take<OrderDrafted>;
    case form(EventType::order_placed, 1):
      return take<OrderPlaced>;
    case form(EventType::order_aborted, 1):
      return take<OrderAborted>;
    case form(EventType::order_fulfilled, 1):
      return take<OrderFulfilled>;
    case form(EventType::command_refused, 1):
      return take<CommandRefused>;
    default:
      return nullptr;
  }
}

Fault unknown_form(GlobalPosition position, std::uint64_t type, std::uint64_t version) {
  return {FaultKind::newer_format,
          "event " + std::to_string(position.value()) + " is of type " + std::to_string(type) + ", version " +
              std::to_string(version) + ", which this program does not know",
          position};
}

Fault damaged(GlobalPosition position, std::string_view what) {
  return corruption(position,
                    "event " + std::to_string(position.value()) + " cannot be read: " + std::string(what));
}

/// Returns the bytes of the event at the front of `bytes`, and removes them.
std::expected<std::string_view, std::string> take_one(std::string_view& bytes) {
  thread_local BoundedInput archive;
  archive.read_from(bytes).enter("size");
  const std::uint64_t size = archive.take_number(std::numeric_limits<std::uint32_t>::max());
  const std::string_view one = archive.take_bytes(size);
  if (!archive.ok()) return std::unexpected(archive.error());
  bytes = archive.rest();
  return one;
}

void take_flagged(BoundedInput& archive, RecordedEvent& recorded) {
  archive.enter("flags");
  const std::uint64_t flags = archive.take_number(kHasIdentity | kHasActor);
  if ((flags & kHasIdentity) != 0) {
    auto& identity = recorded.identity.emplace();
    archive(cereal::make_nvp("command id", identity.id), cereal::make_nvp("body hash", identity.body));
  }
  if ((flags & kHasActor) != 0) {
    archive(cereal::make_nvp("actor", recorded.actor));
    if (recorded.actor.empty()) archive.fail("empty");
  }
}

}  // namespace

// To change an event: raise its version here, and keep the reader of the old version in reader_of().
std::uint32_t version_of(EventType /*type*/) { return 1; }

void encode_event(const RecordedEvent& event, std::string& out) {
  assert(in_range(event));
  // Nearly every event is shorter than 128 bytes, so its size takes one byte. If it takes more, room is made.
  const std::size_t start = out.size() + 1;
  out.push_back('\0');
  const EventType type = type_of(event.event);
  thread_local BoundedOutput archive;
  archive.write_to(out);
  archive.put_number(static_cast<std::uint64_t>(type));
  archive.put_number(version_of(type));
  archive.put_number((event.identity ? kHasIdentity : 0U) | (event.actor.empty() ? 0U : kHasActor));
  if (event.identity) archive(event.identity->id, event.identity->body);
  if (!event.actor.empty()) archive(event.actor);
  archive(event.version);
  std::visit([&](const auto& payload) { archive(payload); }, event.event);

  std::string size;
  append_number(size, out.size() - start);
  out.replace(start - 1, 1, size);
}

Result<RecordedEvent> decode_event(std::string_view& bytes, GlobalPosition position, UnixMillis time) {
  const auto one = take_one(bytes);
  if (!one) return std::unexpected(damaged(position, one.error()));

  RecordedEvent recorded;
  recorded.position = position;
  recorded.time = time;
  thread_local BoundedInput archive;
  archive.read_from(*one).enter("type");
  const std::uint64_t type = archive.take_number(std::numeric_limits<std::uint8_t>::max());
  archive.enter("type version");
  const std::uint64_t version = archive.take_number(std::numeric_limits<std::uint32_t>::max());
  if (!archive.ok()) return std::unexpected(damaged(position, archive.error()));
  // Checked before anything else is read: an unknown form may have other fields from here on.
  // NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange): this checks whether it is a type
  const auto asked = static_cast<EventType>(type);
  const TakePayload take_payload = reader_of(asked, static_cast<std::uint32_t>(version));
  if (take_payload == nullptr) return std::unexpected(unknown_form(position, type, version));

  take_flagged(archive, recorded);
  archive(cereal::make_nvp("stream version", recorded.version));
  take_payload(archive, recorded.event);
  archive.finish();

  if (!archive.ok()) return std::unexpected(damaged(position, archive.error()));
  if (!in_range(recorded)) return std::unexpected(damaged(position, "a value outside its range"));
  return recorded;
}

}  // namespace stockfold
