// A ledger under systemd: the notifications that it sends, and the signals that it receives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include "end_to_end/program.h"

namespace stockfold {
namespace {

/// The socket on which systemd would listen, named by the environment.
class Supervisor {
 public:
  explicit Supervisor(const std::string& name) : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, sizeof address.sun_path - 1);
    if (name.starts_with('@')) address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    if (bind(socket_, reinterpret_cast<const sockaddr*>(&address), size) != 0) {
      throw std::runtime_error("cannot listen on " + name);
    }
    setenv("NOTIFY_SOCKET", name.c_str(), 1);
  }
  ~Supervisor() {
    unsetenv("NOTIFY_SOCKET");
    close(socket_);
  }
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  /// Waits for the next notification.
  std::string hear() const {
    std::array<char, 256> text{};
    const ssize_t count = recv(socket_, text.data(), text.size(), 0);
    return count < 0 ? "" : std::string(text.data(), static_cast<std::size_t>(count));
  }

 private:
  int socket_;
};

TEST(SystemdService, NotifiesWhenReadyAndWhenStopping) {
  TemporaryDirectory directory;
  const std::vector<std::string> names = {(directory.path() / "notify").string(),
                                          '@' + directory.path().string()};
  for (const std::string& name : names) {
    const Supervisor supervisor(name);
    ServedLedger ledger(directory.path() / "data");
    EXPECT_EQ(supervisor.hear(), "READY=1");
    EXPECT_EQ(ledger.terminate(), 0);
    EXPECT_EQ(supervisor.hear(), "STOPPING=1");
  }
}

TEST(SystemdService, StartsWhenNotifySocketIsMissing) {
  TemporaryDirectory directory;
  setenv("NOTIFY_SOCKET", (directory.path() / "nobody").c_str(), 1);
  ServedLedger ledger(directory.path() / "data");
  unsetenv("NOTIFY_SOCKET");
  EXPECT_EQ(run_program({"product", "register", "A", "--server", ledger.address()}).exit_code, 0);
  EXPECT_EQ(ledger.terminate(), 0);
}

TEST(SystemdService, KeepsServingAfterSighup) {
  TemporaryDirectory directory;
  ServedLedger ledger(directory.path() / "data");
  ASSERT_EQ(kill(ledger.pid(), SIGHUP), 0);
  EXPECT_EQ(run_program({"product", "register", "A", "--server", ledger.address()}).exit_code, 0);
  EXPECT_EQ(ledger.terminate(), 0);
}

}  // namespace
}  // namespace stockfold
