// A file system for RocksDB that forgets at a power cut whatever was not synced, and fails as disks fail.
#pragma once

#include <rocksdb/file_system.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stockfold {

/// The chance, in a million, that an operation of a kind fails.
struct DiskFaults {
  std::uint32_t write = 0;           ///< Part of the bytes may be there.
  std::uint32_t sync = 0;            ///< And a later sync of that file lies: it makes nothing durable.
  std::uint32_t read = 0;            ///< EIO.
  std::uint32_t flip = 0;            ///< A read returns one bit wrong; the file is as it was.
  std::uint32_t rename = 0;          ///< Nothing happens.
  std::uint32_t directory_sync = 0;  ///< Nothing becomes durable.
  std::string_view files;            ///< Only those whose name ends so.
  std::uint64_t most = std::numeric_limits<std::uint64_t>::max();  ///< So many in all.
};

/// Files lie in a real directory, as the page cache would hold them; beside them is kept what of them is
/// durable:
///  - of a file's bytes those up to its last sync that succeeded;
///  - of a directory's entries (files made, renamed, linked, removed) those of its last sync.
/// At a power cut the rest is lost in part: any number of bytes of a file's unsynced end may be there, torn
/// at any byte, the last of them zeros or rubbish; of a directory's unsynced changes any first ones.
///
/// What fails is drawn from the seed, the operation, the file's name and how often that was done to it
/// before: not from the order of threads. Operations that change anything are numbered, so that the power can
/// be cut in the middle of any. Any thread.
class SimulatedDisk final : public rocksdb::FileSystemWrapper {
 public:
  /// Whatever is in `root` counts as durable.
  SimulatedDisk(std::filesystem::path root, std::uint64_t seed);

  [[nodiscard]] const char* Name() const override { return "SimulatedDisk"; }

  /// From here on, until another call.
  void set_faults(const DiskFaults& faults);
  /// No more than so many bytes can be written to files that are there; nothing: as many as one likes.
  void set_free_space(std::optional<std::uint64_t> bytes);
  /// Syncs succeed and do nothing: what a ledger must not survive unnoticed.
  void lie_about_syncs();

  /// The `operation`-th change from now on is cut off in its middle, and nothing is read or written after it.
  void cut_power_after(std::uint64_t operation);
  /// Nothing is read or written any more, as if the process had been killed; what was written is there.
  void stop();
  [[nodiscard]] bool is_off() const;
  /// After a cut, loses what is lost. In either case the disk then works, without faults, space as before.
  void start();

  /// Changes so far.
  [[nodiscard]] std::uint64_t operations() const;
  /// Faults so far: of set_faults(), and writes that found no space.
  [[nodiscard]] std::uint64_t failures() const;
  /// Bytes that were appended to files of the name's end so far.
  [[nodiscard]] std::uint64_t appended_to(std::string_view directory) const;
  /// Of every change in its order: the same for the same seed and the same calls.
  [[nodiscard]] std::uint64_t digest() const;

  // rocksdb::FileSystem, in simulated_files.cc
  rocksdb::IOStatus NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewRandomAccessFile(const std::string& path, const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                        rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReuseWritableFile(const std::string& path, const std::string& old,
                                      const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to,
                             const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus CreateDir(const std::string& path, const rocksdb::IOOptions& options,
                              rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus CreateDirIfMissing(const std::string& path, const rocksdb::IOOptions& options,
                                       rocksdb::IODebugContext* debug) override;

 private:
  class WritableFile;
  class SequentialFile;
  class RandomAccessFile;
  class Directory;

  enum class Operation : std::uint8_t { write, sync, read, flip, rename, directory_sync, create, remove };

  struct Bytes {
    std::uint64_t written = 0;
    std::uint64_t durable = 0;
    bool lost = false;  ///< A sync failed: what was not durable then never will be.
  };
  using BytesOfFile = std::shared_ptr<Bytes>;

  /// What a path stood for before a change.
  struct Before {
    std::filesystem::path path;
    std::filesystem::path kept;  ///< Where the file of that time can be found; empty: there was none.
    BytesOfFile bytes;
  };
  struct Change {
    std::vector<Before> before;
    std::filesystem::path moved_from;  ///< Of a directory that was moved, then with moved_to.
    std::filesystem::path moved_to;
  };

  /// How an operation is to end.
  enum class Fate : std::uint8_t { done, failed, cut, off };

  // All of them with the mutex held.
  Fate change(Operation operation, const std::filesystem::path& path, std::uint32_t chance);
  bool happens(Operation operation, const std::filesystem::path& path, std::uint32_t chance);
  [[nodiscard]] std::string short_name(const std::filesystem::path& path) const;
  std::uint64_t draw(std::uint64_t below);
  Before keep(const std::filesystem::path& path);
  BytesOfFile bytes_of(const std::filesystem::path& path);
  void note(const std::filesystem::path& directory, Change change);
  void undo(const Change& change);
  void move_directory(const std::filesystem::path& from, const std::filesystem::path& to);
  void lose_changes();
  void lose_bytes();
  rocksdb::IOStatus make_directory(const std::string& path);
  rocksdb::IOStatus append(const std::filesystem::path& path, rocksdb::FSWritableFile& file, Bytes& bytes,
                           const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug);
  rocksdb::IOStatus sync(const std::filesystem::path& path, Bytes& bytes);
  rocksdb::IOStatus sync_directory(const std::filesystem::path& path);
  rocksdb::IOStatus after_read(const std::filesystem::path& path, const rocksdb::Slice& data);
  rocksdb::IOStatus off() const;

  mutable std::mutex mutex_;
  const std::filesystem::path root_;
  const std::filesystem::path kept_;  ///< Beside root_: files that a change took away.
  const std::uint64_t seed_;
  std::uint64_t random_;
  DiskFaults faults_;
  std::optional<std::uint64_t> free_space_;
  bool lies_ = false;
  bool off_ = false;
  bool cut_ = false;  ///< It is off because the power went.
  std::optional<std::uint64_t> cut_at_;
  std::uint64_t operations_ = 0;
  std::uint64_t failures_ = 0;
  std::uint64_t digest_ = 0;
  std::uint64_t keeps_ = 0;
  std::map<std::string, std::uint64_t> times_;  ///< That an operation was done to a file.
  std::map<std::filesystem::path, BytesOfFile> files_;
  std::map<std::filesystem::path, std::vector<Change>> unsynced_;  ///< Of each directory.
  std::map<std::string, std::uint64_t> appended_;                  ///< By the directory's name.
};

}  // namespace stockfold
