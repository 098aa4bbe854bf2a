#include "server/http/tag.h"

#include <algorithm>
#include <utility>

#include "protocol/text/arguments.h"
#include "server/http/query.h"

namespace stockfold {
namespace {

void skip_blanks(std::string_view& text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
}

/// Removes the next tag of a list; empty if there is none.
std::optional<std::string_view> take_tag(std::string_view& list) {
  if (list.starts_with("W/")) list.remove_prefix(2);
  if (!list.starts_with('"')) return std::nullopt;
  const std::size_t end = list.find('"', 1);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view tag = list.substr(1, end - 1);
  list.remove_prefix(end + 1);
  skip_blanks(list);
  if (!list.empty() && !list.starts_with(',')) return std::nullopt;
  return tag.substr(0, tag.find_first_of("-;"));
}

}  // namespace

std::string HttpTag::str() const {
  std::string text = "\"" + std::to_string(version.value());
  if (!life.empty()) text.append("@").append(life);
  return text + "\"";
}

std::vector<std::string_view> tags_in(std::string_view list) {
  std::vector<std::string_view> tags;
  for (skip_blanks(list); !list.empty(); skip_blanks(list)) {
    if (list.starts_with(',')) {
      list.remove_prefix(1);
      continue;
    }
    const auto tag = take_tag(list);
    if (!tag) return {};
    tags.push_back(*tag);
  }
  return tags;
}

std::optional<HttpTag> parse_tag(std::string_view tag) {
  const std::size_t sign = std::min(tag.find('@'), tag.size());
  const auto version = parse_as<StreamVersion>(tag.substr(0, sign), 0, UINT64_MAX);
  if (!version) return std::nullopt;
  if (sign == tag.size()) return HttpTag{*version, {}};
  auto life = parse_life(tag.substr(sign + 1));
  if (!life) return std::nullopt;
  return HttpTag{*version, *std::move(life)};
}

bool names(std::string_view list, std::string_view tag) {
  if (list == "*") return true;
  const std::vector<std::string_view> tags = tags_in(list);
  return std::ranges::find(tags, tag.substr(1, tag.size() - 2)) != tags.end();
}

bool names(std::string_view list, const HttpTag& tag) {
  return list == "*" || std::ranges::any_of(tags_in(list), [&](std::string_view each) {
           const auto named = parse_tag(each);
           return named && named->version == tag.version && (named->life.empty() || named->life == tag.life);
         });
}

}  // namespace stockfold
