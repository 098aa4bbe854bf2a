#include "projections/order_index_keys.h"

#include <utility>

#include "storage/codec/big_endian.h"

namespace stockfold {
namespace {

/// `kind`, and each name followed by a byte 0, which no name holds.
template <class... Names>
std::string set_of(char kind, Names... names) {
  std::string set(1, kind);
  (set.append(names).push_back('\0'), ...);
  return set;
}

}  // namespace

namespace order_blocks {

std::string of_status(OrderStatus status) { return {'s', static_cast<char>(std::to_underlying(status))}; }

}  // namespace order_blocks

namespace order_chunks {

std::string drafts_of(std::string_view sku) { return set_of('d', sku); }
std::string drafted_of(std::string_view sku) { return set_of('x', sku); }
std::string open_of_product(std::string_view sku) { return set_of('o', sku); }
std::string open_of(std::string_view sku, std::string_view location) { return set_of('o', sku, location); }
std::string at_location(std::string_view location) { return set_of('l', location); }
std::string of_reference(std::string_view reference) { return set_of('r', reference); }

std::optional<std::string_view> location_in(std::string_view key, std::string_view prefix) {
  if (!key.starts_with(prefix)) return std::nullopt;
  const std::string_view behind = key.substr(prefix.size());
  const std::size_t end = behind.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  return behind.substr(0, end);
}

}  // namespace order_chunks

std::string numbered_key(std::string_view prefix, std::uint64_t number) {
  std::string key;
  numbered_key(prefix, number, key);
  return key;
}

void numbered_key(std::string_view prefix, std::uint64_t number, std::string& key) {
  key.assign(prefix);
  append_big_endian(key, number);
}

std::optional<std::uint64_t> number_in_key(std::string_view key, std::string_view prefix) {
  if (!key.starts_with(prefix)) return std::nullopt;
  return parse_big_endian<std::uint64_t>(key.substr(prefix.size()));
}

void encode_number(std::uint64_t number, std::string& bytes) {
  bytes.clear();
  append_big_endian(bytes, number);
}

std::optional<std::uint64_t> decode_number(std::string_view bytes) {
  return parse_big_endian<std::uint64_t>(bytes);
}

}  // namespace stockfold
