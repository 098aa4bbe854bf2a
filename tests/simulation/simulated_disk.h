// A file system for RocksDB that loses whatever was not synced at a power cut, and fails, fills up and stalls
// as disks do.
#pragma once

#include <rocksdb/file_system.h>

#include <chrono>
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

#include "simulation/simulated_clock.h"

namespace stockfold {

/// The chance, in a million, that an operation of a kind fails: with EIO, or, if it may need room, as often
/// with ENOSPC.
struct DiskFaults {
  std::uint32_t write = 0;   ///< Part of the bytes may be there. Also for files, directories and links.
  std::uint32_t sync = 0;    ///< In addition, a later sync of that file lies: it makes nothing durable.
  std::uint32_t read = 0;    ///< Needs no room.
  std::uint32_t flip = 0;    ///< A read returns one wrong bit; the file is unchanged.
  std::uint32_t rename = 0;  ///< Nothing happens.
  std::uint32_t directory_sync = 0;  ///< Nothing becomes durable.
  std::uint32_t remove = 0;          ///< Needs no room; the file stays.
  std::uint32_t truncate = 0;        ///< The same.
  std::uint32_t stall = 0;           ///< Any operation above takes long, whatever its result. Not a fault.
  std::string_view files;            ///< Only files whose names end with this.
  std::uint64_t most = std::numeric_limits<std::uint64_t>::max();  ///< Number of faults in all.
};

/// What a disk has done so far.
struct DiskCounts {
  std::uint64_t failures = 0;  ///< Faults, and what found no room.
  std::uint64_t no_room = 0;   ///< Of these, the failures for lack of room.
  std::uint64_t stalls = 0;
  std::chrono::milliseconds stalled{};
  std::uint64_t cuts = 0;  ///< Power cuts.
};

/// Files are kept in a real directory, as the page cache would hold them. In addition the disk records which
/// part of them is durable:
///  - of a file's bytes, those up to its last successful sync;
///  - of a directory's entries (files made, renamed, linked, removed), those of its last sync.
///  At a power cut the rest is lost in part. Of a file's unsynced end any number of bytes may remain, torn at
///  any byte, the last of them zeros or garbage. Of a directory's unsynced changes any first ones may remain.
///
/// Failures and stalls are drawn from the seed, the operation, the file's name, and how often that operation
/// was done to the file: not from the order of threads. Operations that change anything are numbered, so that
/// the power can be cut in the middle of any. Any thread.
class SimulatedDisk final : public rocksdb::FileSystemWrapper {
 public:
  /// Everything in `root` counts as durable. The clock goes on while the disk stalls.
  SimulatedDisk(std::filesystem::path root, std::uint64_t seed, SimulatedClock& clock);

  [[nodiscard]] const char* Name() const override { return "SimulatedDisk"; }

  /// From here on, until another call.
  void set_faults(const DiskFaults& faults);
  /// Files may take no more than this many bytes, their entries included; nothing: no limit. Removed files
  /// give their bytes back. On a full disk nothing is made, and sometimes nothing renamed or synced.
  void set_free_space(std::optional<std::uint64_t> bytes);
  /// Syncs succeed and do nothing: a ledger on this disk must not pass.
  void lie_about_syncs();

  /// Cuts the power in the middle of the `operation`-th change from now; nothing is read or written after it.
  void cut_power_after(std::uint64_t operation);
  /// The same, counted from the first lack of room; unless it is cut before.
  void cut_power_after_no_room(std::uint64_t operation);
  /// Cuts the power now, between two changes.
  void cut_power();
  /// Nothing is read or written from now on, as after a kill of the process; written bytes remain.
  void stop();
  [[nodiscard]] bool is_off() const;
  /// Continues after stop() as before, faults included: another process has started.
  void go_on();
  /// After a cut, loses what is lost. In any case the disk then works, without faults, with the same room.
  void start();

