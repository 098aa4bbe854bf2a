// A load on a ledger: clients that send orders and read over their own sockets, and the answers they got.
#pragma once

#include <stockfold/client.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tools/load/book.h"
#include "tools/load/histogram.h"
#include "tools/load/mix.h"
#include "tools/load/pace.h"
#include "tools/load/schedule.h"

namespace stockfold {

struct LoadPlan {
  ClientOptions ledger;  ///< Where it is, and how it is to be spoken to; its time-outs count for nothing.
  std::string run;       ///< In front of every id, so that no two runs share one: at most 32 bytes.
  std::uint32_t products = 1;
  std::size_t connections = 1;
  std::size_t depth = 1;       ///< In flight on each connection at most.
  std::optional<double> rate;  ///< Commands due a second. Left out: each is sent as soon as one was answered.
  std::optional<Mix> mix;      ///< Left out: clients that place an order, abort it, and so on.
  LineRange lines;             ///< Of an order; no more than there are products.
  Shown shown = Shown::both;
  bool stale = false;  ///< Reads may be.
  bool command_ids = false;
  bool scattered_ids = false;      ///< Command ids ascend with time, as the client draws them; or not at all.
  bool assigned_ids = false;       ///< The ledger names the orders.
  std::size_t max_open = 100'000;  ///< Orders in progress, of a mix, before a mix ends one instead.
  std::uint64_t seed = 0;          ///< Of what is drawn: actions, products.
  std::chrono::milliseconds warm_up{1'000};
  std::chrono::milliseconds measured{10'000};
  std::chrono::milliseconds patience{30'000};  ///< For the last answers.
  std::vector<OpenOrder> placed;               ///< Orders of the run that are in progress already.
  /// Called twice a second with the answers so far; may be empty.
  std::function<void(std::uint64_t done, std::chrono::milliseconds left)> progress;
};

/// The figures of one action, in nanoseconds up to the read that brought the answer. In a closed loop a
/// command is due when it is first sent.
struct ActionFigures {
  std::uint64_t ops = 0;  ///< Answered as wanted in the measured time.
  Histogram latency;      ///< From when a command was due: of all due in the measured time.
  Histogram service;      ///< From when it was last sent: of all answered in the measured time.
};

struct LoadResult {
  ByAction<ActionFigures> actions;
  std::vector<std::uint64_t> of_connections;  ///< How many of those each connection had answered.
  std::uint64_t lines = 0;       ///< Of the orders placed, aborted and fulfilled in the measured time.
  std::uint64_t errors = 0;      ///< Refusals, error replies and requests without an answer, at any time.
  std::uint64_t overloaded = 0;  ///< Answers of this kind; each command was sent again after a pause.
  std::uint64_t unknown = 0;     ///< Commands whose outcome is unknown; errors as well.
  /// How long commands had waited that were due in the measured time and not sent by its end.
  Histogram unsent;
  std::string first_error;
  Nanos measured = 0;  ///< Shorter than planned where all connections were lost.
  Pace pace;
  Histogram lag;          ///< How late commands were sent whose connection was free when they were due.
  double user_cpu_s = 0;  ///< Of this program in the measured time.
  double system_cpu_s = 0;
  std::vector<ProductCount> products;
  std::vector<SampledOrder> orders;

  [[nodiscard]] std::uint64_t ops() const;
};

/// Runs until the measured time is over and everything sent is answered. One thread, the caller's.
[[nodiscard]] LoadResult run_load(const LoadPlan& plan);

}  // namespace stockfold
