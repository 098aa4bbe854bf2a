#include "histories/order_of_positions.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "histories/model.h"
#include "storage/codec/body_hash.h"

namespace stockfold {
namespace {

/// An operation in its place.
struct Placed {
  std::uint64_t position = 0;
  bool is_read = false;  ///< After the event at that position.
  Instant called = 0;
  Instant returned = kNever;
  std::size_t operation = 0;
};

std::string line(const Operation& operation) {
  return describe(operation.asked) + " (connection " + std::to_string(operation.connection) + ", called " +
         std::to_string(operation.called) +
         (is_told(operation) ? ", returned " + std::to_string(operation.returned) : "") +
         "): " + describe(operation.told);
}

/// The attempt that took effect: the one answered first, or the earliest with an unknown outcome, which was
/// then done before the first retry was answered.
std::optional<Placed> sending_that_counted(const History& history, std::vector<std::size_t> sendings,
                                           const Logged& logged) {
  std::erase_if(sendings, [&](std::size_t i) {
    const auto& command = std::get<Command>(history[i].asked);
    return body_hash(command.body, command.expected) != logged.body;
  });
  for (const std::size_t i : sendings) {
    if (was_first(history[i]))
      return Placed{logged.position, false, history[i].called, history[i].returned, i};
  }
  std::optional<Placed> counted;
  for (const std::size_t i : sendings) {
    if (is_told(history[i]) || (counted && counted->called <= history[i].called)) continue;
    counted = Placed{logged.position, false, history[i].called, kNever, i};
  }
  if (!counted) return std::nullopt;
  for (const std::size_t i : sendings) {
    const auto* answer = std::get_if<Answer>(&history[i].told);
    if (answer == nullptr || !answer->replayed) continue;
    counted->returned = std::min(counted->returned, history[i].returned);
  }
  return counted;
}

std::optional<std::string> wrong_position(const Operation& operation, const LoggedCommands& log) {
  const auto* answer = std::get_if<Answer>(&operation.told);
  if (answer == nullptr) return std::nullopt;
  const auto logged = log.find(std::get<Command>(operation.asked).identity->id);
  if (logged == log.end()) return "the log does not hold what was answered: " + line(operation);
  const auto* accepted = std::get_if<Accepted>(&answer->outcome);
  if (accepted == nullptr || accepted->position.value() == logged->second.position) return std::nullopt;
  return "the log has position " + std::to_string(logged->second.position) + " for " + line(operation);
}

}  // namespace

bool add(LoggedCommands& log, const RecordedEvent& event) {
  if (!event.identity) return true;
  const bool accepted = !std::holds_alternative<CommandRefused>(event.event);
  return log.try_emplace(event.identity->id, Logged{event.position.value(), accepted, event.identity->body})
      .second;
}

std::optional<std::string> wrong_in_order_of_positions(const History& whole, const LoggedCommands& log) {
  const History history = telling(whole);
  std::map<CommandId, std::vector<std::size_t>> sendings;
  std::vector<Placed> order;
  for (std::size_t i = 0; i < history.size(); ++i) {
    const Operation& operation = history[i];
    if (const auto* command = std::get_if<Command>(&operation.asked)) {
      sendings[command->identity->id].push_back(i);
      if (auto wrong = wrong_position(operation, log)) return wrong;
      continue;
    }
    const auto* product = std::get_if<ProductReply>(&operation.told);
    const GlobalPosition as_of = product ? product->as_of : std::get<OrderReply>(operation.told).as_of;
    order.push_back({as_of.value(), true, operation.called, operation.returned, i});
  }
  for (const auto& [id, logged] : log) {
    const auto asked = sendings.find(id);
    const auto counted =
        asked == sendings.end() ? std::nullopt : sending_that_counted(history, asked->second, logged);
    if (!counted) return "no command asked for position " + std::to_string(logged.position);
    order.push_back(*counted);
  }
  std::ranges::sort(order, {}, [](const Placed& placed) {
    return std::tuple(placed.position, placed.is_read, placed.called);
  });

  Model model(history);
  const Placed* latest = nullptr;                             // the latest call among those before
  std::map<std::uint32_t, std::size_t> latest_of_connection;  // likewise
  for (const Placed& placed : order) {
    const Operation& operation = history[placed.operation];
    if (latest != nullptr && placed.returned < latest->called) {
      return "behind what was called after its return: " + line(operation) + "\n  behind " +
             line(history[latest->operation]);
    }
    if (latest == nullptr || placed.called > latest->called) latest = &placed;
    if (is_told(operation)) {
      const auto [before, is_first] =
          latest_of_connection.try_emplace(operation.connection, placed.operation);
      if (!is_first && placed.operation < before->second) {
        return "behind what its connection asked later: " + line(operation) + "\n  behind " +
               line(history[before->second]);
      }
      before->second = placed.operation;
    }
    const Fit fit = model.fit(placed.operation);
    const auto* command = std::get_if<Command>(&operation.asked);
    const bool accepted = command != nullptr && log.at(command->identity->id).accepted;
    if (fit == Fit::no || (fit == Fit::moves) != accepted) {
      return "not as the positions have it, at " + std::to_string(placed.position) + ": " + line(operation) +
             "\n  would be told: " + model.would_say(placed.operation);
    }
    model.apply(placed.operation);
  }
  return std::nullopt;
}

}  // namespace stockfold
