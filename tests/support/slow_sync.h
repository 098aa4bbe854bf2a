// Files whose syncs take as long as a test wants.
#pragma once

#include <rocksdb/env.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace stockfold {

/// The machine's files. A sync of the log's write-ahead file waits while it is held, or for a time.
class SlowSync final : public rocksdb::EnvWrapper {
 public:
  SlowSync() : rocksdb::EnvWrapper(Default()) {}
  ~SlowSync() override { release(); }

  [[nodiscard]] const char* Name() const override { return "SlowSync"; }

  /// Syncs wait from here on.
  void hold() { set(true); }
  void release() { set(false); }
  /// Waits until a sync is held.
  void await_sync() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_ > 0; });
  }
  /// Each sync takes so much longer.
  void delay(std::chrono::microseconds time) {
    const std::lock_guard lock(mutex_);
    delay_ = time;
  }

  rocksdb::Status NewWritableFile(const std::string& name, std::unique_ptr<rocksdb::WritableFile>* file,
                                  const rocksdb::EnvOptions& options) override {
    const rocksdb::Status made = target()->NewWritableFile(name, file, options);
    const bool is_write_ahead = name.ends_with(".log") && name.find("/log/") != std::string::npos;
    if (made.ok() && is_write_ahead) *file = std::make_unique<File>(std::move(*file), *this);
    return made;
  }

 private:
  class File final : public rocksdb::WritableFileWrapper {
   public:
    File(std::unique_ptr<rocksdb::WritableFile> file, SlowSync& env)
        : rocksdb::WritableFileWrapper(file.get()), file_(std::move(file)), env_(env) {}
    rocksdb::Status Sync() override {
      env_.wait();
      return file_->Sync();
    }
    rocksdb::Status Fsync() override {
      env_.wait();
      return file_->Fsync();
    }

   private:
    std::unique_ptr<rocksdb::WritableFile> file_;
    SlowSync& env_;
  };

  void set(bool held) {
    const std::lock_guard lock(mutex_);
    held_ = held;
    changed_.notify_all();
  }

  void wait() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !held_; });
    --waiting_;
    const auto delay = delay_;
    lock.unlock();
    std::this_thread::sleep_for(delay);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
  int waiting_ = 0;
  std::chrono::microseconds delay_{0};
};

}  // namespace stockfold
