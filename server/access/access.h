// Identifies callers, and says what each may do.
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

/// The caller that a connection or a request belongs to.
struct Caller {
  std::string token_id;  ///< Empty if no token is required.
  std::string name;      ///< Likewise; otherwise the actor of all that the caller does.
  Scopes scopes;
};

/// The tokens in force. One thread.
class Access {
 public:
  using Now = std::function<UnixMillis()>;

  /// No token is required, and every caller may do everything.
  explicit Access(Now now) : now_(std::move(now)) {}

  /// From now on every caller needs one of these tokens.
  void require(std::vector<Token> tokens);
  [[nodiscard]] bool needs_token() const { return tokens_.has_value(); }

  /// If no token is required, any text is accepted.
  [[nodiscard]] std::expected<Caller, NoEntry> identify(std::string_view token) const;

  /// A number that changes whenever tokens were revoked or have expired, so that callers let in before may
  /// have lost their access; see holds().
  [[nodiscard]] std::uint64_t revision();
  /// Whether the caller has lost its token since `as_of`, a revision(), which becomes the current one.
  [[nodiscard]] bool has_revoked(const Caller& caller, std::uint64_t& as_of) {
    const std::uint64_t now = revision();
    return std::exchange(as_of, now) != now && !holds(caller);
  }
  /// Whether the caller would be let in now, with the same scopes.
  [[nodiscard]] bool holds(const Caller& caller) const;

 private:
  void find_next_expiry(UnixMillis now);

  Now now_;
  std::optional<std::vector<Token>> tokens_;
  std::uint64_t revision_ = 0;
  std::optional<UnixMillis> next_expiry_;
};

/// The scope that a request needs. A hello and a log-in need none.
[[nodiscard]] std::optional<Scope> scope_of(const Request& request);
/// A message such as "the token of shop does not have the scope admin".
[[nodiscard]] std::string lacks(const Caller& caller, Scope scope);

/// Permits a command under the caller's name, or returns the failure: the caller lacks the scope, or claims
/// another name.
[[nodiscard]] std::optional<Failure> authorise(Command& command, const Caller& caller);

/// Whether refusals of the caller's commands may quote the state of products and orders, which other callers
/// made.
[[nodiscard]] bool sees_states(const Caller& caller);
/// The answer for a caller that may not see states.
[[nodiscard]] Answer without_state(Answer answer);

/// Delays answers to addresses whose log-ins fail. One thread.
class FailedLogIns {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kFirst{100};
  static constexpr std::chrono::milliseconds kLongest{5'000};
  /// After this long without another failure an address is forgotten.
  static constexpr std::chrono::minutes kForgotten{10};
  /// Beyond this number, the addresses that failed first are forgotten.
  static constexpr std::size_t kMostAddresses = 4'096;

  /// Counts a failure of `address`, and returns how long its answer must wait: twice as long as the one
  /// before. All addresses of an IPv6 network (its first 64 bits) count as one.
  std::chrono::milliseconds count(const std::string& address, Clock::time_point now);

 private:
  struct OfAddress {
    int failures = 0;
    Clock::time_point last;
  };
  std::unordered_map<std::string, OfAddress> addresses_;
  std::deque<std::string> order_;  ///< The addresses, in order of their first failure.
};

/// What every connection must pass. One thread.
struct Entrance {
  Access access;
  FailedLogIns failed_log_ins;
  Complaints log_in_complaints;
  Complaints tls_complaints;

  /// Counts a failed log-in of `address`. Returns how long its answer has to wait.
  std::chrono::milliseconds reject(const std::string& address, NoEntry reason,
                                   FailedLogIns::Clock::time_point now) {
    log_in_complaints.add(address, std::move(reason.why));
    return failed_log_ins.count(address, now);
  }
};

}  // namespace stockfold
