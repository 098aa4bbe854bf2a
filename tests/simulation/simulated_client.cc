#include "simulation/simulated_client.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "core/overloaded.h"
#include "protocol/frame.h"
#include "support/ids.h"

namespace stockfold {
namespace {

constexpr std::uint64_t kProducts = 5;
constexpr std::uint64_t kOrders = 40;

Sku any_sku(std::mt19937_64& random) { return nth_product(random() % kProducts); }
OrderId any_order(std::mt19937_64& random) { return nth_order(random() % kOrders); }
Quantity few(std::mt19937_64& random) { return static_cast<Quantity>(1 + random() % 4); }

Lines any_lines(std::mt19937_64& random) {
  Lines lines;
  for (std::uint64_t i = 0; i <= random() % 3; ++i) lines.push_back({any_sku(random), few(random)});
  return lines;
}

/// Without an id, the ledger assigns one.
std::optional<OrderId> perhaps_an_order(std::mt19937_64& random) {
  if (random() % 8 == 0) return std::nullopt;
  return any_order(random);
}

CommandBody any_body(std::mt19937_64& random) {
  switch (random() % 16) {
    case 0:
      return RegisterProduct{any_sku(random), "", random() % 20};
    case 1:
    case 2:
      return ReceiveStock{any_sku(random), few(random), std::string(random() % 200, 'r')};
    case 3:
      return WriteOffStock{any_sku(random), few(random), ""};
    case 4:
      return random() % 20 == 0 ? CommandBody(RetireProduct{any_sku(random)})
                                : CommandBody(ReceiveStock{any_sku(random), few(random), ""});
    case 5:
      return DraftOrder{perhaps_an_order(random), any_lines(random)};
    case 6:
      return PlaceOrder{any_order(random), {}};
    case 7:
    case 8:
    case 9:
    case 10:
      return AbortOrder{any_order(random), std::string(random() % 100, 'a')};
    case 11:
      return FulfilOrder{any_order(random), ""};
    default:
      return PlaceOrder{perhaps_an_order(random), any_lines(random)};
  }
}

/// The message of this failure contains the directory.
bool is_the_same_every_time(const Reply& reply) {
  if (const auto* command = std::get_if<CommandReply>(&reply)) {
    const auto* failure = std::get_if<Failure>(&command->answer.outcome);
    return failure == nullptr || failure->code != ErrorCode::outcome_unknown;
  }
  return !std::holds_alternative<ErrorReply>(reply);
}

}  // namespace

Command draw_command(std::mt19937_64& random) {
  Command command;
  command.body = any_body(random);
  const bool is_plain = std::holds_alternative<ReceiveStock>(command.body) ||
                        std::holds_alternative<WriteOffStock>(command.body) ||
                        std::holds_alternative<AbortOrder>(command.body);
  if (is_plain && random() % 6 == 0) return command;
  command.identity.emplace();
  for (std::uint8_t& byte : command.identity->id.bytes) byte = static_cast<std::uint8_t>(random());
  if (random() % 6 == 0) command.expected = ExpectedVersion::exactly(StreamVersion(random() % 6));
  return command;
}

void SimulatedClient::connect(int socket) {
  disconnect();
  socket_ = socket;
  send_request(ClientHello{.client = "simulation"});
  for (const Command& command : std::exchange(again_, {})) send(command);
}

void SimulatedClient::disconnect() {
  if (!connected()) return;
  ::close(std::exchange(socket_, -1));
  for (const Asked& asked : std::exchange(asked_, {})) {
    const auto* command = std::get_if<Command>(&asked);
    if (command == nullptr) continue;
    ++counts_.unknown;
    if (command->identity) again_.push_back(*command);
  }
  out_.clear();
  in_.clear();
}

void SimulatedClient::send(const Command& command) {
  ++counts_.commands;
  auditor_.sent(command);
  send_request(CommandRequest{command});
}

void SimulatedClient::send_request(Request request) {
  asked_.push_back(std::visit(Overloaded{
                                  [](const ClientHello& hello) { return Asked(hello); },
                                  [](const CommandRequest& command) { return Asked(command.command); },
                                  [](const ShowProduct& show) { return Asked(show); },
                                  [](const ShowOrder& show) { return Asked(show); },
                                  [](const auto& /*never sent*/) { return Asked(); },
                              },
                              request));
  encode_request({next_id_++, std::move(request)}, out_);
}

bool SimulatedClient::deliver(std::size_t bytes) {
  const std::size_t count = std::min(bytes, out_.size());
  if (!connected() || count == 0) return false;
  const ssize_t sent = ::send(socket_, out_.data(), count, MSG_NOSIGNAL);
  if (sent <= 0) return false;
  out_.erase(0, static_cast<std::size_t>(sent));
  return true;
}

bool SimulatedClient::receive() {
  std::array<char, 16'384> buffer{};
  for (;;) {
    const ssize_t count = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (count > 0) in_.append(buffer.data(), static_cast<std::size_t>(count));
    if (count == static_cast<ssize_t>(buffer.size())) continue;
    std::string_view rest = in_;
    for (;;) {
      const auto payload = take_frame(rest);
      if (!payload) throw Violation("a reply is no frame");
      if (!*payload) break;
      const auto reply = decode_reply(**payload);
      if (!reply) throw Violation("a reply is no message: " + reply.error().what);
      if (is_the_same_every_time(reply->reply)) {
        digest_ = digest_ * 0x100000001b3 ^ std::hash<std::string_view>{}(**payload);
      }
      take(*reply);
    }
    in_.erase(0, in_.size() - rest.size());
    return count != 0;
  }
}

void SimulatedClient::take(const ReplyMessage& reply) {
  if (asked_.empty()) throw Violation("a reply without a request");
  if (reply.id != next_id_ - asked_.size()) throw Violation("replies are out of order");
  const Asked asked = std::move(asked_.front());
  asked_.pop_front();
  if (const auto* error = std::get_if<ErrorReply>(&reply.reply)) {
    if (error->code != ErrorCode::outcome_unknown) throw Violation("an error was answered: " + error->detail);
    return;
  }
  if (const auto* command = std::get_if<Command>(&asked)) {
    return take(*command, std::get<CommandReply>(reply.reply).answer);
  }
  if (const auto* product = std::get_if<ProductReply>(&reply.reply)) auditor_.shown(*product);
  if (const auto* order = std::get_if<OrderReply>(&reply.reply)) auditor_.shown(*order);
  if (!std::holds_alternative<ClientHello>(asked)) ++counts_.reads;
}

void SimulatedClient::take(const Command& command, const Answer& answer) {
  if (const auto* failure = std::get_if<Failure>(&answer.outcome)) {
    const bool unknown = failure->code == ErrorCode::outcome_unknown;
    if (unknown || failure->code == ErrorCode::overloaded) {
      ++(unknown ? counts_.unknown : counts_.overloaded);
      if (command.identity) again_.push_back(command);
      return;
    }
  }
  ++(std::holds_alternative<Accepted>(answer.outcome) ? counts_.accepted : counts_.refused);
  if (answer.replayed) ++counts_.replayed;
  auditor_.answered(command, answer);
}

}  // namespace stockfold
