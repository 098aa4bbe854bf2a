// The simulated disk as RocksDB sees it: its files and directories.
#include <algorithm>
#include <utility>

#include "simulation/simulated_disk.h"

namespace stockfold {

namespace fs = std::filesystem;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

// ---- files ------------------------------------------------------------------------------------------------

class SimulatedDisk::WritableFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  WritableFile(SimulatedDisk& disk, fs::path path, BytesOfFile bytes,
               std::unique_ptr<rocksdb::FSWritableFile> file)
      : FSWritableFileOwnerWrapper(std::move(file)),
        disk_(disk),
        path_(std::move(path)),
        bytes_(std::move(bytes)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    const std::lock_guard lock(disk_.mutex_);
    return disk_.append(path_, *target(), *bytes_, data, options, debug);
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo& /*crc*/,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    const std::lock_guard lock(disk_.mutex_);
    return disk_.truncate(path_, *target(), *bytes_, size, options, debug);
  }
  IOStatus Sync(const IOOptions& /*options*/, IODebugContext* /*debug*/) override {
    const std::lock_guard lock(disk_.mutex_);
    return disk_.sync(path_, *bytes_);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override { return Sync(options, debug); }
  /// Promises nothing.
  IOStatus RangeSync(std::uint64_t /*offset*/, std::uint64_t /*size*/, const IOOptions& /*options*/,
                     IODebugContext* /*debug*/) override {
    return IOStatus::OK();
  }

 private:
  SimulatedDisk& disk_;
  const fs::path path_;
  const BytesOfFile bytes_;
};

class SimulatedDisk::SequentialFile final : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  SequentialFile(SimulatedDisk& disk, fs::path path, std::unique_ptr<rocksdb::FSSequentialFile> file)
      : FSSequentialFileOwnerWrapper(std::move(file)), disk_(disk), path_(std::move(path)) {}

  IOStatus Read(std::size_t size, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* debug) override {
    const IOStatus read = target()->Read(size, options, result, scratch, debug);
    if (!read.ok()) return read;
    const std::lock_guard lock(disk_.mutex_);
    return disk_.after_read(path_, *result);
  }

 private:
  SimulatedDisk& disk_;
  const fs::path path_;
};

/// Not a wrapper: its MultiRead would bypass this class.
class SimulatedDisk::RandomAccessFile final : public rocksdb::FSRandomAccessFile {
 public:
  RandomAccessFile(SimulatedDisk& disk, fs::path path, std::unique_ptr<rocksdb::FSRandomAccessFile> file)
      : disk_(disk), path_(std::move(path)), file_(std::move(file)) {}

  IOStatus Read(std::uint64_t offset, std::size_t size, const IOOptions& options, Slice* result,
                char* scratch, IODebugContext* debug) const override {
    const IOStatus read = file_->Read(offset, size, options, result, scratch, debug);
    if (!read.ok()) return read;
    const std::lock_guard lock(disk_.mutex_);
    return disk_.after_read(path_, *result);
  }
  std::size_t GetUniqueId(char* id, std::size_t size) const override { return file_->GetUniqueId(id, size); }

 private:
  SimulatedDisk& disk_;
  const fs::path path_;
  const std::unique_ptr<rocksdb::FSRandomAccessFile> file_;
};

class SimulatedDisk::Directory final : public rocksdb::FSDirectory {
 public:
  Directory(SimulatedDisk& disk, fs::path path) : disk_(disk), path_(std::move(path)) {}

  IOStatus Fsync(const IOOptions& /*options*/, IODebugContext* /*debug*/) override {
    const std::lock_guard lock(disk_.mutex_);
    return disk_.sync_directory(path_);
  }

 private:
  SimulatedDisk& disk_;
  const fs::path path_;
};

// ---- rocksdb::FileSystem ----------------------------------------------------------------------------------

IOStatus SimulatedDisk::NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                                          std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                          IODebugContext* debug) {
  if (is_off()) return off();
  const IOStatus opened = target()->NewSequentialFile(path, options, file, debug);
  if (opened.ok()) *file = std::make_unique<SequentialFile>(*this, path, std::move(*file));
  return opened;
}

IOStatus SimulatedDisk::NewRandomAccessFile(const std::string& path, const rocksdb::FileOptions& options,
                                            std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                            IODebugContext* debug) {
  if (is_off()) return off();
  const IOStatus opened = target()->NewRandomAccessFile(path, options, file, debug);
  if (opened.ok()) *file = std::make_unique<RandomAccessFile>(*this, path, std::move(*file));
  return opened;
}

IOStatus SimulatedDisk::NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSWritableFile>* file,
                                        IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  const Fate fate = change(Operation::create, path, faults_.write);
  if (fate == Fate::off || (fate == Fate::cut && draw(2) == 0)) return off();
  if (fate == Fate::failed || fate == Fate::no_room) return error(fate, "making of a file", path);
  Change made;
  made.before.push_back(keep(path));
  if (!made.before.front().kept.empty()) fs::remove(path);  // what was there is another file
  const IOStatus opened = target()->NewWritableFile(path, options, file, debug);
  if (!opened.ok()) return opened;
  const auto bytes = std::make_shared<Bytes>();
  files_[path] = bytes;
  note(fs::path(path).parent_path(), std::move(made));
  *file = std::make_unique<WritableFile>(*this, path, bytes, std::move(*file));
  return fate == Fate::cut ? off() : IOStatus::OK();
}

