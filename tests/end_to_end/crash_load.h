// Clients that keep commands in flight whatever happens to the server, and checks of what they were promised.
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

/// The outcomes of the commands of all rounds.
struct CrashTally {
  std::uint64_t sent = 0;
  std::uint64_t acknowledged = 0;  ///< Answered before the server ended.
  std::uint64_t unknown = 0;       ///< Sent without an answer; sent again afterwards.
  std::uint64_t accepted = 0;      ///< In the end; the others were refused.
  std::uint64_t commits = 0;       ///< In the log.
  std::uint64_t lost = 0;          ///< Acknowledged, but missing afterwards.
  std::uint64_t twice = 0;         ///< In the log more than once.
  std::uint64_t changed = 0;       ///< With another outcome than in the first answer.
  std::uint64_t invented = 0;      ///< In the log, though no client sent it.
  std::string broken;              ///< Any other broken promise; empty if there is none.

  [[nodiscard]] bool is_good() const { return lost + twice + changed + invented == 0 && broken.empty(); }
};

/// Four clients with 32 commands in flight each, under ids of their own. Some commands are refused: for
/// unknown orders, orders aborted twice, and more than is in stock. Each round is begin(), something that
/// happens to the server, end(), and retry() against the new server. At the end comes check().
class CrashLoad {
 public:
  explicit CrashLoad(std::uint64_t seed) : random_(seed), numbers_(kClients, 0) {}

  void register_products(const ServedLedger& server);
  void begin(const ServedLedger& server);
  /// Number of answers since begin().
  [[nodiscard]] std::uint64_t answers() const { return answers_; }
  /// Sends no further command.
  void stop() { stopping_ = true; }
  /// Waits until every command is answered or its connection is lost.
  void end();
  /// Sends every command of the round again. A command with an answer must get the same one again; a command
  /// without one must get its single outcome.
  void retry(const ServedLedger& server);
  /// Reads the log of a store that is not being served. Checks that the chain holds, that every event can
  /// have happened, that every outcome is there once and as answered, and that stock is the sum of the
  /// events.
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
