#include "interleavings/scheduler.h"

#include <utility>

#if defined(STOCKFOLD_ADDRESS_SANITIZER)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace stockfold {
namespace {

constexpr std::size_t kStackBytes = 1U << 20U;

using Stack = std::unique_ptr<std::byte[]>;

/// Stacks of fibres that have ended: the kernel would return new memory of this size, each time it is
/// requested.
thread_local std::vector<Stack> spare_stacks;

Stack take_stack() {
  if (spare_stacks.empty()) return std::make_unique_for_overwrite<std::byte[]>(kStackBytes);
  Stack stack = std::move(spare_stacks.back());
  spare_stacks.pop_back();
#if defined(STOCKFOLD_ADDRESS_SANITIZER)
  __asan_unpoison_memory_region(stack.get(), kStackBytes);  // the frame that a fibre ends in is never left
#endif
  return stack;
}

/// The fibre being entered: a new stack begins with a function that takes no pointer.
thread_local Fibres* entered = nullptr;

// Tells the memory sanitizer which stack is in use; a stack that is left for good leaves no shadow.
void leave([[maybe_unused]] void** shadow, [[maybe_unused]] const void* to,
           [[maybe_unused]] std::size_t bytes) {
#if defined(STOCKFOLD_ADDRESS_SANITIZER)
  __sanitizer_start_switch_fiber(shadow, to, bytes);
#endif
}

void arrive([[maybe_unused]] void* shadow, [[maybe_unused]] const void** from,
            [[maybe_unused]] std::size_t* bytes) {
#if defined(STOCKFOLD_ADDRESS_SANITIZER)
  __sanitizer_finish_switch_fiber(shadow, from, bytes);
#endif
}

}  // namespace

Fibres::~Fibres() {
  for (const auto& fibre : fibres_) spare_stacks.push_back(std::move(fibre->stack));
}

void Fibres::start(std::function<void()> body) {
  Fibre& fibre = *fibres_.emplace_back(std::make_unique<Fibre>());
  fibre.body = std::move(body);
  fibre.stack = take_stack();
  fibre.place.stack = fibre.stack.get();
  fibre.place.stack_bytes = kStackBytes;
  ucontext_t& context = fibre.place.context;
  getcontext(&context);
  context.uc_stack.ss_sp = fibre.stack.get();
  context.uc_stack.ss_size = kStackBytes;
  makecontext(&context, &Fibres::enter, 0);
  run(fibres_.size() - 1);
}

void Fibres::barrier(Step step) {
  running_->next = step;
  go(running_->place, caller_);
}

void Fibres::run(std::size_t fibre) {
  running_ = fibres_[fibre].get();
  entered = this;
  go(caller_, running_->place);
}

void Fibres::enter() {
  Fibres& fibres = *entered;
  Fibre& self = *fibres.running_;
  arrive(nullptr, &fibres.caller_.stack, &fibres.caller_.stack_bytes);
  self.body();
  self.next.reset();
  leave(nullptr, fibres.caller_.stack, fibres.caller_.stack_bytes);
  setcontext(&fibres.caller_.context);
}

void Fibres::go(Place& from, Place& to) {
  leave(&from.shadow, to.stack, to.stack_bytes);
  swapcontext(&from.context, &to.context);
  arrive(from.shadow, nullptr, nullptr);
}

}  // namespace stockfold
