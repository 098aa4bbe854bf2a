// Clients that keep commands in flight whatever becomes of the server, and what was promised about them.
#pragma once

#include <stockfold/client.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <future>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "end_to_end/program.h"

namespace stockfold {

/// What became of the commands of all rounds.
struct CrashTally {
  std::uint64_t sent = 0;
  std::uint64_t acknowledged = 0;  ///< Before the server was gone.
  std::uint64_t unknown = 0;       ///< Sent, and nobody said what became of them: sent again afterwards.
  std::uint64_t accepted = 0;      ///< In the end; the others were refused.
  std::uint64_t commits = 0;       ///< In the log.
  std::uint64_t lost = 0;          ///< Acknowledged, and not there afterwards.
  std::uint64_t twice = 0;         ///< In the log more than once.
  std::uint64_t changed = 0;       ///< With another outcome than was said before.
  std::uint64_t invented = 0;      ///< In the log, though nobody sent it.
  std::string broken;              ///< Whatever else was not as promised; empty: nothing.

  [[nodiscard]] bool is_good() const { return lost + twice + changed + invented == 0 && broken.empty(); }
};

/// Four clients with 32 commands in flight each, under ids of their own. Some are refused: orders that are
/// not there, orders aborted twice, more than is in stock. In rounds: begin, something happens, end, and
/// retry over the server as it is then; in the end check.
class CrashLoad {
 public:
  explicit CrashLoad(std::uint64_t seed) : random_(seed), numbers_(kClients, 0) {}

  void register_products(const ServedLedger& server);
  void begin(const ServedLedger& server);
  /// Answers that came in since begin().
  [[nodiscard]] std::uint64_t answers() const { return answers_; }
  /// No further command is sent.
  void stop() { stopping_ = true; }
  /// Waits until every command is answered or its connection lost.
  void end();
  /// Sends every command of the round again: who had an answer gets it again, who had none its one outcome.
  void retry(const ServedLedger& server);
  /// Reads the log of the store, which nobody serves: the chain holds, every event can have happened, every
  /// outcome is there once and as it was said, and stock is what the events add up to.
  void check(const std::filesystem::path& data);

  [[nodiscard]] const CrashTally& tally() const { return tally_; }

 private:
  static constexpr std::size_t kClients = 4;

  /// A command that was sent, and its outcome if one came back.
  struct Sent {
    Command command;
    std::optional<Answer> answer;
  };
  struct Outcome {
    CommandId id;
    std::size_t hash = 0;
    bool seen = false;
  };

  std::vector<Sent> load(Client& connection, std::size_t client, std::uint64_t seed);
  void retry_all(const ServedLedger& server, std::vector<Sent>& sent);
  void check_event(const RecordedEvent& event);
  void break_promise(const std::string& what);

  std::mt19937_64 random_;
  std::vector<std::uint64_t> numbers_;
  std::vector<std::future<std::vector<Sent>>> clients_;
  std::vector<std::vector<Sent>> round_;
  std::vector<Outcome> outcomes_;  ///< Of all rounds.
  std::atomic<std::uint64_t> answers_ = 0;
  std::atomic<bool> stopping_ = false;
  CrashTally tally_;
};

}  // namespace stockfold
