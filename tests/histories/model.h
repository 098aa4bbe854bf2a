// What a ledger should answer, as a simple machine that a search steps forward and back. It shares nothing
// with the code that it checks except the types of the answers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "histories/history.h"

namespace stockfold {

/// 128 bits that stand for a state, or for a set of operations. Chance collisions are not expected: with ten
/// million fingerprints the odds are about one in 10^24.
struct Fingerprint {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  /// Adds what is not in it, and removes what is.
  Fingerprint& operator^=(const Fingerprint& other) {
    low ^= other.low;
    high ^= other.high;
    return *this;
  }
  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;

  /// Of a few numbers in their order.
  static Fingerprint of(std::initializer_list<std::uint64_t> words);
};

/// Whether an operation can be the next one to take effect in the present state.
enum class Fit : std::uint8_t {
  no,     ///< Its answer would be another one.
  idle,   ///< Its answer would be the same, and it changes no product and no order.
  moves,  ///< The same answer, and it changes some.
};

/// Every product, order and command id that the operations of a history name, starting with an empty ledger.
///
/// Positions serve as names of events, never as an order. If an answer names the event in the way, or the
/// last change, it must be the position in that event's own answer.
class Model {
 public:
  /// The history must outlive the model, and must come from telling(). Operations are identified by their
  /// index.
  explicit Model(const History& history);

  /// An unknown operation must agree with the answer that a retry of it received as a replay. Without such a
  /// retry it fits every state, with the effect that it would have there.
  [[nodiscard]] Fit fit(std::size_t operation) const;
  /// Applies an operation. It must fit.
  void apply(std::size_t operation);
  /// Undoes the latest operation that was applied.
  void undo();

  /// The operation that decided a command id; nothing if none did.
  [[nodiscard]] std::optional<std::size_t> decided_by(std::size_t operation) const;
  /// Of products and orders. Which ids have outcomes follows from the set of applied operations.
  [[nodiscard]] const Fingerprint& fingerprint() const { return fingerprint_; }
  /// Whether some answer gives the outcome of this operation: its own, or that of a retry.
  [[nodiscard]] bool outcome_known(std::size_t operation) const;

  /// Some answer names a version that has passed and whose operation has not taken effect: no order exists
  /// from here.
  [[nodiscard]] bool is_hopeless() const { return overdue_ > 0; }

  /// The products, orders and command ids that an operation may change or learn about, as numbers below
  /// slots().
  [[nodiscard]] std::vector<std::size_t> slots_of(std::size_t operation) const;
  [[nodiscard]] std::size_t slots() const { return skus_.size() + order_ids_.size() + decided_.size(); }

  /// The answer that the operation would get now, for people.
  [[nodiscard]] std::string would_say(std::size_t operation) const;

 private:
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

  struct Account {
    bool known = false;
    std::int64_t received = 0;
    std::int64_t written_off = 0;
    std::int64_t in_progress = 0;
    std::int64_t fulfilled = 0;
    std::uint64_t version = 0;
    std::size_t registered_by = kNone;  ///< Operations, here and below.
    std::size_t retired_by = kNone;
    std::size_t changed_by = kNone;

    [[nodiscard]] std::int64_t stock() const { return received - written_off - in_progress - fulfilled; }
  };
  struct Slip {
    std::optional<OrderStatus> status;  ///< Empty: there is no such order.
    std::uint64_t version = 0;
    std::size_t lines_of = kNone;
    std::size_t changed_by = kNone;
  };
  /// Units that one product is asked for, by its number.
  using Wanted = std::vector<std::pair<std::size_t, std::int64_t>>;

  /// A version at which something must take effect, because an answer named it.
  struct Due {
    std::size_t slot = kNone;  ///< Products by their number, then orders by theirs.
    std::uint64_t version = 0;
  };

  /// An operation with numbers in place of names.
  struct Plain {
    bool is_command = false;
    CommandKind kind{};
    bool of_order = false;
    std::size_t subject = kNone;
    std::size_t command = kNone;  ///< The number of its id.
    std::int64_t units = 0;
    Wanted lines;  ///< In order of SKU.
    std::optional<std::uint64_t> expected;
    std::size_t outcome_of = kNone;  ///< The operation whose outcome it is told.
    std::optional<std::uint64_t> position;
    std::optional<Due> due;  ///< Of a read.
  };

