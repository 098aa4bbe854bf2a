// Chooses what a load sends next, and judges each answer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/messages.h"
#include "tools/load/frames.h"
#include "tools/load/load.h"
#include "tools/load/random.h"

namespace stockfold {

/// A request that was sent and not yet answered.
struct Task {
  Action action = Action::place;
  bool of_order = true;       ///< What it is about; of a show either.
  std::uint64_t number = 0;   ///< Of the order or product.
  std::uint64_t draw = 0;     ///< Of the order's lines.
  std::uint64_t command = 0;  ///< Its command id, as a number.
  Nanos due = 0;
  Nanos sent = 0;

  [[nodiscard]] OpenOrder order() const { return {number, draw}; }
};

enum class Verdict : std::uint8_t {
  done,
  overloaded,  ///< This attempt did nothing.
  refused,     ///< Or the answer is wrong: reason() has the details.
  unknown,     ///< Whether it was done is unknown.
};

struct Judgement {
  Verdict verdict = Verdict::done;
  std::size_t lines = 0;  ///< That were moved.
};

/// All the clients of a load. With a mix, they share the orders in progress. Without one, each connection
/// keeps those that it placed, in its `own`.
class Trader {
 public:
  explicit Trader(const LoadPlan& plan);

  Task next(std::vector<OpenOrder>& own);
  void write(const Task& task, std::uint64_t id, std::string& out);
  /// Judges the answer to `task`; `glance` was read from `payload`.
  Judgement judge(const Task& task, const ReplyGlance& glance, std::string_view payload,
                  std::vector<OpenOrder>& own);
  /// Why the latest answer was judged other than done.
  [[nodiscard]] const std::string& reason() const { return reason_; }

  [[nodiscard]] const Book& book() const { return book_; }

 private:
  Task act(Action action);
  Task place();
  Task end_order(Action action, std::vector<OpenOrder>& orders, std::size_t index);
  Task show();
  Judgement judge_accepted(const Task& task, const ReplyGlance& glance, std::vector<OpenOrder>& own);
  Judgement judge_shown(const Task& task, const ReplyGlance& glance);
  Judgement judge_other(std::string_view payload);
  Judgement refuse(std::string reason);
  const CommandId* id_of(const Task& task);
  [[nodiscard]] std::size_t any_open() { return random_.below(static_cast<std::uint32_t>(open_.size())); }

  const LoadPlan& plan_;
  RequestWriter writer_;
  Random random_;
  Book book_;
  std::vector<OpenOrder> open_;  ///< Of a mix.
  bool show_order_ = false;      ///< Next.
  std::uint64_t orders_ = 0;
  std::uint64_t commands_ = 0;
  /// Of command ids, UUIDs of version 7: milliseconds and salt. No two runs share one, even of one seed.
  std::uint64_t id_front_ = 0;
  std::uint64_t id_back_;  ///< Salt, on which they count.
  CommandId id_;
  std::string reason_;
};

}  // namespace stockfold
