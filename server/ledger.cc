#include "server/ledger.h"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>
#include <variant>

#include "core/evolve.h"
#include "core/overloaded.h"

namespace stockfold {
namespace {

/// The ids that a command names.
struct Named {
  std::vector<OrderId> orders;
  std::vector<Sku> skus;

  void add(const Lines& lines) {
    for (const Line& line : lines) skus.push_back(line.sku);
  }
};

void gather(const Command& command, Named& named) {
  std::visit(Overloaded{
                 [&](const RegisterProduct& c) { named.skus.push_back(c.sku); },
                 [&](const ReceiveStock& c) { named.skus.push_back(c.sku); },
                 [&](const WriteOffStock& c) { named.skus.push_back(c.sku); },
                 [&](const RetireProduct& c) { named.skus.push_back(c.sku); },
                 [&](const DraftOrder& c) {
                   if (c.order) named.orders.push_back(*c.order);
                   named.add(c.lines);
                 },
                 [&](const PlaceOrder& c) {
                   if (c.order) named.orders.push_back(*c.order);
                   named.add(c.lines);
                 },
                 [&](const AbortOrder& c) { named.orders.push_back(c.order); },
                 [&](const FulfilOrder& c) { named.orders.push_back(c.order); },
             },
             command.body);
}

bool wants_order_id(const CommandBody& body) {
  if (const auto* draft = std::get_if<DraftOrder>(&body)) return !draft->order;
  if (const auto* place = std::get_if<PlaceOrder>(&body)) return !place->order;
  return false;
}

void give_order_id(CommandBody& body, const OrderId& order) {
  if (auto* draft = std::get_if<DraftOrder>(&body)) draft->order = order;
  if (auto* place = std::get_if<PlaceOrder>(&body)) place->order = order;
}

/// What an event weighs in a commit.
std::size_t lines_in(const Event& event) {
  return std::visit(Overloaded{
                        [](const CommandRefused& refused) {
                          const auto* order = std::get_if<Order>(&refused.refusal.state);
                          return order == nullptr ? std::size_t{0} : order->lines.size();
                        },
                        [](const auto& other) {
                          if constexpr (requires { other.lines; }) {
                            return other.lines.size();
                          } else {
                            return std::size_t{0};
                          }
                        },
                    },
                    event);
}

template <class Id>
void keep_each_once(std::vector<Id>& ids) {
  std::ranges::sort(ids);
  const auto repeated = std::ranges::unique(ids);
  ids.erase(repeated.begin(), repeated.end());
}

std::vector<Answer> all_unknown(std::size_t count, const Fault& fault) {
  return {count, Answer{refuse(Rule::outcome_unknown,
                               "the ledger cannot say whether this was done: " + fault.what)}};
}

}  // namespace

std::expected<std::unique_ptr<Ledger>, Fault> Ledger::open(EventLog& log, const Views& views,
                                                           LedgerOptions options) {
  const auto next = views.next_order_number();
  if (!next) return std::unexpected(next.error());
  return std::unique_ptr<Ledger>(new Ledger(log, views, options, *next));
}

Ledger::Ledger(EventLog& log, const Views& views, LedgerOptions options, std::uint64_t next_order_number)
    : log_(log), views_(views), options_(options), head_(log.head()) {
  aggregates_.set_next_order_number(next_order_number);
  aggregates_.merge();
}

Execution Ledger::execute(std::span<const Command> commands, UnixMillis now) {
  assert(!commands.empty());
  commands = commands.first(std::min(commands.size(), options_.commit_commands));
  for (;;) {
    const UnixMillis time = std::max(now, head_.time);
    auto answers = decide_all(commands, time);
    if (!answers) {
      drop_decisions();
      return {all_unknown(commands.size(), answers.error()), answers.error()};
    }
    if (events_.empty()) return {std::move(*answers), std::nullopt};  // they rest on what is on disk already

    Commit commit;
    commit.time = time;
    commit.events = std::exchange(events_, {});
    lines_ = 0;
    const AppendResult result = log_.append(head_.position, std::move(commit));
    if (const auto* appended = std::get_if<Appended>(&result)) {
      head_ = appended->head;
      aggregates_.merge();
      return {std::move(*answers), std::nullopt};
    }
    drop_decisions();
    if (std::holds_alternative<Moved>(result)) {
      const auto rolled = roll_forward();
      if (rolled) continue;
      return {all_unknown(commands.size(), rolled.error()), rolled.error()};
    }
    const auto* unknown = std::get_if<Unknown>(&result);
    const Fault fault = unknown != nullptr ? unknown->fault : std::get<Stopped>(result).fault;
    return {all_unknown(commands.size(), fault), fault};
  }
}

void Ledger::views_reached(GlobalPosition applied) {
  receipts_.forget_up_to(applied);
  aggregates_.evict(applied, options_.cached_aggregates);
}

// ---- loading
// -------------------------------------------------------------------------------------------------------

std::expected<void, Fault> Ledger::load(std::span<const Command> commands) {
  Named named;
  for (const Command& command : commands) gather(command, named);
  if (auto loaded = load_orders(named.orders); !loaded) return loaded;
  for (const OrderId& order : named.orders) {
    if (const Order* found = aggregates_.find(order)) named.add(found->lines);
  }
  return load_products(std::move(named.skus));
}

std::expected<void, Fault> Ledger::load_orders(std::vector<OrderId> wanted) {
  std::erase_if(wanted, [&](const OrderId& order) { return aggregates_.known(order); });
  if (wanted.empty()) return {};
  keep_each_once(wanted);
  auto rows = views_.load(wanted);
  if (!rows) return std::unexpected(rows.error());
  for (std::size_t i = 0; i < wanted.size(); ++i) aggregates_.settle(wanted[i], std::move((*rows)[i]));
  return {};
}

std::expected<void, Fault> Ledger::load_products(std::vector<Sku> wanted) {
  std::erase_if(wanted, [&](const Sku& sku) { return aggregates_.known(sku); });
  if (wanted.empty()) return {};
  keep_each_once(wanted);
  auto rows = views_.load(wanted);
  if (!rows) return std::unexpected(rows.error());
  for (std::size_t i = 0; i < wanted.size(); ++i) aggregates_.settle(wanted[i], std::move((*rows)[i]));
  return {};
}

// ---- deciding
// ------------------------------------------------------------------------------------------------------

std::expected<std::vector<Answer>, Fault> Ledger::decide_all(std::span<const Command> commands,
                                                             UnixMillis time) {
  if (auto loaded = load(commands); !loaded) return std::unexpected(loaded.error());
  std::vector<Answer> answers;
  answers.reserve(commands.size());
  for (const Command& command : commands) {
    if (lines_ >= options_.commit_lines) break;
    auto answer = decide_one(command, time);
    if (!answer) return std::unexpected(answer.error());
    answers.push_back(std::move(*answer));
  }
  return answers;
}

std::expected<Answer, Fault> Ledger::decide_one(const Command& command, UnixMillis time) {
  if (command.identity) {
    auto earlier = earlier_outcome(*command.identity);
    if (!earlier) return std::unexpected(earlier.error());
    if (*earlier) return std::move(**earlier);
  }

  std::optional<Command> assigned;
  if (wants_order_id(command.body)) {
    const auto free = next_free_order();
    if (!free) return std::unexpected(free.error());
    assigned = command;
    give_order_id(assigned->body, *free);
  }

  const Command& complete = assigned ? *assigned : command;
  auto decision = decide(aggregates_, complete);
  if (decision) return record(complete, time, std::move(*decision));
  if (!command.identity) return Answer{std::move(decision.error())};
  return record(complete, time,
                {CommandRefused{kind_of(command.body), std::move(decision.error())}, StreamVersion(0)});
}

std::expected<Answer, Fault> Ledger::record(const Command& command, UnixMillis time, Decision decision) {
  RecordedEvent event{.position = head_.position.plus(events_.size() + 1),
                      .time = time,
                      .version = decision.version,
                      .identity = command.identity,
                      .actor = command.actor,
                      .event = std::move(decision.event)};
  if (auto evolved = evolve(aggregates_, event); !evolved) return std::unexpected(evolved.error());
  if (event.identity) receipts_.add(event.identity->id, {event.identity->body, event.position});
  lines_ += lines_in(event.event);
  Answer answer{outcome_of(event)};
  events_.push_back(std::move(event));
  return answer;
}

std::expected<std::optional<Answer>, Fault> Ledger::earlier_outcome(const CommandIdentity& identity) {
  std::optional<Receipt> receipt;
  if (const Receipt* recent = receipts_.find(identity.id)) {
    receipt = *recent;
  } else {
    auto stored = views_.receipt(identity.id);
    if (!stored) return std::unexpected(stored.error());
    receipt = *stored;
  }
  if (!receipt) return std::nullopt;
  if (receipt->body != identity.body) {
    Refusal reused = refuse(Rule::command_id_reused, "command id " + to_uuid(identity.id.bytes) +
                                                         " was used for another command, at position " +
                                                         std::to_string(receipt->position.value()));
    reused.obstacle = receipt->position;
    return Answer{std::move(reused)};
  }
  const auto event = event_at(receipt->position);
  if (!event) return std::unexpected(event.error());
  return Answer{outcome_of(*event), /*replayed=*/true};
}

std::expected<RecordedEvent, Fault> Ledger::event_at(GlobalPosition position) const {
  if (position > head_.position) return events_[position.value() - head_.position.value() - 1];
  auto commit = log_.read(position)->next();
  if (!commit) return std::unexpected(commit.error());
  if (*commit == nullptr || position < (*commit)->first() || (*commit)->last() < position) {
    return std::unexpected(corruption(position, "a receipt names an event that is not in the log"));
  }
  return (*commit)->events[position.value() - (*commit)->first().value()];
}

std::expected<OrderId, Fault> Ledger::next_free_order() {
  for (std::uint64_t number = aggregates_.next_order_number();; ++number) {
    const OrderId order = *OrderId::parse(std::to_string(number));
    if (auto loaded = load_orders({order}); !loaded) return std::unexpected(loaded.error());
    if (aggregates_.find(order) != nullptr) continue;
    aggregates_.set_next_order_number(number);
    return order;
  }
}

// ---- after an append that did not happen
// ---------------------------------------------------------------------------

void Ledger::drop_decisions() {
  events_.clear();
  lines_ = 0;
  aggregates_.drop();
  receipts_.drop_above(head_.position);
}

std::expected<void, Fault> Ledger::roll_forward() {
  const auto cursor = log_.read(head_.position.next());
  for (;;) {
    auto next = cursor->next();
    if (!next) return std::unexpected(next.error());
    if (*next == nullptr) return {};
    const Commit& commit = **next;
    for (const RecordedEvent& event : commit.events) {
      if (auto folded = fold(event); !folded) return folded;
    }
    aggregates_.merge();
    head_.position = commit.last();
    head_.time = commit.time;
    head_.hash = commit.hash;
    head_.epoch = commit.epoch;
  }
}

std::expected<void, Fault> Ledger::fold(const RecordedEvent& event) {
  if (event.identity) receipts_.add(event.identity->id, {event.identity->body, event.position});
  for (const StreamEntry& entry : streams_of(event)) {
    // what was just loaded from a view may hold the event already
    const auto evolve_unless_done = [&](auto& aggregate, const auto& id) -> std::expected<void, Fault> {
      if (aggregate && event.position <= aggregate->changed_at) return {};
      return evolve(aggregate, id, event);
    };
    std::expected<void, Fault> folded;
    if (entry.stream.kind == AggregateKind::order) {
      const OrderId order = *OrderId::parse(entry.stream.id);
      folded = load_orders({order});
      if (folded) folded = evolve_unless_done(aggregates_.edit(order), order);
    } else {
      const Sku sku = *Sku::parse(entry.stream.id);
      folded = load_products({sku});
      if (folded) folded = evolve_unless_done(aggregates_.edit(sku), sku);
    }
    if (!folded) return folded;
  }
  return {};
}

}  // namespace stockfold
