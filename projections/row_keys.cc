#include "projections/row_keys.h"

#include "storage/codec/big_endian.h"

namespace stockfold {

std::string product_key(std::string_view sku) {
  std::string key;
  product_key(sku, key);
  return key;
}

void product_key(std::string_view sku, std::string& key) { key.assign(kProductPrefix).append(sku); }

std::string history_key(std::string_view sku, std::uint64_t interval) {
  std::string key = "h";
  key.append(sku).push_back('\0');
  append_big_endian(key, ~interval);
  return key;
}

std::string_view receipt_key(const CommandId& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

void posting_key(std::string_view sku, std::uint64_t block, std::string& key) {
  key.assign(sku).push_back('\0');
  append_big_endian(key, block);
}

namespace {

template <class Stretch>
void key_of(std::string_view sku, Stretch when, std::string& key) {
  key.assign(sku).push_back('\0');
  append_big_endian(key, when.value());
}

template <class Stretch>
std::optional<Stretch> stretch_in(std::string_view key, std::string_view sku) {
  if (!key.starts_with(sku) || key.size() <= sku.size() || key[sku.size()] != '\0') return std::nullopt;
  const auto number = parse_big_endian<std::uint32_t>(key.substr(sku.size() + 1));
  if (!number) return std::nullopt;
  return Stretch(*number);
}

}  // namespace

void movement_key(std::string_view sku, Day day, std::string& key) { key_of(sku, day, key); }
void movement_key(std::string_view sku, Quarter quarter, std::string& key) { key_of(sku, quarter, key); }

std::optional<Day> day_in(std::string_view key, std::string_view sku) { return stretch_in<Day>(key, sku); }
std::optional<Quarter> quarter_in(std::string_view key, std::string_view sku) {
  return stretch_in<Quarter>(key, sku);
}

std::optional<std::uint64_t> next_order_number_in(const std::optional<std::string>& row) {
  if (!row) return 1;
  return parse_big_endian<std::uint64_t>(*row);
}

}  // namespace stockfold