IOStatus SimulatedDisk::ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                                           IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  if (off_) return off();
  const BytesOfFile bytes = bytes_of(path);
  const IOStatus opened = target()->ReopenWritableFile(path, options, file, debug);
  if (opened.ok()) *file = std::make_unique<WritableFile>(*this, path, bytes, std::move(*file));
  return opened;
}

IOStatus SimulatedDisk::ReuseWritableFile(const std::string& path, const std::string& /*old*/,
                                          const rocksdb::FileOptions& /*options*/,
                                          std::unique_ptr<rocksdb::FSWritableFile>* /*file*/,
                                          IODebugContext* /*debug*/) {
  return IOStatus::NotSupported("the simulated disk reuses no file", path);
}

IOStatus SimulatedDisk::NewDirectory(const std::string& path, const IOOptions& /*options*/,
                                     std::unique_ptr<rocksdb::FSDirectory>* directory,
                                     IODebugContext* /*debug*/) {
  if (is_off()) return off();
  *directory = std::make_unique<Directory>(*this, path);
  return IOStatus::OK();
}

IOStatus SimulatedDisk::DeleteFile(const std::string& path, const IOOptions& options, IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  const Fate fate = change(Operation::remove, path, faults_.remove);
  if (fate == Fate::off || fate == Fate::cut) return off();
  if (fate == Fate::failed) return error(fate, "removal", path);
  std::error_code unknown;
  const std::uint64_t freed = fs::hard_link_count(path, unknown) == 1 ? fs::file_size(path, unknown) : 0;
  Change removed;
  removed.before.push_back(keep(path));
  const IOStatus done = target()->DeleteFile(path, options, debug);
  if (!done.ok()) return done;
  if (free_space_ && !unknown) *free_space_ += freed;
  files_.erase(path);
  note(fs::path(path).parent_path(), std::move(removed));
  return IOStatus::OK();
}

IOStatus SimulatedDisk::RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                                   IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  const Fate fate = change(Operation::rename, to, faults_.rename);
  if (fate == Fate::off || (fate == Fate::cut && draw(2) == 0)) return off();
  if (fate == Fate::failed || fate == Fate::no_room) return error(fate, "rename", to);
  Change renamed;
  if (fs::is_directory(from)) {
    move_directory(from, to);
    renamed.moved_from = from;
    renamed.moved_to = to;
  } else {
    renamed.before.push_back(keep(to));
    renamed.before.push_back(keep(from));
    const IOStatus done = target()->RenameFile(from, to, options, debug);
    if (!done.ok()) return done;
    files_[to] = renamed.before.back().bytes;
    files_.erase(from);
  }
  note(fs::path(to).parent_path(), std::move(renamed));
  return fate == Fate::cut ? off() : IOStatus::OK();
}

IOStatus SimulatedDisk::LinkFile(const std::string& from, const std::string& to, const IOOptions& options,
                                 IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  const Fate fate = change(Operation::create, to, faults_.write);
  if (fate == Fate::off || fate == Fate::cut) return off();
  if (fate == Fate::failed || fate == Fate::no_room) return error(fate, "link", to);
  const IOStatus done = target()->LinkFile(from, to, options, debug);
  if (!done.ok()) return done;
  files_[to] = bytes_of(from);
  Change linked;
  linked.before.push_back({.path = to, .kept = {}, .bytes = nullptr});
  note(fs::path(to).parent_path(), std::move(linked));
  return IOStatus::OK();
}

IOStatus SimulatedDisk::make_directory(const std::string& path) {
  const Fate fate = change(Operation::create, path, faults_.write);
  if (fate == Fate::off || fate == Fate::cut) return off();
  if (fate == Fate::failed || fate == Fate::no_room) return error(fate, "making of a directory", path);
  const IOStatus done = target()->CreateDir(path, IOOptions(), nullptr);
  if (!done.ok()) return done;
  Change made;
  made.before.push_back({.path = path, .kept = {}, .bytes = nullptr});
  note(fs::path(path).parent_path(), std::move(made));
  return IOStatus::OK();
}

IOStatus SimulatedDisk::CreateDir(const std::string& path, const IOOptions& /*options*/,
                                  IODebugContext* /*debug*/) {
  const std::lock_guard lock(mutex_);
  return make_directory(path);
}

IOStatus SimulatedDisk::CreateDirIfMissing(const std::string& path, const IOOptions& /*options*/,
                                           IODebugContext* /*debug*/) {
  const std::lock_guard lock(mutex_);
  if (off_) return off();
  return fs::is_directory(path) ? IOStatus::OK() : make_directory(path);
}

IOStatus SimulatedDisk::GetFreeSpace(const std::string& path, const IOOptions& /*options*/,
                                     std::uint64_t* /*bytes*/, IODebugContext* /*debug*/) {
  return IOStatus::NotSupported("the simulated disk does not say how much room there is", path);
}

}  // namespace stockfold
