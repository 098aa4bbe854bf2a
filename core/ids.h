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

/// Whether `text` can be an id: 1 to 128 bytes of UTF-8 without control characters (C0, DEL, C1), and with no
/// space at either end.
[[nodiscard]] bool is_identifier(std::string_view text);
/// The same for people, to follow "is not" or "expected".
inline constexpr std::string_view kIdForm =
    "1 to 128 bytes of UTF-8 without control characters, with no space at either end";

/// Whether all of `text` is printable ASCII: bytes 0x20 to 0x7E.
[[nodiscard]] inline bool is_printable_ascii(std::string_view text) {
  constexpr std::uint64_t kEach = 0x0101'0101'0101'0101;
  // The high bit of a byte is set where it is below 0x20, is 0x7F, or was set before. A carry or borrow can
  // only leave a byte that has set it.
  constexpr auto others = [](std::uint64_t word) {
    return ((word - 0x20 * kEach) | (word + kEach) | word) & (0x80 * kEach);
  };
  constexpr auto load = []<class Word>(Word word, const char* from) {
    std::memcpy(&word, from, sizeof(word));
    return std::uint64_t{word};
  };
  const char* const begin = text.data();
  const std::size_t size = text.size();
  if (size >= 8) {
    std::uint64_t found = 0;
    for (std::size_t at = 0; at + 8 < size; at += 8) found |= others(load(std::uint64_t(), begin + at));
    return (found | others(load(std::uint64_t(), begin + size - 8))) == 0;
  }
  if (size >= 4) {
    return others(load(std::uint32_t(), begin) | load(std::uint32_t(), begin + size - 4) << 32U) == 0;
  }
  constexpr auto is_one = [](char c) { return static_cast<unsigned char>(c) - 0x20U < 0x5FU; };
  return size == 0 || (is_one(text.front()) && is_one(text[size / 2]) && is_one(text.back()));
}

/// An id, as is_identifier() says. A default-constructed one is empty: no id. Up to kInlineBytes are held in
/// place, more on the heap. A moved-from one is empty.
template <class Tag>
class Identifier {
 public:
  static constexpr std::size_t kMaxBytes = 128;
  static constexpr std::size_t kInlineBytes = 31;

  Identifier() = default;
  Identifier(const Identifier& other) : bytes_(other.bytes_) {
    if (!is_inline()) hold(other.view());
  }
  Identifier(Identifier&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  Identifier& operator=(const Identifier& other) {
    if (this != &other) *this = Identifier(other);
    return *this;
  }
  Identifier& operator=(Identifier&& other) noexcept {
    Identifier taken(std::move(other));
    std::swap(bytes_, taken.bytes_);
    return *this;
  }
  ~Identifier() { release(); }

  /// Empty if `text` is no identifier.
  static std::optional<Identifier> parse(std::string_view text) {
    std::optional<Identifier> id(std::in_place);
    if (!id->assign(text)) id.reset();
    return id;
  }

  /// Becomes the identifier `text`, which must not point into this one. Returns false, and changes nothing,
  /// if `text` is none.
  bool assign(std::string_view text) {
    if (text.empty() || text.size() > kMaxBytes) return false;
    const bool plain = text.front() != ' ' && text.back() != ' ' && is_printable_ascii(text);
    if (!plain && !is_identifier(text)) return false;
    release();
    bytes_ = {};
    hold(text);
    return true;
  }

  [[nodiscard]] std::string_view view() const { return {is_inline() ? bytes_.data() : heap(), size()}; }
  [[nodiscard]] std::string str() const { return std::string(view()); }
  [[nodiscard]] bool empty() const { return size() == 0; }
  /// What it holds outside of itself.
  [[nodiscard]] std::size_t heap_bytes() const { return is_inline() ? 0 : size(); }

  friend bool operator==(const Identifier& a, const Identifier& b) {
    if (a.is_inline()) return a.bytes_ == b.bytes_;
    return a.view() == b.view();
  }
  friend auto operator<=>(const Identifier& a, const Identifier& b) { return a.view() <=> b.view(); }

 private:
  [[nodiscard]] std::size_t size() const { return static_cast<unsigned char>(bytes_.back()); }
  [[nodiscard]] bool is_inline() const { return size() <= kInlineBytes; }
  /// The text that does not fit in place.
  [[nodiscard]] char* heap() const {
    char* at = nullptr;
    std::memcpy(&at, bytes_.data(), sizeof(at));
    return at;
  }
  void release() {
    if (!is_inline()) delete[] heap();
  }
  /// Takes `text`. What was held before is released or another's.
  void hold(std::string_view text) {
    char* to = bytes_.data();
    if (text.size() > kInlineBytes) {
      to = new char[text.size()];
      std::memcpy(bytes_.data(), &to, sizeof(to));
    }
    std::memcpy(to, text.data(), text.size());
    bytes_.back() = static_cast<char>(text.size());
  }

  /// The text, or at the front the pointer to it; what is unused is 0; at the end its size. Aligned, so that
  /// a leak detector finds the pointer.
  alignas(char*) std::array<char, kInlineBytes + 1> bytes_{};
};

using OrderId = Identifier<struct OrderIdTag>;
using Sku = Identifier<struct SkuTag>;
static_assert(sizeof(Sku) == 32);

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
