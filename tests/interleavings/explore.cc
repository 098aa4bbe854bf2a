#include "interleavings/explore.h"

#include <algorithm>
#include <cassert>
#include <memory>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "interleavings/judge.h"
#include "interleavings/own_ledger.h"
#include "interleavings/scheduler.h"
#include "server/ledger/writer.h"

namespace stockfold {
namespace {

using Answers = std::vector<std::optional<Told>>;

std::string name_of_client(std::size_t client) { return std::to_string(client + 1); }

std::string text_of(const Answer& answer) {
  std::string text = answer.replayed ? ", as before" : "";
  if (const auto* accepted = std::get_if<Accepted>(&answer.outcome)) {
    return "accepted at " + std::to_string(accepted->position.value()) + text;
  }
  return std::string(error_name_of(answer)) + text;
}

/// A key that distinguishes logs with their answers.
std::string key_of(const Commits& log, const Answers& told) {
  std::string key;
  if (!log.empty()) key.assign(log.back()->hash.bytes.begin(), log.back()->hash.bytes.end());
  for (const std::optional<Told>& one : told) {
    key += '|';
    if (!one) continue;
    key += std::to_string(one->asked) + ',' + std::to_string(one->answered) + ',' + text_of(one->answer);
    key += message_of(one->answer);
  }
  return key;
}

/// A key that distinguishes disks.
std::string key_of(const Disk& disk) {
  std::string key;
  for (const auto& last : {disk.synced.empty() ? nullptr : disk.synced.back(), disk.unsynced}) {
    if (last != nullptr) key.append(last->hash.bytes.begin(), last->hash.bytes.end());
    key += '|';
  }
  return key;
}

std::string outcome_of(const Answers& told) {
  std::string text;
  for (const std::optional<Told>& one : told) {
    text += (text.empty() ? "" : "; ") + (one ? text_of(one->answer) : "no answer");
  }
  return text;
}

/// What a crash after a step would find, and what led there.
struct Moment {
  Disk disk;
  Answers told;
  std::size_t lines = 0;
  std::size_t turns = 0;
};

/// One interleaving, from its first step to its last.
class Play {
 public:
  /// `reached`: the states that earlier plays have led to.
  Play(const World& world, const std::vector<Command>& commands, const Commits& given, const Exploring& how,
       FoldedLogs& folded, std::set<std::string>& reached)
      : commands_(commands),
        how_(how),
        folded_(folded),
        reached_(reached),
        log_(given, how.without, [this](Step step) { fibres_.barrier(step); }),
        told_(world.requests.size()) {}

  void run(Choices& choices) {
    start();
    keep_moment();
    saw_.resize(fibres_.size());
    std::size_t last = fibres_.size();
    while (const std::optional<std::size_t> fibre = next(choices)) {
      const Step step = *fibres_.next(*fibre);
      if (how_.once) saw_[*fibre] += shared();
      fibres_.run(*fibre);
      if (*fibre != last) ++turns_;
      last = *fibre;
      describe(*fibre, step);
      if (!is_repeated_) keep_moment();
    }
  }

  /// It reached a state that an earlier play had reached, or ended.
  [[nodiscard]] bool is_repeated() const { return is_repeated_; }

  /// The first moment is before any step, the last after all of them; if the play was repeated, up to that
  /// point.
  [[nodiscard]] const std::vector<Moment>& moments() const { return moments_; }
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }
  [[nodiscard]] const std::string& fault() const { return fault_; }

 private:
  /// A client that gets its answer from the one writer.
  class Client final : public CommandSource {
   public:
    Client(Play& play, std::size_t number) : play_(play), number_(number) {}
    void answered(std::span<const Answer> answers) override {
      for (const Answer& answer : answers) play_.reply(number_, answer);
    }
    void flush() override {}

   private:
    Play& play_;
    const std::size_t number_;
  };

  // ---- fibres ---------------------------------------------------------------------------------------------

  void start() {
    asked_.resize(commands_.size());
    if (how_.writers == Writers::one) ledgers_.push_back(std::make_unique<OwnLedger>(log_, folded_));
    for (std::size_t client = 0; client < commands_.size(); ++client) {
      if (how_.writers == Writers::standing) {
        ledgers_.push_back(std::make_unique<OwnLedger>(log_, folded_));
      }
      fibres_.start([this, client] { ask(client); });
    }
    if (how_.writers == Writers::one) fibres_.start([this] { write(); });
  }

  void ask(std::size_t client) {
    fibres_.barrier(how_.writers == Writers::own ? Step::read : Step::ask);
    asked_[client] = log_.end();
    if (how_.writers == Writers::one) {
      sent_.push_back(client);
    } else if (how_.writers == Writers::standing) {
      decide(client, *ledgers_[client]);
    } else {
      OwnLedger ledger(log_, folded_);
      fibres_.barrier(Step::decide);
      decide(client, ledger);
    }
  }

  void decide(std::size_t client, OwnLedger& ledger) {
    if (ledger.fault().empty()) reply(client, ledger.execute(commands_[client]));
    if (!ledger.fault().empty()) fault_ = ledger.fault();
  }

