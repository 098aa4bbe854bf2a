// The upper limit of the design: a server with sockets, one log and fdatasync, and no logic, driven by a
// closed loop of clients. A ledger on this machine can reach a share of what this program reaches.
//
// The server is one thread. It reads what every ready connection has sent, appends as many bytes as the
// ledger's log takes for as many commands, syncs once, and answers all of them.
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "bench/closed_loop.h"

namespace stockfold {
namespace {

constexpr std::size_t kReadBytes = 65'536;
constexpr int kMaxEvents = 1'024;
constexpr off_t kWrittenLogBytes = 512 << 20;  // the log then starts over

enum class LogKind : std::uint8_t {
  growing,  ///< Each sync must also record the file's new size.
  written,  ///< The file was filled with zeros before.
  none,     ///< No write and no sync: what the sockets alone cost.
};

/// Bytes of one command as `stockfold bench` sends it, stores it and receives its reply; measured by
/// frame_benchmark and codec_benchmark.
struct Sizes {
  std::size_t request = 48;
  std::size_t record = 54;
  std::size_t reply = 72;
};

struct Options {
  std::string directory = "/var/tmp";
  LogKind log = LogKind::growing;
  Sizes sizes;
  LoopPlan plan;
};

/// In memory shared by server and clients.
struct Counters {
  std::atomic<std::uint64_t> syncs;
  std::atomic<std::uint64_t> commands;
};

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}
int checked(int result, const char* what) {
  if (result < 0) die(what);
  return result;
}

/// A file without a name, which disappears with the program.
int open_log(const Options& options) {
  std::string path = options.directory + "/stockfold-ceiling-XXXXXX";
  const int file = checked(::mkstemp(path.data()), path.c_str());
  checked(::unlink(path.c_str()), "unlink");
  if (options.log != LogKind::written) return file;
  const std::string zeros(1 << 20, '\0');
  for (off_t at = 0; at < kWrittenLogBytes; at += static_cast<off_t>(zeros.size())) {
    if (::pwrite(file, zeros.data(), zeros.size(), at) != static_cast<ssize_t>(zeros.size())) die("pwrite");
  }
  checked(::fsync(file), "fsync");
  return file;
}

class BareServer {
 public:
  BareServer(const Options& options, int listener, int log, Counters& counters)
      : options_(options),
        log_(log),
        counters_(counters),
        epoll_(checked(::epoll_create1(0), "epoll_create1")) {
    const int on = 1;
    for (std::size_t i = 0; i < options.plan.connections; ++i) {
      const int socket = checked(::accept(listener, nullptr, nullptr), "accept");
      checked(::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "setsockopt");
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u64 = peers_.size();
      checked(::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event), "epoll_ctl");
      peers_.push_back({socket, 0});
    }
  }

  /// Runs until a client closes its connection.
  void run() {
    std::array<epoll_event, kMaxEvents> events;
    for (;;) {
      const int ready = ::epoll_wait(epoll_, events.data(), kMaxEvents, -1);
      if (ready < 0 && errno != EINTR) die("epoll_wait");
      for (int i = 0; i < ready; ++i) {
        if (!take(events[static_cast<std::size_t>(i)].data.u64)) return;
      }
      commit();
      for (const Owed& owed : owed_) answer(owed);
      owed_.clear();
    }
  }

 private:
  struct Peer {
    int socket;
    std::size_t part;  ///< Of a request that is not complete yet.
  };
  struct Owed {
    std::size_t peer;
    std::size_t replies;
  };

  bool take(std::size_t index) {
    Peer& peer = peers_[index];
    const ssize_t count = ::recv(peer.socket, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (count == 0 || (count < 0 && errno == ECONNRESET)) return false;
    if (count < 0 && errno != EAGAIN && errno != EINTR) die("recv");
    if (count <= 0) return true;
    const std::size_t have = peer.part + static_cast<std::size_t>(count);
    const std::size_t whole = have / options_.sizes.request;
    peer.part = have % options_.sizes.request;
    if (whole > 0) owed_.push_back({index, whole});
    commands_ += whole;
    return true;
  }

  void commit() {
    if (commands_ == 0) return;
    const std::size_t bytes = commands_ * options_.sizes.record;
    counters_.syncs.fetch_add(1, std::memory_order_relaxed);
    counters_.commands.fetch_add(commands_, std::memory_order_relaxed);
    commands_ = 0;
    if (options_.log == LogKind::none) return;
    if (records_.size() < bytes) records_.resize(bytes, 'r');
    if (options_.log == LogKind::written && end_ + static_cast<off_t>(bytes) > kWrittenLogBytes) end_ = 0;
    if (::pwrite(log_, records_.data(), bytes, end_) != static_cast<ssize_t>(bytes)) die("pwrite");
    end_ += static_cast<off_t>(bytes);
    checked(::fdatasync(log_), "fdatasync");
  }

  void answer(const Owed& owed) {
    std::size_t left = owed.replies * options_.sizes.reply;
    if (replies_.size() < left) replies_.resize(left, 'a');
    while (left > 0) {
      const ssize_t sent = ::send(peers_[owed.peer].socket, replies_.data(), left, MSG_NOSIGNAL);
      if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) return;  // run() notices it next
      if (sent < 0 && errno != EINTR) die("send");
      left -= static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
    }
  }

