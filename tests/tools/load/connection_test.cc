// A load's connection to a server that never answers.
#include "tools/load/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>

namespace stockfold {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// Accepts connections, as the kernel does, and never answers.
class SilentLedger {
 public:
  SilentLedger() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const name = reinterpret_cast<sockaddr*>(&address_);
    socklen_t size = sizeof address_;
    EXPECT_EQ(::bind(fd_, name, size), 0);
    EXPECT_EQ(::listen(fd_, 1), 0);
    EXPECT_EQ(::getsockname(fd_, name, &size), 0);
  }
  ~SilentLedger() { ::close(fd_); }
  SilentLedger(const SilentLedger&) = delete;
  SilentLedger& operator=(const SilentLedger&) = delete;

  [[nodiscard]] std::vector<SocketAddress> addresses() const {
    return resolve("127.0.0.1", ntohs(address_.sin_port)).value();
  }

 private:
  int fd_;
  sockaddr_in address_{};
};

TEST(LoadConnection, TimesOutWhenLedgerIsSilent) {
  const SilentLedger ledger;
  LoadConnection plain(1);
  EXPECT_EQ(plain.open(ledger.addresses(), 100ms, "", nullptr), "no answer to the hello in time");
  LoadConnection secured(1);
  const auto tls = TlsContext::of_client({.ca = {}, .certificate = {}, .key = {}, .name = {}}, kTcpProtocol);
  ASSERT_TRUE(tls.has_value()) << tls.error();
  EXPECT_THAT(secured.open(ledger.addresses(), 100ms, "", (*tls)->connect("127.0.0.1")),
              HasSubstr("the TLS handshake did not end in time"));
}

}  // namespace
}  // namespace stockfold
