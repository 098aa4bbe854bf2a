// Random asks of the model, and the equivalent commands.
#pragma once

#include <rapidcheck.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/command.h"
#include "core/model.h"
#include "support/ids.h"

namespace stockfold {

/// The products that asks name.
inline const std::vector<std::string>& asked_products() {
  static const std::vector<std::string> all{"A", "B", "C"};
  return all;
}
inline const std::vector<std::string>& asked_orders() {
  static const std::vector<std::string> all{"1", "2", "3", "4", "5", "6", "7", "8"};
  return all;
}

// Most stock is small, so that it runs out; some is close to the largest countable number.
inline rc::Gen<std::int64_t> first_stock() {
  constexpr std::int64_t kMostUnits{kMaxUnits};
  return rc::gen::weightedOneOf<std::int64_t>(
      {{8, rc::gen::inRange<std::int64_t>(0, 9)}, {1, rc::gen::inRange(kMostUnits - 3, kMostUnits + 1)}});
}

inline rc::Gen<std::optional<std::int64_t>> expected_version() {
  return rc::gen::weightedOneOf<std::optional<std::int64_t>>(
      {{5, rc::gen::just(std::optional<std::int64_t>())},
       {1, rc::gen::map(rc::gen::inRange<std::int64_t>(0, 4),
                        [](std::int64_t version) { return std::optional(version); })}});
}

inline std::map<std::string, std::int64_t> some_lines() {
  std::map<std::string, std::int64_t> lines;
  const int which = *rc::gen::inRange(1, 1 << 3);
  for (std::size_t i = 0; i < asked_products().size(); ++i) {
    if ((which >> i & 1) != 0) lines[asked_products()[i]] = *rc::gen::inRange<std::int64_t>(1, 4);
  }
  return lines;
}

inline Ask product_ask(std::string verb) {
  const auto units = verb == "register" ? *first_stock()
                     : verb == "retire" ? 0
                                        : *rc::gen::inRange<std::int64_t>(1, 6);
  return {std::move(verb), *rc::gen::elementOf(asked_products()), units, {}, *expected_version()};
}

inline Ask order_ask(std::string verb) {
  const bool has_lines = verb == "draft" || (verb == "place" && *rc::gen::inRange(0, 3) > 0);
  auto asked = has_lines ? some_lines() : std::map<std::string, std::int64_t>();
  return {std::move(verb), *rc::gen::elementOf(asked_orders()), 0, std::move(asked), *expected_version()};
}

inline rc::Gen<Ask> any_ask() {
  return rc::gen::exec([] {
    const auto verb = *rc::gen::weightedElement<std::string>({{4, "register"},
                                                              {3, "receive"},
                                                              {3, "write_off"},
                                                              {1, "retire"},
                                                              {3, "draft"},
                                                              {8, "place"},
                                                              {4, "abort"},
                                                              {4, "fulfil"}});
    const bool of_product =
        verb == "register" || verb == "receive" || verb == "write_off" || verb == "retire";
    return of_product ? product_ask(verb) : order_ask(verb);
  });
}

inline CommandBody body_of(const Ask& ask) {
  const auto quantity = static_cast<Quantity>(ask.units);
  Lines lines;
  for (const auto& [product, count] : ask.lines)
    lines.push_back({sku(product), static_cast<Quantity>(count)});
  const auto order = ask.id.empty() ? std::nullopt : OrderId::parse(ask.id);
  if (ask.verb == "register") return RegisterProduct{sku(ask.id), "", static_cast<Units>(ask.units)};
  if (ask.verb == "receive") return ReceiveStock{sku(ask.id), quantity, "delivery"};
  if (ask.verb == "write_off") return WriteOffStock{sku(ask.id), quantity, "broken"};
  if (ask.verb == "retire") return RetireProduct{sku(ask.id)};
  if (ask.verb == "draft") return DraftOrder{order, std::move(lines)};
  if (ask.verb == "place") return PlaceOrder{order, std::move(lines)};
  if (ask.verb == "abort") return AbortOrder{order.value(), ""};
  return FulfilOrder{order.value(), ""};
}

inline Command command_of(const Ask& ask) {
  const auto expected =
      ask.expected ? ExpectedVersion::exactly(StreamVersion(static_cast<std::uint64_t>(*ask.expected)))
                   : ExpectedVersion::any();
  return {body_of(ask), expected, std::nullopt, "alice"};
}

}  // namespace stockfold
