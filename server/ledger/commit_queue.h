// The commands that wait, and which of them a commit takes. The queue knows no ledger and reads no clock.
//
// Who waits:
//  1. The commands of one client are executed in the order of their submission.
//  2. The queue is full at a number of commands, or of lines of orders. Its last quarter is kept for clients
//     that have no command in the queue.
//
// What a commit takes:
//  3. Commands that the commit before took and did not execute come first.
//  4. Clients take turns in the order in which they began to wait. A commit ends with the turn that reaches
//     its number of commands or of lines.
//  5. A turn is up to kTurnCommands commands, or ends at kTurnLines lines. If everything that waits fits into
//     one commit, a turn is everything that the client has.
//  6. A large order (more than kTurnLines lines) ends its turn, whatever rule 5 says. After an
//     order of n x kTurnLines lines its client has its next turn n commits later. A batch is taken whole. It
//     counts as an order of all its lines, or of kTurnLines lines for every kTurnCommands commands, whichever
//     is more.
//  7. If at least half of the waiting clients are emptied by their first turn, the commit ends at
//     kShortCommit commands.
//  8. If only clients that sit out by rule 6 wait, they have turns at once. In that case, if another command
//     was taken in the last kOthersAskAgain commits, the commit ends with the first turn that takes an order
//     or a large batch.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <queue>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/command.h"
#include "core/strong.h"

namespace stockfold {

/// A client of the queue. No two clients of a process have the same number.
struct ClientIdTag;
using ClientId = Strong<ClientIdTag, std::uint64_t>;

/// What waits at most, and what a commit takes at most.
struct QueueLimits {
  std::size_t queue_commands;
  std::size_t queue_lines;
  std::size_t commit_commands;
  std::size_t commit_lines;
};

/// Whether a client has commands in the queue already.
enum class QueueTurn : std::uint8_t { first, further };

/// `Client` is what answers are given to. The queue keeps one while commands of it wait, and only copies it.
template <class Client>
class CommitQueue {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  static constexpr std::size_t kTurnCommands = 4;
  static constexpr std::size_t kTurnLines = 64;
  static constexpr std::size_t kShortCommit = 256;
  static constexpr std::uint64_t kOthersAskAgain = 16;

  /// Commands of one client that follow each other in a commit.
  struct Run {
    Client client;
    std::size_t commands;
  };

  explicit CommitQueue(const QueueLimits& limits) : limits_(limits) {}

  /// Whether the queue takes one more command.
  [[nodiscard]] bool has_room(QueueTurn turn) const {
    const auto open_to = [turn](std::size_t limit) {
      return turn == QueueTurn::first ? limit : limit - limit / 4;
    };
    return commands_ < open_to(limits_.queue_commands) && lines_ < open_to(limits_.queue_lines);
  }

  /// Queues a command that came at `asked`. There has to be room: of a batch, for its first command. The
  /// commands of a batch are added one after the other, and none of the same client between them.
  void add(ClientId id, const Client& client, Command&& command, TimePoint asked);

  /// Takes the commands of the next commit, behind those that are left of the commit before.
  void take_commit();
  /// What take_commit() took and executed() did not remove: the commands, when each came, and whose they are.
  /// A run holds the whole of a batch.
  [[nodiscard]] std::span<const Command> taken() const { return taken_; }
  [[nodiscard]] std::span<const TimePoint> asked() const { return asked_; }
  [[nodiscard]] const std::deque<Run>& runs() const { return runs_; }
  /// Removes the first commands of taken().
  void executed(std::size_t commands);

  /// Removes all commands, and returns whose they were: those of a client in one or more runs, and those of a
  /// batch in one.
  std::vector<Run> remove_all();

  /// Of the commands that wait and of taken().
  [[nodiscard]] std::size_t commands() const { return commands_; }
  [[nodiscard]] std::size_t lines() const { return lines_; }

 private:
  /// An entry without commands keeps memory for so many.
  static constexpr std::size_t kKeptCommands = 64;
  /// Of an order or batch, so that the commit ends with the turn that takes one.
  static constexpr std::size_t kOneLine = 1;

