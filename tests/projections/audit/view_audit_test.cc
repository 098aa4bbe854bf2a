#include "projections/audit/view_audit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "projections/following/catch_up.h"
#include "projections/history.h"

namespace stockfold {
namespace {

class ViewAuditTest : public testing::Test {
 protected:
  ViewAuditTest() : store_(view_names()) {
    history_.happens(RegisterProduct{sku("A"), "Apple", 10});
    history_.happens(PlaceOrder{order_id("1"), {{sku("A"), 2}}}, identity(1));
    catch_up();
  }

  void catch_up() {
    auto catching = CatchUp::start(history_.log(), store_, all_projections()).value();
    while (catching.step(100).value() > 0) {
    }
  }

  Result<std::vector<AuditedView>> audit() {
    MemoryViewStore scratch(view_names());
    return audit_views(history_.log(),
                       [this](std::string_view name) -> Result<std::unique_ptr<ViewSnapshot>> {
                         return store_.view(name).snapshot();
                       },
                       all_projections(), scratch, {});
  }

  /// The audit's result for one view.
  AuditedView audited(std::string_view name) {
    const auto views = audit();
    if (!views) throw std::runtime_error(views.error().what);
    return *std::ranges::find(*views, name, &AuditedView::view);
  }

  History history_;
  MemoryViewStore store_;
};

TEST_F(ViewAuditTest, AcceptsViewsThatMatchTheLog) {
  const auto views = audit();
  ASSERT_TRUE(views) << views.error().what;
  EXPECT_EQ(views->size(), all_projections().size());
  for (const AuditedView& view : *views) {
    EXPECT_EQ(view.position, GlobalPosition(2)) << view.view;
    ASSERT_TRUE(view.comparison) << view.view;
    EXPECT_FALSE(view.comparison->first) << view.view;
    EXPECT_EQ(view.comparison->live, view.comparison->rebuilt) << view.view;
  }
}

TEST_F(ViewAuditTest, ComparesViewWithLogAtItsCheckpoint) {
  history_.happens(AbortOrder{order_id("1"), ""});
  const AuditedView stock = audited("stock");
  EXPECT_EQ(stock.position, GlobalPosition(2));
  ASSERT_TRUE(stock.comparison);
  EXPECT_FALSE(stock.comparison->first);
}

TEST_F(ViewAuditTest, NamesFirstRowThatDiffers) {
  View& receipts = store_.view("receipts");
  ASSERT_TRUE(receipts.write({{"forged", "row"}}, receipts.checkpoint()));
  const AuditedView found = audited("receipts");
  ASSERT_TRUE(found.comparison && found.comparison->first);
  EXPECT_EQ(*found.comparison->first, (RowDifference{"forged", "row", std::nullopt}));
  EXPECT_FALSE(audited("stock").comparison->first);
}

TEST_F(ViewAuditTest, SkipsViewsThatAreNotYetBuilt) {
  ASSERT_TRUE(store_.view("orders").clear());
  EXPECT_FALSE(audited("orders").comparison);
  ViewCheckpoint older = store_.view("stock").checkpoint();
  ++older.version;
  ASSERT_TRUE(store_.view("stock").write({}, older));
  EXPECT_FALSE(audited("stock").comparison);
}

TEST_F(ViewAuditTest, DetectsViewOfAnotherLog) {
  for (const std::string& name : view_names()) {
    View& view = store_.view(name);
    const ViewCheckpoint good = view.checkpoint();
    ViewCheckpoint forged = good;
    forged.hash.bytes[0] ^= 1;
    ASSERT_TRUE(view.write({}, forged));
    const auto views = audit();
    ASSERT_FALSE(views) << name;
    EXPECT_EQ(views.error().kind, FaultKind::corruption);
    EXPECT_EQ(views.error().position, GlobalPosition(2));
    ASSERT_TRUE(view.write({}, good));
  }
}

}  // namespace
}  // namespace stockfold
