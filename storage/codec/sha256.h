// SHA-256 and random bytes. The header hides the library behind them.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace stockfold {

using Sha256Digest = std::array<std::uint8_t, 32>;

/// Any thread.
[[nodiscard]] Sha256Digest sha256(std::string_view bytes);

/// The SHA-256 of bytes that come in pieces. The result does not depend on how they are cut. One thread.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(std::string_view bytes);
  /// Once, after the last piece.
  [[nodiscard]] Sha256Digest finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// Fills `out` from the system's random source. Any thread.
void draw_random(std::span<std::uint8_t> out);

}  // namespace stockfold
