#include "tools/load/bench_ledger.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <variant>

#include "tools/commands/answering_ledger.h"

namespace stockfold {
namespace {

/// What a ledger shows of the run "test".
struct Shelves {
  std::map<std::string, Product> products;
  std::map<std::string, OrderStatus> orders;

  [[nodiscard]] Reply answer(const Request& request) const {
    if (const auto* list = std::get_if<ListProducts>(&request)) return page(*list);
    if (const auto* show = std::get_if<ShowOrder>(&request)) {
      const auto found = orders.find(show->order.str());
      if (found == orders.end()) return OrderReply{show->order, {}, GlobalPosition(9)};
      Order order;
      order.status = found->second;
      return OrderReply{show->order, order, GlobalPosition(9)};
    }
    return agree(request);
  }

  /// One product a page.
  [[nodiscard]] Reply page(const ListProducts& list) const {
    ProductsReply reply;
    auto at = list.from ? products.lower_bound(list.from->str()) : products.begin();
    if (at != products.end()) {
      reply.rows.emplace_back(Sku::parse(at->first).value(), at->second);
      ++at;
    }
    if (at != products.end()) reply.next = Sku::parse(at->first);
    return reply;
  }
};

Product product(Units received, Units in_progress, Units fulfilled) {
  Product product;
  product.received = received;
  product.in_progress = in_progress;
  product.fulfilled = fulfilled;
  product.version = StreamVersion(1);
  return product;
}

class VerificationTest : public testing::Test {
 protected:
  VerificationTest() {
    plan_.run = "test";
    plan_.products = 2;
    load_.products = {{.received = 3, .in_progress = 2, .fulfilled = 1}, {}};
    load_.orders = {{1, OrderStatus::in_progress}, {2, OrderStatus::aborted}};
    shelves_.products = {{"another", product(1, 0, 0)},
                         {"test-0", product(kFirstStock + 3, 2, 1)},
                         {"test-1", product(kFirstStock, 0, 0)},
                         {"test-2", product(kFirstStock, 5, 0)}};
    shelves_.orders = {{"test-1", OrderStatus::in_progress}, {"test-2", OrderStatus::aborted}};
  }

  Verification verified() {
    AnsweringLedger ledger([this](const Request& request) { return shelves_.answer(request); });
    ClientOptions options;
    options.port = ledger.port();
    auto client = Client::connect(options);
    if (!client) {
      ADD_FAILURE() << client.error().what;
      return {};
    }
    const auto verified = verify(**client, plan_, load_);
    if (verified) return *verified;
    ADD_FAILURE() << verified.error().what;
    return {};
  }

  LoadPlan plan_;
  LoadResult load_;
  Shelves shelves_;
};

TEST_F(VerificationTest, FindsNothingWhenStateMatchesAnswers) {
  const Verification found = verified();
  EXPECT_EQ(found.products, 2U);
  EXPECT_EQ(found.stock_mismatches, 0U);
  EXPECT_EQ(found.orders, 2U);
  EXPECT_EQ(found.order_mismatches, 0U);
}

TEST_F(VerificationTest, DetectsEveryWrongCount) {
  for (const Product& wrong : {product(kFirstStock + 2, 2, 1), product(kFirstStock + 3, 1, 1),
                               product(kFirstStock + 3, 2, 0), product(kFirstStock + 3, 1, 2)}) {
    shelves_.products["test-0"] = wrong;
    EXPECT_EQ(verified().stock_mismatches, 1U);
  }
}

TEST_F(VerificationTest, DetectsMissingProduct) {
  shelves_.products.erase("test-1");
  EXPECT_EQ(verified().stock_mismatches, 1U);
}

TEST_F(VerificationTest, DetectsWrongOrMissingOrder) {
  shelves_.orders["test-1"] = OrderStatus::fulfilled;
  EXPECT_EQ(verified().order_mismatches, 1U);
  shelves_.orders.erase("test-2");
  EXPECT_EQ(verified().order_mismatches, 2U);
}

}  // namespace
}  // namespace stockfold
