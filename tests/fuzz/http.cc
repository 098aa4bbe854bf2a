// What an HTTP connection sends, to a real session on a socket.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <string>

#include "fuzz/input.h"
#include "fuzz/targets.h"
#include "server/http_session.h"

namespace stockfold {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kMostPieces = 64;

/// The client's end of a connection whose other end is served.
class Connection {
 public:
  Connection() {
    std::array<int, 2> ends{};
    require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0, "a connection is made");
    client_ = ends[0];
    // To Asio a stream socket is one; this one only has no address.
    session_.emplace(asio::ip::tcp::socket(io_, asio::ip::tcp::v4(), ends[1]), context_);
    asio::co_spawn(io_, session_->run(), [this](const std::exception_ptr& thrown) {
      over_ = true;
      thrown_ = thrown;
    });
  }
  ~Connection() { ::close(client_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Sends all of it, `piece` bytes at a time, and ends. What came back until the other end was closed.
  std::string exchange(std::string_view bytes, std::size_t piece) {
    bool moves = true;
    while (!over_) {
      require(moves, "a session whose client has ended ends");
      moves = send(bytes, piece);
      io_.restart();
      moves = io_.poll() > 0 || moves;
      moves = receive() || moves;
    }
    receive();
    if (thrown_) std::rethrow_exception(thrown_);
    return std::move(received_);
  }

 private:
  bool send(std::string_view& bytes, std::size_t piece) {
    if (ended_) return false;
    const ssize_t sent = ::send(client_, bytes.data(), std::min(piece, bytes.size()), MSG_NOSIGNAL);
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
    if (bytes.empty()) {
      ended_ = true;
      ::shutdown(client_, SHUT_WR);
    }
    return true;
  }
  bool receive() {
    std::array<char, 4'096> buffer;
    bool any = false;
    for (ssize_t size = 0; (size = ::recv(client_, buffer.data(), buffer.size(), 0)) > 0; any = true) {
      received_.append(buffer.data(), static_cast<std::size_t>(size));
    }
    return any;
  }

  asio::io_context io_;
  PositionGate head_{io_.get_executor(), GlobalPosition(100)};
  PositionGate applied_{io_.get_executor(), GlobalPosition(90)};
  const HttpContext context_{.head = head_, .applied = applied_, .max_view_lag = 50};
  std::optional<HttpSession> session_;
  int client_ = -1;
  bool ended_ = false;
  bool over_ = false;
  std::exception_ptr thrown_;
  std::string received_;
};

}  // namespace

int fuzz_http(const std::uint8_t* data, std::size_t size) {
  FuzzInput input(data, size);
  const std::size_t least = 1 + std::size_t{input.byte()};
  const std::string_view bytes = input.rest();
  const std::size_t piece = std::max(least, bytes.size() / kMostPieces);
  const std::string whole = Connection().exchange(bytes, bytes.size() + 1);
  require(whole.empty() || whole.starts_with("HTTP/1."), "what is answered is HTTP");
  require(Connection().exchange(bytes, piece) == whole, "pieces are answered as the whole is");
  return 0;
}

}  // namespace stockfold
