#include "interleavings/own_ledger.h"

#include <cassert>
#include <utility>

#include "core/rules.h"
#include "projections/all.h"
#include "projections/following/catch_up.h"

namespace stockfold {
namespace {

constexpr UnixMillis kNow(1'000);

/// The projections that commands are decided on.
std::vector<const Projection*> projections(Without without) {
  std::vector<const Projection*> folded;
  for (const Projection* projection : all_projections()) {
    if (!projection->gates_commands()) continue;
    if (without == Without::receipts && projection == &receipt_projection()) continue;
    folded.push_back(projection);
  }
  return folded;
}

Result<void> fold(const EventLog& log, ViewStore& store, Without without) {
  const auto folded = projections(without);
  auto following = CatchUp::start(log, store, folded);
  if (!following) return std::unexpected(following.error());
  while (true) {
    const auto read = following->step(1'000);
    if (!read) return std::unexpected(read.error());
    if (*read == 0) return {};
  }
}

}  // namespace

FoldedViews::FoldedViews(const EventLog& log, Without without) {
  if (const auto folded = fold(log, store_, without); !folded) fault_ = folded.error().what;
}

State FoldedViews::state() const {
  State state;
  const ProductPage products = views_.products({}, 100).value();
  for (const ProductRow& row : products.rows) {
    state["product " + row.sku.str()] = std::to_string(row.product.stock());
  }
  const OrderPage orders = views_.orders({}, 100, {}).value();
  for (const OrderRow& row : orders.rows) state["order " + row.order.str()] = name_of(row.state.status);
  return state;
}

const FoldedViews& FoldedLogs::of(const EventLog& log) {
  auto& folded = folded_[log.head().hash];
  if (folded == nullptr) folded = std::make_unique<const FoldedViews>(log, without_);
  return *folded;
}

OwnLedger::OwnLedger(SteppedLog& log, FoldedLogs& folded)
    : without_(folded.without()), folded_(folded.of(log.at_once())), fault_(folded_.fault()) {
  // Sized for a small world: allocating more would take longer than all other work.
  if (fault_.empty()) ledger_ = Ledger::open(log, folded_.views(), {.cached_aggregates = 100}).value();
}

std::vector<Answer> OwnLedger::execute(std::span<const Command> commands) {
  if (without_ == Without::precedence) {
    if (auto answer = conflict(commands.front())) return {std::move(*answer)};
  }
  Execution execution = ledger_->execute(commands, kNow);
  if (execution.fault) fault_ = execution.fault->what;
  assert(execution.answers.size() == commands.size());
  return std::move(execution.answers);
}

/// Of an order, as it is in the views.
std::optional<Answer> OwnLedger::conflict(const Command& command) const {
  const auto* abort = std::get_if<AbortOrder>(&command.body);
  if (abort == nullptr) return std::nullopt;
  const auto order = folded_.views().order(abort->order).value().state;
  auto refusal = version_conflict(SeenOrder{abort->order, order ? &*order : nullptr}, command.expected);
  if (!refusal) return std::nullopt;
  return Answer{std::move(*refusal)};
}

Commits commit_of(const std::vector<std::string>& given) {
  SteppedLog log({}, Without::nothing, [](Step) {});
  std::vector<Command> commands;
  for (const std::string& words : given) commands.push_back(command_of({words}, kNobody));
  FoldedLogs folded(Without::nothing);
  OwnLedger ledger(log, folded);
  ledger.execute(commands);
  assert(log.end() == given.size() && "what is given is accepted");
  return log.disk().synced;
}

}  // namespace stockfold
