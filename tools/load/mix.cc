#include "tools/load/mix.h"

#include <fmt/format.h>

#include <numeric>
#include <optional>
#include <utility>

#include "core/command.h"
#include "tools/console/options.h"

namespace stockfold {
namespace {

constexpr std::uint64_t kMaxWeight = 1'000'000;
constexpr ByAction<std::string_view> kNames{"place", "abort", "fulfil", "receive", "show"};

std::optional<std::size_t> action_named(std::string_view name) {
  for (std::size_t i = 0; i < kActions; ++i) {
    if (kNames[i] == name) return i;
  }
  return std::nullopt;
}

}  // namespace

std::string_view name_of(Action action) { return kNames[static_cast<std::size_t>(action)]; }

std::uint32_t Mix::total() const { return std::accumulate(weights.begin(), weights.end(), 0U); }

Action Mix::at(std::uint32_t number) const {
  std::size_t action = 0;
  for (; action + 1 < kActions && number >= weights[action]; ++action) number -= weights[action];
  return Action(action);
}

std::expected<Mix, std::string> parse_mix(std::string_view text) {
  Mix mix;
  ByAction<bool> named{};
  for (bool more = true; more;) {
    const std::size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    more = comma != std::string_view::npos;
    text.remove_prefix(more ? comma + 1 : text.size());

    const std::size_t equals = part.find('=');
    const std::string_view name = part.substr(0, equals);
    const auto action = action_named(name);
    if (!action)
      return std::unexpected(fmt::format("\"{}\" is not place, abort, fulfil, receive or show", name));
    if (named[*action]) return std::unexpected(fmt::format("{} is given twice", name));
    named[*action] = true;
    const bool weighed = equals != std::string_view::npos;
    const auto weight =
        weighed ? parse_as<std::uint32_t>(part.substr(equals + 1), 0, kMaxWeight) : Parsed<std::uint32_t>(1);
    if (!weight) return std::unexpected(fmt::format("{}: {}", name, weight.error()));
    mix.weights[*action] = *weight;
  }
  if (mix.total() == 0) return std::unexpected("every weight is 0");
  return mix;
}

std::string text_of(const Mix& mix) {
  std::string text;
  for (std::size_t i = 0; i < kActions; ++i) {
    if (mix.weights[i] == 0) continue;
    text += fmt::format("{}{}={}", text.empty() ? "" : ",", kNames[i], mix.weights[i]);
  }
  return text;
}

std::expected<LineRange, std::string> parse_line_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  auto least = parse_as<std::uint32_t>(text.substr(0, dash), 1, kMaxLines);
  if (!least) return std::unexpected(std::move(least.error()));
  if (dash == std::string_view::npos) return LineRange{*least, *least};
  auto most = parse_as<std::uint32_t>(text.substr(dash + 1), 1, kMaxLines);
  if (!most) return std::unexpected(std::move(most.error()));
  if (*most < *least)
    return std::unexpected(fmt::format("\"{}\": the first number is larger than the second", text));
  return LineRange{*least, *most};
}

std::expected<Shown, std::string> parse_shown(std::string_view text) {
  if (text == "product") return Shown::product;
  if (text == "order") return Shown::order;
  if (text == "both") return Shown::both;
  return std::unexpected(fmt::format("\"{}\" is not product, order or both", text));
}

}  // namespace stockfold
