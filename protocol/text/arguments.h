// Parses the arguments of the program and the parameters of HTTP. An error is worded so that it can follow
// the argument's name.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/command.h"
#include "core/event.h"
#include "core/ids.h"
#include "core/movements.h"
#include "core/numbers.h"
#include "core/state.h"
#include "protocol/messages.h"

namespace stockfold {

/// The value of an argument, or what is wrong with its text.
template <class T>
using Parsed = std::expected<T, std::string>;

/// A whole number in decimal digits, from `min` to `max`.
[[nodiscard]] Parsed<std::uint64_t> parse_number(std::string_view text, std::uint64_t min, std::uint64_t max);
/// The same, as a number of another type that can hold `max`.
template <class Number>
[[nodiscard]] Parsed<Number> parse_as(std::string_view text, std::uint64_t min, std::uint64_t max) {
  auto number = parse_number(text, min, max);
  if (!number) return std::unexpected(std::move(number.error()));
  return static_cast<Number>(*number);
}
[[nodiscard]] Parsed<Quantity> parse_quantity(std::string_view text);
[[nodiscard]] Parsed<GlobalPosition> parse_position(std::string_view text);
/// A life of the log, such as "3f2a91c0.2".
[[nodiscard]] Parsed<std::string> parse_life(std::string_view text);
/// A position, or a time in RFC 3339. A time before 1970, when nothing had happened, is position 0.
[[nodiscard]] Parsed<Moment> parse_moment(std::string_view text);
/// A time of RFC 3339, not before 1970.
[[nodiscard]] Parsed<UnixMillis> parse_time(std::string_view text);
/// A date such as "2026-01-02", from 1970 on.
[[nodiscard]] Parsed<Day> parse_local_day(std::string_view text);
/// The name of a time zone, which may not exist. A blank is a + that was not percent-encoded.
[[nodiscard]] Parsed<std::string> parse_zone(std::string_view text);
[[nodiscard]] Parsed<Sku> parse_sku(std::string_view text);
[[nodiscard]] Parsed<OrderId> parse_order(std::string_view text);
[[nodiscard]] Parsed<StreamId> parse_stream(std::string_view text);
[[nodiscard]] Parsed<OrderStatus> parse_status(std::string_view text);
[[nodiscard]] Parsed<CommandId> parse_command_id(std::string_view text);
/// "SKU", which is one unit, or "SKU=N". N is what follows the last =, so a SKU with = in it needs its N.
[[nodiscard]] Parsed<Line> parse_line(std::string_view text);
/// Names of types of events, separated by commas.
[[nodiscard]] Parsed<std::vector<EventType>> parse_event_types(std::string_view text);

}  // namespace stockfold
