#include "server/writer.h"

#include <span>
#include <utility>

namespace stockfold {

Writer::Writer(std::unique_ptr<Ledger> ledger, WriterOptions options, Callbacks callbacks)
    : ledger_(std::move(ledger)),
      options_(options),
      callbacks_(std::move(callbacks)),
      position_(ledger_->position().value()),
      applied_(ledger_->position().value()) {}

Writer::~Writer() { stop(); }

void Writer::start() {
  thread_ = std::thread([this] { run(); });
}

void Writer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  arrived_.notify_one();
  if (thread_.joinable()) thread_.join();
}

bool Writer::submit(Command command, std::shared_ptr<Asker> asker) {
  const std::uint64_t applied = applied_.load(std::memory_order_acquire);
  const std::uint64_t position = position_.load(std::memory_order_acquire);
  if (position > applied && position - applied > options_.max_view_lag) return false;
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queue_.commands.size() >= options_.queue_limit || queue_.lines >= options_.queue_lines) {
      return false;
    }
    first = queue_.commands.empty();
    queue_.lines += lines_in(command.body);
    queue_.commands.push_back(std::move(command));
    queue_.askers.push_back(std::move(asker));
  }
  if (first) arrived_.notify_one();
  return true;
}

void Writer::run() {
  Batch batch;
  for (;;) {
    batch.commands.clear();
    batch.askers.clear();
    batch.lines = 0;
    {
      std::unique_lock lock(mutex_);
      arrived_.wait(lock, [&] { return stopping_ || !queue_.commands.empty(); });
      if (queue_.commands.empty()) return;
      std::swap(batch, queue_);
    }
    execute(batch);
  }
}

void Writer::execute(Batch& batch) {
  for (std::size_t done = 0; done < batch.commands.size();) {
    ledger_->views_reached(GlobalPosition(applied_.load(std::memory_order_acquire)));
    Execution execution = ledger_->execute(std::span(batch.commands).subspan(done), callbacks_.now());
    if (execution.fault) callbacks_.failed(*execution.fault);
    if (position_.exchange(ledger_->position().value(), std::memory_order_acq_rel) !=
        ledger_->position().value()) {
      callbacks_.appended(ledger_->position());
    }
    std::vector<Delivery> deliveries;
    deliveries.reserve(execution.answers.size());
    for (Answer& answer : execution.answers) {
      deliveries.push_back({std::move(batch.askers[done++]), std::move(answer)});
    }
    callbacks_.answered(std::move(deliveries));
  }
}

}  // namespace stockfold
