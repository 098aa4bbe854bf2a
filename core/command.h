// The commands. An accepted command makes one event.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/ids.h"
#include "core/numbers.h"
#include "core/order_status.h"

namespace stockfold {

inline constexpr std::size_t kMaxLines = 1'000;
inline constexpr std::size_t kMaxNameBytes = 256;
inline constexpr std::size_t kMaxReasonBytes = 512;
inline constexpr std::size_t kMaxActorBytes = 128;

struct Line {
  Sku sku;
  Quantity quantity = 0;
  friend bool operator==(const Line&, const Line&) = default;
};
/// The lines of an order: ascending by SKU, each SKU once.
using Lines = std::vector<Line>;

/// Numbers that are stored and sent; never reused.
enum class CommandKind : std::uint8_t {
  register_product = 1,
  receive_stock = 2,
  write_off_stock = 3,
  retire_product = 4,
  draft_order = 5,
  place_order = 6,
  abort_order = 7,
  fulfil_order = 8,
};

struct RegisterProduct {
  static constexpr CommandKind kKind = CommandKind::register_product;
  Sku sku;
  std::string name;
  Units stock = 0;
  friend bool operator==(const RegisterProduct&, const RegisterProduct&) = default;
};

struct ReceiveStock {
  static constexpr CommandKind kKind = CommandKind::receive_stock;
  Sku sku;
  Quantity quantity = 0;
  std::string reason;
  friend bool operator==(const ReceiveStock&, const ReceiveStock&) = default;
};

struct WriteOffStock {
  static constexpr CommandKind kKind = CommandKind::write_off_stock;
  Sku sku;
  Quantity quantity = 0;
  std::string reason;
  friend bool operator==(const WriteOffStock&, const WriteOffStock&) = default;
};

struct RetireProduct {
  static constexpr CommandKind kKind = CommandKind::retire_product;
  Sku sku;
  friend bool operator==(const RetireProduct&, const RetireProduct&) = default;
};

struct DraftOrder {
  static constexpr CommandKind kKind = CommandKind::draft_order;
  std::optional<OrderId> order;  ///< If empty, the ledger assigns the next free number.
  Lines lines;
  friend bool operator==(const DraftOrder&, const DraftOrder&) = default;
};

struct PlaceOrder {
  static constexpr CommandKind kKind = CommandKind::place_order;
  std::optional<OrderId> order;  ///< As for DraftOrder; required if `lines` is empty.
  Lines lines;                   ///< If empty, the draft `order` is placed.
  friend bool operator==(const PlaceOrder&, const PlaceOrder&) = default;
};

struct AbortOrder {
  static constexpr CommandKind kKind = CommandKind::abort_order;
  OrderId order;
  std::string reason;
  friend bool operator==(const AbortOrder&, const AbortOrder&) = default;
};

struct FulfilOrder {
  static constexpr CommandKind kKind = CommandKind::fulfil_order;
  OrderId order;
  std::string reason;
  friend bool operator==(const FulfilOrder&, const FulfilOrder&) = default;
};

using CommandBody = std::variant<RegisterProduct, ReceiveStock, WriteOffStock, RetireProduct, DraftOrder,
                                 PlaceOrder, AbortOrder, FulfilOrder>;

/// A field of an order or of a product. Several have the same value under another name.
enum class StateField : std::uint8_t {
  status,
  status_code,  ///< The status, as a code of two letters.
  product,      ///< The SKU of an order's only line.
  lines,
  version,
  name,
  stock,
  received,
  written_off,
  in_progress,
  fulfilled,
  retired,
};

/// What a caller claims about the order or product that its command names; see core/claims.h. The hash of the
/// command leaves claims out.
struct Claim {
  StateField field = StateField::status;
  std::variant<bool, std::uint64_t, std::string, Lines, OrderStatus> says;
  friend bool operator==(const Claim&, const Claim&) = default;
};

struct Command {
  CommandBody body;
  ExpectedVersion expected;  ///< Of the stream of the order or product that the command names.
  std::optional<CommandIdentity> identity;
  std::string actor;  ///< Who sent the command; empty if unknown.
  std::vector<Claim> claims;
  /// A token proved the actor; command ids are then the actor's own (see Ledger).
  bool actor_proven = false;
  bool with_next = false;    ///< Of a batch: the command behind it belongs to it, too.
  bool all_or_none = false;  ///< Of a batch: none of its commands is done unless all are accepted.
  friend bool operator==(const Command&, const Command&) = default;
};

[[nodiscard]] CommandKind kind_of(const CommandBody& body);
/// Whether commands of this kind are about a product, not an order.
[[nodiscard]] bool is_about_product(CommandKind kind);
/// The number of lines in the command; 0 for commands without lines.
[[nodiscard]] std::size_t lines_in(const CommandBody& body);
/// The name, such as "PlaceOrder"; "?" for a number that is no kind.
[[nodiscard]] std::string_view name_of(CommandKind kind);

/// Brings lines into their normal form: sums the lines of each SKU, and sorts. The error tells what is wrong:
/// a quantity of 0, a sum above kMaxQuantity, more than kMaxLines products. Empty lines stay empty.
std::expected<Lines, std::string> normalise(Lines lines);

/// Why a command is malformed in any state: empty ids, quantities and texts out of range, text that is not
/// UTF-8, lines not in their normal form, an order placed or drafted without lines or an id. Names the
/// argument. Empty if the command is well-formed.
std::optional<std::string> malformation(const Command& command);

/// Why a text such as a reason is malformed, in words that can follow its name: longer than `most` bytes, not
/// UTF-8, control characters. Empty if it is well-formed.
std::optional<std::string> text_malformation(std::string_view text, std::size_t most);

/// Whether an id consists of dots only. Most clients remove such a segment from a path, so HTTP could not
/// reach what the id names. Logs may hold such ids, which earlier versions accepted.
[[nodiscard]] constexpr bool is_dots(std::string_view id) {
  return !id.empty() && id.find_first_not_of('.') == std::string_view::npos;
}
/// Why the id of an order or product that the command creates is malformed. Names the argument.
std::optional<std::string> new_id_malformation(const CommandBody& body);

}  // namespace stockfold
