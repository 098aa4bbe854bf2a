// What is said of many in one line of the log.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace stockfold {

/// Of one kind, since they were last taken. One thread.
class Complaints {
 public:
  struct Taken {
    std::uint64_t count = 0;
    std::string address;  ///< Of the last one.
    std::string why;      ///< Likewise.
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
