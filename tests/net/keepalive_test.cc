#include "net/keepalive.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/io_context.hpp>

namespace stockfold {
namespace {

TEST(KeepAlive, DetectsDeadPeerWithinTwoMinutes) {
  boost::asio::io_context io;
  boost::asio::ip::tcp::socket socket(io, boost::asio::ip::tcp::v4());
  boost::system::error_code error;
  keep_alive(socket, error);
  ASSERT_FALSE(error) << error.message();
  const auto option = [&](int level, int name) {
    int value = -1;
    socklen_t size = sizeof value;
    EXPECT_EQ(::getsockopt(socket.native_handle(), level, name, &value, &size), 0);
    return value;
  };
  EXPECT_EQ(option(SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(option(IPPROTO_TCP, TCP_KEEPIDLE), 60);
  const int probing = option(IPPROTO_TCP, TCP_KEEPINTVL) * option(IPPROTO_TCP, TCP_KEEPCNT);
  EXPECT_EQ(probing, 60);
  EXPECT_EQ(option(IPPROTO_TCP, TCP_USER_TIMEOUT), 120'000) << "for what was sent and is not seen to arrive";
}

TEST(KeepAlive, ReportsErrorWhenItCannotBeSet) {
  boost::asio::io_context io;
  boost::asio::ip::tcp::socket closed(io);
  boost::system::error_code error;
  keep_alive(closed, error);
  EXPECT_TRUE(error);
}

}  // namespace
}  // namespace stockfold
