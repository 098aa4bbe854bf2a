#include "storage/state_codec.h"

#include <string>

#include "storage/bounded_archive.h"
#include "storage/domain_archive.h"
#include "storage/domain_ranges.h"

namespace stockfold {
namespace {

template <class State>
std::string encode_state(const State& state) {
  std::string bytes;
  BoundedOutput archive(bytes);
  archive(state);
  return bytes;
}

template <class State>
std::expected<State, std::string> decode_state(std::string_view bytes) {
  State state;
  BoundedInput archive(bytes);
  archive(state);
  archive.finish();
  if (!archive.ok()) return std::unexpected(archive.error());
  return state;
}

template <class State>
std::expected<State, std::string> only_in_range(std::expected<State, std::string> state) {
  if (state && !in_range(*state)) return std::unexpected("a value outside its range");
  return state;
}

}  // namespace

std::string encode(const Product& product) { return encode_state(product); }
std::string encode(const Order& order) { return encode_state(order); }
std::string encode(const Receipt& receipt) { return encode_state(receipt); }

std::expected<Product, std::string> decode_product(std::string_view bytes) {
  return only_in_range(decode_state<Product>(bytes));
}
std::expected<Order, std::string> decode_order(std::string_view bytes) {
  return only_in_range(decode_state<Order>(bytes));
}
std::expected<Receipt, std::string> decode_receipt(std::string_view bytes) {
  return decode_state<Receipt>(bytes);
}

}  // namespace stockfold
