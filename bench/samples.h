// Inputs of the benchmarks: the commands and events of `stockfold bench`.
#pragma once

#include <fmt/format.h>
#include <stdlib.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/command.h"
#include "core/event.h"
#include "storage/log/event_log.h"

namespace stockfold {

inline constexpr std::size_t kSpreadProducts = 10'000;
inline constexpr Units kFirstStock = 1'000'000'000;
inline constexpr UnixMillis kSampleTime{1'767'323'045'678};

inline Sku sample_sku(std::size_t number) {
  return Sku::parse(fmt::format("bench-c231ded9-{}", number)).value();
}
inline OrderId sample_order(std::uint64_t number) {
  return OrderId::parse(fmt::format("bench-c231ded9-{}", number)).value();
}

/// Chooses products for an order's lines, in the order of their SKUs. The spread workload takes them with a
/// stride, so that the next order's products lie elsewhere.
class ProductPicker {
 public:
  explicit ProductPicker(std::size_t products) : products_(products) {}

  Lines pick(std::size_t lines) {
    constexpr std::size_t kStride = 7'919;  // a prime, so every product is chosen
    Lines picked;
    picked.reserve(lines);
    for (std::size_t i = 0; i < lines; ++i) picked.push_back({sample_sku((at_ + i) % products_), 1});
    at_ = (at_ + kStride) % products_;
    return normalise(std::move(picked)).value();
  }

 private:
  std::size_t products_;
  std::size_t at_ = 0;
};

/// OrderPlaced with one line, at `position`.
inline RecordedEvent sample_event(GlobalPosition position, bool with_id) {
  RecordedEvent event;
  event.position = position;
  event.time = kSampleTime;
  event.version = StreamVersion(1);
  if (with_id) {
    event.identity.emplace();
    const std::uint64_t number = position.value() * 0x9E3779B97F4A7C15ULL;  // looks random
    std::memcpy(event.identity->id.bytes.data(), &number, sizeof number);
  }
  event.event =
      OrderPlaced{sample_order(1'000'000 + position.value()),
                  {{sample_sku(0), 1, kFirstStock - position.value(), StreamVersion(position.value() + 1)}}};
  return event;
}

/// The commit as a ledger hands it to a log that ends before `first`.
inline Commit sample_commit(GlobalPosition first, std::size_t events) {
  Commit commit;
  commit.epoch = Epoch(1);
  commit.time = kSampleTime;
  commit.events.reserve(events);
  for (std::size_t i = 0; i < events; ++i) commit.events.push_back(sample_event(first.plus(i), false));
  return commit;
}

/// A directory on a disk (unless /var/tmp or $TMPDIR is something else); it is removed with the benchmark.
class DiskDirectory {
 public:
  DiskDirectory() {
    const char* chosen = ::getenv("TMPDIR");
    std::string path = std::string(chosen != nullptr ? chosen : "/var/tmp") + "/stockfold-bench-XXXXXX";
    if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("cannot make " + path);
    path_ = path;
  }
  ~DiskDirectory() {
    std::error_code ignored;  // what is left is only litter
    std::filesystem::remove_all(path_, ignored);
  }
  DiskDirectory(const DiskDirectory&) = delete;
  DiskDirectory& operator=(const DiskDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace stockfold
