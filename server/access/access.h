// Who asks, and what they may.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/command.h"
#include "core/refusal.h"
#include "protocol/answer.h"
#include "protocol/messages.h"
#include "server/access/complaints.h"
#include "server/access/token.h"

namespace stockfold {

/// Whoever a connection, or a request, is of.
struct Caller {
  std::string token_id;  ///< Empty where nobody needs a token.
  std::string name;      ///< Likewise; else the actor of all that they do.
  Scopes scopes;
};

/// The tokens in force. One thread.
class Access {
 public:
  using Now = std::function<UnixMillis()>;

  /// Nobody needs a token, and everybody may do everything.
  explicit Access(Now now) : now_(std::move(now)) {}

  /// From here on everybody needs one of these.
  void require(std::vector<Token> tokens);
  [[nodiscard]] bool needs_token() const { return tokens_.has_value(); }

  /// Whoever needs no token is let in with any.
  [[nodiscard]] std::expected<Caller, NoEntry> identify(std::string_view token) const;

  /// Another number whenever somebody who was let in before may have to go, since tokens were revoked or have
  /// expired; see holds().
  [[nodiscard]] std::uint64_t revision();
  /// Whether the caller would be let in now, with the same scopes.
  [[nodiscard]] bool holds(const Caller& caller) const;

 private:
  void find_next_expiry(UnixMillis now);

  Now now_;
  std::optional<std::vector<Token>> tokens_;
  std::uint64_t revision_ = 0;
  std::optional<UnixMillis> next_expiry_;
};

/// What a request needs. A hello and a log-in need none.
[[nodiscard]] std::optional<Scope> scope_of(const Request& request);
/// "the token of shop does not have the scope admin".
[[nodiscard]] std::string lacks(const Caller& caller, Scope scope);

/// Lets a command pass in the caller's name, or says why not: they lack the scope, or claim to be somebody
/// else.
[[nodiscard]] std::optional<Failure> authorise(Command& command, const Caller& caller);

/// Whether refusals of the caller's commands may quote products and orders as they are: others made them so.
[[nodiscard]] bool sees_states(const Caller& caller);
/// What a caller is told that may not see them.
[[nodiscard]] Answer without_state(Answer answer);

/// Slows those down who try. One thread.
class FailedLogIns {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kFirst{100};
  static constexpr std::chrono::milliseconds kLongest{5'000};
  /// After so long without another failure an address is as good as new.
  static constexpr std::chrono::minutes kForgotten{10};
  /// Beyond, those that failed first are forgotten.
  static constexpr std::size_t kMostAddresses = 4'096;

  /// Counts one of `address`, and says how long it is to wait for its answer: twice as long as the one
  /// before. All of a network of IPv6, its first 64 bits, count as one.
  std::chrono::milliseconds count(const std::string& address, Clock::time_point now);

 private:
  struct OfAddress {
    int failures = 0;
    Clock::time_point last;
  };
  std::unordered_map<std::string, OfAddress> addresses_;
  std::deque<std::string> order_;  ///< Of the addresses, as they first failed.
};

/// What every connection has to pass. One thread.
struct Entrance {
  Access access;
  FailedLogIns failed_log_ins;
  Complaints log_in_complaints;
  Complaints tls_complaints;

  /// How long somebody is to wait who was not let in.
  std::chrono::milliseconds turn_away(const std::string& address, NoEntry reason,
                                      FailedLogIns::Clock::time_point now) {
    log_in_complaints.add(address, std::move(reason.why));
    return failed_log_ins.count(address, now);
  }
};

}  // namespace stockfold