  /// The one writer, until every client has an answer.
  void write() {
    Writer writer(ledgers_.front()->ledger(), {},
                  {.now = [] { return UnixMillis(1'000); },
                   .appended = [](GlobalPosition) {},
                   .failed = [this](const Fault& fault) { fault_ = fault.what; }});
    while (std::ranges::any_of(told_, [](const auto& told) { return !told; })) {
      fibres_.barrier(Step::gather);
      for (const std::size_t client : std::exchange(sent_, {})) {
        const auto source = std::make_shared<Client>(*this, client);
        const bool queued = writer.submit(Command(commands_[client]), *source, Writer::Turn::first);
        assert(queued);
        static_cast<void>(queued);
      }
      writer.commit();
    }
  }

  void reply(std::size_t client, const Answer& answer) {
    fibres_.barrier(Step::reply);
    told_[client] = Told{answer, asked_[client], log_.end()};
    heard_ = client;
  }

  // ---- turns ----------------------------------------------------------------------------------------------

  [[nodiscard]] bool able(std::size_t fibre) const {
    const std::optional<Step>& step = fibres_.next(fibre);
    if (!step) return false;
    if (*step == Step::append) return !log_.busy();
    return *step != Step::gather || !sent_.empty();
  }

  /// Whether no other fibre can observe when the step is done.
  [[nodiscard]] bool is_unseen(Step step) const {
    if (how_.every_step) return false;
    return step == Step::decide || (step == Step::reply && !how_.crashes);
  }

  /// Empty if all have ended.
  std::optional<std::size_t> next(Choices& choices) {
    std::vector<std::size_t> fibres;
    for (std::size_t fibre = 0; fibre < fibres_.size(); ++fibre) {
      if (!able(fibre)) continue;
      if (is_unseen(*fibres_.next(fibre))) return fibre;
      fibres.push_back(fibre);
    }
    if (fibres.empty()) return std::nullopt;
    if (how_.once && fibres.size() > 1 && choices.at_new() && !is_repeated_)
      is_repeated_ = !reached_.insert(reached_now()).second;
    return is_repeated_ ? fibres.front() : fibres[choices.choose(fibres.size())];
  }

  /// What a fibre can see of the others at its turn.
  [[nodiscard]] std::string shared() const {
    std::string key = key_of(log_.disk());
    for (const std::size_t client : sent_) key += std::to_string(client) + ',';
    return key + ';';
  }

  [[nodiscard]] std::string reached_now() const {
    std::string key = shared();
    for (const std::string& saw : saw_) key += std::to_string(saw.size()) + ':' + saw;
    return key;
  }

  void keep_moment() { moments_.push_back({log_.disk(), told_, lines_.size(), turns_}); }

  void describe(std::size_t fibre, Step step) {
    const std::string who = fibre < commands_.size() ? name_of_client(fibre) : "writer";
    switch (step) {
      case Step::ask:
        lines_.push_back(who + " asks");
        break;
      case Step::gather:
        lines_.push_back(who + " takes what was asked");
        break;
      case Step::read:
        lines_.push_back(who + " reads the log up to " + std::to_string(log_.end()));
        break;
      case Step::decide:
        break;  // its decision is seen when it is written
      case Step::append:
      case Step::sync:
        lines_.push_back(who + " " + log_.deed());
        break;
      case Step::reply:
        lines_.push_back(name_of_client(heard_) + " is told " + text_of(told_[heard_]->answer));
        break;
    }
  }

  const std::vector<Command>& commands_;
  const Exploring& how_;
  FoldedLogs& folded_;
  std::set<std::string>& reached_;
  SteppedLog log_;
  std::vector<std::unique_ptr<OwnLedger>> ledgers_;
  Answers told_;
  std::vector<std::uint64_t> asked_;
  std::vector<std::size_t> sent_;
  std::size_t heard_ = 0;
  std::string fault_;

  std::vector<std::string> saw_;  ///< By fibre: what it could see at each of its turns.
  bool is_repeated_ = false;
  std::vector<Moment> moments_;
  std::vector<std::string> lines_;
  std::size_t turns_ = 0;
  Fibres fibres_;  ///< Destroyed first: what it runs uses all members above.
};

class Explorer {
 public:
  Explorer(const World& world, const Exploring& how)
      : world_(world), how_(how), given_(commit_of(world.given)), folded_(how.without) {
    for (std::size_t client = 0; client < world.requests.size(); ++client) {
      commands_.push_back(command_of(world.requests[client], client));
    }
  }

  Exploration run() {
    Choices choices;
    do {
      Play play(world_, commands_, given_, how_, folded_, reached_);
      play.run(choices);
      ++found_.interleavings;
      if (!play.is_repeated()) finish(play);
      if (!how_.crashes) continue;
      for (const Moment& moment : play.moments()) {
        crash(play, moment, /*kept=*/false);
        if (moment.disk.unsynced != nullptr) crash(play, moment, /*kept=*/true);
      }
    } while (choices.next());
    return std::move(found_);
  }

 private:
  void finish(const Play& play) {
    const Moment& end = play.moments().back();
    Ending ending{.log = end.disk.synced, .told = end.told, .fault = play.fault()};
    if (end.disk.unsynced != nullptr) ending.log.push_back(end.disk.unsynced);
    judge_once(std::move(ending), end.turns, play.lines());
  }

  void crash(const Play& play, const Moment& moment, bool kept) {
    Commits commits = moment.disk.synced;
    if (kept) commits.push_back(moment.disk.unsynced);
    if (!crashed_.insert(key_of(commits, moment.told)).second) return;
    ++found_.crashes;

    std::vector<std::string> lines(play.lines().begin(),
                                   play.lines().begin() + static_cast<std::ptrdiff_t>(moment.lines));
    std::string crash = "crash";
    if (moment.disk.unsynced != nullptr)
      crash += kept ? ": what was not synced is kept" : ": what was not synced is lost";
    lines.push_back(std::move(crash));

    std::vector<std::size_t> unanswered;
    for (std::size_t client = 0; client < commands_.size(); ++client) {
      if (!moment.told[client] && commands_[client].identity) unanswered.push_back(client);
    }
    do {
      recover(commits, moment, unanswered, /*together=*/false, lines);
      if (unanswered.size() > 1) recover(commits, moment, unanswered, /*together=*/true, lines);
    } while (std::ranges::next_permutation(unanswered).found);
  }

  /// A ledger opens what is left, and the clients without an answer ask again, in this order.
  void recover(const Commits& commits, const Moment& moment, const std::vector<std::size_t>& unanswered,
               bool together, std::vector<std::string> lines) {
    SteppedLog log(commits, how_.without, [](Step) {});
    OwnLedger ledger(log, folded_);
    Ending ending{.told = moment.told, .fault = ledger.fault()};
    if (ending.fault.empty() && !unanswered.empty()) {
      const std::uint64_t asked = log.end();
      std::vector<Command> commands;
      for (const std::size_t client : unanswered) commands.push_back(commands_[client]);
      std::vector<Answer> answers;
      if (together) answers = ledger.execute(commands);
      for (std::size_t i = 0; i < unanswered.size(); ++i) {
        const std::uint64_t end = log.end();
        if (!together) answers.push_back(ledger.execute(commands[i]));
        lines.push_back(name_of_client(unanswered[i]) + " tries again, and is told " + text_of(answers[i]));
        ending.told[unanswered[i]] = Told{answers[i], together ? asked : end, log.end()};
      }
      ending.fault = ledger.fault();
    }
    ending.log = log.disk().synced;
    if (log.disk().unsynced != nullptr) ending.log.push_back(log.disk().unsynced);
    judge_once(std::move(ending), moment.turns, lines);
  }

  void judge_once(Ending ending, std::size_t turns, const std::vector<std::string>& lines) {
    if (!judged_.insert(key_of(ending.log, ending.told)).second) return;
    ++found_.endings;
    found_.outcomes.insert(outcome_of(ending.told));
    ask_again(ending);
    const std::string wrong = judge(world_, ending);
    if (wrong.empty()) return;
    const auto rank = std::tuple(turns, lines.size());
    if (found_.counterexample && rank_ <= rank) return;
    rank_ = rank;
    found_.counterexample = describe(lines, wrong);
  }

  /// A ledger opens the log again, and every client with an id asks again.
  void ask_again(Ending& ending) {
    ending.again.resize(commands_.size());
    SteppedLog log(ending.log, how_.without, [](Step) {});
    OwnLedger ledger(log, folded_);
    if (ending.fault.empty()) ending.fault = ledger.fault();
    if (!ledger.fault().empty()) return;
    ending.state = ledger.state();
    if (how_.without != Without::nothing) return;  // what is wrong then must show in the steps
    for (std::size_t client = 0; client < commands_.size(); ++client) {
      if (commands_[client].identity) ending.again[client] = ledger.execute(commands_[client]);
    }
  }

  [[nodiscard]] std::string describe(const std::vector<std::string>& lines, const std::string& wrong) const {
    std::string text = "given";
    for (const std::string& words : world_.given)
      text += (&words == &world_.given.front() ? " " : ", ") + words;
    text += '\n';
    for (std::size_t client = 0; client < world_.requests.size(); ++client) {
      text += name_of_client(client) + " wants " + text_of(world_.requests[client]) + '\n';
    }
    for (const std::string& line : lines) text += "  " + line + '\n';
    return text + "wrong: " + wrong + '\n';
  }

  const World& world_;
  const Exploring& how_;
  const Commits given_;
  FoldedLogs folded_;
  std::vector<Command> commands_;
  std::set<std::string> reached_;
  std::set<std::string> crashed_;
  std::set<std::string> judged_;
  Exploration found_;
  std::tuple<std::size_t, std::size_t> rank_;
};

}  // namespace

Exploration explore(const World& world, const Exploring& how) { return Explorer(world, how).run(); }

}  // namespace stockfold
