#include "server/http/headers.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/core/string.hpp>
#include <utility>

#include "server/http/query.h"
#include "server/http/tag.h"
#include "storage/codec/sha256.h"

namespace stockfold {

namespace http = boost::beast::http;

namespace {

constexpr std::size_t kMaxKeyBytes = 255;

/// A command expects one version, so a list of tags must name only one.
std::expected<Precondition, std::string> matched(std::string_view list) {
  if (list == "*") return Precondition{ExpectedVersion::any(), {}};
  std::optional<HttpTag> expected;
  for (const std::string_view each : tags_in(list)) {
    auto tag = parse_tag(each);
    if (!tag) return std::unexpected(fmt::format(R"(If-Match: "{}" is not a version such as "3")", each));
    if (!expected) expected = *tag;
    if (tag->version != expected->version) {
      return std::unexpected("If-Match: a command expects one version, and the tags name several");
    }
    auto life = one_life({expected->life, tag->life});
    if (!life) return std::unexpected("If-Match: " + life.error());
    expected->life = *std::move(life);
  }
  if (!expected) return std::unexpected("If-Match: expected a version in quotes, such as \"3\"");
  return Precondition{ExpectedVersion::exactly(expected->version), std::move(expected->life)};
}

/// The UUID in a key that command_id_of() hashes because of its form: in braces, as a URN, or without dashes.
std::optional<CommandId> as_uuid(std::string_view key) {
  constexpr std::string_view kUrn = "urn:uuid:";
  constexpr std::size_t kDigits = 32;
  if (boost::beast::iequals(key.substr(0, kUrn.size()), kUrn)) key.remove_prefix(kUrn.size());
  std::string digits;
  for (const char c : key) {
    if (!std::string_view("-{}\"").contains(c)) digits += c;
  }
  if (digits.size() != kDigits) return std::nullopt;
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) digits.insert(dash, 1, '-');
  return parse_uuid(digits).transform([](const auto& bytes) { return CommandId{bytes}; });
}

}  // namespace

std::string all_of(const HttpRequest& request, std::string_view name) {
  std::string list;
  const auto lines = request.equal_range({name.data(), name.size()});
  for (auto line = lines.first; line != lines.second; ++line) {
    list.append(line == lines.first ? "" : ", ").append(view(line->value()));
  }
  return list;
}

Parsed<std::string> one_life(std::initializer_list<std::string> named) {
  std::string life;
  for (const std::string& each : named) {
    if (each.empty()) continue;
    auto parsed = parse_life(each);
    if (!parsed) return std::unexpected(std::move(parsed.error()));
    if (!life.empty() && life != each)
      return std::unexpected(fmt::format("both {} and {} are named", each, life));
    life = each;
  }
  return life;
}

std::expected<Precondition, std::string> precondition_of(const HttpRequest& request) {
  const bool matches = request.count(http::field::if_match) > 0;
  const bool none_matches = request.count(http::field::if_none_match) > 0;
  if (matches && none_matches) return std::unexpected("If-Match: not together with If-None-Match");
  if (matches) return matched(all_of(request, "If-Match"));
  if (!none_matches) return Precondition{ExpectedVersion::any(), {}};
  if (all_of(request, "If-None-Match") == "*") return Precondition{ExpectedVersion::no_stream(), {}};
  return std::unexpected("If-None-Match: a command accepts only *");
}

std::expected<std::optional<CommandIdentity>, std::string> identity_of(const HttpRequest& request) {
  const auto field = request.find("Idempotency-Key");
  if (field == request.end()) return std::nullopt;
  const std::string_view key = view(field->value());
  if (key.empty() || key.size() > kMaxKeyBytes || request.count("Idempotency-Key") > 1) {
    return std::unexpected("Idempotency-Key: expected one key of 1 to " + std::to_string(kMaxKeyBytes) +
                           " bytes");
  }
  const CommandId id = command_id_of(key);
  if (auto wrong = never_drawn(as_uuid(key).value_or(id)))
    return std::unexpected("Idempotency-Key: " + *wrong);
  return CommandIdentity{id, {}};
}

CommandId command_id_of(std::string_view key) {
  if (key.size() > 2 && key.starts_with('"') && key.ends_with('"')) key = key.substr(1, key.size() - 2);
  if (const auto uuid = parse_uuid(key)) return CommandId{*uuid};
  const Sha256Digest digest = sha256(key);
  CommandId id;
  std::copy_n(digest.begin(), id.bytes.size(), id.bytes.begin());
  return id;
}

}  // namespace stockfold
