#include "protocol/example_messages.h"

namespace stockfold {
namespace {

template <class Value>
Value counting_from(std::uint8_t first) {
  Value value;
  for (auto& byte : value.bytes) byte = first++;
  return value;
}

const Sku kMug = Sku::parse("mug").value();
const Sku kPlate = Sku::parse("plate").value();
const OrderId kOrder = OrderId::parse("1").value();
const LedgerId kLedger = counting_from<LedgerId>(0x10);
const CommandIdentity kSentIdentity{counting_from<CommandId>(0xA0), BodyHash{}};
const CommandIdentity kIdentity{kSentIdentity.id, counting_from<BodyHash>(0xB0)};
constexpr UnixMillis kTime(1'767'323'045'678);  // 2026-01-02T03:04:05.678Z

Product example_product() {
  return {"A mug",
          500,
          3,
          1,
          2,
          true,
          StreamVersion(9),
          GlobalPosition(1),
          GlobalPosition(300),
          GlobalPosition(300)};
}
Order example_order() {
  return {OrderStatus::aborted, {{kMug, 1}, {kPlate, 200}}, StreamVersion(3), GlobalPosition(42), "shop"};
}

Refusal example_refusal() {
  Refusal refusal;
  refusal.rule = Rule::order_already_aborted;
  refusal.subject = StreamId::of(kOrder);
  refusal.state = example_order();
  refusal.obstacle = GlobalPosition(42);
  refusal.actual = StreamVersion(3);
  return refusal;
}
Refusal example_shortage() {
  Refusal refusal;
  refusal.rule = Rule::insufficient_stock;
  refusal.subject = StreamId::of(kMug);
  refusal.state = example_product();
  refusal.expected = ExpectedVersion::exactly(StreamVersion(9));
  refusal.actual = StreamVersion(9);
  refusal.requested = 1'000;
  return refusal;
}

Refusal example_conflict() {
  Refusal refusal;
  refusal.rule = Rule::version_conflict;
  refusal.subject = StreamId::of(kOrder);
  refusal.state = example_order();
  refusal.obstacle = GlobalPosition(42);
  refusal.expected = ExpectedVersion::exactly(StreamVersion(2));
  refusal.actual = StreamVersion(3);
  return refusal;
}

RebuiltReply example_rebuilt() {
  return {.view = "stock",
          .position = GlobalPosition(300),
          .rows = 2,
          .digest = counting_from<ViewDigest>(0xC0),
          .finding = RebuiltReply::Finding::differs,
          .live = counting_from<ViewDigest>(0x20),
          .difference = RebuiltReply::Difference{"mug", "damaged", std::nullopt},
          .reason = ""};
}

RequestMessage command(CommandBody body, ExpectedVersion expected = ExpectedVersion::any()) {
  return {2, CommandRequest{{std::move(body), expected, std::nullopt, ""}}};
}

/// An abort and a retirement, all or none.
CommandBatch example_batch() {
  Command abort{AbortOrder{kOrder, ""}, ExpectedVersion::any(), kSentIdentity, "shop"};
  const Command retire{RetireProduct{kMug}, ExpectedVersion::exactly(StreamVersion(9)), std::nullopt, ""};
  return {{std::move(abort), retire}, true};
}
/// The abort was refused by a rule, so the retirement was not done.
BatchReply example_batch_answers() {
  Refusal unknown;
  unknown.rule = Rule::unknown_order;
  unknown.subject = StreamId::of(kOrder);
  return {{{unknown, false}, {batch_refused_by(0), false}}, true};
}

std::vector<RecordedEvent> example_events() {
  const StockedLines lines{{kMug, 1, 493, StreamVersion(4)}, {kPlate, 200, 0, StreamVersion(2)}};
  const StockedLines settled{{kMug, 1, 494, StreamVersion(5)}, {kPlate, 200, 200, StreamVersion(3)}};
  const auto recorded = [](std::uint64_t position, std::uint64_t version, Event event) {
    return RecordedEvent{GlobalPosition(position), kTime, StreamVersion(version), std::nullopt, "",
                         std::move(event)};
  };
  std::vector<RecordedEvent> events;
  events.push_back(recorded(1, 1, ProductRegistered{kMug, "A mug", 500}));
  events.push_back(recorded(2, 2, StockReceived{kMug, 7, 507, "delivery"}));
  events.push_back(recorded(3, 3, StockWrittenOff{kMug, 7, 500, "broken"}));
  events.push_back(recorded(4, 1, OrderDrafted{kOrder, {{kMug, 1}, {kPlate, 200}}}));
  events.push_back(recorded(5, 2, OrderPlaced{kOrder, lines}));
  events.push_back(recorded(6, 3, OrderAborted{kOrder, false, settled, "changed their mind"}));
  events.push_back(recorded(7, 3, OrderFulfilled{OrderId::parse("2").value(), lines, ""}));
  events.push_back(recorded(8, 6, ProductRetired{kMug, 494}));
  events.push_back(recorded(9, 0, CommandRefused{CommandKind::abort_order, example_refusal()}));
  events.back().identity = kIdentity;
  events.back().actor = "shop";
  return events;
}

/// The night in which summer begins, and its day of 23 hours.
ZoneMovementsReply example_zone_movements() {
  ZoneDayMovements day{Day(20'541), UnixMillis(1'774'738'800'000), UnixMillis(1'774'821'600'000), {}};
  day.sums = {8, 3, 2, 500, 0, 14};
  day.sums.returned = 1;
  day.sums.counted_up = 2;
  day.sums.counted_down = 300;
  day.sums.transferred_in = 4;
  day.sums.transferred_out = 5;
  return {kMug, true, "Europe/Berlin", {day}, Day(20'542), GlobalPosition(300)};
}

OrderHistoryReply example_order_history() {
  const OrderStep placed{GlobalPosition(5), EventType::order_placed, kTime, ""};
  const OrderStep aborted{GlobalPosition(42), EventType::order_aborted, UnixMillis(kTime.value() + 1),
                          "shop"};
  return {kOrder, example_order(), {placed, aborted}, GlobalPosition(300)};
}

CommitsReply example_commits() {
  CommitsReply reply;
  reply.created = UnixMillis(1'767'323'000'000);
  reply.events = example_events();
  reply.events.resize(3);
  reply.commits = {{GlobalPosition(1), 2, Epoch(1)}, {GlobalPosition(3), 4, Epoch(2)}};
  reply.next = GlobalPosition(4);
  reply.head = GlobalPosition(300);
  return reply;
}

}  // namespace

std::vector<ExampleRequest> example_requests() {
  const Freshness fresh{GlobalPosition(300), false};
  RequestMessage full = command(PlaceOrder{kOrder, {{kMug, 1}, {kPlate, 200}}}, ExpectedVersion::no_stream());
  auto& sent = std::get<CommandRequest>(full.request).command;
  sent.identity = kSentIdentity;
  sent.actor = "shop";
  FollowTypes types;
  types.events = {GlobalPosition(10), StreamId::of(kOrder)};
  types.types = {EventType::order_placed, EventType::order_aborted};
  return {
      {"client_hello", {1, ClientHello{1, 1, "example 1.0"}}},
      {"register_product", command(RegisterProduct{kMug, "A mug", 500})},
      {"register_product_shop_id",
       command(RegisterProduct{Sku::parse("M\xC3\xBCtze M8/40 #3").value(), "", 1})},
      {"receive_stock",
       command(ReceiveStock{kMug, 7, "delivery"}, ExpectedVersion::exactly(StreamVersion(1)))},
      {"write_off_stock", command(WriteOffStock{kMug, kMaxQuantity, "broken"})},
      {"retire_product", command(RetireProduct{kMug})},
      {"draft_order", command(DraftOrder{std::nullopt, {{kMug, 1}, {kPlate, 200}}})},
      {"place_order", full},
      {"place_draft", command(PlaceOrder{kOrder, {}})},
      {"abort_order", command(AbortOrder{kOrder, "changed their mind"})},
      {"fulfil_order", command(FulfilOrder{kOrder, ""})},
      {"show_product", {3, ShowProduct{kMug, fresh}}},
      {"show_order", {4, ShowOrder{kOrder, {std::nullopt, true}}}},
      {"list_products", {5, ListProducts{kMug, 100, fresh}}},
      {"list_orders", {6, ListOrders{kOrder, 1'000, OrderStatus::in_progress, kMug, {}}}},
      {"read_events", {7, ReadEvents{GlobalPosition(1), GlobalPosition(9), StreamId::of(kMug), 1'000, {}}}},
      {"follow_events", {8, FollowEvents{GlobalPosition(10), StreamId::of(kOrder)}}},
      {"show_head", {300, ShowHead{}}},
      {"product_at_position", {301, At{GlobalPosition(300), ShowProduct{kMug, {}}}}},
      {"order_at_time", {302, At{kTime, ShowOrder{kOrder, {}}}}},
      {"products_at_position", {303, At{GlobalPosition(0), ListProducts{std::nullopt, 1, {}}}}},
      {"orders_at_time", {304, At{kTime, ListOrders{kOrder, 1'000, OrderStatus::draft, kMug, fresh}}}},
      {"show_order_history", {19, ShowOrderHistory{kOrder, fresh}}},
      {"order_history_at_position", {307, At{GlobalPosition(300), ShowOrderHistory{kOrder, {}}}}},
      {"find_position", {305, FindPosition{kTime}}},
      {"read_commits", {306, ReadCommits{GlobalPosition(1), GlobalPosition(9), 500}}},
      {"rebuild", {9, Rebuild{"stock"}}},
      {"sign_head", {12, SignHead{}}},
      {"read_movements", {13, ReadMovements{kMug, Day(20'455), std::nullopt, 31, fresh}}},
      {"read_zone_movements",
       {18, ReadZoneMovements{kMug, "Europe/Berlin", Day(20'541), Day(20'541), 31, fresh}}},
      {"make_checkpoint", {14, MakeCheckpoint{}}},
      {"follow_types", {15, types}},
      {"log_in", {16, LogIn{"stockfold_0123456789abcdef_" + std::string(64, '7')}}},
      {"command_batch", {18, example_batch()}, 2},
  };
}

std::vector<ExampleReply> example_replies() {
  const Accepted placed{
      StreamId::of(kOrder),      OrderStatus::in_progress, StreamVersion(1), GlobalPosition(5), kTime,
      {{kMug, 493}, {kPlate, 0}}};
  const Accepted received{StreamId::of(kMug), std::nullopt, StreamVersion(2),
                          GlobalPosition(2),  kTime,        {{kMug, 507}}};
  return {
      {"server_hello",
       {1, ServerHello{1, kLedger, Epoch(1), GlobalPosition(4), 1'048'576, 256, "stockfold"}}},
      {"accepted_order", {2, CommandReply{{placed, true}}}},
      {"accepted_product", {2, CommandReply{{received, false}}}},
      {"refused_order", {2, CommandReply{{example_refusal(), false}}}},
      {"refused_product", {2, CommandReply{{example_shortage(), false}}}},
      {"refused_argument",
       {2, CommandReply{{Failure(ErrorCode::invalid_argument, "quantity: is 0"), false}}}},
      {"refused_version", {2, CommandReply{{example_conflict(), false}}}},
      {"product", {3, ProductReply{kMug, example_product(), GlobalPosition(300)}}},
      {"no_product", {3, ProductReply{kMug, std::nullopt, GlobalPosition(300)}}},
      {"order", {4, OrderReply{kOrder, example_order(), GlobalPosition(42)}}},
      {"products", {5, ProductsReply{{{kMug, example_product()}}, kPlate, GlobalPosition(300)}}},
      {"orders", {6, OrdersReply{{{kOrder, example_order()}}, std::nullopt, GlobalPosition(42)}}},
      {"events", {7, EventsReply{example_events(), GlobalPosition(10), GlobalPosition(12)}}},
      {"heartbeat", {8, EventsReply{{}, GlobalPosition(300), GlobalPosition(299)}}},
      {"head",
       {300, HeadReply{kLedger, Epoch(1), GlobalPosition(12), counting_from<CommitHash>(0xC0), kTime,
                       GlobalPosition(11)}}},
      {"position", {10, PositionReply{GlobalPosition(300)}}},
      {"commits", {11, example_commits()}},
      {"rebuilding", {9, RebuildingReply{GlobalPosition(300), GlobalPosition(42'000)}}},
      {"rebuilt", {9, example_rebuilt()}},
      {"signed_head",
       {12, SignedHeadReply{{{kLedger, Epoch(1), GlobalPosition(12), counting_from<CommitHash>(0xC0), kTime},
                             counting_from<PublicKey>(0x10),
                             counting_from<Signature>(0x80)}}}},
      {"movements",
       {13, MovementsReply{kMug, {{Day(20'455), {8, 3, 2, 500, 0, 14}}}, Day(20'456), GlobalPosition(300)}}},
      {"zone_movements", {18, example_zone_movements()}},
      {"order_history", {19, example_order_history()}},
      {"checkpoint", {14, CheckpointReply{"/data/checkpoints/1/store", GlobalPosition(300)}}},
      {"logged_in", {16, LoggedIn{"shop", {Scope::read, Scope::command}}}},
      {"unauthorised", {17, ErrorReply{ErrorCode::unauthorized, "this ledger asks for a token first", true}}},
      {"view_not_ready",
       {13, ErrorReply{ErrorCode::view_not_ready, "the view movements is being rebuilt, 12 % done: try again",
                       false}}},
      {"shutting_down",
       {0, ErrorReply{ErrorCode::overloaded,
                      "the ledger is shutting down: what it has not answered was not done; connect again",
                      true}}},
      {"batch_answers", {18, example_batch_answers()}, 2},
      {"error", {0, ErrorReply{ErrorCode::invalid_argument, "a frame that is too large", true}}},
  };
}

}  // namespace stockfold
