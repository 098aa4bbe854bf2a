// Fibres that take turns at barriers, in every possible order.
#pragma once

#include <ucontext.h>

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace stockfold {

/// Every sequence of choices, depth first: given the same questions, it answers differently each time until
/// all answers were given. One thread.
class Choices {
 public:
  /// One of 0 to `options` - 1. The number of options must depend only on the choices before.
  std::size_t choose(std::size_t options) {
    assert(options > 0);
    if (options == 1) return 0;
    if (depth_ == path_.size()) path_.push_back({0, options});
    assert(path_[depth_].options == options);
    return path_[depth_++].taken;
  }

  /// Whether no sequence before this one has made the next choice.
  [[nodiscard]] bool at_new() const { return depth_ == path_.size(); }

  /// Begins the next sequence; false if there is none.
  bool next() {
    while (!path_.empty() && path_.back().taken + 1 == path_.back().options) path_.pop_back();
    depth_ = 0;
    if (path_.empty()) return false;
    ++path_.back().taken;
    return true;
  }

 private:
  struct Choice {
    std::size_t taken;
    std::size_t options;
  };
  std::vector<Choice> path_;
  std::size_t depth_ = 0;
};

/// What a fibre is about to do when it waits at a barrier.
enum class Step : std::uint8_t {
  ask,     ///< A client sends its request.
  gather,  ///< The one writer takes what was sent.
  read,    ///< A writer reads the log.
  decide,  ///< It decides on what it has read.
  append,  ///< The log checks its end, and writes or does not.
  sync,    ///< The write is made durable, and other fibres see it.
  reply,   ///< The client receives the answer.
};

/// Functions on their own stacks. One runs at a time, from one barrier to the next, so the same turns give
/// the same results. One thread; the kernel does not schedule them, so it is fast.
class Fibres {
 public:
  Fibres() = default;
  ~Fibres();
  Fibres(const Fibres&) = delete;
  Fibres& operator=(const Fibres&) = delete;

  /// Runs `body` up to its first barrier. No exception may leave it.
  void start(std::function<void()> body);
  /// Called by the running fibre: waits for its next turn.
  void barrier(Step step);

  [[nodiscard]] std::size_t size() const { return fibres_.size(); }
  /// The step that a fibre waits for; empty once it has ended. All fibres must have ended before they are
  /// destroyed.
  [[nodiscard]] const std::optional<Step>& next(std::size_t fibre) const { return fibres_[fibre]->next; }
  /// Gives a fibre that has not ended its turn, which lasts to its next barrier or its end.
  void run(std::size_t fibre);

 private:
  /// Where a fibre continues.
  struct Place {
    ucontext_t context{};
    const void* stack = nullptr;
    std::size_t stack_bytes = 0;
    void* shadow = nullptr;  ///< The sanitizer's shadow stack, while the fibre does not run.
  };
  struct Fibre {
    std::function<void()> body;
    std::optional<Step> next;
    std::unique_ptr<std::byte[]> stack;
    Place place;
  };

  static void enter();
  /// Leaves `from` for `to`, and returns when another fibre switches back.
  static void go(Place& from, Place& to);

  std::vector<std::unique_ptr<Fibre>> fibres_;
  Fibre* running_ = nullptr;
  Place caller_;  ///< Of run().
};

}  // namespace stockfold