  /// Number of changes so far.
  [[nodiscard]] std::uint64_t operations() const;
  [[nodiscard]] DiskCounts counts() const;
  /// Bytes that were appended so far to files whose names end so.
  [[nodiscard]] std::uint64_t appended_to(std::string_view directory) const;
  /// A digest of all changes in their order: the same for the same seed and the same calls.
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
  /// Not reported: after meeting a full disk, RocksDB's own thread would continue once there is room again,
  /// at a random moment.
  rocksdb::IOStatus GetFreeSpace(const std::string& path, const rocksdb::IOOptions& options,
                                 std::uint64_t* bytes, rocksdb::IODebugContext* debug) override;

 private:
  class WritableFile;
  class SequentialFile;
  class RandomAccessFile;
  class Directory;

  enum class Operation : std::uint8_t {
    write,
    sync,
    read,
    flip,
    rename,
    directory_sync,
    create,
    remove,
    truncate
  };

  struct Bytes {
    std::uint64_t written = 0;
    std::uint64_t durable = 0;
    bool lost = false;  ///< A sync failed: what was not durable then never will be.
  };
  using BytesOfFile = std::shared_ptr<Bytes>;

  /// What a path stood for before a change.
  struct Before {
    std::filesystem::path path;
    std::filesystem::path kept;  ///< Where the file of that time is kept; empty: there was none.
    BytesOfFile bytes;
  };
  struct Change {
    std::vector<Before> before;
    std::filesystem::path moved_from;  ///< Of a directory that was moved; set with moved_to.
    std::filesystem::path moved_to;
  };

  /// How an operation ends.
  enum class Fate : std::uint8_t { done, failed, no_room, cut, off };

  // The caller of all these holds the mutex.
  Fate change(Operation operation, const std::filesystem::path& path, std::uint32_t chance);
  /// The next number for an operation on a file.
  std::uint64_t number_for(char kind, Operation operation, const std::filesystem::path& path);
  Fate fate_of(Operation operation, const std::filesystem::path& path, std::uint32_t chance);
  void note_no_room();
  bool lacks_room(Operation operation, const std::filesystem::path& path);
  /// How long it took.
  std::chrono::milliseconds stall(Operation operation, const std::filesystem::path& path);
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
  rocksdb::IOStatus truncate(const std::filesystem::path& path, rocksdb::FSWritableFile& file, Bytes& bytes,
                             std::uint64_t size, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug);
  rocksdb::IOStatus sync(const std::filesystem::path& path, Bytes& bytes);
  rocksdb::IOStatus sync_directory(const std::filesystem::path& path);
  rocksdb::IOStatus after_read(const std::filesystem::path& path, const rocksdb::Slice& data);
  rocksdb::IOStatus off() const;
  /// The error of an operation that failed, or found no room.
  [[nodiscard]] static rocksdb::IOStatus error(Fate fate, const std::string& what,
                                               const std::filesystem::path& path);

  mutable std::mutex mutex_;
  const std::filesystem::path root_;
  const std::filesystem::path kept_;  ///< Next to root_: files that a change removed.
  const std::uint64_t seed_;
  SimulatedClock& clock_;
  std::uint64_t random_;
  DiskFaults faults_;
  std::optional<std::uint64_t> free_space_;
  bool lies_ = false;
  bool off_ = false;
  bool cut_ = false;  ///< It is off because of a power cut.
  std::optional<std::uint64_t> cut_at_;
  std::optional<std::uint64_t> cut_after_no_room_;
  std::uint64_t operations_ = 0;
  DiskCounts counts_;
  std::uint64_t digest_ = 0;
  std::uint64_t keeps_ = 0;
  std::map<std::string, std::uint64_t> times_;  ///< How often an operation was done to a file.
  std::map<std::filesystem::path, BytesOfFile> files_;
  std::map<std::filesystem::path, std::vector<Change>> unsynced_;  ///< Of each directory.
  std::map<std::string, std::uint64_t> appended_;                  ///< By the directory's name.
};

}  // namespace stockfold
