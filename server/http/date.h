// The header Date of HTTP answers.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "core/numbers.h"
#include "protocol/text/time_text.h"

namespace stockfold {

/// Used by one thread. The text is formed once a second.
class HttpDate {
 public:
  explicit HttpDate(std::function<UnixMillis()> now) : now_(std::move(now)) {}

  /// Such as "Fri, 02 Jan 2026 03:04:05 GMT". Valid until the next call.
  const std::string& text() {
    const UnixMillis now = now_();
    if (const std::int64_t second = now.value() / 1'000; text_.empty() || second != second_) {
      second_ = second;
      text_ = http_date(now);
    }
    return text_;
  }

 private:
  std::function<UnixMillis()> now_;
  std::int64_t second_ = 0;
  std::string text_;
};

}  // namespace stockfold