  struct Verdict {
    std::optional<Rule> rule;  ///< Empty: accepted.
    bool of_order = false;
    std::size_t subject = kNone;
    std::uint64_t version = 0;  ///< After the event; for a refusal, the present version.
    std::size_t obstacle = kNone;
    std::int64_t requested = 0;
    std::optional<OrderStatus> status;  ///< Of an accepted order.
    Wanted stock;                       ///< The remaining stock of each product, in order of SKU.
  };

  /// What undo() has to restore.
  struct Step {
    std::size_t accounts = 0;  ///< The size of replaced_accounts_ before.
    std::size_t slips = 0;
    std::size_t decided = kNone;  ///< The command that got its outcome.
    std::optional<Due> met;
  };

  void read(const Operation& operation, Plain& plain);
  void read(const Command& command, Plain& plain);
  void learn_outcomes();
  void learn_versions();
  [[nodiscard]] std::optional<Due> due_of(const Answer& answer, const Plain& plain) const;
  [[nodiscard]] std::size_t slot_of(bool of_order, std::size_t subject) const {
    return of_order ? skus_.size() + subject : subject;
  }

  [[nodiscard]] Verdict decide(const Plain& of) const;
  [[nodiscard]] Verdict decide_product(const Plain& of) const;
  [[nodiscard]] Verdict decide_order(const Plain& of) const;
  [[nodiscard]] std::optional<Verdict> refuse_lines(const Wanted& lines, bool takes) const;
  [[nodiscard]] Verdict refuse_product(Rule rule, std::size_t product) const;
  [[nodiscard]] Verdict refuse_order(Rule rule, std::size_t order) const;
  [[nodiscard]] Verdict accept_order(std::size_t order, OrderStatus status, const Wanted& lines,
                                     int sign) const;
  [[nodiscard]] const Wanted& lines_of(std::size_t order) const;

  [[nodiscard]] Fit fit_again(std::size_t operation, std::size_t decided) const;
  [[nodiscard]] bool says(const Accepted& told, const Verdict& verdict) const;
  [[nodiscard]] bool says(const Refusal& told, const Verdict& verdict, const Plain& of) const;
  [[nodiscard]] bool shows(const Told& told, const Plain& read) const;
  [[nodiscard]] bool shows(const std::optional<Product>& told, std::size_t product) const;
  [[nodiscard]] bool shows(const std::optional<Order>& told, std::size_t order) const;
  [[nodiscard]] bool names(std::uint64_t position, std::size_t event) const;
  [[nodiscard]] const Command& command(std::size_t operation) const;

  [[nodiscard]] std::size_t awaited(std::size_t slot, std::uint64_t version) const;
  void move(std::size_t operation, const Plain& plain);
  /// Replaces the account by one with the next version.
  void replace(std::size_t product, const Account& account);
  void replace(std::size_t order, const Slip& slip);
  static Fingerprint fingerprint_of(std::size_t product, const Account& account);
  static Fingerprint fingerprint_of(std::size_t order, const Slip& slip);
  [[nodiscard]] std::string text_of(const Verdict& verdict) const;

  const History& history_;
  std::map<std::string, std::size_t, std::less<>> product_numbers_;
  std::map<std::string, std::size_t, std::less<>> order_numbers_;
  std::map<CommandId, std::size_t> command_numbers_;
  std::vector<std::string> skus_;  ///< By number; so are the next ones.
  std::vector<std::string> order_ids_;
  std::vector<Account> accounts_;
  std::vector<Slip> slips_;
  std::vector<std::size_t> decided_;                   ///< The operation that decided it; kNone.
  std::vector<std::vector<std::size_t>> products_of_;  ///< By order: the products that any of its lines name.
  std::vector<std::optional<Due>> outcomes_due_;       ///< By number of the command.
  std::vector<std::vector<std::uint32_t>> awaited_;    ///< By slot and version: how much is due there.
  std::size_t overdue_ = 0;

  std::vector<Plain> plain_;
  std::unordered_set<std::uint64_t> positions_;  ///< The positions that events are known to have.
  Fingerprint fingerprint_;
  std::vector<Step> steps_;
  std::vector<std::pair<std::size_t, Account>> replaced_accounts_;
  std::vector<std::pair<std::size_t, Slip>> replaced_slips_;
};

}  // namespace stockfold
