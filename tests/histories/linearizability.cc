#include "histories/linearizability.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <unordered_set>
#include <utility>
#include <vector>

#include "histories/disjoint_sets.h"
#include "histories/model.h"

namespace stockfold {
namespace {

constexpr std::size_t kNobody = std::numeric_limits<std::size_t>::max();

struct FingerprintHash {
  std::size_t operator()(const Fingerprint& of) const noexcept { return of.low; }
};

/// An attempt with an unknown outcome that may have been the one that took effect.
struct OpenSending {
  std::size_t operation = 0;
  /// Its id was also used for something else, so that even its refusal would have been noticed.
  bool is_contested = false;
  /// The last return of an operation whose answer could differ because of it.
  Instant noticed_until = 0;
};

/// In the order of their calls. If an attempt was answered as the first of its id, no other attempt takes
/// effect. Of several with unknown outcomes, the earliest can do whatever the others could.
std::vector<OpenSending> open_sendings(const History& history) {
  std::map<CommandId, std::vector<std::size_t>> sendings;
  for (std::size_t i = 0; i < history.size(); ++i) {
    const auto* command = std::get_if<Command>(&history[i].asked);
    if (command != nullptr) sendings[command->identity->id].push_back(i);
  }
  std::vector<OpenSending> open;
  for (const auto& [id, same_id] : sendings) {
    for (const std::size_t i : same_id) {
      if (is_told(history[i])) continue;
      const auto says_the_same = [&](std::size_t other) {
        return same_body(std::get<Command>(history[i].asked), std::get<Command>(history[other].asked));
      };
      const auto counts_before = [&](std::size_t other) {
        if (!says_the_same(other)) return false;
        if (is_told(history[other])) return was_first(history[other]);
        return std::pair(history[other].called, other) < std::pair(history[i].called, i);
      };
      if (std::ranges::any_of(same_id, counts_before)) continue;
      open.push_back({i, !std::ranges::all_of(same_id, says_the_same), 0});
    }
  }
  std::ranges::sort(open, {}, [&](const OpenSending& sending) { return history[sending.operation].called; });
  return open;
}

/// The search of one component.
class Search {
 public:
  Search(const History& history, SearchLimits limits, const LoggedCommands& tried_first)
      : history_(history), limits_(limits), model_(history), open_(open_sendings(history)) {
    place_.assign(history.size(), kNobody);
    for (std::size_t i = 0; i < history.size(); ++i) {
      const auto* command = std::get_if<Command>(&history[i].asked);
      const auto logged = command ? tried_first.find(command->identity->id) : tried_first.end();
      if (logged != tried_first.end()) place_[i] = logged->second.position;
    }
    before_.assign(history.size(), kNobody);
    is_taken_.assign(history.size(), false);
    call_of_.assign(history.size(), kNobody);
    lay_out();
    see_who_notices();
  }

  SearchResult run() {
    SearchResult result{.operations = history_.size(), .window = {}};
    result.found = search();
    result.configurations = seen_.size();
    if (result.found == Linearizability::violated) result.window = window();
    return result;
  }

 private:
  /// A call or a return, in order of time. Only of operations that were answered.
  struct Moment {
    Instant at = 0;
    bool is_return = false;
    std::size_t operation = kNobody;
  };

  /// One step of the search, which begins with the operations up to `taken`.
  struct Frame {
    std::size_t taken = 0;
    std::vector<std::size_t> candidates;
    std::size_t next = 0;
  };

  void lay_out();
  void see_who_notices();
  Linearizability search();
  bool enter(std::size_t taken_before);
  void absorb();
  [[nodiscard]] std::vector<std::size_t> candidates() const;
  [[nodiscard]] std::size_t first_return() const;
  [[nodiscard]] bool is_ready(std::size_t operation) const;
  void take(std::size_t operation);
  void untake_to(std::size_t taken);
  void unlink(std::size_t moment);
  void relink(std::size_t moment);
  void note_dead_end();
  [[nodiscard]] std::string window() const;

