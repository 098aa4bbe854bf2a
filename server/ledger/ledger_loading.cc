// What the commands of a commit need is loaded at once, before the first is decided; and the ids that the
// ledger assigns.
#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "core/overloaded.h"
#include "server/ledger/assigned_orders.h"
#include "server/ledger/ledger.h"

namespace stockfold {
namespace {

/// The order that a command names; null where it names none.
const OrderId* order_named_by(const CommandBody& body) {
  return std::visit(Overloaded{
                        [](const DraftOrder& c) { return c.order ? &*c.order : nullptr; },
                        [](const PlaceOrder& c) { return c.order ? &*c.order : nullptr; },
                        [](const AbortOrder& c) { return &c.order; },
                        [](const FulfilOrder& c) { return &c.order; },
                        [](const auto& /*about a product*/) -> const OrderId* { return nullptr; },
                    },
                    body);
}

/// What is left of a commit, by lines. The commands of a batch are in one commit: only its own lines are
/// counted for it.
class CommitRoom {
 public:
  explicit CommitRoom(const LedgerOptions& options)
      : commit_lines_(options.commit_lines), batch_lines_(options.batch_lines) {}

  /// Whether there is room for the command number `at`. Asked of one after the other.
  [[nodiscard]] bool takes(std::span<const Command> commands, std::size_t at) {
    const bool is_further = at > 0 && commands[at - 1].with_next;
    if (is_further) return of_batch_ < batch_lines_;
    of_batch_ = 0;
    return lines_ < commit_lines_;
  }
  void add(std::size_t lines) {
    lines_ += lines;
    of_batch_ += lines;
  }

 private:
  std::size_t commit_lines_;
  std::size_t batch_lines_;
  std::size_t lines_ = 0;
  std::size_t of_batch_ = 0;
};

template <class Id>
void keep_each_once(std::vector<Id>& ids) {
  std::ranges::sort(ids);
  const auto repeated = std::ranges::unique(ids);
  ids.erase(repeated.begin(), repeated.end());
}

}  // namespace

Result<Ledger::Loaded> Ledger::load(std::span<const Command> commands) {
  const std::span<const Command> all = commands;
  std::size_t taken = 0;
  CommitRoom room(options_);
  std::uint64_t number = aggregates_.next_order_number();
  for (; taken < commands.size() && room.takes(commands, taken); ++taken) {
    const Command& command = commands[taken];
    room.add(lines_in(command.body));
    if (const OrderId* order = order_named_by(command.body)) {
      miss_order(*order);
    } else if (wants_order_id(command.body)) {
      miss_order(numbered_order(number++));  // most likely the one that it gets
    }
    if (command.identity) missing_receipts_.push_back(command.identity->id);
  }
  if (auto loaded = load_receipts(); !loaded) return std::unexpected(std::move(loaded.error()));
  if (auto loaded = load_missing(missing_orders_); !loaded) return std::unexpected(std::move(loaded.error()));

  commands = commands.first(taken);
  room = CommitRoom(options_);
  for (taken = 0; taken < commands.size() && room.takes(commands, taken); ++taken) {
    const CommandBody& body = commands[taken].body;
    room.add(lines_in(body));
    miss_products(body);
    const OrderId* order = order_named_by(body);
    const Order* found = order != nullptr ? aggregates_.find(*order) : nullptr;
    if (found == nullptr) continue;
    room.add(found->lines.size());
    miss_products(found->lines);
  }
  if (auto loaded = load_missing(missing_products_); !loaded)
    return std::unexpected(std::move(loaded.error()));
  std::size_t whole = taken;
  while (all[whole - 1].with_next) ++whole;
  return Loaded{all.first(whole), taken};
}

void Ledger::miss_order(const OrderId& order) {
  if (!aggregates_.known(order)) missing_orders_.push_back(order);
}

void Ledger::miss_products(const CommandBody& body) {
  std::visit(
      [&](const auto& c) {
        if constexpr (requires { c.sku; }) {
          if (!aggregates_.known(c.sku)) missing_products_.push_back(c.sku);
        }
        if constexpr (requires { c.lines; }) miss_products(c.lines);
      },
      body);
}

void Ledger::miss_products(const Lines& lines) {
  for (const Line& line : lines) {
    if (!aggregates_.known(line.sku)) missing_products_.push_back(line.sku);
  }
}

template <class Id>
Result<void> Ledger::load_missing(std::vector<Id>& missing) {
  if (missing.empty()) return {};
  keep_each_once(missing);
  auto rows = views_.load(missing);
  if (!rows) return std::unexpected(std::move(rows.error()));
  for (std::size_t i = 0; i < missing.size(); ++i) aggregates_.load(missing[i], std::move((*rows)[i]));
  missing.clear();
  return {};
}

Result<void> Ledger::load_receipts() {
  loaded_receipts_.clear();
  if (missing_receipts_.empty()) return {};
  auto rows = views_.receipts(missing_receipts_);
  if (!rows) return std::unexpected(std::move(rows.error()));
  for (std::size_t i = 0; i < missing_receipts_.size(); ++i) {
    if (!(*rows)[i].empty()) loaded_receipts_.emplace(missing_receipts_[i], std::move((*rows)[i]));
  }
  missing_receipts_.clear();
  return {};
}

template <class Id>
Result<void> Ledger::load_one(const Id& id) {
  if (aggregates_.known(id)) return {};
  std::vector<Id> missing{id};
  return load_missing(missing);
}

template Result<void> Ledger::load_one(const OrderId&);
template Result<void> Ledger::load_one(const Sku&);

// ---- ids that the ledger assigns --------------------------------------------------------------------------

Result<OrderId> Ledger::next_free_order() {
  std::uint64_t number = aggregates_.next_order_number();
  for (bool asked = false;;) {
    auto taken = is_taken(number);
    if (!taken) return std::unexpected(std::move(taken.error()));
    if (!*taken) break;
    if (life_ > Epoch(1)) {
      auto behind = number_behind(number);
      if (!behind) return std::unexpected(std::move(behind.error()));
      number = *behind;
      break;
    }
    ++number;
    if (std::exchange(asked, true)) continue;
    // Callers number orders themselves: the view knows how far, so they are not all looked up.
    auto next = views_.next_order_number();
    if (!next) return std::unexpected(std::move(next.error()));
    number = std::max(number, *next);
  }
  aggregates_.set_next_order_number(number);
  return numbered_order(number);
}

/// A number that is free, right behind one that is not: the numbers of a life are taken one after the other,
/// so after a restart the end of them is found in steps that double, and then by halving.
Result<std::uint64_t> Ledger::number_behind(std::uint64_t taken) {
  std::uint64_t free = taken + 1;
  for (std::uint64_t step = 2;; step *= 2) {
    auto is_further = is_taken(free);
    if (!is_further) return std::unexpected(std::move(is_further.error()));
    if (!*is_further) break;
    taken = free;
    free = taken + step;
  }
  while (free - taken > 1) {
    const std::uint64_t middle = taken + (free - taken) / 2;
    auto is_below = is_taken(middle);
    if (!is_below) return std::unexpected(std::move(is_below.error()));
    (*is_below ? taken : free) = middle;
  }
  return free;
}

Result<bool> Ledger::is_taken(std::uint64_t number) {
  const OrderId order = numbered_order(number);
  if (auto loaded = load_one(order); !loaded) return std::unexpected(std::move(loaded.error()));
  return aggregates_.find(order) != nullptr;
}

}  // namespace stockfold
