// An independent model of the domain, as simple as possible: account statements instead of counters, words
// instead of types. It shares nothing with the code that it checks.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <numeric>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <vector>

namespace stockfold {

/// A command in words: "register", "receive", "write_off", "retire", "draft", "place", "abort", "fulfil".
struct Ask {
  std::string verb;
  std::string id;                             ///< Of the order or product.
  std::int64_t units = 0;                     ///< Registered, received or written off.
  std::map<std::string, std::int64_t> lines;  ///< None: places a draft.
  std::optional<std::int64_t> expected;
};

inline std::ostream& operator<<(std::ostream& out, const Ask& ask) {
  out << ask.verb << " " << ask.id;
  if (ask.units > 0) out << " units=" << ask.units;
  for (const auto& [product, quantity] : ask.lines) out << " " << product << "=" << quantity;
  if (ask.expected) out << " expecting " << *ask.expected;
  return out << "\n";
}

class Model {
 public:
  /// A product's statement of account; its stock is the sum and its version the length.
  struct Account {
    std::vector<std::int64_t> moves;
    std::int64_t received = 0;
    bool open = true;

    [[nodiscard]] std::int64_t stock() const {
      return std::accumulate(moves.begin(), moves.end(), std::int64_t{0});
    }
  };
  /// All events of an order, the latest last.
  struct Slip {
    std::vector<std::string> statuses;
    std::map<std::string, std::int64_t> lines;
  };

  /// The rule that is broken; "" if the ask is granted. In that case it is also carried out.
  std::string handle(const Ask& ask) {
    if (ask.expected && *ask.expected != version_of(ask)) return "version_conflict";
    std::string broken = names_order(ask) ? judge_order(ask) : judge_product(ask);
    if (broken.empty()) grant(ask);
    return broken;
  }

  [[nodiscard]] const std::map<std::string, Account>& accounts() const { return accounts_; }
  [[nodiscard]] const std::map<std::string, Slip>& slips() const { return slips_; }

 private:
  static constexpr std::int64_t kMost = 9'007'199'254'740'991;

  static bool names_order(const Ask& ask) {
    return std::set<std::string>{"draft", "place", "abort", "fulfil"}.contains(ask.verb);
  }

  [[nodiscard]] std::int64_t version_of(const Ask& ask) const {
    if (names_order(ask)) {
      return slips_.contains(ask.id) ? static_cast<std::int64_t>(slips_.at(ask.id).statuses.size()) : 0;
    }
    return accounts_.contains(ask.id) ? static_cast<std::int64_t>(accounts_.at(ask.id).moves.size()) : 0;
  }

  [[nodiscard]] std::string judge_product(const Ask& ask) const {
    const bool known = accounts_.contains(ask.id);
    if (ask.verb == "register") return known ? "product_exists" : "";
    if (!known) return "unknown_product";
    const Account& account = accounts_.at(ask.id);
    if (ask.verb == "write_off") return account.stock() < ask.units ? "insufficient_stock" : "";
    if (!account.open) return "product_retired";
    if (ask.verb == "receive" && account.received + ask.units > kMost) return "stock_overflow";
    return "";
  }

  [[nodiscard]] std::string judge_order(const Ask& ask) const {
    const std::string status = slips_.contains(ask.id) ? slips_.at(ask.id).statuses.back() : "";
    if (ask.verb == "draft" || (ask.verb == "place" && !ask.lines.empty())) {
      if (!status.empty()) return "order_exists";
      return judge_lines(ask.lines, ask.verb == "place");
    }
    if (status.empty()) return "unknown_order";
    if (ask.verb == "place")
      return status == "draft" ? judge_lines(slips_.at(ask.id).lines, true) : "order_not_draft";
    if (status == "aborted") return "order_already_aborted";
    if (status == "fulfilled") return "order_already_fulfilled";
    return ask.verb == "fulfil" && status == "draft" ? "order_not_in_progress" : "";
  }

  [[nodiscard]] std::string judge_lines(const std::map<std::string, std::int64_t>& lines, bool takes) const {
    const auto any = [&](auto breaks) { return std::any_of(lines.begin(), lines.end(), breaks); };
    if (any([&](const auto& line) { return !accounts_.contains(line.first); })) return "unknown_product";
    if (any([&](const auto& line) { return !accounts_.at(line.first).open; })) return "product_retired";
    if (takes && any([&](const auto& line) { return accounts_.at(line.first).stock() < line.second; })) {
      return "insufficient_stock";
    }
    return "";
  }

  void grant(const Ask& ask) {
    if (names_order(ask)) return grant_order(ask);
    Account& account = accounts_[ask.id];
    account.moves.push_back(ask.verb == "write_off" ? -ask.units : ask.verb == "retire" ? 0 : ask.units);
    if (ask.verb == "register" || ask.verb == "receive") account.received += ask.units;
    if (ask.verb == "retire") account.open = false;
  }

  void grant_order(const Ask& ask) {
    Slip& slip = slips_[ask.id];
    if (!ask.lines.empty()) slip.lines = ask.lines;
    if (ask.verb == "draft") {
      slip.statuses.emplace_back("draft");
      return;
    }
    const bool was_draft = ask.verb == "abort" && slip.statuses.back() == "draft";
    const int sign = ask.verb == "place" ? -1 : ask.verb == "abort" ? 1 : 0;
    slip.statuses.emplace_back(ask.verb == "place"   ? "in_progress"
                               : ask.verb == "abort" ? "aborted"
                                                     : "fulfilled");
    if (was_draft) return;
    for (const auto& [product, quantity] : slip.lines) accounts_.at(product).moves.push_back(sign * quantity);
  }

  std::map<std::string, Account> accounts_;
  std::map<std::string, Slip> slips_;
};

}  // namespace stockfold
