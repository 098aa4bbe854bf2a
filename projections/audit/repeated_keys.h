// Whether a key was given twice by one owner, among more keys than memory holds.
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

/// Keeps 16 bytes of each key, and 8 of its owner, hashed under a seed that nobody else knows: two different
/// keys are taken for the same with a chance of 2^-128, and nobody can make it greater. What does not fit the
/// memory goes to files in a directory of the caller's, which are gone with it. One thread.
class RepeatedKeys {
 public:
  static constexpr std::size_t kMemoryBytes = 64U << 20;

  /// Files are made in `scratch`, which must be there, and are named after `name`.
  RepeatedKeys(std::filesystem::path scratch, std::string_view name, std::size_t memory_bytes = kMemoryBytes);
  ~RepeatedKeys();
  RepeatedKeys(const RepeatedKeys&) = delete;
  RepeatedKeys& operator=(const RepeatedKeys&) = delete;

  /// A key without an owner is everybody's: given with it, or with any owner besides, it was given twice.
  Result<void> add(std::string_view key, GlobalPosition position, std::string_view owner = {});

  struct Repetition {
    GlobalPosition first;
    GlobalPosition again;
    friend bool operator==(const Repetition&, const Repetition&) = default;
  };
  /// The repetition with the lowest `again`. Once, after the last key.
  Result<std::optional<Repetition>> finish();

  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  struct Entry {
    std::uint64_t high;
    std::uint64_t low;
    std::uint64_t owner;  ///< 0: none.
    std::uint64_t position;
  };
  using Entries = std::vector<Entry>;

  static std::optional<Repetition> find_repetition(Entries& entries);

  /// Hashes are spread over the files evenly.
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
