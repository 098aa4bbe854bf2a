#include "server/engine/disk_reserve.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace stockfold {
namespace {

constexpr std::uint64_t kMostByDefault = std::uint64_t{1} << 30;
constexpr std::uint64_t kPartByDefault = 20;
/// The reserve must hold all full memtables, unless that is a large part of the disk.
constexpr std::uint64_t kMemtables = 512U << 20;
constexpr std::uint64_t kMostPart = 4;
/// How much must be free beyond the reserve before commands are accepted again, as a part of it and at most.
/// Otherwise every compaction that ends could switch them on and off.
constexpr std::uint64_t kMorePart = 8;
constexpr std::uint64_t kMostMore = 64U << 20;

std::string megabytes(std::uint64_t bytes) { return fmt::format("{} MB", bytes >> 20); }

}  // namespace

std::uint64_t default_reserve(std::uint64_t all_bytes) {
  const std::uint64_t least = std::min(kMemtables, all_bytes / kMostPart);
  return std::clamp(all_bytes / kPartByDefault, least, kMostByDefault);
}

DiskReserve::DiskReserve(std::optional<std::uint64_t> bytes, Look look)
    : wanted_(bytes), look_(std::move(look)) {}

void DiskReserve::look() {
  const auto space = look_();
  if (!space) return;
  reserve_ = wanted_.value_or(default_reserve(space->all_bytes));
  const bool was_short = !obstacle_.empty();
  const std::uint64_t needed = was_short ? reserve_ + std::min(reserve_ / kMorePart, kMostMore) : reserve_;
  if (space->free_bytes >= needed) {
    if (was_short)
      spdlog::info("the disk has {} left: commands are accepted again", megabytes(space->free_bytes));
    obstacle_.clear();
    return;
  }
  obstacle_ = fmt::format("the disk has {} left, and {} are kept in reserve", megabytes(space->free_bytes),
                          megabytes(reserve_));
  if (was_short) return;
  spdlog::error("the disk has {} left, and {} are kept in reserve: commands are refused until there is room",
                megabytes(space->free_bytes), megabytes(reserve_));
}

std::optional<Failure> DiskReserve::failure() const {
  if (obstacle_.empty()) return std::nullopt;
  return Failure(ErrorCode::out_of_space,
                 obstacle_ + ": this attempt did nothing, try again once there is room");
}

DiskReserve::Look look_at(std::filesystem::path dir) {
  return [dir = std::move(dir)]() -> std::optional<DiskSpace> {
    std::error_code error;
    const auto space = std::filesystem::space(dir, error);
    if (error) return std::nullopt;
    return DiskSpace{.free_bytes = space.available, .all_bytes = space.capacity};
  };
}

}  // namespace stockfold
