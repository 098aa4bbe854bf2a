#include "server/http/query.h"

#include <cstdint>
#include <expected>

#include "core/life.h"
#include "protocol/messages.h"

namespace stockfold {

bool is_passed_over(const HttpParameter& parameter) {
  return parameter.is_id || (parameter.name == "format" && parameter.value == "json");
}

std::vector<HttpFault> HttpQuery::faults() const {
  std::vector<HttpFault> faults = faults_;
  for (const HttpParameter& parameter : query_) {
    const bool is_taken = std::ranges::find(taken_, &parameter) != taken_.end() || is_passed_over(parameter);
    if (is_taken || faults.size() == kMaxFaults) continue;
    faults.push_back({HttpFault::In::query, parameter.name, "unknown or repeated parameter"});
  }
  return faults;
}

Parsed<bool> parse_flag(std::string_view text) {
  if (text.empty() || text == "1" || text == "true") return true;
  if (text == "0" || text == "false") return false;
  return std::unexpected("\"" + std::string(text) + "\" is neither true nor false");
}

Parsed<std::uint32_t> parse_limit(std::string_view text) {
  return parse_as<std::uint32_t>(text, 1, kMaxPageRows);
}

Parsed<OrderStatus> parse_status_or_code(std::string_view text) {
  if (text == "DR") return OrderStatus::draft;
  if (text == "PR") return OrderStatus::in_progress;
  if (text == "AB") return OrderStatus::aborted;
  if (text == "FU") return OrderStatus::fulfilled;
  return parse_status(text);
}

std::string HttpEventId::str() const { return life + "@" + std::to_string(position.value()); }

Parsed<HttpEventId> parse_event_id(std::string_view text) {
  const std::size_t sign = std::min(text.find('@'), text.size());
  auto life = parse_life(text.substr(0, sign));
  const auto position = parse_position(text.substr(std::min(sign + 1, text.size())));
  if (life && position) return HttpEventId{*std::move(life), *position};
  return std::unexpected("\"" + std::string(text) + "\" is not the id of an event, such as 3f2a91c0.2@7");
}

std::string HttpCursor::str() const {
  std::string position;
  if (at) position = std::to_string(at->value());
  const bool has_two_signs = at.has_value() || from.contains('@');
  return life + "@" + (has_two_signs ? position + "@" : "") + from;
}

Parsed<HttpCursor> parse_cursor(std::string_view text) {
  HttpCursor cursor;
  cursor.from = text;
  const std::size_t sign = text.find('@');
  auto life = parse_life(text.substr(0, sign));
  if (sign == std::string_view::npos || !life) return cursor;  // an id alone
  cursor.life = *std::move(life);
  text.remove_prefix(sign + 1);
  const std::size_t second = text.find('@');
  if (second != std::string_view::npos) {
    if (second > 0) {
      const auto at = parse_position(text.substr(0, second));
      if (!at) return std::unexpected("expected the next of a page, or an id");
      cursor.at = *at;
    }
    text.remove_prefix(second + 1);
  }
  cursor.from = text;
  return cursor;
}

std::string next_page(const HttpTarget& target, std::string_view begin) {
  std::string page = "?";
  for (const HttpParameter& parameter : target.query) {
    if (parameter.name == begin || parameter.name == "life") continue;
    page += percent_encoded(parameter.name) + "=" + percent_encoded(parameter.value) + "&";
  }
  return page.append(begin) + "=";
}

}  // namespace stockfold