  struct Waiting {
    Command command;
    TimePoint asked;
  };
  /// A client that has commands waiting, or that sits out.
  struct Entry {
    Client client{};
    std::vector<Waiting> waiting;
    std::size_t taken = 0;        ///< Of waiting: into a commit.
    std::uint64_t next_turn = 0;  ///< The commit until which it sits out.
  };
  using Entries = std::unordered_map<ClientId, Entry>;
  using Place = typename Entries::value_type;
  /// When an entry may be removed that has no commands and sits out.
  using SittingOut = std::pair<std::uint64_t, ClientId>;

  /// How many lines a batch of so many commands counts as, for its commands; none for a single command.
  static constexpr std::size_t weight_of_batch(std::size_t commands) {
    return commands > 1 ? commands * kTurnLines / kTurnCommands : 0;
  }

  enum class Large : std::uint8_t { sit_out, have_turns };

  Place& place_of(ClientId id);
  void take_turns(std::size_t most_lines, Large clients_of_large_orders);
  /// Takes a command, or a whole batch, and returns its lines.
  std::size_t take_one(Entry& entry);
  std::size_t take_turn(Entry& entry, std::size_t most_commands, std::size_t most_lines);
  void leave(Place& place);
  void remove(typename Entries::iterator entry);
  void forget_sitting_out();

  QueueLimits limits_;
  Entries entries_;
  std::vector<typename Entries::node_type>
      spare_;                ///< Removed entries: a client that returns allocates nothing.
  std::deque<Place*> line_;  ///< Clients with commands waiting, in the order of their turns.
  std::priority_queue<SittingOut, std::vector<SittingOut>, std::greater<>> sitting_out_;
  std::uint64_t commit_ = 0;       ///< The number of the present one.
  std::uint64_t others_turn_ = 0;  ///< The last commit that took what is no large order.
  std::size_t commands_ = 0;
  std::size_t lines_ = 0;

