#include "storage/codec/state_codec.h"

#include <cassert>
#include <cstdint>
#include <string>

#include "storage/codec/bounded_archive.h"
#include "storage/codec/domain_archive.h"
#include "storage/codec/domain_ranges.h"

namespace stockfold {

// In the namespace of the types that they save and load, where Cereal looks for them.
// NOLINTBEGIN(misc-use-anonymous-namespace)

// Earlier events are stored as distances from the next event, the latest first: small numbers.
static void save(BoundedOutput& archive, const StoredOrder& stored) {
  const auto& [order, earlier] = stored;
  assert(order.version.value() >= 1 && order.version.value() <= earlier.size() + 1);
  archive(order);
  GlobalPosition after = order.changed_at;
  for (std::size_t i = order.version.value() - 1; i-- > 0; after = earlier[i]) {
    assert(earlier[i] < after);
    archive.put_number(after.value() - earlier[i].value());
  }
}

static void load(BoundedInput& archive, StoredOrder& stored) {
  auto& [order, earlier] = stored;
  archive(order);
  archive.enter("version");
  if (order.version.value() < 1 || order.version.value() > earlier.size() + 1) {
    return archive.fail("a number out of its range");
  }
  archive.enter("earlier event");
  std::uint64_t after = order.changed_at.value();
  for (std::size_t i = order.version.value() - 1; i-- > 0;) {
    const std::uint64_t distance = archive.take_number(after);
    if (distance == 0) return archive.fail("a number out of its range");
    after -= distance;
    earlier[i] = GlobalPosition(after);
  }
}

// NOLINTEND(misc-use-anonymous-namespace)

namespace {

template <class State>
void append_state(const State& state, std::string& bytes) {
  thread_local BoundedOutput archive;
  archive.write_to(bytes)(state);
}

template <class State>
void encode_state(const State& state, std::string& bytes) {
  bytes.clear();
  append_state(state, bytes);
}

template <class State>
std::string encoded(const State& state) {
  std::string bytes;
  BoundedOutput archive(bytes);
  archive(state);
  return bytes;
}

template <class State>
std::expected<State, std::string> decode_state(std::string_view bytes) {
  State state;
  thread_local BoundedInput archive;
  archive.read_from(bytes);
  archive(state);
  archive.finish();
  if (!archive.ok()) return std::unexpected(archive.error());
  return state;
}

/// Whether a row needs the sums that came with version 2: without any, it has the bytes of version 1.
bool has_later_sums(const MovementSums& sums) {
  return (sums.returned | sums.counted_up | sums.counted_down | sums.transferred_in | sums.transferred_out) !=
         0;
}

bool in_range(const StoredOrder& stored) { return stockfold::in_range(stored.order); }

template <class State>
std::expected<State, std::string> only_in_range(std::expected<State, std::string> state) {
  if (state && !in_range(*state)) return std::unexpected("a value outside its range");
  return state;
}

}  // namespace

std::string encode(const Product& product) { return encoded(product); }
std::string encode(const StoredOrder& order) { return encoded(order); }
std::string encode(const Receipt& receipt) { return encoded(receipt); }

void encode(const Product& product, std::string& bytes) { encode_state(product, bytes); }
void encode(const StoredOrder& order, std::string& bytes) { encode_state(order, bytes); }
void encode(const Receipt& receipt, std::string& bytes) { encode_state(receipt, bytes); }
void encode(const MovementSums& sums, std::string& bytes) {
  thread_local BoundedOutput archive;
  bytes.clear();
  archive.write_to(bytes).extend(has_later_sums(sums))(sums);
}
void append(const Receipt& receipt, std::string& row) { append_state(receipt, row); }

std::expected<Product, std::string> decode_product(std::string_view bytes) {
  return only_in_range(decode_state<Product>(bytes));
}
std::expected<StoredOrder, std::string> decode_order(std::string_view bytes) {
  return only_in_range(decode_state<StoredOrder>(bytes));
}
std::expected<Receipts, std::string> decode_receipts(std::string_view bytes) {
  thread_local BoundedInput archive;
  archive.read_from(bytes);
  Receipts receipts;
  do {
    Receipt receipt;
    archive(receipt);
    const bool ascends = receipts.empty() || receipts.back().position < receipt.position;
    if (archive.ok() && !ascends) archive.fail("a number out of its range");
    receipts.push_back(receipt);
  } while (!archive.rest().empty());
  if (!archive.ok()) return std::unexpected(archive.error());
  return receipts;
}
std::expected<MovementSums, std::string> decode_movements(std::string_view bytes) {
  MovementSums sums;
  thread_local BoundedInput archive;
  archive.read_from(bytes);
  first_sums(archive, sums);
  if (!archive.rest().empty()) {
    later_sums(archive, sums);
    if (archive.ok() && !has_later_sums(sums)) archive.fail("needless bytes");
  }
  archive.finish();
  if (!archive.ok()) return std::unexpected(archive.error());
  return sums;
}

}  // namespace stockfold
