// Random commands of several callers, many under ids that were used before, compared with a simple model of
// receipts: over the log in memory and over RocksDB, in commits of several, with the ledger reopened in
// between.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/random_asks.h"
#include "server/http/wire.h"
#include "server/ledger/receipts_model.h"
#include "server/running_server.h"
#include "server/world.h"
#include "storage/engine/store.h"
#include "storage/rocksdb/engine.h"
#include "support/memory_directory.h"

namespace stockfold {
namespace {

/// One command of a history: new, or one that was sent before, or another one under its id.
struct Step {
  enum class Kind : std::uint8_t { fresh, again, reused };
  Kind kind = Kind::fresh;
  SentAsk sent;             ///< Used unless an earlier one is sent again.
  std::size_t earlier = 0;  ///< Index into those sent under an id, modulo their number.
  bool by_another = false;  ///< An earlier ask is sent by the caller of `sent`.
};
/// What happens after a commit.
enum class Then : std::uint8_t { nothing, views_catch_up, ledger_is_opened_anew };

struct Round {
  std::vector<Step> steps;
  Then then = Then::nothing;
};

std::ostream& operator<<(std::ostream& out, const Step& step) {
  if (step.kind == Step::Kind::again) {
    return out << "again number " << step.earlier << (step.by_another ? " by " + step.sent.caller : "")
               << "\n";
  }
  if (step.kind == Step::Kind::reused) out << "under the id of number " << step.earlier << ": ";
  return out << step.sent;
}
std::ostream& operator<<(std::ostream& out, const Round& round) {
  for (const Step& step : round.steps) out << step;
  return out << "-- " << static_cast<int>(round.then) << "\n";
}

/// Some orders are to be assigned an id, and some asks are malformed.
Ask any_sent_ask() {
  Ask ask = *any_ask();
  const bool of_new_order = (ask.verb == "place" || ask.verb == "draft") && !ask.lines.empty();
  if (of_new_order && *rc::gen::inRange(0, 3) == 0) ask.id.clear();
  if (*rc::gen::inRange(0, 10) > 0) return ask;
  if (ask.verb == "receive" || ask.verb == "write_off") ask.units = 0;
  if (!ask.lines.empty()) ask.lines.begin()->second = 0;
  return ask;
}

Step any_step() {
  const auto kind = *rc::gen::weightedElement<Step::Kind>(
      {{6, Step::Kind::fresh}, {3, Step::Kind::again}, {1, Step::Kind::reused}});
  const auto id = *rc::gen::arbitrary<bool>() ? std::optional(*rc::gen::inRange(1, 200)) : std::nullopt;
  const auto caller = *rc::gen::weightedElement<std::string>({{2, ""}, {3, "shop-a"}, {3, "shop-b"}});
  return {kind,
          {any_sent_ask(), id, caller},
          *rc::gen::inRange<std::size_t>(0, 1'000),
          *rc::gen::inRange(0, 3) == 0};
}

rc::Gen<std::vector<Round>> rounds() {
  return rc::gen::container<std::vector<Round>>(rc::gen::exec([] {
    auto steps = *rc::gen::resize(20, rc::gen::container<std::vector<Step>>(rc::gen::exec(any_step)));
    return Round{std::move(steps),
                 *rc::gen::weightedElement<Then>(
                     {{4, Then::nothing}, {2, Then::views_catch_up}, {2, Then::ledger_is_opened_anew}})};
  }));
}

/// The same command in other words: its lines in reverse, one of them in two parts, by another actor.
Command respelled(const Ask& ask) {
  Command command = command_of(ask);
  command.actor = "bob";
  const auto respell = [](Lines& lines) {
    std::ranges::reverse(lines);
    if (lines.empty() || lines.front().quantity < 2) return;
    lines.push_back({lines.front().sku, 1});
    --lines.front().quantity;
  };
  if (auto* draft = std::get_if<DraftOrder>(&command.body)) respell(draft->lines);
  if (auto* place = std::get_if<PlaceOrder>(&command.body)) respell(place->lines);
  return command;
}

class Memory {
 public:
  EventLog& log() { return log_; }
  ViewStore& views() { return views_; }
  void open_anew() {}

 private:
  MemoryLog log_{LedgerId{.bytes = {1}}};
  MemoryViewStore views_{view_names()};
};

class OnRocksDb {
 public:
  OnRocksDb() { open_anew(); }
  EventLog& log() { return store_->log(); }
  ViewStore& views() { return store_->views(); }
  void open_anew() {
    store_.reset();
    store_ = rocksdb_engine().open(directory_.path() / "data", {.views = view_names()}).value();
  }

 private:
  MemoryDirectory directory_;
  std::unique_ptr<Store> store_;
};

/// Fails both RapidCheck and GoogleTest, with the same message.
void must(bool holds, std::string_view what, const SentAsk* sent = nullptr) {
  if (holds) return;
  std::ostringstream words;
  words << what;
  if (sent != nullptr) words << ": " << *sent;
  throw std::runtime_error(words.str());
}

/// What happened to the ids of a history.
struct Tally {
  std::uint64_t replays = 0;
  std::uint64_t replayed_refusals = 0;
  std::uint64_t reuses = 0;
  std::uint64_t malformed = 0;
  std::uint64_t shared_ids = 0;  ///< Outcomes of one caller under an id that another had used.
};

template <class Storage>
class Judged {
 public:
  explicit Judged(LedgerOptions options) : options_(options) { open(); }

  void take(const Round& round) {
    std::vector<Command> commands;
    std::vector<ReceiptsModel::Told> expected;
    std::vector<SentAsk> sent;
    for (const Step& step : round.steps) {
      auto [command, ask] = said_by(step);
      const auto refusal = admit(command);  // as sessions do, before anything else
      const auto told = model_.handle(ask);
      must(refusal.has_value() == (told.refusal == "invalid_argument"), "malformed or not", &ask);
      if (refusal) {
        must(refusal->code == ErrorCode::invalid_argument, "what is malformed is called otherwise", &ask);
        ++tally_.malformed;
        continue;
      }
      commands.push_back(std::move(command));
      expected.push_back(told);
      sent.push_back(ask);
      const bool is_new = !told.replayed && told.refusal != "command_id_reused";
      if (!ask.id || !is_new) continue;
      under_ids_.push_back(ask);
      if (!ids_.insert(*ask.id).second) ++tally_.shared_ids;
    }
    execute(commands, expected, sent);
    if (round.then == Then::views_catch_up) catch_up();
    if (round.then == Then::ledger_is_opened_anew) open();
  }

  /// The log holds what the model holds, and nothing else.
  void check_log() {
    std::uint64_t events = 0;
    std::uint64_t refusals = 0;
    std::map<CommandId, std::set<std::string>> callers;
    const auto cursor = storage_.log().read(GlobalPosition(1));
    for (auto commit = cursor->next().value(); commit; commit = cursor->next().value()) {
      events += commit->events.size();
      for (const RecordedEvent& event : commit->events) {
        const auto* refused = std::get_if<CommandRefused>(&event.event);
        if (refused != nullptr) {
          ++refusals;
          must(refused->refusal.rule != Rule::command_id_reused, "a reused id is recorded");
        }
        if (!event.identity) continue;
        std::set<std::string>& of_id = callers[event.identity->id];
        must(of_id.insert(event.actor).second, "an id is in the log twice");
        must(of_id.size() == 1 || !of_id.contains(""), "an id is in the log of everybody, and of another");
      }
    }
    must(events == model_.events(), "the log has another number of events");
    must(refusals == model_.refusals(), "the log has another number of refusals");
  }

  [[nodiscard]] const Tally& tally() const { return tally_; }

 private:
  std::pair<Command, SentAsk> said_by(const Step& step) {
    SentAsk sent = step.sent;
    const SentAsk* earlier = under_ids_.empty() ? nullptr : &under_ids_[step.earlier % under_ids_.size()];
    const bool repeated = step.kind == Step::Kind::again && earlier != nullptr;
    if (repeated) {
      sent = *earlier;
      if (step.by_another) sent.caller = step.sent.caller;
    }
    if (step.kind == Step::Kind::reused && earlier != nullptr) sent.id = earlier->id;
    Command command = repeated ? respelled(sent.ask) : command_of(sent.ask);
    if (sent.id) command = with_id(std::move(command), static_cast<std::uint8_t>(*sent.id));
    if (!sent.caller.empty()) {
      command = proven(std::move(command), sent.caller);
    } else if (!repeated) {
      command.actor.clear();
    }
    return {std::move(command), std::move(sent)};
  }

  void execute(std::span<const Command> commands, std::span<const ReceiptsModel::Told> expected,
               std::span<const SentAsk> sent) {
    while (!commands.empty()) {
      const Execution execution = ledger_->execute(commands, UnixMillis(1'000));
      const std::size_t done = execution.answers.size();
      must(!execution.fault, execution.fault ? execution.fault->what : "");
      must(done > 0, "nothing was executed");
      for (std::size_t i = 0; i < done; ++i) check(execution.answers[i], expected[i], sent[i]);
      commands = commands.subspan(done);
      expected = expected.subspan(done);
      sent = sent.subspan(done);
    }
    must(storage_.log().head().position.value() == model_.events(), "the log ends elsewhere");
  }

  void check(const Answer& answer, const ReceiptsModel::Told& told, const SentAsk& sent) {
    must(answer.replayed == told.replayed, "replayed or not", &sent);
    must(refusal_in(answer) == told.refusal, "the answer is " + refusal_in(answer), &sent);
    if (told.refusal == "command_id_reused") {
      ++tally_.reuses;
      return must(std::get<Refusal>(answer.outcome).obstacle == GlobalPosition(told.position),
                  "the earlier use is elsewhere", &sent);
    }
    if (accepted(answer)) {
      must(as_accepted(answer).position.value() == told.position, "it is elsewhere", &sent);
      must(as_accepted(answer).subject.id == told.about, "it is about something else", &sent);
    }
    if (!sent.id) return;
    const auto [first, is_first] = outcomes_.try_emplace(told.position, answer.outcome);
    must(is_first == !told.replayed, "it was first, or was not", &sent);
    must(first->second == answer.outcome, "the outcome is not the first one", &sent);
    if (!told.replayed) return;
    must(answer.decided && answer.decided->position.value() == told.position, "it was decided elsewhere",
         &sent);
    ++tally_.replays;
    if (!told.refusal.empty()) ++tally_.replayed_refusals;
  }

  /// "" if it was accepted.
  static std::string refusal_in(const Answer& answer) {
    return accepted(answer) ? "" : std::string(error_name_of(answer));
  }

  void open() {
    ledger_.reset();
    views_.reset();
    storage_.open_anew();
    catch_up();
    views_.emplace(storage_.views());
    ledger_ = Ledger::open(storage_.log(), *views_, options_).value();
  }

  void catch_up() {
    auto following = CatchUp::start(storage_.log(), storage_.views(), all_projections()).value();
    while (following.step(1'000).value() > 0) {
    }
    if (ledger_) ledger_->views_reached(storage_.log().head().position);
  }

  LedgerOptions options_;
  Storage storage_;
  std::optional<Views> views_;
  std::unique_ptr<Ledger> ledger_;
  ReceiptsModel model_;
  std::vector<SentAsk> under_ids_;                               ///< Asks whose outcome is kept.
  std::set<int> ids_;                                            ///< Their ids.
  std::map<std::uint64_t, decltype(Answer::outcome)> outcomes_;  ///< By their positions.
  Tally tally_;
};

LedgerOptions any_options() {
  LedgerOptions options;
  if (*rc::gen::arbitrary<bool>()) options.cached_aggregates = 0;
  if (*rc::gen::arbitrary<bool>()) options.commit_commands = 3;
  if (*rc::gen::arbitrary<bool>()) options.commit_lines = 4;
  return options;
}

RC_GTEST_PROP(Receipts, MatchModelOverMemoryLog, ()) {
  Judged<Memory> judged(any_options());
  for (const Round& round : *rounds()) judged.take(round);
  judged.check_log();
}

void judge_over_rocksdb(const rc::Random& random, Tally& all) {
  const auto histories = rc::gen::container<std::vector<std::vector<Round>>>(5, rounds())(random, 20).value();
  for (const std::vector<Round>& history : histories) {
    Judged<OnRocksDb> judged({.cached_aggregates = 0, .commit_commands = 5});
    for (const Round& round : history) judged.take(round);
    judged.check_log();
    all.replays += judged.tally().replays;
    all.replayed_refusals += judged.tally().replayed_refusals;
    all.reuses += judged.tally().reuses;
    all.malformed += judged.tally().malformed;
    all.shared_ids += judged.tally().shared_ids;
  }
}

TEST(Receipts, MatchModelOverRocksDb) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Tally all;
  try {
    judge_over_rocksdb(rc::Random(seed), all);
  } catch (const std::exception& wrong) {
    FAIL() << wrong.what();
  }
  EXPECT_GT(all.replays, 0U);
  EXPECT_GT(all.replayed_refusals, 0U);
  EXPECT_GT(all.reuses, 0U);
  EXPECT_GT(all.malformed, 0U);
  EXPECT_GT(all.shared_ids, 0U);
}

// ---- malformed, then the command id -----------------------------------------------------------------------

/// A malformed command, under an id that already has an outcome and with a wrong expected version: each rule
/// alone would give another answer.
TEST(MalformedCommand, IsRefusedBeforeItsIdIsChecked) {
  RunningServer server;
  auto wire = server.connect();
  const Command original = with_id(register_product("A", 5), 7);
  const Answer first = wire->execute(2, original);
  ASSERT_TRUE(accepted(first));
  ASSERT_EQ(rule_of(wire->execute(3, with_id(expecting(receive("A", 1), 9), 7))), Rule::command_id_reused);

  EXPECT_EQ(error_code_of(wire->execute(4, with_id(receive("A", 0), 7))), ErrorCode::invalid_argument);
  EXPECT_EQ(error_code_of(wire->execute(5, with_id(expecting(receive("A", 0), 9), 7))),
            ErrorCode::invalid_argument);
  const Answer again = wire->execute(6, original);
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.outcome, first.outcome);
}

TEST(MalformedCommand, IsRefusedBeforeExpectedVersionIsChecked) {
  RunningServer server;
  auto wire = server.connect();
  ASSERT_TRUE(accepted(wire->execute(2, register_product("A", 5))));
  ASSERT_EQ(rule_of(wire->execute(3, expecting(receive("A", 1), 9))), Rule::version_conflict);
  EXPECT_EQ(error_code_of(wire->execute(4, expecting(receive("A", 0), 9))), ErrorCode::invalid_argument);
}

TEST(MalformedCommand, LeavesItsIdUnused) {
  RunningServer server;
  auto wire = server.connect();
  ASSERT_TRUE(accepted(wire->execute(2, register_product("A", 5))));
  EXPECT_EQ(error_code_of(wire->execute(3, with_id(receive("A", 0), 7))), ErrorCode::invalid_argument);
  const Answer answer = wire->execute(4, with_id(receive("A", 1), 7));
  EXPECT_FALSE(answer.replayed);
  EXPECT_EQ(as_accepted(answer).position, GlobalPosition(2)) << "the refusal is no event";
}

TEST(MalformedCommand, IsRefusedOverHttpBeforeItsIdIsChecked) {
  RunningServer server;
  HttpWire http((*server).http_endpoint().port());
  constexpr std::string_view kId = "Idempotency-Key: 6f1f2a34-0000-4000-8000-000000000001\r\n";
  ASSERT_EQ(http.ask("POST", "/product/", R"({"sku":"A","stock":5})", kId).status, 201);
  ASSERT_EQ(http.ask("POST", "/product/A/receive/", R"({"quantity":1})", kId).status, 409);
  const auto malformed = http.ask("POST", "/product/A/receive/", R"({"quantity":0})", kId);
  EXPECT_EQ(malformed.status, 400);
  EXPECT_THAT(malformed.body, testing::HasSubstr("invalid_argument"));
  EXPECT_EQ(
      http.ask("POST", "/product/A/receive/", R"({"quantity":0})", std::string(kId) + "If-Match: \"9\"\r\n")
          .status,
      400);
}

}  // namespace
}  // namespace stockfold
