// Finds out whether one owner gave the same key twice, among more keys than memory holds.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/fault.h"
#include "core/numbers.h"

namespace stockfold {

/// Keeps 16 bytes of each key and 8 of its owner, hashed under a secret random seed. Two different keys are
/// taken for the same with a chance of 2^-128, and an attacker cannot raise that chance. Entries that do not
/// fit in memory go to files in a directory of the caller; the destructor removes them. One thread.
class RepeatedKeys {
 public:
  static constexpr std::size_t kMemoryBytes = 64U << 20;

  /// Files are made in `scratch`, which must exist, and their names begin with `name`.
  RepeatedKeys(std::filesystem::path scratch, std::string_view name, std::size_t memory_bytes = kMemoryBytes);
  ~RepeatedKeys();
  RepeatedKeys(const RepeatedKeys&) = delete;
  RepeatedKeys& operator=(const RepeatedKeys&) = delete;

  /// A key without an owner belongs to every owner: it is repeated if it was given before, with any owner or
  /// none.
  Result<void> add(std::string_view key, GlobalPosition position, std::string_view owner = {});

  struct Repetition {
    GlobalPosition first;
    GlobalPosition again;
    friend bool operator==(const Repetition&, const Repetition&) = default;
  };
  /// The repetition with the lowest `again`. Called once, after the last key.
  Result<std::optional<Repetition>> finish();

  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  struct Entry {
    std::uint64_t high;
    std::uint64_t low;
    std::uint64_t owner;  ///< 0: no owner.
    std::uint64_t position;
  };
  using Entries = std::vector<Entry>;

  static std::optional<Repetition> find_repetition(Entries& entries);

  /// Hashes spread evenly over the files.
  static constexpr std::size_t kFiles = 256;
  [[nodiscard]] std::filesystem::path file(std::size_t number) const;
  Result<void> spill();
  Result<Entries> read_back(std::size_t number) const;

  const std::filesystem::path scratch_;
  const std::string name_;
  const std::size_t capacity_;
  std::array<std::uint8_t, 192> secret_{};
  Entries entries_;
  std::uint64_t size_ = 0;
  bool spilled_ = false;
};

}  // namespace stockfold
