#include "hostile/crowd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <string_view>
#include <utility>

namespace stockfold {
namespace {

constexpr std::size_t kBurst = 65'536;
constexpr int kTickMs = 5;
constexpr std::size_t kSources = 200;

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

sockaddr_in address_of(std::uint32_t host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(host);
  address.sin_port = htons(port);
  return address;
}

const sockaddr* generic(const sockaddr_in& address) { return reinterpret_cast<const sockaddr*>(&address); }

/// A socket with a source address of its own; -1 if the system has run out of something.
int open_socket(std::size_t index) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const int on = 1;
  (void)::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
  (void)::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  const auto source = address_of(INADDR_LOOPBACK + 1 + static_cast<std::uint32_t>(index % kSources), 0);
  if (::bind(fd, generic(source), sizeof(source)) == 0) return fd;
  ::close(fd);
  return -1;
}

void reset_at_close(int fd) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  (void)::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

}  // namespace

Crowd::Crowd(std::uint16_t port, std::size_t connections, Behaviour behaviour, std::uint64_t seed)
    : port_(port),
      behaviour_(std::move(behaviour)),
      repeated_(behaviour_.repeated),
      random_(seed),
      poll_(::epoll_create1(EPOLL_CLOEXEC)),
      slots_(connections),
      received_(kBurst),
      begun_(Clock::now()) {
  while (!repeated_.empty() && repeated_.size() < kBurst / 2) repeated_ += repeated_;
  for (std::size_t i = connections; i > 0; --i) absent_.push_back(i - 1);
  thread_ = std::thread([this] { run(); });
}

Crowd::~Crowd() {
  stopping_ = true;
  thread_.join();
  ::close(poll_);
}

void Crowd::run() {
  std::array<epoll_event, 512> events{};
  while (!stopping_) {
    const int count = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), kTickMs);
    for (const epoll_event& event : std::span(events).first(static_cast<std::size_t>(std::max(count, 0)))) {
      serve(event.data.u64, event.events);
    }
    const auto now = Clock::now();
    if (returns_) connect_some(now);
    if (behaviour_.pause.count() == 0) continue;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      if (slots_[i].state != State::there || slots_[i].due > now) continue;
      slots_[i].due = now + behaviour_.pause;
      (void)send_repeated(i, behaviour_.piece);
    }
  }
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].fd < 0) continue;
    reset_at_close(slots_[i].fd);
    close_slot(i);
  }
}

// ---- coming and going -------------------------------------------------------------------------------------

void Crowd::connect_some(Clock::time_point now) {
  const std::chrono::duration<double> elapsed = now - begun_;
  const auto allowed = static_cast<std::uint64_t>(elapsed.count() * behaviour_.connects_per_second);
  for (; attempts_ < allowed && !absent_.empty(); ++attempts_) {
    const std::size_t index = absent_.back();
    absent_.pop_back();
    connect(index);
  }
  attempts_ = std::max(attempts_, allowed);  // attempts that were not needed are not caught up
}

void Crowd::connect(std::size_t index) {
  Slot& slot = slots_[index];
  slot = {.fd = open_socket(index), .state = State::connecting, .opening = {}, .at = 0, .due = {}};
  if (slot.fd < 0) return close_slot(index);
  const auto server = address_of(INADDR_LOOPBACK, port_);
  const bool connected = ::connect(slot.fd, generic(server), sizeof(server)) == 0;
  if (!connected && errno != EINPROGRESS) return close_slot(index);
  slot.waits_for_room = true;
  watch(index, true);
}

void Crowd::arrive(std::size_t index) {
  Slot& slot = slots_[index];
  int error = 0;
  socklen_t size = sizeof(error);
  if (::getsockopt(slot.fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) return close_slot(index);
  slot.state = State::there;
  slot.due = Clock::now() + behaviour_.pause;
  ++there_;
  ++connects_;
  slot.opening = behaviour_.opening;
  for (std::size_t i = 0; i < behaviour_.random_bytes; ++i) {
    slot.opening += static_cast<char>(random_.below(256));
  }
}

/// The other side closed the connection.
void Crowd::end(std::size_t index) {
  ++let_go_;
  close_slot(index);
}

void Crowd::close_slot(std::size_t index) {
  Slot& slot = slots_[index];
  if (slot.state == State::there) --there_;
  slot.state = State::absent;
  if (slot.fd >= 0) ::close(slot.fd);
  slot.fd = -1;
  absent_.push_back(index);
}

// ---- what it does -----------------------------------------------------------------------------------------

void Crowd::watch(std::size_t index, bool anew) {
  const Slot& slot = slots_[index];
  const bool eager = !behaviour_.repeated.empty() && behaviour_.pause.count() == 0;
  epoll_event event{};
  event.events = EPOLLRDHUP;
  if (behaviour_.reads) event.events |= EPOLLIN;
  if (slot.waits_for_room || eager) event.events |= EPOLLOUT;
  event.data.u64 = index;
  (void)::epoll_ctl(poll_, anew ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, slot.fd, &event);
}

void Crowd::serve(std::size_t index, std::uint32_t events) {
  if (slots_[index].state == State::connecting) arrive(index);
  if (slots_[index].state != State::there) return;
  if ((events & EPOLLIN) != 0 && !take(index)) return end(index);
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) return end(index);
  if ((events & EPOLLRDHUP) != 0 && (events & EPOLLIN) == 0) return end(index);
  if ((events & EPOLLOUT) == 0) return;
  if (!slots_[index].opening.empty() || slots_[index].waits_for_room) {
    if (!send_opening(index)) return;
  }
  if (behaviour_.pause.count() == 0 && !send_repeated(index, repeated_.size())) return;
}

/// Returns false if the connection has ended, or if more room is needed.
bool Crowd::send_opening(std::size_t index) {
  Slot& slot = slots_[index];
  while (!slot.opening.empty()) {
    const ssize_t sent = ::send(slot.fd, slot.opening.data(), slot.opening.size(), MSG_NOSIGNAL);
    if (sent < 0 && would_block()) return false;
    if (sent < 0) return end(index), false;
    slot.opening.erase(0, static_cast<std::size_t>(sent));
  }
  slot.waits_for_room = false;
  switch (behaviour_.ending) {
    case Behaviour::Ending::none:
      break;
    case Behaviour::Ending::half_close:
      ::shutdown(slot.fd, SHUT_WR);
      break;
    case Behaviour::Ending::reset:
      reset_at_close(slot.fd);
      [[fallthrough]];
    case Behaviour::Ending::close:
      close_slot(index);
      return false;
  }
  watch(index, false);
  return true;
}

/// Returns false if the connection has ended.
bool Crowd::send_repeated(std::size_t index, std::size_t most) {
  Slot& slot = slots_[index];
  if (repeated_.empty() || !slot.opening.empty()) return true;
  const std::string_view rest = std::string_view(repeated_).substr(slot.at, most);
  const ssize_t sent = ::send(slot.fd, rest.data(), rest.size(), MSG_NOSIGNAL);
  if (sent < 0 && would_block()) return true;
  if (sent < 0) return end(index), false;
  slot.at = (slot.at + static_cast<std::size_t>(sent)) % repeated_.size();
  return true;
}

/// Returns false if the other side has closed the connection.
bool Crowd::take(std::size_t index) {
  const ssize_t count = ::recv(slots_[index].fd, received_.data(), received_.size(), 0);
  return count > 0 || (count < 0 && would_block());
}

}  // namespace stockfold
