#include "storage/codec/domain_ranges.h"

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include "core/lines.h"

namespace stockfold {
namespace {

bool is_count(Units units) { return units <= kMaxUnits; }
bool is_name(const std::string& text) { return text.size() <= kMaxNameBytes; }
bool is_reason(const std::string& text) { return text.size() <= kMaxReasonBytes; }
bool is_actor(const std::string& text) { return text.size() <= kMaxActorBytes; }

template <class AnyLine>
bool are_lines(const std::vector<AnyLine>& lines) {
  return !malformation(lines);
}

bool moved_stock(const StockedLine& line) { return is_count(line.stock_after) && line.version.value() > 0; }
bool moved_nothing(const StockedLine& line) { return line.stock_after == 0 && line.version.value() == 0; }

struct EventRange {
  bool operator()(const ProductRegistered& event) const {
    return is_name(event.name) && is_count(event.stock);
  }
  bool operator()(const StockReceived& event) const {
    return is_quantity(event.quantity) && is_count(event.stock_after) && is_reason(event.reason);
  }
  bool operator()(const StockWrittenOff& event) const {
    return is_quantity(event.quantity) && is_count(event.stock_after) && is_reason(event.reason);
  }
  bool operator()(const ProductRetired& event) const { return is_count(event.stock_after); }
  bool operator()(const OrderDrafted& event) const { return are_lines(event.lines); }
  bool operator()(const OrderPlaced& event) const {
    return are_lines(event.lines) && std::ranges::all_of(event.lines, moved_stock);
  }
  bool operator()(const OrderAborted& event) const {
    return are_lines(event.lines) && is_reason(event.reason) &&
           std::ranges::all_of(event.lines, event.was_draft ? moved_nothing : moved_stock);
  }
  bool operator()(const OrderFulfilled& event) const {
    return are_lines(event.lines) && is_reason(event.reason) && std::ranges::all_of(event.lines, moved_stock);
  }
  bool operator()(const CommandRefused& event) const {
    if (!event.refusal.subject && event.refusal.actual.value() != 0) return false;  // a version of no subject
    const AggregateState& state = event.refusal.state;
    if (const auto* product = std::get_if<Product>(&state)) return in_range(*product);
    if (const auto* order = std::get_if<Order>(&state)) return in_range(*order);
    return true;
  }
};

}  // namespace

bool in_range(const Product& product) {
  // Each part is bounded before they are summed, so the sum cannot overflow.
  return is_name(product.name) && is_count(product.received) && is_count(product.written_off) &&
         is_count(product.in_progress) && is_count(product.fulfilled) &&
         product.written_off + product.in_progress + product.fulfilled <= product.received;
}

bool in_range(const Order& order) { return are_lines(order.lines) && is_actor(order.changed_by); }

bool in_range(const RecordedEvent& recorded) {
  const bool in_no_stream = std::holds_alternative<CommandRefused>(recorded.event);
  return in_no_stream == (recorded.version.value() == 0) && is_actor(recorded.actor) &&
         std::visit(EventRange{}, recorded.event);
}

}  // namespace stockfold
