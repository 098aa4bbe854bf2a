// The fields of requests and replies, and the coding of a message as a frame (docs/PROTOCOL.md).
// Only requests.cc and replies.cc include this header.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "core/variant_numbers.h"
#include "protocol/frame.h"
#include "protocol/messages.h"
#include "storage/codec/bounded_archive.h"
#include "storage/codec/domain_archive.h"

namespace stockfold {

// ---- fields -----------------------------------------------------------------------------------------------

template <class Archive>
constexpr bool kLoads = std::is_same_v<Archive, BoundedInput>;

template <class Archive, class T>
void field(Archive& archive, const char* name, T& value) {
  archive(cereal::make_nvp(name, value));
}
template <class Archive>
void field(Archive& archive, const char* name, OrderStatus& status) {
  auto coded = numbered(status, OrderStatus::fulfilled);
  archive(cereal::make_nvp(name, coded));
}

/// An optional in Cereal's coding; but errors name the field.
template <class Archive, class T>
void field(Archive& archive, const char* name, std::optional<T>& value) {
  bool empty = !value.has_value();
  field(archive, name, empty);
  if (empty) return;
  if constexpr (kLoads<Archive>) value.emplace();
  field(archive, name, *value);
}

/// A variant is coded as the number written down in its alternative, and the alternative's fields. The names
/// save and load would not do: every alternative converts to its variant, so Cereal would choose these.
template <class... Alternatives>
void save_variant(BoundedOutput& archive, const std::variant<Alternatives...>& variant) {
  std::visit(
      [&]<class Alternative>(const Alternative& alternative) {
        archive.put_number(number_of<Alternative>());
        archive(alternative);
      },
      variant);
}

/// Makes `variant` the alternative of that number, and loads that by `load`. False if none has the number.
template <class... Alternatives, class Load>
bool load_alternative(std::variant<Alternatives...>& variant, std::uint64_t number, const Load& load) {
  const auto is_loaded = [&]<class Alternative>() {
    if (number != number_of<Alternative>()) return false;
    load(variant.template emplace<Alternative>());
    return true;
  };
  return (is_loaded.template operator()<Alternatives>() || ...);
}

template <class... Alternatives>
void load_variant(BoundedInput& archive, std::variant<Alternatives...>& variant) {
  const std::uint64_t number = archive.take_number(greatest_number<std::variant<Alternatives...>>());
  const auto load = [&](auto& alternative) { archive(alternative); };
  if (!load_alternative(variant, number, load)) archive.fail("a number out of its range");
}

template <class Archive, class... Alternatives>
void variant_field(Archive& archive, const char* name, std::variant<Alternatives...>& variant) {
  if constexpr (kLoads<Archive>) {
    archive.enter(name);
    load_variant(archive, variant);
  } else {
    save_variant(archive, variant);
  }
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

// ---- messages ---------------------------------------------------------------------------------------------

/// Whether messages of that version have the extended layout of the domain's values.
constexpr bool is_extended(std::uint32_t version) { return version >= 2; }

template <class T>
void encode_fields(const T& message, std::string& out, std::uint32_t version) {
  thread_local BoundedOutput archive;
  archive.write_to(out).extend(is_extended(version))(message);
}

/// The first version that has the message.
template <class Message>
constexpr std::uint32_t first_version() {
  if constexpr (requires { Message::kSinceVersion; }) return Message::kSinceVersion;
  return kFirstProtocolVersion;
}

/// Appends a frame with the message of that number, whose fields `put()` appends.
template <class Put>
void encode_message(std::uint8_t number, std::uint64_t id, std::string& out, const Put& put) {
  const std::size_t start = begin_frame(out);
  out.push_back(static_cast<char>(number));
  append_number(out, id);
  put();
  end_frame(out, start);
}

/// Reads a payload of that version into `message`; `load(archive, fields)` loads an alternative. `id` is that
/// of the request, 0 if it cannot be read.
template <class Variant, class Load>
std::expected<void, ProtocolError> decode_message(std::string_view payload, std::uint32_t version,
                                                  std::uint64_t& id, Variant& message, const Load& load) {
  thread_local BoundedInput archive;
  archive.read_from(payload).extend(is_extended(version));
  const std::string_view first = archive.take_bytes(1);
  archive.enter("request id");
  id = archive.take_number(std::numeric_limits<std::uint64_t>::max());
  archive.enter("message");
  const std::uint64_t number = first.empty() ? 0 : static_cast<std::uint8_t>(first.front());
  const auto load_fields = [&]<class Message>(Message& fields) {
    if (version < first_version<Message>()) return archive.fail("an unknown number");
    load(archive, fields);
  };
  if (!load_alternative(message, number, load_fields)) archive.fail("an unknown number");
  archive.finish();
  if (!archive.ok()) return std::unexpected(ProtocolError{id, archive.error()});
  return {};
}

}  // namespace stockfold