  std::vector<Command> taken_;
  std::vector<TimePoint> asked_;
  std::deque<Run> runs_;
};

// ---- who waits --------------------------------------------------------------------------------------------

template <class Client>
void CommitQueue<Client>::add(ClientId id, const Client& client, Command&& command, TimePoint asked) {
  lines_ += lines_in(command.body);
  ++commands_;
  Place& place = place_of(id);
  Entry& entry = place.second;
  if (entry.waiting.empty()) {
    entry.client = client;
    line_.push_back(&place);
  }
  entry.waiting.push_back({std::move(command), asked});
}

template <class Client>
typename CommitQueue<Client>::Place& CommitQueue<Client>::place_of(ClientId id) {
  if (const auto found = entries_.find(id); found != entries_.end()) return *found;
  if (spare_.empty()) return *entries_.try_emplace(id).first;
  auto node = std::move(spare_.back());
  spare_.pop_back();
  node.key() = id;
  return *entries_.insert(std::move(node)).position;
}

/// The client has no more commands waiting.
template <class Client>
void CommitQueue<Client>::leave(Place& place) {
  auto& [id, entry] = place;
  entry.client = Client{};
  if (entry.waiting.capacity() > kKeptCommands) entry.waiting.shrink_to_fit();
  if (entry.next_turn > commit_) {
    sitting_out_.emplace(entry.next_turn, id);
  } else {
    remove(entries_.find(id));
  }
}

template <class Client>
void CommitQueue<Client>::remove(typename Entries::iterator entry) {
  entry->second.next_turn = 0;
  spare_.push_back(entries_.extract(entry));
}

template <class Client>
void CommitQueue<Client>::forget_sitting_out() {
  while (!sitting_out_.empty() && sitting_out_.top().first <= commit_) {
    const auto entry = entries_.find(sitting_out_.top().second);
    sitting_out_.pop();
    if (entry == entries_.end()) continue;
    if (entry->second.waiting.empty() && entry->second.next_turn <= commit_) remove(entry);
  }
}

template <class Client>
std::vector<typename CommitQueue<Client>::Run> CommitQueue<Client>::remove_all() {
  std::vector<Run> removed(runs_.begin(), runs_.end());
  for (Place* place : line_) {
    Entry& entry = place->second;
    removed.push_back({std::move(entry.client), entry.waiting.size() - entry.taken});
    entry.waiting.clear();
    entry.taken = 0;
    leave(*place);
  }
  line_.clear();
  taken_.clear();
  asked_.clear();
  runs_.clear();
  commands_ = lines_ = 0;
  return removed;
}

// ---- what a commit takes ----------------------------------------------------------------------------------

template <class Client>
void CommitQueue<Client>::take_commit() {
  ++commit_;
  forget_sitting_out();
  take_turns(limits_.commit_lines, Large::sit_out);
  if (!taken_.empty()) return;
  const bool others_ask_again = commit_ - others_turn_ < kOthersAskAgain;
  take_turns(others_ask_again ? kOneLine : limits_.commit_lines, Large::have_turns);
}

template <class Client>
void CommitQueue<Client>::take_turns(std::size_t most_lines, Large clients_of_large_orders) {
  const bool all_fit = commands_ <= limits_.commit_commands && lines_ <= limits_.commit_lines;
  const std::size_t turn_commands = all_fit ? limits_.commit_commands : kTurnCommands;
  const std::size_t turn_lines = all_fit ? limits_.commit_lines : kTurnLines;
  std::size_t lines = 0;
  for (const Command& command : taken_) lines += lines_in(command.body);
  std::size_t most_commands = limits_.commit_commands;
  const std::size_t in_line = line_.size();
  std::size_t turns = 0;
  std::size_t emptied = 0;  // of those who were in line, in the first round
  std::vector<Place*> passed_by;
  while (taken_.size() < most_commands && lines < most_lines && !line_.empty()) {
    Place& place = *line_.front();
    Entry& entry = place.second;
    line_.pop_front();
    ++turns;
    if (clients_of_large_orders == Large::sit_out && entry.next_turn > commit_) {
      passed_by.push_back(&place);
      continue;
    }
    lines += take_turn(entry, turn_commands, turn_lines);
    if (entry.waiting.empty()) {
      ++emptied;
      leave(place);
    } else {
      line_.push_back(&place);
    }
    if (turns == in_line && 2 * emptied >= in_line) most_commands = std::min(most_commands, kShortCommit);
  }
  line_.insert(line_.begin(), passed_by.begin(), passed_by.end());
}

template <class Client>
std::size_t CommitQueue<Client>::take_one(Entry& entry) {
  std::size_t lines = 0;
  for (bool goes_on = true; goes_on;) {
    auto& [command, asked] = entry.waiting[entry.taken++];
    goes_on = command.with_next;
    lines += lines_in(command.body);
    taken_.push_back(std::move(command));
    asked_.push_back(asked);
  }
  return lines;
}

/// Takes one command at least, and returns the lines of those it took; one at least of a large order or
/// batch.
template <class Client>
std::size_t CommitQueue<Client>::take_turn(Entry& entry, std::size_t most_commands, std::size_t most_lines) {
  const std::size_t before = entry.taken;
  std::size_t began = before;
  std::size_t lines = 0;
  bool large = false;
  do {
    const std::size_t of_this = take_one(entry);
    const std::size_t weight = std::max(of_this, weight_of_batch(entry.taken - began));
    began = entry.taken;
    large = weight > kTurnLines;
    if (large) {
      entry.next_turn = commit_ + weight / kTurnLines;
    } else {
      others_turn_ = commit_;
    }
    lines += std::max(of_this, large ? kOneLine : 0);
  } while (!large && entry.taken < entry.waiting.size() && entry.taken - before < most_commands &&
           lines < most_lines);
  runs_.push_back({entry.client, entry.taken - before});

  const auto taken = static_cast<std::ptrdiff_t>(entry.taken);
  if (2 * entry.taken < entry.waiting.size()) return lines;  // it is removed once it is the larger part
  entry.waiting.erase(entry.waiting.begin(), entry.waiting.begin() + taken);
  entry.taken = 0;
  return lines;
}

template <class Client>
void CommitQueue<Client>::executed(std::size_t commands) {
  for (const Command& command : taken().first(commands)) lines_ -= lines_in(command.body);
  commands_ -= commands;
  const auto count = static_cast<std::ptrdiff_t>(commands);
  taken_.erase(taken_.begin(), taken_.begin() + count);
  asked_.erase(asked_.begin(), asked_.begin() + count);
  while (commands > 0) {
    Run& run = runs_.front();
    const std::size_t of_this = std::min(run.commands, commands);
    commands -= of_this;
    run.commands -= of_this;
    if (run.commands == 0) runs_.pop_front();
  }
}

}  // namespace stockfold
