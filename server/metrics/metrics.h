// Counts of what the ledger does.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/command.h"
#include "core/refusal.h"
#include "net/connection_counts.h"
#include "protocol/messages.h"
#include "server/ledger/writer.h"
#include "server/metrics/query_kind.h"

namespace stockfold {

/// A histogram of fixed buckets. Values are whole numbers of one unit, such as nanoseconds.
class FixedHistogram {
 public:
  static constexpr std::size_t kMostBounds = 20;

  /// `bounds`: the largest value of each bucket but the last, which counts all larger values. They must
  /// ascend, be at most kMostBounds, and outlive the histogram.
  constexpr explicit FixedHistogram(std::span<const std::uint64_t> bounds) : bounds_(bounds) {}

  void observe(std::uint64_t value, std::uint64_t times = 1) {
    const auto bucket = std::ranges::lower_bound(bounds_, value) - bounds_.begin();
    counts_[static_cast<std::size_t>(bucket)] += times;
    sum_ += value * times;
  }

  [[nodiscard]] std::span<const std::uint64_t> bounds() const { return bounds_; }
  /// One count more than there are bounds.
  [[nodiscard]] std::span<const std::uint64_t> counts() const {
    return std::span(counts_).first(bounds_.size() + 1);
  }
  [[nodiscard]] std::uint64_t sum() const { return sum_; }

 private:
  std::span<const std::uint64_t> bounds_;
  std::array<std::uint64_t, kMostBounds + 1> counts_{};
  std::uint64_t sum_ = 0;
};

/// 50 microseconds to 10 seconds, in nanoseconds.
inline constexpr std::array<std::uint64_t, 17> kDurationBounds = {
    50'000,      100'000,       200'000,       500'000,       1'000'000,     2'000'000,
    5'000'000,   10'000'000,    20'000'000,    50'000'000,    100'000'000,   200'000'000,
    500'000'000, 1'000'000'000, 2'000'000'000, 5'000'000'000, 10'000'000'000};
inline constexpr std::array<std::uint64_t, 11> kCountBounds = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1'024};
inline constexpr std::array<std::uint64_t, 10> kByteBounds = {
    256, 1U << 10, 4U << 10, 16U << 10, 64U << 10, 256U << 10, 1U << 20, 4U << 20, 16U << 20, 64U << 20};

/// Outcomes of commands, by kind of command.
class CommandCounts {
 public:
  static constexpr std::size_t kKinds = std::variant_size_v<CommandBody>;
  /// Rules and error codes share one range of numbers, which begins at 1.
  static constexpr std::size_t kErrors = static_cast<std::size_t>(kLastErrorCode) + 1;
  struct OfKind {
    std::uint64_t accepted = 0;
    std::uint64_t replayed = 0;                    ///< Repeats of an earlier answer for the command id.
    std::array<std::uint64_t, kErrors> refused{};  ///< Indexed by the number of rule or error code.

    std::uint64_t& of(Rule rule) { return refused[static_cast<std::size_t>(rule)]; }
    std::uint64_t& of(ErrorCode code) { return refused[static_cast<std::size_t>(code)]; }
  };

  void count(CommandKind kind, const Answer& answer);
  /// Counts a command that the ledger was never given: malformed, or there was no room for it.
  void count(CommandKind kind, ErrorCode code);
  [[nodiscard]] const OfKind& of(CommandKind kind) const {
    return counts_[static_cast<std::size_t>(kind) - 1];
  }

 private:
  std::array<OfKind, kKinds> counts_{};
};

/// Everything counted since the start. Only the serving thread reads and writes it, so these are plain
/// numbers.
struct Metrics {
  CommandCounts commands;
  std::array<std::uint64_t, kAllQueryKinds.size()> queries{};  ///< Indexed by QueryKind.
  std::array<std::uint64_t, CommandCounts::kErrors> errors{};  ///< Error replies, by the code's number.

  // Durations of a command, in nanoseconds.
  FixedHistogram queue{kDurationBounds};   ///< From the arrival until the commit began.
  FixedHistogram decide{kDurationBounds};  ///< Until the whole commit was decided.
  FixedHistogram append{kDurationBounds};  ///< To write the commit, without the sync.
  FixedHistogram sync{kDurationBounds};    ///< Until the commit was on disk.
  FixedHistogram whole{kDurationBounds};   ///< From the arrival until the answer was handed to the system.

  std::uint64_t commits = 0;  ///< Appends that wrote something; the next three count the same commits.
  FixedHistogram commit_commands{kCountBounds};
  FixedHistogram commit_events{kCountBounds};
  FixedHistogram commit_bytes{kByteBounds};

  std::uint64_t failed_log_ins = 0;  ///< Log-ins with an invalid token.
  ConnectionCounts tcp;
  ConnectionCounts http;
  /// Answers over HTTP, indexed by status.
  std::array<std::uint64_t, 600> http_answers{};

  void count(QueryKind kind) { ++queries[static_cast<std::size_t>(kind)]; }
  void count(const ErrorReply& error) { ++errors[static_cast<std::size_t>(error.code)]; }
  void count_answer(unsigned status) { ++http_answers.at(status); }
  void count(const CommitFigures& commit);
};

}  // namespace stockfold
