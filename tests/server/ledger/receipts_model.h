// The meaning of a command id, as simply as possible: a table of what was asked under each id and its
// outcome, in front of the model of the domain. It shares nothing with the code that it checks.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "core/model.h"

namespace stockfold {

/// An ask as it is sent, with or without a command id. An order without an id (Ask::id) is assigned one.
struct SentAsk {
  Ask ask;
  std::optional<int> id;
  std::string caller;  ///< As its token proves; empty: the ledger has no tokens.
};

inline std::ostream& operator<<(std::ostream& out, const SentAsk& sent) {
  if (sent.id) out << "#" << *sent.id << " ";
  if (!sent.caller.empty()) out << "by " << sent.caller << " ";
  return out << sent.ask;
}

class ReceiptsModel {
 public:
  struct Told {
    std::string refusal;         ///< "": accepted.
    std::uint64_t position = 0;  ///< Of its event, or of the one that a reused id already has; or 0.
    std::string about;           ///< The order or product; also the id of an order that was assigned one.
    bool replayed = false;
    friend bool operator==(const Told&, const Told&) = default;
  };

  /// Applies the rules in their order: malformed; the id; the expected version; the ladder.
  Told handle(const SentAsk& sent) {
    if (is_malformed(sent.ask)) return {.refusal = "invalid_argument", .about = sent.ask.id};
    if (const Receipt* receipt = sent.id ? find(*sent.id, sent.caller) : nullptr)
      return again(*receipt, sent.ask);

    Ask ask = sent.ask;
    if (ask.id.empty()) ask.id = free_order();
    Told told{.refusal = model_.handle(ask), .about = ask.id};
    if (told.refusal.empty() || sent.id) told.position = ++events_;
    if (!told.refusal.empty() && sent.id) ++refusals_;
    if (sent.id) receipts_[*sent.id].push_back({sent.caller, body_of(sent.ask), told});
    return told;
  }

  /// Events of the log: accepted commands, and refusals with an id.
  [[nodiscard]] std::uint64_t events() const { return events_; }
  [[nodiscard]] std::uint64_t refusals() const { return refusals_; }
  [[nodiscard]] const Model& domain() const { return model_; }

  static bool is_malformed(const Ask& ask) {
    const bool moves = ask.verb == "receive" || ask.verb == "write_off";
    const bool empty_line =
        std::any_of(ask.lines.begin(), ask.lines.end(), [](const auto& line) { return line.second < 1; });
    const bool no_order = ask.verb == "place" && ask.id.empty() && ask.lines.empty();
    return (moves && ask.units < 1) || empty_line || no_order || (ask.verb == "draft" && ask.lines.empty());
  }

 private:
  struct Receipt {
    std::string caller;
    std::string body;
    Told told;
  };

  /// A caller's own receipt, or one from a time without tokens; without a caller, the oldest.
  const Receipt* find(int id, const std::string& caller) {
    std::vector<Receipt>& of_id = receipts_[id];
    for (const Receipt& receipt : of_id) {
      if (caller.empty() || receipt.caller.empty() || receipt.caller == caller) return &receipt;
    }
    return nullptr;
  }

  static std::string body_of(const Ask& ask) {
    std::ostringstream words;
    words << ask;
    return words.str();
  }

  static Told again(const Receipt& receipt, const Ask& ask) {
    Told told = receipt.told;
    if (body_of(ask) == receipt.body) {
      told.replayed = true;
      return told;
    }
    return {.refusal = "command_id_reused", .position = told.position, .about = ask.id};
  }

  [[nodiscard]] std::string free_order() const {
    int number = 1;
    while (model_.slips().contains(std::to_string(number))) ++number;
    return std::to_string(number);
  }

  Model model_;
  std::map<int, std::vector<Receipt>> receipts_;
  std::uint64_t events_ = 0;
  std::uint64_t refusals_ = 0;
};

}  // namespace stockfold
