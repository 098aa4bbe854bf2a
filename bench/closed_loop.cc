#include "bench/closed_loop.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <memory>
#include <span>
#include <vector>

namespace stockfold {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kReadBytes = 65'536;
constexpr int kMaxEvents = 1'024;
constexpr int kWaitMilliseconds = 100;

std::string failure(std::string_view what) { return fmt::format("{}: {}", what, std::strerror(errno)); }

class FileDescriptor {
 public:
  explicit FileDescriptor(int number) : number_(number) {}
  ~FileDescriptor() {
    if (number_ >= 0) ::close(number_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  [[nodiscard]] int get() const { return number_; }

 private:
  int number_;
};

struct Waiting {
  std::size_t client;
  Clock::time_point since;
};

struct Connection {
  explicit Connection(int number) : socket(number) {}
  FileDescriptor socket;
  std::deque<Waiting> waiting;  ///< Answers come in the order of the requests.
  std::string in;               ///< The received bytes that are not a whole reply yet.
  std::string out;              ///< Bytes to be sent.
  bool blocked = false;         ///< The socket accepts no more bytes for now.
};

class Loop {
 public:
  Loop(const LoopPlan& plan, Dialogue& dialogue)
      : plan_(plan), dialogue_(dialogue), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

  std::expected<LoopResult, std::string> run() {
    if (epoll_.get() < 0) return std::unexpected(failure("epoll_create1"));
    for (std::size_t i = 0; i < plan_.connections; ++i) {
      if (!connect(i)) return std::unexpected(failure("cannot connect"));
    }
    const Clock::time_point start = Clock::now();
    measure_from_ = start + plan_.warm_up;
    measure_to_ = measure_from_ + plan_.measured;
    for (std::size_t i = 0; i < plan_.connections; ++i) {
      for (std::size_t d = 0; d < plan_.depth; ++d) ask(*connections_[i], i * plan_.depth + d, start);
      if (!flush(i)) return std::unexpected(failure("cannot send"));
    }
    return drive();
  }

 private:
  std::expected<LoopResult, std::string> drive() {
    std::array<epoll_event, kMaxEvents> events;
    while (in_flight_ > 0) {
      const int ready = ::epoll_wait(epoll_.get(), events.data(), kMaxEvents, kWaitMilliseconds);
      if (ready < 0 && errno != EINTR) return std::unexpected(failure("epoll_wait"));
      const Clock::time_point now = Clock::now();
      stopping_ = now >= measure_to_;
      if (now >= measure_to_ + plan_.patience) return std::unexpected("answers did not come in time");
      for (int i = 0; i < ready; ++i) {
        const auto error = serve(events[static_cast<std::size_t>(i)]);
        if (!error.empty()) return std::unexpected(error);
      }
    }
    return std::move(result_);
  }

  bool connect(std::size_t index) {
    connections_.push_back(std::make_unique<Connection>(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)));
    const int socket = connections_.back()->socket.get();
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(plan_.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (socket < 0 || ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      return false;
    const int on = 1;
    if (::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) return false;
    return watch(index, EPOLL_CTL_ADD, EPOLLIN);
  }

  bool watch(std::size_t index, int operation, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = index;
    return ::epoll_ctl(epoll_.get(), operation, connections_[index]->socket.get(), &event) == 0;
  }

  /// Returns what went wrong, or nothing.
  std::string serve(const epoll_event& event) {
    const std::size_t index = event.data.u64;
    Connection& connection = *connections_[index];
    if ((event.events & ~std::uint32_t{EPOLLOUT}) != 0) {
      const ssize_t count = ::recv(connection.socket.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
      if (count == 0) return "the server closed a connection";
      if (count < 0 && errno != EAGAIN && errno != EINTR) return failure("cannot read");
      if (count > 0 && !take(connection, {buffer_.data(), static_cast<std::size_t>(count)}))
        return "a reply too many";
    }
    return flush(index) ? std::string() : failure("cannot send");
  }

  bool take(Connection& connection, std::string_view bytes) {
    if (!connection.in.empty()) bytes = connection.in.append(bytes);
    const Clock::time_point now = Clock::now();
    while (const std::size_t size = dialogue_.reply_size(bytes)) {
      if (connection.waiting.empty()) return false;
      const Waiting asked = connection.waiting.front();
      connection.waiting.pop_front();
      --in_flight_;
      const bool good = dialogue_.take(asked.client, bytes.substr(0, size));
      bytes.remove_prefix(size);
      if (!good) ++result_.errors;
      if (good && now >= measure_from_ && now < measure_to_)
        result_.latency.record(static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::nanoseconds>(now - asked.since).count()));
      ask(connection, asked.client, now);
    }
    connection.in = std::string(bytes);
    return true;
  }

  void ask(Connection& connection, std::size_t client, Clock::time_point now) {
    if (!dialogue_.ask(client, stopping_, connection.out)) return;
    connection.waiting.push_back({client, now});
    ++in_flight_;
  }

  bool flush(std::size_t index) {
    Connection& connection = *connections_[index];
    if (connection.out.empty()) return true;
    const ssize_t sent = ::send(connection.socket.get(), connection.out.data(), connection.out.size(),
                                MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return false;
    connection.out.erase(0, static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
    const bool blocked = !connection.out.empty();
    if (blocked == connection.blocked) return true;
    connection.blocked = blocked;
    return watch(index, EPOLL_CTL_MOD, blocked ? EPOLLIN | EPOLLOUT : EPOLLIN);
  }

  const LoopPlan& plan_;
  Dialogue& dialogue_;
  FileDescriptor epoll_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::array<char, kReadBytes> buffer_;
  Clock::time_point measure_from_, measure_to_;
  std::size_t in_flight_ = 0;
  bool stopping_ = false;
  LoopResult result_;
};

}  // namespace

std::expected<LoopResult, std::string> run_closed_loop(const LoopPlan& plan, Dialogue& dialogue) {
  return std::make_unique<Loop>(plan, dialogue)->run();
}

std::string json_fields(const LoopPlan& plan, const LoopResult& result) {
  const auto milliseconds_at = [&result](double share) {
    return static_cast<double>(result.latency.at(share)) / 1e6;
  };
  const double seconds = static_cast<double>(plan.measured.count()) / 1'000;
  const std::uint64_t ops = result.latency.count();
  return fmt::format(R"("connections":{},"depth":{},"seconds":{:.1f},"ops":{},"ops_per_s":{:.1f},)"
                     R"("p50_ms":{:.3f},"p99_ms":{:.3f},"p999_ms":{:.3f},"errors":{})",
                     plan.connections, plan.depth, seconds, ops, static_cast<double>(ops) / seconds,
                     milliseconds_at(0.5), milliseconds_at(0.99), milliseconds_at(0.999), result.errors);
}

}  // namespace stockfold
