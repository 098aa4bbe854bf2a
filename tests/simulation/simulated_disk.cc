// What fails, what is durable, and what a power cut loses.
#include "simulation/simulated_disk.h"

#include <algorithm>
#include <fstream>
#include <ranges>
#include <utility>

namespace stockfold {

namespace fs = std::filesystem;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

namespace {

/// Bytes that the entry of a file takes.
constexpr std::uint64_t kEntryBytes = 256;

/// SplitMix64.
std::uint64_t mix(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

/// FNV-1a: the same on every machine.
std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 0xcbf29ce484222325;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return value;
}

/// `path` after `from` has been renamed to `to`.
fs::path moved(const fs::path& path, const fs::path& from, const fs::path& to) {
  const fs::path below = path.lexically_relative(from);
  return below.empty() || *below.begin() == ".." ? path : below == "." ? to : to / below;
}

}  // namespace

// ---- the disk ---------------------------------------------------------------------------------------------

SimulatedDisk::SimulatedDisk(fs::path root, std::uint64_t seed, SimulatedClock& clock)
    : FileSystemWrapper(rocksdb::FileSystem::Default()),
      root_(std::move(root)),
      kept_(root_.parent_path() / (root_.filename().string() + ".kept")),
      seed_(seed),
      clock_(clock),
      random_(mix(seed)) {
  fs::create_directories(root_);
  fs::permissions(root_, fs::perms::owner_all);  // as a ledger makes it
  fs::create_directories(kept_);
}

void SimulatedDisk::set_faults(const DiskFaults& faults) {
  const std::lock_guard lock(mutex_);
  faults_ = faults;
}

void SimulatedDisk::set_free_space(std::optional<std::uint64_t> bytes) {
  const std::lock_guard lock(mutex_);
  free_space_ = bytes;
}

void SimulatedDisk::lie_about_syncs() {
  const std::lock_guard lock(mutex_);
  lies_ = true;
}

void SimulatedDisk::cut_power_after(std::uint64_t operation) {
  const std::lock_guard lock(mutex_);
  cut_at_ = operations_ + std::max<std::uint64_t>(operation, 1);
}

void SimulatedDisk::cut_power_after_no_room(std::uint64_t operation) {
  const std::lock_guard lock(mutex_);
  cut_after_no_room_ = std::max<std::uint64_t>(operation, 1);
}

void SimulatedDisk::cut_power() {
  const std::lock_guard lock(mutex_);
  if (off_) return;
  off_ = cut_ = true;
  ++counts_.cuts;
}

void SimulatedDisk::stop() {
  const std::lock_guard lock(mutex_);
  off_ = true;
}

bool SimulatedDisk::is_off() const {
  const std::lock_guard lock(mutex_);
  return off_;
}

void SimulatedDisk::go_on() {
  const std::lock_guard lock(mutex_);
  off_ = cut_;
}

void SimulatedDisk::start() {
  const std::lock_guard lock(mutex_);
  if (cut_) {
    lose_changes();
    lose_bytes();
  }
  cut_at_.reset();
  cut_after_no_room_.reset();
  faults_ = {};
  off_ = cut_ = false;
}

std::uint64_t SimulatedDisk::operations() const {
  const std::lock_guard lock(mutex_);
  return operations_;
}

DiskCounts SimulatedDisk::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

std::uint64_t SimulatedDisk::appended_to(std::string_view directory) const {
  const std::lock_guard lock(mutex_);
  const auto found = appended_.find(std::string(directory));
  return found == appended_.end() ? 0 : found->second;
}

std::uint64_t SimulatedDisk::digest() const {
  const std::lock_guard lock(mutex_);
  return digest_;
}

IOStatus SimulatedDisk::off() const { return IOStatus::IOError("the disk is off"); }

/// "log/000004.log": the same wherever the store is.
std::string SimulatedDisk::short_name(const fs::path& path) const {
  return path.lexically_relative(root_).string();
}

std::uint64_t SimulatedDisk::draw(std::uint64_t below) {
  random_ = mix(random_);
  return below == 0 ? 0 : random_ % below;
}

std::uint64_t SimulatedDisk::number_for(char kind, Operation operation, const fs::path& path) {
  const std::string name = kind + std::to_string(static_cast<int>(operation)) + short_name(path);
  return mix(seed_ ^ mix(hash(name) ^ mix(++times_[name])));
}

SimulatedDisk::Fate SimulatedDisk::fate_of(Operation operation, const fs::path& path, std::uint32_t chance) {
  if (chance == 0 || faults_.most == 0 || !path.string().ends_with(faults_.files)) return Fate::done;
  const std::uint64_t number = number_for('f', operation, path);
  if (number % 1'000'000 >= chance) return Fate::done;
  ++counts_.failures;
  --faults_.most;
  const bool needs_no_room = operation == Operation::read || operation == Operation::flip ||
                             operation == Operation::remove || operation == Operation::truncate;
  return needs_no_room || number / 1'000'000 % 2 == 0 ? Fate::failed : Fate::no_room;
}

void SimulatedDisk::note_no_room() {
  ++counts_.failures;
  ++counts_.no_room;
  if (cut_after_no_room_ && !cut_at_) cut_at_ = operations_ + *cut_after_no_room_;
}

/// append() checks the written bytes itself.
bool SimulatedDisk::lacks_room(Operation operation, const fs::path& path) {
  if (!free_space_) return false;
  bool lacks = *free_space_ < kEntryBytes;
  switch (operation) {
    case Operation::create:
      if (!lacks) *free_space_ -= kEntryBytes;
      break;
    case Operation::sync:
    case Operation::rename:
    case Operation::directory_sync:
      lacks = lacks && number_for('r', operation, path) % 4 == 0;
      break;
    default:
      return false;
  }
  if (lacks) note_no_room();
  return lacks;
}

std::chrono::milliseconds SimulatedDisk::stall(Operation operation, const fs::path& path) {
  if (faults_.stall == 0 || !path.string().ends_with(faults_.files)) return {};
  const std::uint64_t number = number_for('s', operation, path);
  if (number % 1'000'000 >= faults_.stall) return {};
  // One stall in four is longer than most deadlines.
  const std::uint64_t most = number / 1'000'000 % 4 == 0 ? 120'000 : 8'000;
  const std::chrono::milliseconds time(1'000 + mix(number) % most);
  ++counts_.stalls;
  counts_.stalled += time;
  clock_.pass(time);
  return time;
}

SimulatedDisk::Fate SimulatedDisk::change(Operation operation, const fs::path& path, std::uint32_t chance) {
  if (off_) return Fate::off;
  ++operations_;
  digest_ = mix(digest_ ^ hash(short_name(path)) ^ static_cast<std::uint64_t>(operation));
  digest_ += static_cast<std::uint64_t>(stall(operation, path).count());
  if (cut_at_ && operations_ >= *cut_at_) {
    off_ = cut_ = true;
    ++counts_.cuts;
    return Fate::cut;
  }
  const Fate fate = fate_of(operation, path, chance);
  return fate == Fate::done && lacks_room(operation, path) ? Fate::no_room : fate;
}

IOStatus SimulatedDisk::error(Fate fate, const std::string& what, const fs::path& path) {
  return fate == Fate::no_room ? IOStatus::NoSpace("no room for a simulated " + what, path.string())
                               : IOStatus::IOError("a simulated " + what + " failed", path.string());
}

// ---- bytes ------------------------------------------------------------------------------------------------

IOStatus SimulatedDisk::append(const fs::path& path, rocksdb::FSWritableFile& file, Bytes& bytes,
                               const Slice& data, const IOOptions& options, IODebugContext* debug) {
  const Fate fate = change(Operation::write, path, faults_.write);
  if (fate == Fate::off) return off();
  std::size_t written = fate == Fate::done ? data.size() : draw(data.size() + 1);
  const bool full = free_space_ && *free_space_ < written;
  if (full) {
    written = *free_space_;
    note_no_room();
  }
  if (free_space_) *free_space_ -= written;
  const IOStatus appended = file.Append(Slice(data.data(), written), options, debug);
  if (!appended.ok()) return appended;
  bytes.written += written;
  appended_[path.parent_path().filename().string()] += written;
  if (fate == Fate::cut) return off();
  if (full) return error(Fate::no_room, "write", path);
  return fate == Fate::done ? IOStatus::OK() : error(fate, "write", path);
}

IOStatus SimulatedDisk::truncate(const fs::path& path, rocksdb::FSWritableFile& file, Bytes& bytes,
                                 std::uint64_t size, const IOOptions& options, IODebugContext* debug) {
  const Fate fate = change(Operation::truncate, path, faults_.truncate);
  if (fate == Fate::off || (fate == Fate::cut && draw(2) == 0)) return off();
  if (fate == Fate::failed) return error(fate, "truncation", path);
  const IOStatus done = file.Truncate(size, options, debug);
  if (!done.ok()) return done;
  bytes.written = size;
  bytes.durable = std::min(bytes.durable, size);
  return fate == Fate::cut ? off() : IOStatus::OK();
}

IOStatus SimulatedDisk::sync(const fs::path& path, Bytes& bytes) {
  const Fate fate = change(Operation::sync, path, faults_.sync);
  if (fate == Fate::off) return off();
  if (fate == Fate::failed || fate == Fate::no_room) {
    bytes.lost = true;
    return error(fate, "sync", path);
  }
  // A sync that the power cut interrupted may have reached the disk or not.
  if (!bytes.lost && !lies_ && (fate == Fate::done || draw(2) == 0)) bytes.durable = bytes.written;
  return fate == Fate::cut ? off() : IOStatus::OK();
}

IOStatus SimulatedDisk::after_read(const fs::path& path, const Slice& data) {
  if (off_) return off();
  stall(Operation::read, path);
  const Fate fate = fate_of(Operation::read, path, faults_.read);
  if (fate != Fate::done) return error(fate, "read", path);
  if (!data.empty() && fate_of(Operation::flip, path, faults_.flip) != Fate::done) {
    const std::uint64_t bit = mix(seed_ ^ mix(hash(short_name(path)) ^ data.size())) % (data.size() * 8);
    const_cast<char*>(data.data())[bit / 8] ^= static_cast<char>(1 << (bit % 8));  // the reader's own memory
  }
  return IOStatus::OK();
}

SimulatedDisk::BytesOfFile SimulatedDisk::bytes_of(const fs::path& path) {
  BytesOfFile& bytes = files_[path];
  if (!bytes) {
    std::error_code error;
    const auto size = fs::file_size(path, error);
    bytes = std::make_shared<Bytes>();
    if (!error) bytes->written = bytes->durable = size;
  }
  return bytes;
}

void SimulatedDisk::lose_bytes() {
  for (const auto& [path, bytes] : files_) {
    if (bytes->written <= bytes->durable) continue;
    const std::uint64_t unsynced = bytes->written - bytes->durable;
    const std::uint64_t way = draw(4);
    const std::uint64_t left = way == 0 ? 0 : way == 1 ? unsynced : draw(unsynced + 1);
    const std::uint64_t size = bytes->durable + left;
    if (!fs::exists(path)) continue;
    fs::resize_file(path, size);
    // The length may reach the disk before the bytes. Never for a MANIFEST, which RocksDB would then not
    // open: such file systems are not supported (docs/RELIABILITY.md).
    if (left > 0 && draw(4) == 0 && !path.filename().string().starts_with("MANIFEST")) {
      const std::uint64_t bad = 1 + draw(left);
      const bool zeros = draw(2) == 0;
      std::string rubbish(bad, '\0');
      if (!zeros) std::ranges::generate(rubbish, [this] { return static_cast<char>(draw(256)); });
      std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
      file.seekp(static_cast<std::streamoff>(size - bad));
      file.write(rubbish.data(), static_cast<std::streamsize>(bad));
    }
    bytes->written = bytes->durable = size;
    bytes->lost = false;
  }
  files_.clear();  // what is there is durable
}

// ---- entries of directories -------------------------------------------------------------------------------

SimulatedDisk::Before SimulatedDisk::keep(const fs::path& path) {
  Before before{.path = path, .kept = {}, .bytes = nullptr};
  if (!fs::exists(path)) return before;
  before.bytes = bytes_of(path);
  before.kept = kept_ / std::to_string(++keeps_);
  fs::create_hard_link(path, before.kept);
  return before;
}

void SimulatedDisk::note(const fs::path& directory, Change change) {
  unsynced_[directory].push_back(std::move(change));
}

IOStatus SimulatedDisk::sync_directory(const fs::path& path) {
  const Fate fate = change(Operation::directory_sync, path, faults_.directory_sync);
  if (fate == Fate::off || fate == Fate::cut) return off();
  if (fate != Fate::done) return error(fate, "sync of a directory", path);
  if (lies_) return IOStatus::OK();
  for (const Change& synced : unsynced_[path]) {
    for (const Before& before : synced.before) {
      if (!before.kept.empty()) fs::remove(before.kept);
    }
  }
  unsynced_.erase(path);
  return IOStatus::OK();
}

void SimulatedDisk::undo(const Change& change) {
  if (!change.moved_from.empty()) {
    move_directory(change.moved_to, change.moved_from);
    return;
  }
  for (const Before& before : change.before) {
    fs::remove_all(before.path);
    files_.erase(before.path);
    if (before.kept.empty()) continue;
    // A first start removes the directory that an earlier start left unfinished, without this disk's
    // knowledge.
    if (!fs::exists(before.path.parent_path())) continue;
    fs::rename(before.kept, before.path);
    files_[before.path] = before.bytes;
  }
}

void SimulatedDisk::lose_changes() {
  // Deeper entries first, as long as their directory has the name that it had then.
  std::vector<fs::path> directories;
  for (const auto& [path, changes] : unsynced_) directories.push_back(path);
  std::ranges::sort(directories, std::ranges::greater(),
                    [](const fs::path& path) { return path.string().size(); });
  for (const fs::path& directory : directories) {
    std::vector<Change> changes = std::exchange(unsynced_[directory], {});
    const std::uint64_t left = draw(changes.size() + 1);
    while (changes.size() > left) {
      const Change last = std::move(changes.back());
      changes.pop_back();
      undo(last);
    }
  }
  unsynced_.clear();
  fs::remove_all(kept_);
  fs::create_directories(kept_);
}

void SimulatedDisk::move_directory(const fs::path& from, const fs::path& to) {
  fs::rename(from, to);
  const auto rename_keys = [&](auto& map) {
    std::remove_reference_t<decltype(map)> renamed;
    for (auto& [path, value] : map) renamed.emplace(moved(path, from, to), std::move(value));
    map = std::move(renamed);
  };
  rename_keys(files_);
  rename_keys(unsynced_);
  for (auto& [directory, changes] : unsynced_) {
    for (Change& change : changes) {
      for (Before& before : change.before) before.path = moved(before.path, from, to);
    }
  }
}

}  // namespace stockfold
