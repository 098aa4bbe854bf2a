// The ids of orders, products, commands, ledgers and streams.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace stockfold {

/// 1 to 64 bytes of `A-Z a-z 0-9 . _ : -`, stored in place. A default-constructed one is empty: no id.
template <class Tag>
class Identifier {
 public:
  static constexpr std::size_t kMaxBytes = 64;

  constexpr Identifier() = default;

  /// Empty if `text` is no identifier.
  static constexpr std::optional<Identifier> parse(std::string_view text) {
    std::optional<Identifier> id(std::in_place);
    if (!id->assign(text)) id.reset();
    return id;
  }

  /// Becomes the identifier `text`. Returns false, and changes nothing, if `text` is none.
  constexpr bool assign(std::string_view text) {
    if (text.empty() || text.size() > kMaxBytes) return false;
    bool allowed = true;
    for (const char c : text) allowed &= kAllowed[static_cast<unsigned char>(c)];
    if (!allowed) return false;
    std::ranges::copy(text, bytes_.begin());
    size_ = static_cast<std::uint8_t>(text.size());
    return true;
  }

  [[nodiscard]] constexpr std::string_view view() const { return {bytes_.data(), size_}; }
  [[nodiscard]] std::string str() const { return std::string(view()); }
  [[nodiscard]] constexpr bool empty() const { return size_ == 0; }

  friend constexpr bool operator==(const Identifier& a, const Identifier& b) { return a.view() == b.view(); }
  friend constexpr auto operator<=>(const Identifier& a, const Identifier& b) {
    return a.view() <=> b.view();
  }

 private:
  static constexpr std::array<bool, 256> kAllowed = [] {
    std::array<bool, 256> allowed{};
    for (const char c :
         std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-"))
      allowed[static_cast<unsigned char>(c)] = true;
    return allowed;
  }();

  std::array<char, kMaxBytes> bytes_{};
  std::uint8_t size_ = 0;
};

using OrderId = Identifier<struct OrderIdTag>;
using Sku = Identifier<struct SkuTag>;

/// `N` bytes; the tag tells what they are.
template <class Tag, std::size_t N>
struct Bytes {
  static constexpr std::size_t kSize = N;
  std::array<std::uint8_t, N> bytes{};
  friend constexpr auto operator<=>(const Bytes&, const Bytes&) = default;
};

/// The id of one command, kept when it is sent again; shown to people as a UUID.
using CommandId = Bytes<struct CommandIdTag, 16>;
/// Drawn when a store is created; shown to people as a UUID.
using LedgerId = Bytes<struct LedgerIdTag, 16>;
/// The first 16 bytes of the SHA-256 of a command's content (docs/DATA_FORMAT.md, "Body hash").
using BodyHash = Bytes<struct BodyHashTag, 16>;
/// The SHA-256 of a commit, which covers every commit before it.
using CommitHash = Bytes<struct CommitHashTag, 32>;
/// The SHA-256 of all rows of a view at a position (docs/DATA_FORMAT.md, "Digests of views").
using ViewDigest = Bytes<struct ViewDigestTag, 32>;

/// The 8-4-4-4-12 form, in lower case.
std::string to_uuid(const std::array<std::uint8_t, 16>& bytes);
/// Parses the 8-4-4-4-12 form in either case; empty if `text` is something else.
std::optional<std::array<std::uint8_t, 16>> parse_uuid(std::string_view text);
/// Two hexadecimal digits a byte, in lower case.
std::string to_hex(std::span<const std::uint8_t> bytes);
inline std::string to_hex(const CommitHash& hash) { return to_hex(hash.bytes); }
inline std::string to_hex(const ViewDigest& digest) { return to_hex(digest.bytes); }

/// Why an id is refused that no client draws: all zeros or all ones, the value of a variable that was never
/// set. Two commands under it would look like one. Empty for other ids.
std::optional<std::string> never_drawn(const CommandId& id);

/// A command id and the hash of what was sent under it.
struct CommandIdentity {
  CommandId id;
  BodyHash body;
  friend bool operator==(const CommandIdentity&, const CommandIdentity&) = default;
};

enum class AggregateKind : std::uint8_t { order = 1, product = 2 };

/// Names the events of one aggregate: `order/<id>` or `product/<sku>`.
struct StreamId {
  AggregateKind kind = AggregateKind::order;
  std::string id;

  static StreamId of(const OrderId& order) { return {AggregateKind::order, order.str()}; }
  static StreamId of(const Sku& sku) { return {AggregateKind::product, sku.str()}; }
  /// Empty if `text` names no stream.
  static std::optional<StreamId> parse(std::string_view text);
  [[nodiscard]] std::string str() const;

  friend auto operator<=>(const StreamId&, const StreamId&) = default;
};

}  // namespace stockfold

template <class Tag>
struct std::hash<stockfold::Identifier<Tag>> {
  std::size_t operator()(const stockfold::Identifier<Tag>& id) const noexcept {
    return std::hash<std::string_view>{}(id.view());
  }
};

template <>
struct std::hash<stockfold::CommandId> {
  std::size_t operator()(const stockfold::CommandId& id) const noexcept {
    return std::hash<std::string_view>{}({reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()});
  }
};
