#include "projections/row_keys.h"

#include "storage/big_endian.h"

namespace stockfold {

std::string_view receipt_key(const CommandId& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

std::string stream_prefix(const StreamId& stream) {
  std::string prefix;
  prefix.push_back(stream.kind == AggregateKind::order ? 'o' : 'p');
  prefix.append(stream.id);
  prefix.push_back('\0');
  return prefix;
}

std::string stream_key(std::string_view prefix, StreamVersion version) {
  std::string key(prefix);
  append_big_endian(key, version.value());
  return key;
}

std::optional<std::uint64_t> next_order_number_in(const std::optional<std::string>& row) {
  if (!row) return 1;
  return parse_big_endian<std::uint64_t>(*row);
}

}  // namespace stockfold
