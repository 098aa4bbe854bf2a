#include "tools/commands/answering_ledger.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <utility>
#include <variant>

#include "protocol/frame.h"

namespace stockfold {
namespace {

constexpr int kLookUpAfterMs = 10;

Accepted accepted(StreamId subject, std::optional<OrderStatus> status) {
  return {std::move(subject), status, StreamVersion(1), GlobalPosition(1), UnixMillis(1), {}};
}

Accepted accept(const CommandBody& body) {
  if (const auto* place = std::get_if<PlaceOrder>(&body)) {
    const OrderId order = place->order.value_or(OrderId::parse("1").value());
    return accepted(StreamId::of(order), OrderStatus::in_progress);
  }
  if (const auto* abort = std::get_if<AbortOrder>(&body)) {
    return accepted(StreamId::of(abort->order), OrderStatus::aborted);
  }
  if (const auto* fulfil = std::get_if<FulfilOrder>(&body)) {
    return accepted(StreamId::of(fulfil->order), OrderStatus::fulfilled);
  }
  if (const auto* receive = std::get_if<ReceiveStock>(&body)) {
    return accepted(StreamId::of(receive->sku), {});
  }
  return accepted(StreamId{AggregateKind::product, "A"}, {});
}

}  // namespace

Reply agree(const Request& request) {
  if (const auto* command = std::get_if<CommandRequest>(&request)) {
    return CommandReply{Answer{accept(command->command.body)}};
  }
  if (const auto* product = std::get_if<ShowProduct>(&request)) {
    return ProductReply{product->sku, Product{}, GlobalPosition(1)};
  }
  if (const auto* order = std::get_if<ShowOrder>(&request)) {
    Order state;
    state.status = OrderStatus::in_progress;
    return OrderReply{order->order, state, GlobalPosition(1)};
  }
  return ErrorReply{ErrorCode::invalid_argument, "not expected here", false};
}

Reply refuse_with(Rule rule) { return CommandReply{Answer{refuse(rule, "as told")}}; }
Reply refuse_with(ErrorCode code) { return CommandReply{Answer{Failure(code, "as told")}}; }

AnsweringLedger::AnsweringLedger(Answering answering) : answering_(std::move(answering)) {
  listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  const bool listens = ::bind(listening_, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                       ::listen(listening_, SOMAXCONN) == 0 &&
                       ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  if (!listens) throw std::runtime_error("cannot listen");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

AnsweringLedger::~AnsweringLedger() {
  over_ = true;
  thread_.join();
  ::close(listening_);
  for (const Caller& caller : callers_) ::close(caller.fd);
}

void AnsweringLedger::serve() {
  while (!over_) {
    std::vector<pollfd> polled{{listening_, POLLIN, 0}};
    for (const Caller& caller : callers_) polled.push_back({caller.fd, POLLIN, 0});
    ::poll(polled.data(), polled.size(), kLookUpAfterMs);
    for (std::size_t i = callers_.size(); i > 0; --i) {
      if (polled[i].revents == 0 || answer(callers_[i - 1])) continue;
      ::close(callers_[i - 1].fd);
      callers_.erase(callers_.begin() + static_cast<std::ptrdiff_t>(i - 1));
    }
    if (polled.front().revents == 0) continue;
    const int fd = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0) callers_.push_back({fd, {}, {}});
  }
}

bool AnsweringLedger::answer(Caller& caller) {
  std::array<char, 65'536> buffer;
  const ssize_t count = ::recv(caller.fd, buffer.data(), buffer.size(), 0);
  if (count <= 0) return false;
  caller.in.append(buffer.data(), static_cast<std::size_t>(count));
  std::string_view bytes = caller.in;
  bool goes_on = true;
  while (goes_on) {
    const auto payload = take_frame(bytes);
    if (!payload) return false;
    if (!*payload) break;
    goes_on = answer_frame(caller, **payload);
  }
  caller.in.erase(0, caller.in.size() - bytes.size());
  for (std::string_view rest = caller.out; !rest.empty();) {
    const ssize_t sent = ::send(caller.fd, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0) return false;
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  caller.out.clear();
  return goes_on;
}

bool AnsweringLedger::answer_frame(Caller& caller, std::string_view payload) {
  const auto message = decode_request(payload, caller.version);
  if (!message) return false;
  if (const auto* hello = std::get_if<ClientHello>(&message->request)) {
    caller.version = common_version(hello->min_version, hello->max_version).value();
    encode_reply({message->id, ServerHello{.version = caller.version}}, caller.out, caller.version);
    return true;
  }
  auto reply = answering_(message->request);
  if (reply) encode_reply({message->id, *std::move(reply)}, caller.out, caller.version);
  return reply.has_value();
}

}  // namespace stockfold
