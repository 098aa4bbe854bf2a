#include "histories/shoppers.h"

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

namespace stockfold {
namespace {

constexpr std::uint64_t kOrdersInReach = 6;      // the latest ones, which all clients compete for
constexpr std::uint64_t kOrdersOfAProduct = 60;  // then the shelf gets two others
constexpr Units kFirstStock = 5;

// Percent; the rest shows an order.
constexpr std::uint32_t kShowProduct = 11;
constexpr std::uint32_t kShowOrder = 23;
constexpr std::uint32_t kRegister = 33;
constexpr std::uint32_t kReceive = 42;
constexpr std::uint32_t kWriteOff = 46;
constexpr std::uint32_t kRetire = 47;
constexpr std::uint32_t kDraft = 51;
constexpr std::uint32_t kPlaceDraft = 55;
constexpr std::uint32_t kAbort = 69;
constexpr std::uint32_t kFulfil = 75;

StreamId subject_of(const CommandBody& body) {
  return std::visit(
      [](const auto& c) {
        using Body = std::decay_t<decltype(c)>;
        if constexpr (std::is_same_v<Body, DraftOrder> || std::is_same_v<Body, PlaceOrder>) {
          return StreamId::of(*c.order);
        } else if constexpr (requires { c.order; }) {
          return StreamId::of(c.order);
        } else {
          return StreamId::of(c.sku);
        }
      },
      body);
}

}  // namespace

Shopper::Shopper(Shop& shop, std::uint32_t number, std::uint64_t seed)
    : shop_(shop), number_(number), random_(seed * 1'000 + number), latest_(shop.shelves()) {}

Asked Shopper::next() {
  shelf_ = random_.below(shop_.shelves());
  const std::uint32_t drawn = random_.below(100);
  if (drawn < kShowProduct) return ShowProduct{any_product(), {}};
  if (drawn < kShowOrder) return ShowOrder{any_order(), {}};
  std::optional<Command>& latest = latest_[shelf_];
  if (latest && once_in(12)) return *latest;
  Command command;
  command.body = draw_body(drawn);
  command.expected = expect(command.body);
  const bool reuses = latest && once_in(50);
  command.identity = CommandIdentity{reuses ? latest->identity->id : new_id(), {}};
  command.actor = "shopper " + std::to_string(number_);
  if (!reuses) latest = command;
  return command;
}

CommandBody Shopper::draw_body(std::uint32_t drawn) {
  if (drawn < kRegister) return RegisterProduct{any_product(), "of " + std::to_string(number_), kFirstStock};
  if (drawn < kReceive) return ReceiveStock{any_product(), 1 + random_.below(3), ""};
  if (drawn < kWriteOff) return WriteOffStock{any_product(), 1 + random_.below(2), ""};
  if (drawn < kRetire) return RetireProduct{any_product()};
  if (drawn < kDraft) return DraftOrder{new_order(), any_lines()};
  if (drawn < kPlaceDraft) return PlaceOrder{any_order(), {}};
  if (drawn < kAbort) return AbortOrder{any_order(), ""};
  if (drawn < kFulfil) return FulfilOrder{any_order(), ""};
  return PlaceOrder{once_in(3) ? any_order() : new_order(), any_lines()};
}

void Shopper::learn(const Told& told) {
  if (const auto* product = std::get_if<ProductReply>(&told)) {
    versions_[StreamId::of(product->sku)] = product->product ? product->product->version.value() : 0;
  } else if (const auto* order = std::get_if<OrderReply>(&told)) {
    versions_[StreamId::of(order->order)] = order->state ? order->state->version.value() : 0;
  } else if (const auto* answer = std::get_if<Answer>(&told)) {
    if (const auto* accepted = std::get_if<Accepted>(&answer->outcome)) {
      versions_[accepted->subject] = accepted->version.value();
    } else if (const auto* refusal = std::get_if<Refusal>(&answer->outcome);
               refusal != nullptr && refusal->subject) {
      versions_[*refusal->subject] = refusal->actual.value();
    }
  }
}

Sku Shopper::any_product() {
  const std::uint64_t generation = shop_.orders(shelf_) / kOrdersOfAProduct;
  return *Sku::parse("s" + std::to_string(shelf_) + "-" + std::to_string(generation) +
                     (once_in(2) ? "a" : "b"));
}

OrderId Shopper::any_order() {
  const std::uint64_t named = shop_.orders(shelf_);
  const auto back = std::uint64_t{random_.below(kOrdersInReach)};
  return *OrderId::parse("s" + std::to_string(shelf_) + "-" + std::to_string(named - std::min(named, back)));
}

OrderId Shopper::new_order() {
  return *OrderId::parse("s" + std::to_string(shelf_) + "-" + std::to_string(shop_.name_order(shelf_) + 1));
}

Lines Shopper::any_lines() {
  Lines lines{{any_product(), 1 + random_.below(2)}};
  if (once_in(3)) {
    const Line other{any_product(), 1};
    if (other.sku != lines.front().sku) lines.push_back(other);
    std::ranges::sort(lines, {}, &Line::sku);
  }
  return lines;
}

ExpectedVersion Shopper::expect(const CommandBody& body) {
  if (!once_in(4)) return ExpectedVersion::any();
  const auto known = versions_.find(subject_of(body));
  return ExpectedVersion::exactly(StreamVersion(known == versions_.end() ? random_.below(2) : known->second));
}

CommandId Shopper::new_id() {
  CommandId id;
  const std::array<std::uint64_t, 2> halves{number_ + 1, ++commands_};
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    id.bytes[i] = static_cast<std::uint8_t>(halves[i / 8] >> (56 - 8 * (i % 8)));
  }
  return id;
}

}  // namespace stockfold
