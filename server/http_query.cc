#include "server/http_query.h"

#include <expected>

#include "server/protocol.h"

namespace stockfold {

std::string HttpQuery::error() const {
  if (!error_.empty()) return error_;
  for (const HttpParameter& parameter : query_) {
    if (std::ranges::find(taken_, &parameter) == taken_.end()) {
      return "unknown or repeated parameter " + parameter.name;
    }
  }
  return {};
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

std::string next_page(const HttpTarget& target, std::string_view begin) {
  std::string page = "/";
  for (const std::string& segment : target.path) page += percent_encoded(segment) + "/";
  page += '?';
  for (const HttpParameter& parameter : target.query) {
    if (parameter.name == begin) continue;
    page += percent_encoded(parameter.name) + "=" + percent_encoded(parameter.value) + "&";
  }
  return page.append(begin) + "=";
}

}  // namespace stockfold
