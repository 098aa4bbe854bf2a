#include "histories/scheduled_ledger.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "histories/shoppers.h"
#include "projections/views.h"
#include "server/engine/engine.h"
#include "server/ledger/admit.h"
#include "server/ledger/ledger.h"
#include "server/ledger/writer.h"
#include "server/queries/reads.h"
#include "storage/log/memory_log.h"
#include "support/memory_engine.h"
#include "support/memory_views.h"

namespace stockfold {
namespace {

constexpr LedgerId kLedger{.bytes = {1}};

template <class T>
T value_of(Result<T> result) {
  if (!result) throw std::runtime_error("the scheduled ledger failed: " + result.error().what);
  return std::move(*result);
}

/// A log in memory that may lose its tail, or ignore the condition of an append.
class FlawedLog final : public EventLog {
 public:
  explicit FlawedLog(Flaw flaw) : flaw_(flaw), log_(std::make_unique<MemoryLog>(kLedger)) {}

  [[nodiscard]] Head head() const override { return log_->head(); }
  [[nodiscard]] UnixMillis created() const override { return log_->created(); }
  [[nodiscard]] std::unique_ptr<LogCursor> read(GlobalPosition from) const override {
    return log_->read(from);
  }
  AppendResult append(GlobalPosition expected, Commit commit) override {
    if (flaw_ == Flaw::second_writer) {
      expected = log_->head().position;
      for (std::size_t i = 0; i < commit.events.size(); ++i) {
        commit.events[i].position = expected.plus(i + 1);
      }
    }
    AppendResult result = log_->append(expected, commit);
    if (std::holds_alternative<Appended>(result)) commits_.push_back(std::move(commit));
    if (flaw_ != Flaw::answer_before_sync) sync();
    return result;
  }

  void sync() { synced_ = commits_.size(); }

  /// What was not synced is lost.
  void cut_power() {
    commits_.resize(synced_);
    log_ = std::make_unique<MemoryLog>(kLedger);
    for (const Commit& commit : commits_) log_->append(log_->head().position, commit);
  }

 private:
  Flaw flaw_;
  std::unique_ptr<MemoryLog> log_;
  std::vector<Commit> commits_;
  std::size_t synced_ = 0;
};

/// One client's connection, from both ends. After the client gives it up, what it sent still arrives.
class Connection final : public CommandSource {
 public:
  Connection(std::uint32_t its_number, bool to_second_writer)
      : number(its_number), second_writer(to_second_writer) {}

  void answered(std::span<const Answer> answers) override {
    for (const Answer& answer : answers) {
      replies.emplace_back(submitted.front(), answer);
      submitted.pop_front();
    }
  }
  void flush() override {}

  std::uint32_t number;
  bool second_writer;
  std::deque<std::size_t> sent;       ///< Operations on their way to the ledger; so are the next ones.
  std::deque<std::size_t> submitted;  ///< To the writer.
  std::deque<std::pair<std::size_t, Told>> replies;  ///< On their way to the client.
};

struct ScheduledClient {
  Shopper shopper;
  std::uint32_t in_flight = 1;
  std::shared_ptr<Connection> connection;
  std::vector<std::size_t> unanswered;
  std::vector<Command> to_retry;
};

class Schedule {
 public:
  explicit Schedule(const ScheduleOptions& options);
  ScheduledRun run();

 private:
  void open();
  void make_engine();
  void make_second_engine();
  Engine& engine_of(const Connection& connection) {
    return *engines_[connection.second_writer && engines_.size() > 1 ? 1 : 0];
  }
  void fold(bool to_the_head);
  [[nodiscard]] bool takes_views() const { return engines_.size() == 1; }

  void step();
  void call(ScheduledClient& client);
  void arrive(Connection& connection);
  void deliver(ScheduledClient& client);
  void give_up(ScheduledClient& client);
  void cut_power();
  void drain();
  std::shared_ptr<Connection> connect();
  [[nodiscard]] std::optional<Refusal> conflict_first(const Command& command, const Ledger& ledger) const;
  [[nodiscard]] Told show(const Asked& read, const Ledger& ledger);