  const Options& options_;
  int log_;
  Counters& counters_;
  int epoll_;
  std::vector<Peer> peers_;
  std::vector<Owed> owed_;
  std::size_t commands_ = 0;
  off_t end_ = 0;
  std::string records_, replies_;
  std::array<char, kReadBytes> buffer_;
};

/// Requests and replies have one size each and no meaning.
class SizedDialogue final : public Dialogue {
 public:
  explicit SizedDialogue(const Sizes& sizes) : request_(sizes.request, 'q'), reply_bytes_(sizes.reply) {}

  bool ask(std::size_t /*client*/, bool stopping, std::string& out) override {
    if (!stopping) out += request_;
    return !stopping;
  }
  [[nodiscard]] std::size_t reply_size(std::string_view bytes) const override {
    return bytes.size() < reply_bytes_ ? 0 : reply_bytes_;
  }
  bool take(std::size_t /*client*/, std::string_view /*reply*/) override { return true; }

 private:
  std::string request_;
  std::size_t reply_bytes_;
};

int listen_on_loopback(LoopPlan& plan) {
  const int listener = checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  checked(::bind(listener, generic, size), "bind");
  checked(::listen(listener, SOMAXCONN), "listen");
  checked(::getsockname(listener, generic, &size), "getsockname");
  plan.port = ntohs(address.sin_port);
  return listener;
}

Counters& share_counters() {
  void* memory = ::mmap(nullptr, sizeof(Counters), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) die("mmap");
  return *new (memory) Counters{};
}

int measure(Options options, std::string_view log_name) {
  const int log = open_log(options);
  const int listener = listen_on_loopback(options.plan);
  Counters& counters = share_counters();
  const pid_t server = checked(::fork(), "fork");
  if (server == 0) {
    BareServer(options, listener, log, counters).run();
    std::_Exit(0);
  }

  SizedDialogue dialogue(options.sizes);
  const auto result = run_closed_loop(options.plan, dialogue);
  if (!result) checked(::kill(server, SIGTERM), "kill");  // it may be waiting for clients that never came
  int status = 0;
  checked(::waitpid(server, &status, 0), "waitpid");
  if (!result || status != 0) {
    fmt::print(stderr, "stockfold-ceiling: {}\n", result ? "the server failed" : result.error());
    return 1;
  }
  const auto syncs = static_cast<double>(counters.syncs.load());
  fmt::print("{{\"log\":\"{}\",{},\"commands_per_sync\":{:.1f}}}\n", log_name,
             json_fields(options.plan, *result), static_cast<double>(counters.commands.load()) / syncs);
  return 0;
}

int run(int argc, char** argv) {
  Options options;
  const std::map<std::string, LogKind> kinds{
      {"growing", LogKind::growing}, {"written", LogKind::written}, {"none", LogKind::none}};
  std::string log = "growing";
  double seconds = 10;
  CLI::App app("measures sockets, one log and fdatasync, without any logic; one JSON object on stdout");
  app.add_option("--log", log, "a growing file, one already written, or none")
      ->check(CLI::IsMember({"growing", "written", "none"}))
      ->capture_default_str();
  app.add_option("--directory", options.directory, "where the log is made")->capture_default_str();
  app.add_option("--connections", options.plan.connections)
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--depth", options.plan.depth, "requests in flight on each")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--seconds", seconds, "how long to measure, after one to warm up")
      ->check(CLI::Range(0.1, 86'400.0))
      ->capture_default_str();
  const auto add_size = [&app](const char* name, std::size_t& size) {
    app.add_option(name, size)->check(CLI::Range(1, 1'000'000))->capture_default_str();
  };
  add_size("--request-bytes", options.sizes.request);
  add_size("--record-bytes", options.sizes.record);
  add_size("--reply-bytes", options.sizes.reply);
  CLI11_PARSE(app, argc, argv);
  options.log = kinds.at(log);
  options.plan.measured = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1'000));
  return measure(std::move(options), log);
}

}  // namespace
}  // namespace stockfold

int main(int argc, char** argv) { return stockfold::run(argc, argv); }
