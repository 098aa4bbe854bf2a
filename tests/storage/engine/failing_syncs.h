// Files below RocksDB whose syncs fail when a test says so, and a count of their writes.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace stockfold {

/// The machine's files. Any thread.
class FailingSyncs final : public rocksdb::FileSystemWrapper {
 public:
  FailingSyncs() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  [[nodiscard]] const char* Name() const override { return "FailingSyncs"; }

  /// The next sync of a write-ahead file fails, and no other.
  void fail_next() { fails_ = true; }
  /// From now on write-ahead files accept nothing more, for lack of room or because of a quota.
  void fill(bool quota = false) { full_ = quota ? Full::quota : Full::disk; }
  void make_room() { full_ = Full::no; }
  /// Number of writes to files so far.
  [[nodiscard]] std::uint64_t writes() const { return writes_; }

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    std::unique_ptr<rocksdb::FSWritableFile> real;
    auto made = target()->NewWritableFile(path, options, &real, debug);
    if (made.ok()) *file = std::make_unique<File>(*this, path.ends_with(".log"), std::move(real));
    return made;
  }

 private:
  enum class Full : std::uint8_t { no, disk, quota };

  class File final : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(FailingSyncs& files, bool is_write_ahead, std::unique_ptr<rocksdb::FSWritableFile> file)
        : FSWritableFileOwnerWrapper(std::move(file)), files_(files), is_write_ahead_(is_write_ahead) {}

    using FSWritableFileOwnerWrapper::Append;
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      if (is_write_ahead_ && files_.full_ == Full::disk) return rocksdb::IOStatus::NoSpace("no room");
      if (is_write_ahead_ && files_.full_ == Full::quota) {
        return rocksdb::IOStatus::IOError("Disk quota exceeded");
      }
      ++files_.writes_;
      return target()->Append(data, options, debug);
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo& checksum,
                             rocksdb::IODebugContext* debug) override {
      if (is_write_ahead_ && files_.full_ == Full::disk) return rocksdb::IOStatus::NoSpace("no room");
      if (is_write_ahead_ && files_.full_ == Full::quota) {
        return rocksdb::IOStatus::IOError("Disk quota exceeded");
      }
      ++files_.writes_;
      return target()->Append(data, options, checksum, debug);
    }
    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
      if (is_write_ahead_ && files_.fails_.exchange(false)) return rocksdb::IOStatus::IOError("a bad sync");
      return target()->Sync(options, debug);
    }
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
      return Sync(options, debug);
    }

   private:
    FailingSyncs& files_;
    const bool is_write_ahead_;
  };

  std::atomic<bool> fails_ = false;
  std::atomic<Full> full_ = Full::no;
  std::atomic<std::uint64_t> writes_ = 0;
};

}  // namespace stockfold
