// The requests that the reader of a statement makes, and what it emits for the replies, against a log in
// memory.
#include "protocol/text/statement_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/overloaded.h"
#include "support/ids.h"

namespace stockfold {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string position_text(GlobalPosition position) { return "@" + std::to_string(position.value()); }

/// Names each part with its number or status, and its position.
class ProductParts final : public ProductForm {
 public:
  void opening(Units stock, GlobalPosition from) override {
    parts.push_back("opening " + std::to_string(stock) + " " + position_text(from));
  }
  void movement(const RecordedEvent& event, const Movement& movement) override {
    parts.push_back(std::string(name_of(movement.kind)) + " " + position_text(event.position));
  }
  void closing(const ProductStatement& statement, Units stock, GlobalPosition to) override {
    parts.push_back("closing " + std::to_string(statement.balance().value_or(stock)) + " " +
                    position_text(to));
  }
  std::string take() override { return {}; }

  std::vector<std::string> parts;
};

class OrderParts final : public OrderForm {
 public:
  void opening(const std::optional<Order>& order, GlobalPosition from) override {
    parts.push_back("opening " + status_of(order) + " " + position_text(from));
  }
  void event(const RecordedEvent& event, const Order& order) override {
    parts.push_back(std::string(name_of(order.status)) + " " + position_text(event.position));
  }
  void closing(const std::optional<Order>& order, GlobalPosition to) override {
    parts.push_back("closing " + status_of(order) + " " + position_text(to));
  }
  std::string take() override { return {}; }

  std::vector<std::string> parts;

