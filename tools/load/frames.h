// A fast codec for the frames that a load needs. A test checks that its bytes are those of the protocol's own
// codec.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/ids.h"
#include "core/state.h"

namespace stockfold {

/// Appends requests of one run to a buffer. The ids of products and orders are the run and a number. If the
/// ledger assigns the ids of orders, they are the number alone.
class RequestWriter {
 public:
  enum class OrderIds : std::uint8_t { own, assigned };
  RequestWriter(std::string_view run, OrderIds order_ids, bool stale);

  [[nodiscard]] std::string product_name(std::uint64_t product) const;
  [[nodiscard]] std::string order_name(std::uint64_t order) const;
  /// Whether `name` is the id of this order or product.
  [[nodiscard]] bool is_order(std::string_view name, std::uint64_t order) const;
  [[nodiscard]] bool is_product(std::string_view name, std::uint64_t product) const;

  /// One unit each of `products`. `command_id` may be null, here and below. The caller chooses the ids of
  /// requests.
  void place(std::uint64_t id, std::uint64_t order, std::span<const std::uint32_t> products,
             const CommandId* command_id, std::string& out) const;
  void abort(std::uint64_t id, std::uint64_t order, const CommandId* command_id, std::string& out) const;
  void fulfil(std::uint64_t id, std::uint64_t order, const CommandId* command_id, std::string& out) const;
  /// Receives one unit.
  void receive(std::uint64_t id, std::uint64_t product, const CommandId* command_id, std::string& out) const;
  void show_product(std::uint64_t id, std::uint64_t product, std::string& out) const;
  void show_order(std::uint64_t id, std::uint64_t order, std::string& out) const;

 private:
  [[nodiscard]] std::string_view order_prefix() const;
  void end_order(std::uint64_t id, std::uint8_t kind, std::uint64_t order, const CommandId* command_id,
                 std::string& out) const;
  void show(std::uint64_t id, std::uint8_t message, std::string_view prefix, std::uint64_t number,
            std::string& out) const;

  std::string prefix_;  ///< The run and a dash.
  OrderIds order_ids_;
  bool stale_;
};

/// The fields of a reply that a load reads. Texts point into the payload.
struct ReplyGlance {
  enum class Kind : std::uint8_t {
    accepted,  ///< `subject`, `status` and `replayed` hold.
    product,   ///< `subject` and `found` hold.
    order,     ///< The same.
    other,     ///< A refusal, an error, something unexpected: for decode_reply().
  };
  std::uint64_t id = 0;
  Kind kind = Kind::other;
  std::string_view subject;  ///< The id or SKU.
  std::optional<OrderStatus> status;
  bool replayed = false;
  bool found = false;
};

/// Empty if the payload does not begin like a reply.
[[nodiscard]] std::optional<ReplyGlance> glance_at(std::string_view payload);

}  // namespace stockfold
