// Received bytes, until they are whole requests.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace stockfold {

/// Grows with what a client sends, and shrinks again, so that many idle connections cost little.
class ReceiveBuffer {
 public:
  /// What was received and not yet consumed. Good until the next call of room().
  [[nodiscard]] std::string_view bytes() const { return {storage_.data() + begin_, end_ - begin_}; }

  /// Drops the first `count` of bytes().
  void consume(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }

  /// Where the next bytes are to be received; never empty.
  std::span<char> room() {
    if (end_ == 0 && storage_.size() > kKeptBytes) storage_ = {};
    if (begin_ > 0) {
      std::copy(storage_.begin() + static_cast<std::ptrdiff_t>(begin_),
                storage_.begin() + static_cast<std::ptrdiff_t>(end_), storage_.begin());
      end_ -= begin_;
      begin_ = 0;
    }
    if (storage_.size() - end_ < kLeastRoom) storage_.resize(std::max(kFirstBytes, storage_.size() * 2));
    return std::span(storage_).subspan(end_);
  }

  /// Bytes of memory.
  [[nodiscard]] std::size_t held() const { return storage_.capacity(); }

  /// The first `count` bytes of room() were received.
  void fill(std::size_t count) { end_ += count; }

 private:
  static constexpr std::size_t kFirstBytes = 4'096;
  static constexpr std::size_t kLeastRoom = 1'024;
  static constexpr std::size_t kKeptBytes = 65'536;

  std::vector<char> storage_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace stockfold
