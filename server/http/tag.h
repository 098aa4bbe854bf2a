// Entity tags (RFC 9110, 8.8.3): of orders and products "VERSION@LIFE", such as "3@3f2a91c0.2".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/numbers.h"

namespace stockfold {

/// A version of an order or a product, in a life of the log.
struct HttpTag {
  StreamVersion version;
  std::string life;  ///< Empty: the tag names none.
  /// In quotes.
  [[nodiscard]] std::string str() const;
  friend bool operator==(const HttpTag&, const HttpTag&) = default;
};

/// What the tags of a list have in their quotes, whether they are weak or not, and without what proxies that
/// compress append to it: -gzip, ;gzip and the like. Empty where it is no list of tags, or an empty one.
[[nodiscard]] std::vector<std::string_view> tags_in(std::string_view list);

/// What a tag of tags_in() stands for; empty where it is none of an order or a product.
[[nodiscard]] std::optional<HttpTag> parse_tag(std::string_view tag);

/// Whether the list is *, or names the tag, which is in quotes. A version without a life is that of any.
[[nodiscard]] bool names(std::string_view list, std::string_view tag);
[[nodiscard]] bool names(std::string_view list, const HttpTag& tag);

}  // namespace stockfold
