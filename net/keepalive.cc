#include "net/keepalive.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

namespace stockfold {
namespace {

struct Option {
  int level;
  int name;
  int value;
};

constexpr int kIdleSeconds = 60;
constexpr int kIntervalSeconds = 15;
constexpr int kProbes = 4;
constexpr int kMillis = 1'000;

constexpr Option kOptions[] = {
    {SOL_SOCKET, SO_KEEPALIVE, 1},
    {IPPROTO_TCP, TCP_KEEPIDLE, kIdleSeconds},
    {IPPROTO_TCP, TCP_KEEPINTVL, kIntervalSeconds},
    {IPPROTO_TCP, TCP_KEEPCNT, kProbes},
    // Without it the system sends unacknowledged bytes again for a quarter of an hour.
    {IPPROTO_TCP, TCP_USER_TIMEOUT, (kIdleSeconds + kProbes * kIntervalSeconds) * kMillis},
};

}  // namespace

void keep_alive(boost::asio::ip::tcp::socket& socket, boost::system::error_code& error) {
  for (const auto& [level, name, value] : kOptions) {
    if (::setsockopt(socket.native_handle(), level, name, &value, sizeof value) == 0) continue;
    error.assign(errno, boost::system::system_category());
    return;
  }
}

}  // namespace stockfold
