// Sums up many failures in one line of the log.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace stockfold {

/// Failures of one kind, since they were last taken. One thread.
class Complaints {
 public:
  struct Taken {
    std::uint64_t count = 0;
    std::string address;  ///< Of the last failure.
    std::string why;      ///< Of the last failure.
  };

  void add(std::string address, std::string why) {
    ++latest_.count;
    latest_.address = std::move(address);
    latest_.why = std::move(why);
  }
  [[nodiscard]] Taken take() { return std::exchange(latest_, {}); }

 private:
  Taken latest_;
};

}  // namespace stockfold
