#include "server/ledger/ledger.h"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>
#include <variant>

#include "core/claims.h"
#include "core/evolve.h"
#include "core/overloaded.h"
#include "server/ledger/assigned_orders.h"
#include "server/ledger/batch.h"

namespace stockfold {
namespace {

/// The answer to a command whose id has an outcome, which `event` holds.
Answer repeated(const Receipt& receipt, const CommandIdentity& identity, const RecordedEvent& event) {
  if (receipt.body == identity.body) {
    Answer again = answer_recorded_by(event);
    again.replayed = true;
    again.decided = DecidedBy{event.position, event.time};
    return again;
  }
  Refusal reused = refuse(Rule::command_id_reused, "command id " + to_uuid(identity.id.bytes) +
                                                       " was used for another command, at position " +
                                                       std::to_string(receipt.position.value()));
  reused.obstacle = receipt.position;
  return {std::move(reused)};
}

void give_order_id(CommandBody& body, const OrderId& order) {
  if (auto* draft = std::get_if<DraftOrder>(&body)) draft->order = order;
  if (auto* place = std::get_if<PlaceOrder>(&body)) place->order = order;
}

/// Where to look for the next number to assign. Those of the first life are kept count of by the view, which
/// has all there are; those of a later one are found by their order.
Result<std::uint64_t> number_to_begin_at(const Views& views, Epoch life) {
  if (life > Epoch(1)) return first_order_number(life);
  return views.next_order_number();
}

/// How much an answer or an event carries.
std::size_t lines_in(const AggregateState& state) {
  const auto* order = std::get_if<Order>(&state);
  return order == nullptr ? 0 : order->lines.size();
}

std::size_t lines_in(const Answer& answer) {
  if (const auto* refusal = std::get_if<Refusal>(&answer.outcome)) return lines_in(refusal->state);
  if (const auto* found = std::get_if<Contradiction>(&answer.outcome)) return lines_in(found->state);
  return 0;
}

std::size_t lines_in(const Event& event) {
  return std::visit(Overloaded{
                        [](const CommandRefused& refused) { return lines_in(refused.refusal.state); },
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

/// Whether the answer to a command is a reason not to do the other commands of its batch. What holds back
/// every command is none: they all have it.
bool refuses_batch(const Answer& answer) {
  const auto* failure = std::get_if<Failure>(&answer.outcome);
  if (failure != nullptr) return failure->code == ErrorCode::invalid_argument;
  return !std::holds_alternative<Accepted>(answer.outcome);
}

/// Of a command whose batch has no room for it. As a part of another batch it may be done; but the same batch
/// of which all or none is done never fits.
Failure too_many_lines(std::size_t most, bool all_or_none) {
  const std::string limit = std::to_string(most);
  if (all_or_none) {
    return {ErrorCode::invalid_argument,
            "commands: the batch has more than " + limit + " lines, with those of the orders that it names"};
  }
  return {ErrorCode::overloaded, "the commands before this one have the " + limit +
                                     " lines that a batch may have, with those of the orders that they name; "
                                     "this attempt did nothing: ask again in another batch"};
}

std::vector<Answer> all_unknown(std::size_t count, const Fault& fault) {
  return {count, Answer{Failure(ErrorCode::outcome_unknown,
                                "the ledger cannot say whether this was done: " + fault.what)}};
}

}  // namespace

Result<std::unique_ptr<Ledger>> Ledger::open(EventLog& log, const Views& views, LedgerOptions options) {
  auto next = number_to_begin_at(views, log.head().epoch);
  if (!next) return std::unexpected(std::move(next.error()));
  return std::unique_ptr<Ledger>(new Ledger(log, views, options, *next));
}

Ledger::Ledger(EventLog& log, const Views& views, LedgerOptions options, std::uint64_t next_order_number)
    : log_(log), views_(views), options_(options), head_(log.head()), life_(head_.epoch) {
  aggregates_.set_next_order_number(next_order_number);
  aggregates_.merge();
}

Execution Ledger::execute(std::span<const Command> commands, UnixMillis now) {
  assert(!commands.empty());
  using Clock = std::chrono::steady_clock;
  commands = whole_batches(commands, options_.commit_commands);
  Execution execution;
  while (!fault_) {
    const auto begun = Clock::now();
    const UnixMillis time = std::max(now, head_.time);
    auto answers = decide_all(commands, time);
    if (!answers) return fail(answers.error(), commands.size());
    execution.deciding += Clock::now() - begun;
    execution.events = events_.size();
    if (events_.empty()) {
      // No append says whether the log has moved. Where it has not, they rest on what is on disk already.
      if (log_.head().position == head_.position) {
        execution.answers = std::move(*answers);
        return execution;
      }
    } else {
      Commit commit;
      commit.time = time;
      commit.events = std::exchange(events_, {});
      const AppendResult result = log_.append(head_.position, std::move(commit));
      if (const auto* appended = std::get_if<Appended>(&result)) {
        head_ = appended->head;
        execution.append = appended->figures;
        aggregates_.merge();
        execution.answers = std::move(*answers);
        return execution;
      }
      if (const auto* unknown = std::get_if<Unknown>(&result)) return fail(unknown->fault, commands.size());
      if (const auto* stopped = std::get_if<Stopped>(&result)) return fail(stopped->fault, commands.size());
    }
    drop_decisions();
    if (const auto rolled = roll_forward(); !rolled) return fail(rolled.error(), commands.size());
  }
  return fail(*fault_, commands.size());
}

Execution Ledger::tell_again(std::span<const Command> commands, const Failure& otherwise) {
  auto held_back = std::exchange(held_back_, otherwise);
  Execution execution = execute(commands, head_.time);
  held_back_ = std::move(held_back);
  return execution;
}

/// From here on nothing is decided: what is in memory may not be what is on disk.
Execution Ledger::fail(Fault fault, std::size_t commands) {
  drop_decisions();
  fault_ = std::move(fault);
  Execution failed;
  failed.answers = all_unknown(commands, *fault_);
  failed.fault = fault_;
  return failed;
}

void Ledger::views_reached(GlobalPosition applied) {
  receipts_.forget_up_to(applied);
  aggregates_.evict(applied, options_.cached_aggregates);
}

Result<void> Ledger::forget() {
  auto next = number_to_begin_at(views_, life_);
  if (!next) return std::unexpected(std::move(next.error()));
  aggregates_.forget();
  aggregates_.set_next_order_number(*next);
  aggregates_.merge();
  receipts_.forget_up_to(head_.position);
  return {};
}

// ---- deciding ---------------------------------------------------------------------------------------------

Result<std::vector<Answer>> Ledger::decide_all(std::span<const Command> commands, UnixMillis time) {
  auto loaded = load(commands);
  if (!loaded) return std::unexpected(std::move(loaded.error()));
  std::vector<Answer> answers;
  commands = loaded->commands;
  answers.reserve(commands.size());
  events_.reserve(commands.size());
  std::size_t lines = 0;
  while (answers.size() < commands.size() && lines < options_.commit_lines) {
    const std::size_t at = answers.size();
    // Not `is_batch ? a : b`, which would slow down the commands that are in none.
    Result<std::size_t> of_this;
    if (!commands[at].with_next) {
      of_this = decide_next(commands[at], time, answers);
    } else {
      const auto batch = commands.subspan(at, size_of_batch(commands.subspan(at)));
      of_this = decide_batch(batch, loaded->ready - at, time, answers);
    }
    if (!of_this) return std::unexpected(std::move(of_this.error()));
    lines += *of_this;
  }
  return answers;
}

Result<std::size_t> Ledger::decide_next(const Command& command, UnixMillis time,
                                        std::vector<Answer>& answers) {
  const std::size_t events = events_.size();
  auto answer = decide_one(command, time);
  if (!answer) return std::unexpected(std::move(answer.error()));
  std::size_t lines = lines_in(*answer);
  if (events_.size() > events) lines += lines_in(events_.back().event);
  answers.push_back(std::move(*answer));
  return lines;
}

Result<std::size_t> Ledger::decide_batch(std::span<const Command> batch, std::size_t ready, UnixMillis time,
                                         std::vector<Answer>& answers) {
  const bool all_or_none = batch.front().all_or_none;
  const std::size_t first = answers.size();
  const std::size_t kept = events_.size();
  if (all_or_none) aggregates_.mark();
  std::size_t lines = 0;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const bool fits = i < ready && lines < options_.batch_lines;
    if (fits) {
      auto of_this = decide_next(batch[i], time, answers);
      if (!of_this) return of_this;
      lines += *of_this;
    } else {
      answers.push_back(Answer{too_many_lines(options_.batch_lines, all_or_none)});
    }
    if (!all_or_none || !refuses_batch(answers.back())) continue;
    answers.resize(first + batch.size());
    const auto refused = refuse_batch(batch, i, kept, time, std::span(answers).subspan(first));
    if (!refused) return std::unexpected(refused.error());
    break;
  }
  aggregates_.unmark();
  return lines;
}

Result<void> Ledger::refuse_batch(std::span<const Command> batch, std::size_t refused, std::size_t kept,
                                  UnixMillis time, std::span<Answer> answers) {
  roll_back(kept);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (i == refused) continue;
    answers[i] = Answer{batch_refused_by(refused)};
    if (!batch[i].identity) continue;
    auto earlier = earlier_outcome(batch[i]);  // from before the batch
    if (!earlier) return std::unexpected(std::move(earlier.error()));
    if (*earlier) answers[i] = std::move(**earlier);
  }
  Answer& answer = answers[refused];
  if (std::holds_alternative<Failure>(answer.outcome)) return {};
  auto alone = decide_one(batch[refused], time);
  if (!alone) return std::unexpected(std::move(alone.error()));
  if (error_name_of(*alone) == error_name_of(answer)) {
    answer = std::move(*alone);
  } else {
    roll_back(kept);
    answer = Answer{refused_in_batch(answer)};
  }
  return {};
}

/// Only between mark() and unmark().
void Ledger::roll_back(std::size_t kept_events) {
  aggregates_.roll_back();
  receipts_.drop_above(head_.position.plus(kept_events));
  events_.resize(kept_events);
}

Result<Answer> Ledger::decide_one(const Command& command, UnixMillis time) {
  if (command.identity) {
    auto earlier = earlier_outcome(command);
    if (!earlier) return std::unexpected(std::move(earlier.error()));
    if (*earlier) return std::move(**earlier);
  }
  if (held_back_) return Answer{*held_back_};

  std::optional<Command> assigned;
  if (wants_order_id(command.body)) {
    auto free = next_free_order();
    if (!free) return std::unexpected(std::move(free.error()));
    assigned = command;
    give_order_id(assigned->body, *free);
  }

  const Command& complete = assigned ? *assigned : command;
  auto decision = decide(aggregates_, complete);
  if (decision) {
    if (auto contradicts = contradiction(aggregates_, complete, *decision)) {
      return Answer{std::move(*contradicts)};
    }
  }
  if (decision) return record(complete, time, std::move(*decision));
  if (!command.identity) return Answer{std::move(decision.error())};
  return record(complete, time,
                {CommandRefused{kind_of(command.body), std::move(decision.error())}, StreamVersion(0)});
}

Result<Answer> Ledger::record(const Command& command, UnixMillis time, Decision decision) {
  RecordedEvent event{.position = head_.position.plus(events_.size() + 1),
                      .time = time,
                      .version = decision.version,
                      .identity = command.identity,
                      .actor = command.actor,
                      .event = std::move(decision.event)};
  if (auto evolved = evolve(aggregates_, event); !evolved) return std::unexpected(std::move(evolved.error()));
  if (event.identity) receipts_.add(event.identity->id, {event.identity->body, event.position});
  Answer answer = answer_recorded_by(event);
  events_.push_back(std::move(event));
  return answer;
}

Result<std::optional<Answer>> Ledger::earlier_outcome(const Command& command) const {
  const Receipts receipts = receipts_of(command.identity->id);
  if (receipts.empty()) return std::nullopt;
  const bool only_one = receipts.size() == 1;
  for (const Receipt& receipt : receipts) {
    auto event = event_of(receipt);
    if (!event) return std::unexpected(std::move(event.error()));
    const std::string& actor = (*event)->actor;
    const bool is_callers = actor == command.actor || (command.actor_proven ? actor.empty() : only_one);
    if (is_callers) return repeated(receipt, *command.identity, **event);
  }
  if (command.actor_proven) return std::nullopt;
  auto oldest = event_of(receipts.front());
  if (!oldest) return std::unexpected(std::move(oldest.error()));
  return repeated(receipts.front(), *command.identity, **oldest);
}

Receipts Ledger::receipts_of(const CommandId& id) const {
  Receipts receipts;
  for (const Receipt& recent : receipts_.find(id)) receipts.push_back(recent);
  if (const auto loaded = loaded_receipts_.find(id); loaded != loaded_receipts_.end()) {
    receipts.insert(receipts.end(), loaded->second.begin(), loaded->second.end());
  }
  if (receipts.size() < 2) return receipts;
  // The views may hold by now what is still in memory.
  std::ranges::sort(receipts, {}, &Receipt::position);
  const auto repeated = std::ranges::unique(receipts);
  receipts.erase(repeated.begin(), repeated.end());
  return receipts;
}

Result<std::shared_ptr<const RecordedEvent>> Ledger::event_of(const Receipt& receipt) const {
  using EventOfLog = std::shared_ptr<const RecordedEvent>;
  if (receipt.position > head_.position) {
    const auto number = receipt.position.value() - head_.position.value() - 1;
    // Beyond them, the log has moved and the views are ahead: what is decided here is dropped.
    if (number < events_.size()) return EventOfLog(EventOfLog(), &events_[number]);
  }
  const auto has_it = [&receipt](const std::shared_ptr<const Commit>& commit) {
    return commit != nullptr && commit->first() <= receipt.position && receipt.position <= commit->last();
  };
  if (!has_it(last_read_)) {
    auto commit = log_.read(receipt.position)->next();
    if (!commit) return std::unexpected(std::move(commit.error()));
    if (!has_it(*commit)) {
      return std::unexpected(corruption(receipt.position, "a receipt names an event that is not in the log"));
    }
    last_read_ = std::move(*commit);
  }
  return EventOfLog(last_read_, &last_read_->events[receipt.position.value() - last_read_->first().value()]);
}

// ---- after an append that did not happen ------------------------------------------------------------------

void Ledger::drop_decisions() {
  events_.clear();
  aggregates_.drop();
  receipts_.drop_above(head_.position);
}

Result<void> Ledger::roll_forward() {
  const auto cursor = log_.read(head_.position.next());
  for (;;) {
    auto next = cursor->next();
    if (!next) return std::unexpected(std::move(next.error()));
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

Result<void> Ledger::fold(const RecordedEvent& event) {
  if (event.identity) receipts_.add(event.identity->id, {event.identity->body, event.position});
  for (const StreamEntry& entry : streams_of(event)) {
    // what was just loaded from a view may hold the event already
    const auto evolve_unless_done = [&](auto& aggregate, const auto& id) -> Result<void> {
      if (aggregate && event.position <= aggregate->changed_at) return {};
      return evolve(aggregate, id, event);
    };
    Result<void> folded;
    if (entry.stream.kind == AggregateKind::order) {
      const OrderId order = *OrderId::parse(entry.stream.id);
      folded = load_one(order);
      if (folded) folded = evolve_unless_done(aggregates_.edit(order), order);
    } else {
      const Sku sku = *Sku::parse(entry.stream.id);
      folded = load_one(sku);
      if (folded) folded = evolve_unless_done(aggregates_.edit(sku), sku);
    }
    if (!folded) return folded;
  }
  return {};
}

}  // namespace stockfold