  const History& history_;
  SearchLimits limits_;
  Model model_;
  std::vector<OpenSending> open_;     ///< Their outcomes are unknown; in order of their calls.
  std::vector<std::size_t> place_;    ///< By operation: its place among those to try first, or kNobody.
  std::vector<std::size_t> before_;   ///< By operation: the one answered before it on its connection.
  std::vector<bool> is_taken_;        ///< By operation.
  std::vector<std::size_t> call_of_;  ///< By operation: the number of its moment.
  std::vector<std::size_t> return_of_;
  std::vector<Moment> moments_;  ///< From 1; 0 is the end of the ring that next_ and previous_ make.
  std::vector<std::size_t> next_;
  std::vector<std::size_t> previous_;
  std::size_t left_ = 0;  ///< Operations that were answered and are not taken.
  std::vector<std::size_t> taken_;
  Fingerprint taken_set_;
  std::unordered_set<Fingerprint, FingerprintHash> seen_;
  std::vector<Frame> frames_;
  std::size_t furthest_ = 0;  ///< The return that no order has passed so far.
  std::vector<std::size_t> furthest_order_;
};

void Search::lay_out() {
  return_of_.assign(history_.size(), kNobody);
  moments_.push_back({});
  std::map<std::uint32_t, std::size_t> latest;
  for (std::size_t i = 0; i < history_.size(); ++i) {
    if (!is_told(history_[i])) continue;
    ++left_;
    const auto [found, is_first] = latest.try_emplace(history_[i].connection, i);
    if (!is_first) before_[i] = std::exchange(found->second, i);
    moments_.push_back({history_[i].called, false, i});
    moments_.push_back({history_[i].returned, true, i});
  }
  std::stable_sort(moments_.begin() + 1, moments_.end(), [](const Moment& a, const Moment& b) {
    return std::pair(a.at, a.is_return) < std::pair(b.at, b.is_return);
  });
  next_.resize(moments_.size());
  previous_.resize(moments_.size());
  for (std::size_t i = 0; i < moments_.size(); ++i) {
    next_[i] = (i + 1) % moments_.size();
    previous_[next_[i]] = i;
    if (i > 0) (moments_[i].is_return ? return_of_ : call_of_)[moments_[i].operation] = i;
  }
}

/// An unknown operation may be noticed by way of other unknown operations. Once every operation that could
/// notice it is placed, placing it as well would change nothing.
void Search::see_who_notices() {
  DisjointSets together(model_.slots());
  for (const OpenSending& sending : open_) {
    const std::vector<std::size_t> slots = model_.slots_of(sending.operation);
    for (const std::size_t slot : slots) together.join(slots.front(), slot);
  }
  std::vector<Instant> until(model_.slots(), std::numeric_limits<Instant>::min());
  for (std::size_t i = 0; i < history_.size(); ++i) {
    if (!is_told(history_[i])) continue;
    for (const std::size_t slot : model_.slots_of(i)) {
      Instant& latest = until[together.find(slot)];
      latest = std::max(latest, history_[i].returned);
    }
  }
  for (OpenSending& sending : open_) {
    sending.noticed_until = until[together.find(model_.slots_of(sending.operation).front())];
  }
}

void Search::unlink(std::size_t moment) {
  next_[previous_[moment]] = next_[moment];
  previous_[next_[moment]] = previous_[moment];
}

void Search::relink(std::size_t moment) { next_[previous_[moment]] = previous_[next_[moment]] = moment; }

void Search::take(std::size_t operation) {
  model_.apply(operation);
  taken_.push_back(operation);
  taken_set_ ^= Fingerprint::of({operation});
  is_taken_[operation] = true;
  if (!is_told(history_[operation])) return;
  --left_;
  unlink(call_of_[operation]);
  unlink(return_of_[operation]);
}

void Search::untake_to(std::size_t taken) {
  for (; taken_.size() > taken; taken_.pop_back()) {
    const std::size_t operation = taken_.back();
    model_.undo();
    taken_set_ ^= Fingerprint::of({operation});
    is_taken_[operation] = false;
    if (!is_told(history_[operation])) continue;
    ++left_;
    relink(return_of_[operation]);
    relink(call_of_[operation]);
  }
}

/// The moment before which an operation must be called to be the next; 0 if all are taken.
std::size_t Search::first_return() const {
  std::size_t moment = next_[0];
  while (moment != 0 && !moments_[moment].is_return) moment = next_[moment];
  return moment;
}

bool Search::is_ready(std::size_t operation) const {
  return before_[operation] == kNobody || is_taken_[before_[operation]];
}

/// Takes every operation that fits and changes no state. If any order exists from here on, one exists in
/// which these come first, so nothing else need be tried.
void Search::absorb() {
  for (bool again = true; again;) {
    again = false;
    for (std::size_t moment = next_[0]; moment != 0 && !moments_[moment].is_return;) {
      const std::size_t operation = moments_[moment].operation;
      moment = next_[moment];
      if (!is_ready(operation) || model_.fit(operation) != Fit::idle) continue;
      // its return may have been the next moment
      if (moment == return_of_[operation]) moment = next_[moment];
      take(operation);
      again = true;
    }
    const std::size_t limit = first_return();
    for (const OpenSending& sending : open_) {
      const std::size_t operation = sending.operation;
      if (limit == 0 || history_[operation].called > moments_[limit].at) break;
      if (is_taken_[operation] || !model_.outcome_known(operation)) continue;
      if (model_.decided_by(operation) || model_.fit(operation) != Fit::idle) continue;
      take(operation);
      again = true;
    }
  }
}

/// Candidates for the next operation, among those that change state: first those with a position to try, then
/// answered operations in the order of their returns, then those that a retry was told of, then unknown ones.
std::vector<std::size_t> Search::candidates() const {
  std::vector<std::size_t> found;
  std::size_t moment = next_[0];
  for (; moment != 0 && !moments_[moment].is_return; moment = next_[moment]) {
    const std::size_t operation = moments_[moment].operation;
    if (is_ready(operation) && model_.fit(operation) == Fit::moves) found.push_back(operation);
  }
  std::ranges::sort(found, {}, [this](std::size_t operation) { return return_of_[operation]; });
  for (const bool known : {true, false}) {
    for (const auto& [operation, is_contested, noticed_until] : open_) {
      if (moment == 0 || history_[operation].called > moments_[moment].at) break;
      if (is_taken_[operation] || model_.outcome_known(operation) != known) continue;
      if (model_.decided_by(operation) || noticed_until < moments_[moment].at) continue;
      const Fit fit = model_.fit(operation);
      if (fit == Fit::moves || (fit == Fit::idle && is_contested)) found.push_back(operation);
    }
  }
  std::ranges::stable_sort(found, {}, [this](std::size_t operation) { return place_[operation]; });
  return found;
}

/// Continues from the operations that are taken; returns false if that was done before.
bool Search::enter(std::size_t taken_before) {
  absorb();
  Fingerprint configuration = taken_set_;
  configuration ^= model_.fingerprint();
  if (!seen_.insert(configuration).second) return false;
  frames_.push_back({taken_before, model_.is_hopeless() ? std::vector<std::size_t>() : candidates(), 0});
  return true;
}

Linearizability Search::search() {
  enter(0);
  while (!frames_.empty()) {
    if (left_ == 0) return Linearizability::linearizable;
    if (seen_.size() >= limits_.configurations) return Linearizability::undecided;
    Frame& frame = frames_.back();
    if (frame.next == frame.candidates.size()) {
      note_dead_end();
      untake_to(frame.taken);
      frames_.pop_back();
      continue;
    }
    const std::size_t taken = taken_.size();
    take(frame.candidates[frame.next++]);
    if (!enter(taken)) untake_to(taken);
  }
  return Linearizability::violated;
}

void Search::note_dead_end() {
  const std::size_t stuck = first_return();
  if (std::pair(stuck, taken_.size()) <= std::pair(furthest_, furthest_order_.size())) return;
  furthest_ = stuck;
  furthest_order_ = taken_;
}

// ---- for people -------------------------------------------------------------------------------------------

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

/// From the earliest call that could not be placed, up to the return that no order passes.
std::string Search::window() const {
  const std::size_t culprit = moments_[furthest_].operation;
  const Instant end = history_[culprit].returned;
  std::vector<std::size_t> left;
  Instant begin = history_[culprit].called;
  const std::set<std::size_t> placed(furthest_order_.begin(), furthest_order_.end());
  for (std::size_t i = 0; i < history_.size(); ++i) {
    if (!is_told(history_[i]) || history_[i].called > end || placed.contains(i)) continue;
    left.push_back(i);
    begin = std::min(begin, history_[i].called);
  }
  std::ranges::sort(left, {}, [this](std::size_t i) { return history_[i].returned; });

  constexpr std::size_t kAskedWidth = 44;
  const auto line = [&](const std::string& place, std::size_t i) {
    const Operation& operation = history_[i];
    const std::string returned =
        is_told(operation) ? std::to_string(operation.returned - begin) : std::string("-");
    return padded(place, 6) + padded(std::to_string(operation.connection), 6) +
           padded(std::to_string(operation.called - begin), 12) + padded(returned, 12) +
           padded(describe(operation.asked), kAskedWidth) + "  " + describe(operation.told) + "\n";
  };
  Model model(history_);
  std::size_t before = 0;
  for (; before < furthest_order_.size(); ++before) {
    const Operation& next = history_[furthest_order_[before]];
    if (is_told(next) && next.returned >= begin) break;
    model.apply(furthest_order_[before]);
  }
  std::string text = "No order of these operations explains what they were told, after " +
                     std::to_string(before) + " others. Right behind those they would be told:\n";
  for (const std::size_t i : left) {
    text += "  " + describe(history_[i].asked) + ": " + model.would_say(i) + "\n";
  }
  text += padded("order", 6) + padded("conn", 6) + padded("called ns", 12) + padded("returned", 12) +
          padded("asked", kAskedWidth) + "  told\n";
  for (std::size_t place = before; place < furthest_order_.size(); ++place) {
    model.apply(furthest_order_[place]);
    text += line(std::to_string(place + 1), furthest_order_[place]);
  }
  for (const std::size_t i : left) {
    text += line("?", i) + padded("", 36) + "would be told now: " + model.would_say(i) + "\n";
  }
  return text;
}

}  // namespace

std::string_view name_of(Linearizability found) {
  switch (found) {
    case Linearizability::linearizable:
      return "linearizable";
    case Linearizability::violated:
      return "violated";
    case Linearizability::undecided:
      return "undecided";
  }
  return "?";
}

SearchResult find_order(const History& history, SearchLimits limits, const LoggedCommands& tried_first) {
  SearchResult all;
  for (const History& component : components(telling(history))) {
    SearchResult one = Search(component, limits, tried_first).run();
    all.configurations = std::max(all.configurations, one.configurations);
    all.operations = std::max(all.operations, one.operations);
    if (one.found == Linearizability::linearizable) continue;
    all.found = one.found;
    all.window = std::move(one.window);
    if (all.found == Linearizability::violated) break;
  }
  return all;
}

}  // namespace stockfold