 private:
  static std::string status_of(const std::optional<Order>& order) {
    return std::string(order ? name_of(order->status) : "none");
  }
};

/// The events of one stream at 1,000 ms a position, in pages of two.
class StatementOfOneStream : public testing::Test {
 protected:
  void happens(std::uint64_t position, std::uint64_t version, Event event) {
    events_.push_back({.position = GlobalPosition(position),
                       .time = UnixMillis(static_cast<std::int64_t>(position) * 1'000),
                       .version = StreamVersion(version),
                       .identity = {},
                       .actor = "",
                       .event = std::move(event)});
  }
  void product_moves() {
    happens(1, 1, ProductRegistered{sku("A"), "Anvil", 10});
    happens(4, 2, StockReceived{sku("A"), 5, 15, ""});
    happens(6, 3, StockWrittenOff{sku("A"), 1, 14, ""});
    head_ = GlobalPosition(9);
    now_ = Product{.name = "Anvil", .received = 15, .written_off = 1, .changed_at = GlobalPosition(6)};
  }
  void order_is_aborted() {
    happens(3, 1, OrderDrafted{order_id("7"), {{sku("A"), 1}}});
    happens(5, 2, OrderPlaced{order_id("7"), {{sku("A"), 1, 9, StreamVersion(2)}}});
    happens(8, 3, OrderAborted{order_id("7"), false, {{sku("A"), 1, 10, StreamVersion(3)}}, ""});
    head_ = GlobalPosition(9);
  }

  [[nodiscard]] StatementReply answer(const FindPosition& find) const {
    return PositionReply{GlobalPosition(static_cast<std::uint64_t>(find.time.value() / 1'000))};
  }
  [[nodiscard]] StatementReply answer(const ReadEvents& read) const {
    EventsReply reply{.events = {}, .next = {}, .head = head_};
    for (const RecordedEvent& event : events_) {
      if (event.position < read.from || event.position > read.to.value_or(head_)) continue;
      if (reply.events.size() == std::min<std::size_t>(read.limit, 2)) {
        reply.next = event.position;
        break;
      }
      reply.events.push_back(event);
    }
    return reply;
  }
  [[nodiscard]] StatementReply answer(const ShowProduct& show) const {
    return ProductReply{.sku = show.sku, .product = now_, .as_of = head_};
  }

  /// Reads to the end; more events may be committed between two replies.
  Result<void> read_all(StatementReader& reader) {
    while (const auto request = reader.next()) {
      requests_.push_back(std::visit(
          Overloaded{[](const FindPosition&) { return "find"; }, [](const ReadEvents&) { return "events"; },
                     [](const ShowProduct&) { return "product"; }},
          *request));
      const StatementReply reply = std::visit([this](const auto& one) { return answer(one); }, *request);
      if (auto taken = reader.take(reply); !taken) return taken;
      if (grows_) head_ = head_.next();
    }
    more_ = reader.more();
    is_unknown_ = reader.is_unknown();
    return {};
  }
  std::vector<std::string> product(StatementQuery query = {}) {
    query.subject = StreamId::of(sku("A"));
    ProductParts form;
    ProductStatementReader reader(std::move(query), sku("A"), form);
    EXPECT_TRUE(read_all(reader));
    return form.parts;
  }
  std::vector<std::string> order(StatementQuery query = {}) {
    query.subject = StreamId::of(order_id("7"));
    OrderParts form;
    OrderStatementReader reader(std::move(query), order_id("7"), form);
    EXPECT_TRUE(read_all(reader));
    return form.parts;
  }

  std::vector<RecordedEvent> events_;
  GlobalPosition head_;
  std::optional<Product> now_;
  bool grows_ = false;
  std::vector<std::string> requests_;
  std::optional<GlobalPosition> more_;
  bool is_unknown_ = false;
};

TEST_F(StatementOfOneStream, ReadsAProductPageByPage) {
  product_moves();
  grows_ = true;
  EXPECT_THAT(product(),
              ElementsAre("opening 0 @1", "registered @1", "received @4", "written_off @6", "closing 14 @9"))
      << "the head of the first reply is the end";
  EXPECT_THAT(requests_, ElementsAre("events", "events"));
  EXPECT_FALSE(more_);
}

TEST_F(StatementOfOneStream, FindsThePositionsOfTimes) {
  product_moves();
  EXPECT_THAT(product({.from = UnixMillis(4'000), .at = UnixMillis(5'999)}),
              ElementsAre("opening 10 @4", "received @4", "closing 15 @5"));
  EXPECT_THAT(requests_, ElementsAre("find", "find", "events"));
  requests_.clear();
  EXPECT_THAT(product({.from = UnixMillis(0), .at = GlobalPosition(1)}),
              ElementsAre("opening 0 @1", "registered @1", "closing 10 @1"));
  EXPECT_THAT(requests_, ElementsAre("events")) << "time 0 is before every event";
}

TEST_F(StatementOfOneStream, TakesUnmovedStockFromNextEventOrProduct) {
  product_moves();
  EXPECT_THAT(product({.from = GlobalPosition(2), .at = GlobalPosition(3)}),
              ElementsAre("opening 10 @2", "closing 10 @3"));
  EXPECT_THAT(requests_, ElementsAre("events", "events"));
  requests_.clear();
  EXPECT_THAT(product({.from = GlobalPosition(7)}), ElementsAre("opening 14 @7", "closing 14 @9"));
  EXPECT_THAT(requests_, ElementsAre("events", "events", "product"));
}

TEST_F(StatementOfOneStream, ReadsTheEventOfAProductThatChangedBetweenTwoReplies) {
  product_moves();
  ProductParts form;
  ProductStatementReader reader({.subject = StreamId::of(sku("A")), .from = GlobalPosition(7)}, sku("A"),
                                form);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(reader.take(answer(std::get<ReadEvents>(*reader.next()))));
  }
  happens(10, 4, StockReceived{sku("A"), 2, 16, ""});
  head_ = now_->changed_at = GlobalPosition(10);
  EXPECT_TRUE(read_all(reader));
  EXPECT_THAT(form.parts, ElementsAre("opening 14 @7", "closing 14 @9"));
  EXPECT_THAT(requests_, ElementsAre("product", "events"));
}

TEST_F(StatementOfOneStream, EndsWhereTheLimitCutsAndNamesTheNextEvent) {
  product_moves();
  EXPECT_THAT(product({.limit = 2}),
              ElementsAre("opening 0 @1", "registered @1", "received @4", "closing 15 @4"));
  EXPECT_EQ(more_, GlobalPosition(6));
  events_.clear();
  order_is_aborted();
  EXPECT_THAT(order({.limit = 1}), ElementsAre("opening none @1", "draft @3", "closing draft @3"));
  EXPECT_EQ(more_, GlobalPosition(5));
}

TEST_F(StatementOfOneStream, ReadsAnOrderFromItsFirstEvent) {
  order_is_aborted();
  EXPECT_THAT(order(), ElementsAre("opening none @1", "draft @3", "in_progress @5", "aborted @8",
                                   "closing aborted @9"));
  EXPECT_THAT(order({.from = GlobalPosition(4), .at = GlobalPosition(6)}),
              ElementsAre("opening draft @4", "in_progress @5", "closing in_progress @6"));
  EXPECT_THAT(order({.at = GlobalPosition(2)}), ElementsAre("opening none @1", "closing none @2"));
  EXPECT_THAT(order({.from = GlobalPosition(9)}), ElementsAre("opening aborted @9", "closing aborted @9"));
}

TEST_F(StatementOfOneStream, TellsNothingOfAnUnknownSubject) {
  EXPECT_THAT(product(), IsEmpty());
  EXPECT_TRUE(is_unknown_);
  EXPECT_THAT(order(), IsEmpty());
  EXPECT_TRUE(is_unknown_);
}

TEST_F(StatementOfOneStream, NamesTheEventThatCannotHaveHappened) {
  product_moves();
  events_.back().version = StreamVersion(5);
  ProductParts form;
  ProductStatementReader reader({.subject = StreamId::of(sku("A"))}, sku("A"), form);
  const auto read = read_all(reader);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().position, GlobalPosition(6));
  EXPECT_THAT(form.parts, ElementsAre("opening 0 @1", "registered @1", "received @4"));
}

}  // namespace
}  // namespace stockfold
