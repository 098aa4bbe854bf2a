// A minimal ledger for tests of its clients: it gives the answers that the test sets, at once.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "protocol/messages.h"

namespace stockfold {

/// Accepts every command and shows whatever is asked for.
[[nodiscard]] Reply agree(const Request& request);
[[nodiscard]] Reply refuse_with(Rule rule);
[[nodiscard]] Reply refuse_with(ErrorCode code);

/// Listens on its own port until it is destroyed. The answers are made on its one thread.
class AnsweringLedger {
 public:
  /// Nothing: it closes the connection. Hellos are answered without this function.
  using Answering = std::function<std::optional<Reply>(const Request& request)>;
  explicit AnsweringLedger(Answering answering);
  ~AnsweringLedger();
  AnsweringLedger(const AnsweringLedger&) = delete;
  AnsweringLedger& operator=(const AnsweringLedger&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  struct Caller {
    int fd = -1;
    std::string in;
    std::string out;
    std::uint32_t version = kFirstProtocolVersion;  ///< That it speaks; chosen by its hello.
  };
  void serve();
  /// False: the connection ends.
  bool answer(Caller& caller);
  bool answer_frame(Caller& caller, std::string_view payload);

  Answering answering_;
  int listening_ = -1;
  std::uint16_t port_ = 0;
  std::vector<Caller> callers_;
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

}  // namespace stockfold
