#include "protocol/text/arguments.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <ranges>
#include <utility>

#include "core/life.h"
#include "protocol/text/time_text.h"

namespace stockfold {
namespace {

template <class Id>
Parsed<Id> parse_identifier(std::string_view text) {
  if (const auto id = Id::parse(text)) return *id;
  return std::unexpected(fmt::format("\"{}\" is not {}", text, kIdForm));
}

Parsed<EventType> parse_event_type(std::string_view name) {
  for (auto number = static_cast<std::uint8_t>(EventType::product_registered);
       number <= static_cast<std::uint8_t>(EventType::command_refused); ++number) {
    const auto type = static_cast<EventType>(number);
    if (name_of(type) == name) return type;
  }
  return std::unexpected(fmt::format("\"{}\" is no type of events, such as OrderPlaced", name));
}

}  // namespace

Parsed<std::uint64_t> parse_number(std::string_view text, std::uint64_t min, std::uint64_t max) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  if (whole && number >= min && number <= max) return number;
  return std::unexpected(fmt::format("\"{}\" is not a whole number from {} to {}", text, min, max));
}

Parsed<Quantity> parse_quantity(std::string_view text) { return parse_as<Quantity>(text, 1, kMaxQuantity); }

Parsed<GlobalPosition> parse_position(std::string_view text) {
  return parse_as<GlobalPosition>(text, 0, UINT64_MAX);
}

Parsed<std::string> parse_life(std::string_view text) {
  const std::size_t dot = text.find('.');
  const bool has_id =
      dot == kLifeIdDigits && text.substr(0, dot).find_first_not_of("0123456789abcdef") == std::string::npos;
  if (has_id && parse_number(text.substr(dot + 1), 1, UINT32_MAX)) return std::string(text);
  return std::unexpected("\"" + std::string(text) + "\" is no life of a log, such as 3f2a91c0.2");
}

Parsed<Moment> parse_moment(std::string_view text) {
  if (const auto position = parse_position(text)) return *position;
  const auto time = parse_rfc3339(text);
  if (!time) {
    return std::unexpected(
        fmt::format("\"{}\" is neither a position nor a time such as 2026-01-02T03:04:05Z", text));
  }
  if (*time < UnixMillis(0)) return GlobalPosition(0);
  return *time;
}

Parsed<UnixMillis> parse_time(std::string_view text) {
  const auto time = parse_rfc3339(text);
  if (time && *time >= UnixMillis(0)) return *time;
  return std::unexpected(fmt::format("\"{}\" is not a time such as 2026-01-02T03:04:05Z", text));
}

Parsed<Day> parse_local_day(std::string_view text) {
  if (const auto day = parse_date(text)) return *day;
  return std::unexpected("\"" + std::string(text) + "\" is not a day such as 2026-01-02");
}

Parsed<std::string> parse_zone(std::string_view text) {
  std::string zone(text);
  std::ranges::replace(zone, ' ', '+');
  if (!zone.empty() && zone.size() <= kMaxZoneBytes) return zone;
  return std::unexpected("\"" + zone + "\" is not the name of a time zone such as Europe/Berlin");
}

Parsed<Sku> parse_sku(std::string_view text) { return parse_identifier<Sku>(text); }

Parsed<OrderId> parse_order(std::string_view text) { return parse_identifier<OrderId>(text); }

Parsed<StreamId> parse_stream(std::string_view text) {
  if (auto stream = StreamId::parse(text)) return *std::move(stream);
  return std::unexpected(fmt::format("\"{}\" is neither order/ID nor product/SKU", text));
}

Parsed<OrderStatus> parse_status(std::string_view text) {
  using enum OrderStatus;
  for (const OrderStatus status : {draft, in_progress, aborted, fulfilled}) {
    if (name_of(status) == text) return status;
  }
  return std::unexpected(fmt::format("\"{}\" is not draft, in_progress, aborted or fulfilled", text));
}

Parsed<CommandId> parse_command_id(std::string_view text) {
  if (const auto bytes = parse_uuid(text)) {
    const CommandId id{*bytes};
    if (const auto wrong = never_drawn(id)) return std::unexpected(fmt::format("\"{}\": {}", text, *wrong));
    return id;
  }
  return std::unexpected(fmt::format("\"{}\" is not a UUID", text));
}

Parsed<Line> parse_line(std::string_view text) {
  const std::size_t equals = text.rfind('=');
  const bool counted = equals != std::string_view::npos;

  auto sku = parse_sku(text.substr(0, equals));
  if (!sku) return std::unexpected(std::move(sku.error()));
  if (!counted) return Line{*std::move(sku), 1};
  const std::string_view number = text.substr(equals + 1);
  const auto quantity = parse_quantity(number);
  if (quantity) return Line{*std::move(sku), *quantity};
  const bool is_number = !number.empty() && number.find_first_not_of("0123456789") == std::string_view::npos;
  if (is_number) return std::unexpected(quantity.error());
  return std::unexpected(
      fmt::format("{}; for one unit of a SKU with = in it, write {}=1", quantity.error(), text));
}

Parsed<std::vector<EventType>> parse_event_types(std::string_view text) {
  std::vector<EventType> types;
  for (const auto name : text | std::views::split(',')) {
    auto type = parse_event_type(std::string_view(name.begin(), name.end()));
    if (!type) return std::unexpected(std::move(type.error()));
    types.push_back(*type);
  }
  return types;
}

}  // namespace stockfold
