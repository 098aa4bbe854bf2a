#include "server/http/multipart.h"

#include <algorithm>
#include <boost/beast/core/string.hpp>
#include <optional>
#include <utility>

namespace stockfold {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::size_t kMaxBoundaryBytes = 70;  // RFC 2046 5.1.1

using Broken = std::unexpected<std::string>;
Broken broken(std::string_view what) { return Broken("not valid multipart/form-data: " + std::string(what)); }

bool is(std::string_view text, std::string_view name) {
  return boost::beast::iequals({text.data(), text.size()}, {name.data(), name.size()});
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

/// The text up to the separator. Removes both.
std::string_view take_until(std::string_view& text, std::string_view separator) {
  const std::string_view taken = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(taken.size() + separator.size(), text.size()));
  return taken;
}

/// A token, or a quoted text without its quotes; empty if a quote is missing.
std::optional<std::string> take_value(std::string_view& text) {
  if (!text.starts_with('"')) return std::string(trimmed(take_until(text, ";")));
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return take_until(text, ";").find_first_not_of(" \t") == std::string_view::npos ? std::optional(value)
                                                                                      : std::nullopt;
    }
    const bool escapes =
        text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\');
    if (escapes) ++i;
    value += text[i];
  }
  return std::nullopt;
}

/// A header: a word and its parameters.
struct Header {
  std::string_view word;
  std::vector<HttpParameter> parameters;

  static std::optional<Header> parse(std::string_view text) {
    Header header{.word = trimmed(take_until(text, ";")), .parameters = {}};
    while (!trimmed(text).empty()) {
      const std::string_view name = trimmed(take_until(text, "="));
      text = text.substr(std::min(text.find_first_not_of(" \t"), text.size()));
      auto value = take_value(text);
      if (!value) return std::nullopt;
      header.parameters.push_back({std::string(name), std::move(*value)});
    }
    return header;
  }
  [[nodiscard]] const std::string* parameter(std::string_view name) const {
    const auto found =
        std::ranges::find_if(parameters, [&](const auto& each) { return is(each.name, name); });
    return found == parameters.end() ? nullptr : &found->value;
  }
};

/// The name of the field in the headers of a part.
std::expected<std::string, std::string> name_in(std::string_view headers) {
  std::optional<std::string> name;
  while (!headers.empty()) {
    std::string_view line = take_until(headers, kLineEnd);
    const std::string_view field = trimmed(take_until(line, ":"));
    const auto header = Header::parse(line);
    if (!header) return broken("a header of a part lacks a quote");
    if (is(field, "Content-Transfer-Encoding") && !is(header->word, "binary") && !is(header->word, "8bit") &&
        !is(header->word, "7bit")) {
      return broken("unsupported Content-Transfer-Encoding of a part");
    }
    if (!is(field, "Content-Disposition")) continue;
    const std::string* named = header->parameter("name");
    if (!is(header->word, "form-data") || named == nullptr || name) return broken("a part has no name");
    name = *named;
    if (header->parameter("filename") != nullptr || header->parameter("filename*") != nullptr) {
      return Broken("field " + *name + " is a file; files are not accepted");
    }
  }
  if (!name) return broken("a part has no name");
  return std::move(*name);
}

/// One part: its headers, an empty line, the value.
std::expected<HttpParameter, std::string> field_of(std::string_view part) {
  if (part.starts_with(kLineEnd)) return broken("a part has no name");
  if (part.find("\r\n\r\n") == std::string_view::npos) return broken("a part has no end of its headers");
  auto name = name_in(take_until(part, "\r\n\r\n"));
  if (!name) return std::unexpected(std::move(name.error()));
  return HttpParameter{std::move(*name), std::string(part)};
}

std::string boundary_of(std::string_view content_type) {
  const auto header = Header::parse(content_type);
  const std::string* boundary = header ? header->parameter("boundary") : nullptr;
  const bool good = boundary != nullptr && !boundary->empty() && boundary->size() <= kMaxBoundaryBytes;
  return good ? *boundary : std::string();
}

}  // namespace

std::expected<std::vector<HttpParameter>, std::string> parse_multipart(std::string_view content_type,
                                                                       std::string_view body) {
  const std::string boundary = boundary_of(content_type);
  if (boundary.empty()) return broken("the Content-Type has no boundary of 1 to 70 bytes");
  const std::string first = "--" + boundary;
  const std::string next = "\r\n" + first;
  if (body.starts_with(kLineEnd)) body.remove_prefix(kLineEnd.size());
  if (!body.starts_with(first)) return broken("the body does not begin with the boundary");
  body.remove_prefix(first.size());

  std::vector<HttpParameter> fields;
  while (!body.starts_with("--")) {
    if (!trimmed(take_until(body, kLineEnd)).empty()) return broken("a boundary has no end of its line");
    const std::size_t end = body.find(next);
    if (end == std::string_view::npos) return broken("the last boundary is missing");
    if (fields.size() == kMaxParameters)
      return broken("more than " + std::to_string(kMaxParameters) + " parts");
    auto field = field_of(body.substr(0, end));
    if (!field) return std::unexpected(std::move(field.error()));
    fields.push_back(std::move(*field));
    body.remove_prefix(end + next.size());
  }
  return fields;
}

}  // namespace stockfold
