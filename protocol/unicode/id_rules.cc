#include "protocol/unicode/id_rules.h"

#include <utf8proc.h>

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

#include "core/ids.h"

namespace stockfold {
namespace {

using WrongId = std::optional<std::string>;

/// What a category of unprintable characters is called; null for printable ones.
const char* unprintable(utf8proc_category_t category) {
  switch (category) {
    case UTF8PROC_CATEGORY_CC:
      return "a control character";
    case UTF8PROC_CATEGORY_CF:
      return "a format character";
    case UTF8PROC_CATEGORY_ZL:
      return "a line separator";
    case UTF8PROC_CATEGORY_ZP:
      return "a paragraph separator";
    case UTF8PROC_CATEGORY_CS:
      return "a surrogate";
    case UTF8PROC_CATEGORY_CO:
      return "a private character";
    case UTF8PROC_CATEGORY_CN:
      return "not assigned";
    default:
      return nullptr;
  }
}

/// Such as "U+00AD".
std::string code_of(utf8proc_int32_t point) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text = "U+";
  int shift = 12;
  if (point > 0xFFFF) shift = 16;
  if (point > 0xFFFFF) shift = 20;
  for (; shift >= 0; shift -= 4) text += kDigits[point >> shift & 0xF];
  return text;
}

const std::uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

WrongId check_characters(std::string_view id) {
  bool is_blank = false;  // the last character so far
  for (std::string_view rest = id; !rest.empty();) {
    utf8proc_int32_t point = 0;
    const auto size = utf8proc_iterate(bytes_of(rest), static_cast<utf8proc_ssize_t>(rest.size()), &point);
    if (size <= 0) return "must be UTF-8";
    const auto category = utf8proc_category(point);
    if (const char* what = unprintable(category)) {
      return "must be printable, and " + code_of(point) + " is " + what;
    }
    is_blank = category == UTF8PROC_CATEGORY_ZS;
    if (is_blank && rest.size() == id.size()) return "must not begin with a blank";
    rest.remove_prefix(static_cast<std::size_t>(size));
  }
  return is_blank ? WrongId("must not end with a blank") : std::nullopt;
}

WrongId check_normal_form(std::string_view id) {
  // No code point of NFD makes more than four; the library writes one element more than it returns.
  std::array<utf8proc_int32_t, 4 * Sku::kMaxBytes + 1> points{};
  constexpr auto kOptions =
      static_cast<utf8proc_option_t>(static_cast<unsigned>(UTF8PROC_STABLE) | UTF8PROC_COMPOSE);
  const auto count = utf8proc_decompose(bytes_of(id), static_cast<utf8proc_ssize_t>(id.size()), points.data(),
                                        static_cast<utf8proc_ssize_t>(points.size()) - 1, kOptions);
  assert(count >= 0 && static_cast<std::size_t>(count) < points.size());
  const auto size = utf8proc_reencode(points.data(), count, kOptions);
  assert(size >= 0);
  const std::string_view normal(reinterpret_cast<const char*>(points.data()), static_cast<std::size_t>(size));
  return normal == id ? std::nullopt : WrongId("must be in Unicode's normal form NFC, which is composed");
}

template <class Tag>
WrongId check(const char* argument, const Identifier<Tag>& id) {
  if (is_printable_ascii(id.view())) return std::nullopt;  // so is nearly every id
  auto wrong = id_malformation(id.view());
  if (wrong) wrong->insert(0, std::string(argument) + " ");
  return wrong;
}

template <class Id>
WrongId check(const char* argument, const std::optional<Id>& id) {
  return id ? check(argument, *id) : std::nullopt;
}

template <class Id>
WrongId check(const char* argument, const std::vector<Identifier<Id>>& ids) {
  for (const auto& id : ids) {
    if (auto wrong = check(argument, id)) return wrong;
  }
  return std::nullopt;
}

template <class AnyLine>
WrongId check(const char* argument, const std::vector<AnyLine>& lines) {
  for (const AnyLine& line : lines) {
    auto wrong = check(": a sku", line.sku);
    if constexpr (requires { line.location; }) {
      if (!wrong) wrong = check(": a location", line.location);
    }
    if (wrong) return argument + *wrong;
  }
  return std::nullopt;
}

/// Every field of any command that holds ids.
template <class Body>
WrongId check(const Body& command) {
  WrongId wrong;
  const auto then = [&wrong](const char* argument, const auto& ids) {
    if (!wrong) wrong = check(argument, ids);
  };
  if constexpr (requires { command.sku; }) then("sku", command.sku);
  if constexpr (requires { command.order; }) then("order", command.order);
  if constexpr (requires { command.reservation; }) then("reservation", command.reservation);
  if constexpr (requires { command.transfer; }) then("transfer", command.transfer);
  if constexpr (requires { command.place; }) then("location", command.place);
  if constexpr (requires { command.location; }) then("location", command.location);
  if constexpr (requires { command.from.view(); }) then("from", command.from);
  if constexpr (requires { command.from.locations; }) then("from", command.from.locations);
  if constexpr (requires { command.to.view(); }) then("to", command.to);
  if constexpr (requires { command.lines; }) then("lines", command.lines);
  if constexpr (requires { command.received; }) then("received", command.received);
  if constexpr (requires { command.lost; }) then("lost", command.lost);
  return wrong;
}

}  // namespace

std::optional<std::string> id_malformation(std::string_view id) {
  if (is_printable_ascii(id)) return std::nullopt;
  if (auto wrong = check_characters(id)) return wrong;
  return check_normal_form(id);
}

std::optional<std::string> id_malformation(const CommandBody& body) {
  return std::visit([](const auto& command) { return check(command); }, body);
}

}  // namespace stockfold
