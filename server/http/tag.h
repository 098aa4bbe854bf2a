// Entity tags (RFC 9110, 8.8.3). Those of orders and products are "VERSION@LIFE", such as "3@3f2a91c0.2".
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

/// The quoted texts of a list of tags, weak ones included, without the suffix of a compressing proxy: -gzip,
/// ;gzip and the like. Empty if the text is no list of tags, or the list is empty.
[[nodiscard]] std::vector<std::string_view> tags_in(std::string_view list);

/// The version and life in a tag of tags_in(); empty if it is no tag of an order or product.
[[nodiscard]] std::optional<HttpTag> parse_tag(std::string_view tag);

/// Whether the list is *, or names the tag, which is in quotes. A version without a life matches any life.
[[nodiscard]] bool names(std::string_view list, std::string_view tag);
[[nodiscard]] bool names(std::string_view list, const HttpTag& tag);

}  // namespace stockfold
