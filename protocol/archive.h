// What requests and replies are made of, and how a message becomes a frame and is read: docs/PROTOCOL.md.
// Only of protocol_requests.cc and protocol_replies.cc.
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

template <class T>
void encode_fields(const T& message, std::string& out) {
  thread_local BoundedOutput archive;
  archive.write_to(out)(message);
}

/// Appends a frame with the message of that number, whose fields `put()` appends.
template <class Put>
void encode_message(std::size_t number, std::uint64_t id, std::string& out, const Put& put) {
  const std::size_t start = begin_frame(out);
  out.push_back(static_cast<char>(number));
  append_number(out, id);
  put();
  end_frame(out, start);
}

/// Reads a payload into `message`, whose alternatives are numbered from `first`; `load(archive, fields)`
/// loads one. `id` is that of the request, as far as it could be read.
template <class Variant, class Load>
std::expected<void, ProtocolError> decode_message(std::string_view payload, std::uint8_t first,
                                                  std::uint64_t& id, Variant& message, const Load& load) {
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
    load_alternative(message, index, [&](auto& fields) { load(archive, fields); });
  } else {
    archive.fail("an unknown number");
  }
  archive.finish();
  if (!archive.ok()) return std::unexpected(ProtocolError{id, archive.error()});
  return {};
}

}  // namespace stockfold
