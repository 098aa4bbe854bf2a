// One payload, as the ledger and as a client reads it. Each message has one encoding, and an error is named.
#include <string>
#include <variant>

#include "fuzz/input.h"
#include "fuzz/targets.h"
#include "protocol/frame.h"
#include "protocol/messages.h"
#include "protocol/text/json.h"
#include "tools/reports/event_csv.h"

namespace stockfold {
namespace {

template <class Message>
void hold(const std::expected<Message, ProtocolError>& message, std::string_view payload,
          std::uint32_t version, void (*encode)(const Message&, std::string&, std::uint32_t)) {
  if (!message) {
    return require(message.error().what.find(": ") != std::string::npos, "an error names the field");
  }
  std::string frame;
  encode(*message, frame, version);
  require(std::string_view(frame).substr(kFrameHeaderBytes) == payload, "a message has one form");
}

/// What the program prints of what a server, genuine or not, has sent.
struct Show {
  void operator()(const CommandReply& reply) const {
    require(!json_of(reply.answer).empty(), "an answer can be shown");
  }
  void operator()(const ProductReply& reply) const {
    if (reply.product) require(!json_of(reply.sku, *reply.product, reply.as_of).empty(), "a product can");
  }
  void operator()(const OrderReply& reply) const {
    if (reply.state) require(!json_of(reply.order, *reply.state, reply.as_of).empty(), "an order can");
  }
  void operator()(const MovementsReply& reply) const {
    for (const DayMovements& day : reply.rows) {
      require(!json_of(reply.sku, day, reply.as_of).empty(), "movements can");
    }
  }
  void operator()(const OrderHistoryReply& reply) const {
    if (!reply.state) return;
    require(!json_of(reply.order, *reply.state, reply.steps, reply.as_of).empty(), "a history can");
  }
  void operator()(const ZoneMovementsReply& reply) const {
    for (const ZoneDayMovements& day : reply.rows) {
      require(!json_of(reply.sku, reply.zone, day, reply.as_of).empty(), "movements in a zone can");
    }
  }
  void operator()(const EventsReply& reply) const {
    for (const RecordedEvent& event : reply.events) {
      require(!json_of(event).empty() && csv_of(event).ends_with('\n'), "events can");
    }
  }
  template <class Reply>
  void operator()(const Reply& /*reply*/) const {}
};

void hold(std::string_view payload, std::uint32_t version) {
  const auto request = decode_request(payload, version);
  const auto reply = decode_reply(payload, version);
  require(!request || !reply, "no payload is a request and a reply");
  hold(request, payload, version, encode_request);
  hold(reply, payload, version, encode_reply);
  if (reply) std::visit(Show{}, reply->reply);
}

}  // namespace

int fuzz_protocol(const std::uint8_t* data, std::size_t size) {
  const std::string_view payload = FuzzInput(data, size).rest();
  for (std::uint32_t version = kFirstProtocolVersion; version <= kProtocolVersion; ++version) {
    hold(payload, version);
  }
  return 0;
}

}  // namespace stockfold
