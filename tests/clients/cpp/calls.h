// Commands that tests of the client send, and a ledger's answers to them.
#pragma once

#include <gtest/gtest.h>
#include <stockfold/client.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "clients/cpp/fake_ledger.h"

namespace stockfold {

using namespace std::chrono_literals;
using Script = FakeLedger::Script;

inline const Sku kMug = Sku::parse("mug").value();

inline Command receive(Quantity quantity) {
  return {ReceiveStock{kMug, quantity, ""}, ExpectedVersion::any(), std::nullopt, ""};
}
inline Quantity quantity_of(const CommandRequest& request) {
  return std::get<ReceiveStock>(request.command.body).quantity;
}

/// A distinct answer: its position is the quantity of the command.
inline CommandReply answer_to(const CommandRequest& request) {
  Accepted accepted{
      StreamId::of(kMug), std::nullopt, StreamVersion(1), GlobalPosition(quantity_of(request)), {}, {}};
  return {{std::move(accepted), false}};
}
inline std::uint64_t position_in(const ClientResult<Answer>& answer) {
  return answer ? std::get<Accepted>(answer->outcome).position.value() : 0;
}

/// Answers commands one by one until the client disconnects.
inline void answer_all(Peer& peer) {
  for (;;) {
    const auto [id, request] = peer.read_as<CommandRequest>();
    peer.reply(id, answer_to(request));
  }
}

inline ClientOptions options_for(const FakeLedger& ledger) {
  ClientOptions options;
  options.port = ledger.port();
  options.connect_timeout = 20s;
  options.request_timeout = 20s;
  return options;
}
inline std::unique_ptr<Client> connected(const FakeLedger& ledger) { return connected(options_for(ledger)); }

template <class T>
ClientErrorKind kind_of(const ClientResult<T>& result) {
  EXPECT_FALSE(result.has_value());
  return result.error().kind;
}

}  // namespace stockfold
