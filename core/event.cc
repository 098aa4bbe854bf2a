#include "core/event.h"

#include "core/overloaded.h"
#include "core/variant_numbers.h"

namespace stockfold {
namespace {

static_assert(kHasDistinctNumbers<Event>);

template <class OrderEvent>
std::vector<StreamEntry> order_and_products(const OrderEvent& event, StreamVersion version) {
  std::vector<StreamEntry> streams;
  streams.reserve(1 + event.lines.size());
  streams.push_back({StreamId::of(event.order), version});
  for (const StockedLine& line : event.lines) streams.push_back({StreamId::of(line.sku), line.version});
  return streams;
}

template <class Id>
std::vector<StreamEntry> only(const Id& id, StreamVersion version) {
  return {{StreamId::of(id), version}};
}

}  // namespace

Lines without_stock(const StockedLines& stocked) {
  Lines lines;
  lines.reserve(stocked.size());
  for (const StockedLine& line : stocked) lines.push_back({line.sku, line.quantity});
  return lines;
}

EventType type_of(const Event& event) {
  return std::visit([]<class Payload>(const Payload&) { return Payload::kType; }, event);
}

std::string_view name_of(EventType type) {
  switch (type) {
    case EventType::product_registered:
      return "ProductRegistered";
    case EventType::stock_received:
      return "StockReceived";
    case EventType::stock_written_off:
      return "StockWrittenOff";
    case EventType::product_retired:
      return "ProductRetired";
    case EventType::order_drafted:
      return "OrderDrafted";
    case EventType::order_placed:
      return "OrderPlaced";
    case EventType::order_aborted:
      return "OrderAborted";
    case EventType::order_fulfilled:
      return "OrderFulfilled";
    case EventType::command_refused:
      return "CommandRefused";
  }
  return "?";
}

std::vector<StreamEntry> streams_of(const RecordedEvent& event) {
  using Streams = std::vector<StreamEntry>;
  const StreamVersion version = event.version;
  return std::visit(Overloaded{
                        [&](const ProductRegistered& e) { return only(e.sku, version); },
                        [&](const StockReceived& e) { return only(e.sku, version); },
                        [&](const StockWrittenOff& e) { return only(e.sku, version); },
                        [&](const ProductRetired& e) { return only(e.sku, version); },
                        [&](const OrderDrafted& e) { return only(e.order, version); },
                        [&](const OrderPlaced& e) { return order_and_products(e, version); },
                        [&](const OrderAborted& e) {
                          return e.was_draft ? only(e.order, version) : order_and_products(e, version);
                        },
                        [&](const OrderFulfilled& e) { return order_and_products(e, version); },
                        [](const CommandRefused&) { return Streams(); },
                    },
                    event.event);
}

std::string_view reason_of(const Event& event) {
  return std::visit(
      [](const auto& e) -> std::string_view {
        if constexpr (requires { e.reason; }) {
          return e.reason;
        } else {
          return {};
        }
      },
      event);
}

}  // namespace stockfold