  ScheduleOptions options_;
  Random random_;
  Shop shop_;
  FlawedLog log_;
  boost::asio::io_context network_;  ///< Never runs: nothing waits.
  std::unique_ptr<MemoryViewStore> views_;
  std::vector<std::unique_ptr<Engine>> engines_;  ///< On one log and the same views.
  std::vector<ScheduledClient> clients_;
  std::vector<std::shared_ptr<Connection>> connections_;
  std::uint32_t connections_made_ = 0;
  Instant now_ = 0;
  ScheduledRun run_;
};

Schedule::Schedule(const ScheduleOptions& options)
    : options_(options), random_(options.seed), shop_(options.shelves), log_(options.flaw) {
  open();
  for (std::uint32_t i = 0; i < options_.clients; ++i) {
    clients_.push_back(
        {Shopper(shop_, i, options_.seed), i % 2 == 1 ? 1 : options_.in_flight, connect(), {}, {}});
  }
}

std::shared_ptr<Connection> Schedule::connect() {
  const std::uint32_t number = connections_made_++;
  connections_.push_back(std::make_shared<Connection>(number, number % 2 == 1));
  return connections_.back();
}

/// Opens the ledger as a start does: the views catch up first.
void Schedule::open() {
  engines_.clear();
  views_ = std::make_unique<MemoryViewStore>(view_names());
  make_engine();
}

void Schedule::make_engine() {
  EngineOptions options = memory_engine_options([this] { return UnixMillis(now_); });
  options.ledger.commit_commands = 8;
  // little room, so that rows come from the views, too; the flawed front looks only at rows in memory
  if (options_.flaw != Flaw::version_before_receipt) options.ledger.cached_aggregates = 4;
  engines_.push_back(value_of(make_memory_engine(network_.get_executor(), log_, *views_, options,
                                                 [](const Fault& /*seen as answers*/) {})));
}

void Schedule::fold(bool to_the_head) {
  while (value_of(engines_.front()->follower().step(1)) > 0 && to_the_head) {
  }
}

ScheduledRun Schedule::run() {
  while (run_.history.size() < options_.operations) step();
  drain();
  if (options_.flaw == Flaw::second_writer) return std::move(run_);
  const auto cursor = log_.read(GlobalPosition(1));
  for (auto commit = value_of(cursor->next()); commit != nullptr; commit = value_of(cursor->next())) {
    for (const RecordedEvent& event : commit->events) {
      if (!add(run_.log, event)) throw std::runtime_error("a command id has two events");
    }
  }
  return std::move(run_);
}

void Schedule::step() {
  ++now_;
  ScheduledClient& client = clients_[random_.below(options_.clients)];
  Connection& connection = *connections_[random_.below(static_cast<std::uint32_t>(connections_.size()))];
  const std::uint32_t drawn = random_.below(1'000);
  if (drawn < 300) {
    if (client.unanswered.size() < client.in_flight) call(client);
  } else if (drawn < 600) {
    if (!connection.sent.empty()) arrive(connection);
  } else if (drawn < 700) {
    Engine& engine = engine_of(connection);
    if (engine.writer().pending()) engine.commit();
  } else if (drawn < 930) {
    if (!client.connection->replies.empty()) deliver(client);
  } else if (drawn < 970) {
    if (takes_views()) fold(/*to_the_head=*/false);
  } else if (drawn < 975) {
    log_.sync();
  } else if (drawn < 978) {
    give_up(client);
  } else if (drawn < 980 && options_.flaw != Flaw::second_writer) {
    cut_power();
  }
  const bool is_time = run_.history.size() >= options_.operations / 3;
  if (options_.flaw == Flaw::second_writer && is_time && engines_.size() == 1) make_second_engine();
}

/// From here on both engines decide on their own knowledge, and neither learns of the other.
void Schedule::make_second_engine() {
  while (engines_.front()->writer().pending()) engines_.front()->commit();
  fold(/*to_the_head=*/true);
  make_engine();
}

void Schedule::call(ScheduledClient& client) {
  Operation operation{.connection = client.connection->number, .called = now_, .asked = {}, .told = {}};
  if (client.to_retry.empty()) {
    operation.asked = client.shopper.next();
  } else {
    operation.asked = std::move(client.to_retry.back());
    client.to_retry.pop_back();
  }
  client.unanswered.push_back(run_.history.size());
  client.connection->sent.push_back(run_.history.size());
  run_.history.push_back(std::move(operation));
}

/// The first request on the connection reaches the ledger; a read waits until all before it are answered.
void Schedule::arrive(Connection& connection) {
  const std::size_t number = connection.sent.front();
  const Asked& asked = run_.history[number].asked;
  Engine& engine = engine_of(connection);
  const auto* sent = std::get_if<Command>(&asked);
  if (sent == nullptr || options_.flaw == Flaw::version_before_receipt) {
    if (!connection.submitted.empty()) return;
  }
  connection.sent.pop_front();
  if (sent == nullptr) {
    connection.replies.emplace_back(number, show(asked, engine.ledger()));
    return;
  }
  Command command = *sent;
  if (auto failure = admit(command)) {
    connection.replies.emplace_back(number, Answer{std::move(*failure)});
    return;
  }
  if (options_.flaw == Flaw::version_before_receipt) {
    if (auto refusal = conflict_first(command, engine.ledger())) {
      connection.replies.emplace_back(number, Answer{std::move(*refusal)});
      return;
    }
  }
  connection.submitted.push_back(number);
  if (!engine.writer().submit(std::move(command), connection, Writer::Turn::first))
    throw std::runtime_error("the queue is full");
}

void Schedule::deliver(ScheduledClient& client) {
  auto [number, told] = std::move(client.connection->replies.front());
  client.connection->replies.pop_front();
  std::erase(client.unanswered, number);
  client.shopper.learn(told);
  receive(run_.history[number], std::move(told), now_);
}

/// The client reads no more replies; it sends most of its commands again, over another connection.
void Schedule::give_up(ScheduledClient& client) {
  for (const std::size_t number : std::exchange(client.unanswered, {})) {
    const auto* command = std::get_if<Command>(&run_.history[number].asked);
    if (command != nullptr && !client.shopper.once_in(8)) client.to_retry.push_back(*command);
  }
  std::ranges::reverse(client.to_retry);
  client.connection = connect();
}

void Schedule::cut_power() {
  ++run_.power_cuts;
  connections_.clear();
  engines_.clear();
  log_.cut_power();
  for (ScheduledClient& client : clients_) give_up(client);
  open();
}

/// No more requests are made, and whatever is under way arrives.
void Schedule::drain() {
  const auto under_way = [](const std::shared_ptr<Connection>& connection) {
    return !connection->sent.empty() || !connection->submitted.empty() || !connection->replies.empty();
  };
  std::erase_if(connections_, [this](const std::shared_ptr<Connection>& connection) {
    return std::ranges::none_of(clients_,
                                [&](const auto& client) { return client.connection == connection; });
  });
  while (std::ranges::any_of(connections_, under_way)) {
    ++now_;
    for (const auto& connection : connections_) {
      if (!connection->sent.empty()) arrive(*connection);
    }
    for (const auto& engine : engines_) {
      if (engine->writer().pending()) engine->commit();
    }
    for (ScheduledClient& client : clients_) {
      if (!client.connection->replies.empty()) deliver(client);
    }
  }
}

// ---- the front --------------------------------------------------------------------------------------------

/// Answers a read as a session does: from the ledger's memory, or else from the views once they hold
/// everything. The flawed front reads only the views, wherever they are.
Told Schedule::show(const Asked& asked, const Ledger& ledger) {
  const bool stale = options_.flaw == Flaw::stale_read;
  const GlobalPosition at = stale ? engines_.front()->applied() : ledger.position();
  if (const auto* product = std::get_if<ShowProduct>(&asked)) {
    const auto* known = stale ? nullptr : ledger.peek(product->sku);
    if (known != nullptr) return ProductReply{product->sku, *known, at};
    return value_of(read(engines_.front()->views(), *product, at));
  }
  const auto& order = std::get<ShowOrder>(asked);
  const auto* known = stale ? nullptr : ledger.peek(order.order);
  if (known != nullptr) return OrderReply{order.order, *known, at};
  return value_of(read(engines_.front()->views(), order, at));
}

template <class Id, class State>
std::optional<Refusal> conflict(const Id& id, const std::optional<State>* known, const Command& command) {
  if (known == nullptr) return std::nullopt;  // not in memory: left to the ledger
  const StreamVersion actual = *known ? (*known)->version : StreamVersion();
  if (command.expected.accepts(actual)) return std::nullopt;
  Refusal refusal;
  refusal.rule = Rule::version_conflict;
  refusal.subject = StreamId::of(id);
  refusal.expected = command.expected;
  refusal.actual = actual;
  if (*known) {
    refusal.state = **known;
    refusal.obstacle = (*known)->changed_at;
  }
  return refusal;
}

std::optional<Refusal> Schedule::conflict_first(const Command& command, const Ledger& ledger) const {
  return std::visit(
      [&](const auto& c) {
        if constexpr (requires { c.sku; }) {
          return conflict(c.sku, ledger.peek(c.sku), command);
        } else if constexpr (requires { *c.order; }) {
          return conflict(*c.order, ledger.peek(*c.order), command);
        } else {
          return conflict(c.order, ledger.peek(c.order), command);
        }
      },
      command.body);
}

}  // namespace

std::string_view name_of(Flaw flaw) {
  switch (flaw) {
    case Flaw::none:
      return "none";
    case Flaw::second_writer:
      return "second writer";
    case Flaw::answer_before_sync:
      return "answer before sync";
    case Flaw::version_before_receipt:
      return "version before receipt";
    case Flaw::stale_read:
      return "stale read";
  }
  return "?";
}

ScheduledRun run_schedule(const ScheduleOptions& options) {
  spdlog::set_level(spdlog::level::off);  // what an engine logs when it starts
  return Schedule(options).run();
}

}  // namespace stockfold
