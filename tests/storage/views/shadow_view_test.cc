// Views that are rebuilt next to the ones in use, and replace them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "storage/views/checkpoint_codec.h"
#include "storage/views/views_under_test.h"

namespace stockfold {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class ShadowContract : public ViewStoreContract {
 protected:
  ShadowContract() { given({{"A", "live"}, {"B", "live"}}, 5); }

  View& given_shadow(const RowChanges& changes, std::uint64_t position) {
    const auto shadow = store_->make_shadow("stock");
    EXPECT_TRUE(shadow);
    EXPECT_TRUE((*shadow)->write(changes, checkpoint_at(position)));
    return **shadow;
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, ShadowContract, testing::Values(ViewEngine::memory, ViewEngine::rocksdb),
                         name_of_engine);

TEST_P(ShadowContract, ShadowStartsEmptyAndSharesNothing) {
  const auto shadow = store_->make_shadow("stock");
  ASSERT_TRUE(shadow);
  EXPECT_EQ((*shadow)->name(), "stock");
  EXPECT_EQ((*shadow)->checkpoint(), ViewCheckpoint{});
  EXPECT_THAT(all_rows(**shadow), IsEmpty());

  ASSERT_TRUE((*shadow)->write({{"A", "anew"}}, checkpoint_at(3)));
  EXPECT_EQ(row(stock_, "A"), "live");
  EXPECT_EQ(stock_.checkpoint(), checkpoint_at(5));
  given({{"A", "later"}}, 6);
  EXPECT_EQ(row(**shadow, "A"), "anew");
}

TEST_P(ShadowContract, ShadowReplacesTheView) {
  given_shadow({{"A", "anew"}, {"C", "anew"}}, 7);
  ASSERT_TRUE(store_->replace_by_shadow("stock"));
  EXPECT_EQ(&store_->view("stock"), &stock_);
  EXPECT_EQ(stock_.name(), "stock");
  EXPECT_EQ(stock_.checkpoint(), checkpoint_at(7));
  EXPECT_EQ(stock_.snapshot()->checkpoint(), checkpoint_at(7));
  EXPECT_THAT(all_rows(stock_), ElementsAre(Pair("A", "anew"), Pair("C", "anew")));

  given({{"C", std::nullopt}, {"D", "later"}}, 8);
  EXPECT_THAT(all_rows(stock_), ElementsAre(Pair("A", "anew"), Pair("D", "later")));
}

TEST_P(ShadowContract, UnwrittenShadowReplacesTheView) {
  ASSERT_TRUE(store_->make_shadow("stock"));
  ASSERT_TRUE(store_->replace_by_shadow("stock"));
  EXPECT_EQ(stock_.checkpoint(), ViewCheckpoint{});
  EXPECT_THAT(all_rows(stock_), IsEmpty());
}

TEST_P(ShadowContract, SnapshotsStayUnchangedAfterReplacement) {
  const View& shadow = given_shadow({{"A", "anew"}}, 7);
  const auto before = stock_.snapshot();
  const auto of_shadow = shadow.snapshot();
  ASSERT_TRUE(store_->replace_by_shadow("stock"));
  given({{"A", "later"}}, 8);
  ASSERT_TRUE(store_->flush());

  EXPECT_EQ(before->checkpoint(), checkpoint_at(5));
  EXPECT_THAT(rows_from(*before, ""), ElementsAre(Pair("A", "live"), Pair("B", "live")));
  EXPECT_EQ(before->get("B").value(), "live");
  EXPECT_THAT(rows_from(*of_shadow, ""), ElementsAre(Pair("A", "anew")));
}

TEST_P(ShadowContract, DroppedShadowLeavesTheView) {
  given_shadow({{"A", "anew"}}, 7);
  ASSERT_TRUE(store_->drop_shadow("stock"));
  ASSERT_TRUE(store_->drop_shadow("stock")) << "there is none any more";
  EXPECT_THAT(all_rows(stock_), ElementsAre(Pair("A", "live"), Pair("B", "live")));
  ASSERT_TRUE(store_->flush());
}

TEST_P(ShadowContract, ShadowIsEmptyWhenMadeAgain) {
  given_shadow({{"A", "anew"}}, 7);
  const auto again = store_->make_shadow("stock");
  ASSERT_TRUE(again);
  EXPECT_EQ((*again)->checkpoint(), ViewCheckpoint{});
  EXPECT_THAT(all_rows(**again), IsEmpty());
}

TEST_P(ShadowContract, ShadowReplacesTheViewRepeatedly) {
  for (std::uint64_t position = 10; position < 15; ++position) {
    given_shadow({{"position", std::to_string(position)}}, position);
    ASSERT_TRUE(store_->replace_by_shadow("stock"));
    EXPECT_THAT(all_rows(stock_), ElementsAre(Pair("position", std::to_string(position))));
    ASSERT_TRUE(store_->begin_flush());
  }
}

TEST_P(ShadowContract, ReplacementLeavesOtherViewsUnchanged) {
  View& orders = store_->view("orders");
  ASSERT_TRUE(orders.write({{"A", "order"}}, checkpoint_at(6)));
  given_shadow({{"A", "anew"}}, 7);
  ASSERT_TRUE(store_->replace_by_shadow("stock"));
  EXPECT_EQ(row(orders, "A"), "order");
  EXPECT_EQ(orders.checkpoint(), checkpoint_at(6));
}

TEST_P(ShadowContract, ReaderSeesOldOrNewViewOnly) {
  given({{"A", "5"}, {"Z", "5"}, {"B", std::nullopt}}, 5);
  std::atomic<bool> done = false;
  std::atomic<int> looks = 0;
  std::size_t torn = 0;
  std::thread reader([&] {
    const std::vector<std::string_view> keys{"A", "Z"};
    while (!done) {
      const auto snapshot = stock_.snapshot();
      const std::string position = std::to_string(snapshot->checkpoint().position.value());
      if (rows_from(*snapshot, "") != std::vector<Row>{{"A", position}, {"Z", position}}) ++torn;
      const auto rows = stock_.get(keys);
      if (!rows || !rows->at(0) || rows->at(0) != rows->at(1)) ++torn;
      if (row(stock_, "A") == "(none)") ++torn;
      ++looks;
    }
  });
  for (std::uint64_t position = 6; position < 20; ++position) {
    const std::string number = std::to_string(position);
    given_shadow({{"A", number}, {"Z", number}}, position);
    const int before = looks;
    ASSERT_TRUE(store_->replace_by_shadow("stock"));
    while (looks < before + 2) std::this_thread::yield();
  }
  done = true;
  reader.join();
  EXPECT_EQ(torn, 0U);
}

// ---- killed at every step ---------------------------------------------------------------------------------

class ShadowOnDisk : public ViewStoreOnDisk {
 protected:
  static View* shadow_with_rows(ViewStore& store) {
    const auto shadow = store.make_shadow("stock");
    if (!shadow || !(*shadow)->write({{"A", "anew"}}, checkpoint_at(7))) return nullptr;
    return *shadow;
  }

  void then_stock_is(std::string_view value, std::uint64_t position) const {
    EXPECT_THAT(read_durable_checkpoints(dir()).value(), Contains(Pair("stock", checkpoint_at(position))));
    const auto store = open_on_disk(dir());
    EXPECT_EQ(store->view("stock").checkpoint(), checkpoint_at(position));
    EXPECT_THAT(all_rows(store->view("stock")), ElementsAre(Pair("A", std::string(value))));
  }

  std::vector<std::string> families() const {
    std::vector<std::string> names;
    EXPECT_TRUE(rocksdb::DB::ListColumnFamilies(rocksdb::DBOptions(), dir().string(), &names).ok());
    std::ranges::sort(names);
    return names;
  }

  /// What another program, or a killed one, may have left: column families, each with a row and a checkpoint
  /// at position 1, and the record of which family holds a view.
  void given_left_over(const std::vector<std::string>& made, const std::vector<Row>& places) const {
    std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
    for (const std::string& name : families()) descriptors.emplace_back(name, rocksdb::ColumnFamilyOptions());
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* db = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(rocksdb::DBOptions(), dir().string(), descriptors, &handles, &db).ok());
    for (const std::string& name : made) {
      rocksdb::ColumnFamilyHandle* handle = nullptr;
      ASSERT_TRUE(db->CreateColumnFamily(rocksdb::ColumnFamilyOptions(), name, &handle).ok());
      handles.push_back(handle);
      ASSERT_TRUE(db->Put({}, handle, "rA", "left over").ok());
      ASSERT_TRUE(db->Put({}, handle, "c", encode(checkpoint_at(1))).ok());
    }
    for (const auto& [view, family] : places) ASSERT_TRUE(db->Put({}, view, family).ok());
    for (rocksdb::ColumnFamilyHandle* handle : handles)
      ASSERT_TRUE(db->DestroyColumnFamilyHandle(handle).ok());
    delete db;
  }
};

TEST_F(ShadowOnDisk, KeepsViewAfterKillWithEmptyShadow) {
  given_views();
  when_killed_after([](ViewStore& store) { return store.make_shadow("stock").has_value(); });
  then_stock_is("1", 5);
  EXPECT_THAT(families(), ElementsAre("default", "orders", "stock"));
}

TEST_F(ShadowOnDisk, KeepsViewAfterKillWhileBuildingShadow) {
  given_views();
  when_killed_after([](ViewStore& store) { return shadow_with_rows(store) != nullptr; });
  then_stock_is("1", 5);
}

TEST_F(ShadowOnDisk, KeepsViewAfterKillWithDurableShadow) {
  given_views();
  when_killed_after([](ViewStore& store) { return shadow_with_rows(store) != nullptr && store.flush(); });
  then_stock_is("1", 5);
  EXPECT_THAT(families(), ElementsAre("default", "orders", "stock"));
}

TEST_F(ShadowOnDisk, IsTheViewAfterKillOnceItReplacedView) {
  given_views();
  when_killed_after([](ViewStore& store) {
    return shadow_with_rows(store) != nullptr && store.replace_by_shadow("stock");
  });
  then_stock_is("anew", 7);
  EXPECT_THAT(families(), ElementsAre("default", "orders", "stock~2"));
}

TEST_F(ShadowOnDisk, StaysTheViewAfterKillWhileBuildingNext) {
  given_views();
  when_killed_after([](ViewStore& store) {
    return shadow_with_rows(store) != nullptr && store.replace_by_shadow("stock") &&
           store.view("stock").write({{"A", "later"}}, checkpoint_at(8)) && store.flush() &&
           shadow_with_rows(store) != nullptr && store.flush();
  });
  EXPECT_THAT(families(), Contains("stock~3"));
  then_stock_is("later", 8);
  EXPECT_THAT(families(), ElementsAre("default", "orders", "stock~2"));
}

TEST_F(ShadowOnDisk, KeepsViewAfterKillOnceDropped) {
  given_views();
  when_killed_after(
      [](ViewStore& store) { return shadow_with_rows(store) != nullptr && store.drop_shadow("stock"); });
  then_stock_is("1", 5);
}

TEST_F(ShadowOnDisk, IsTheViewAfterKillBeforeOldIsDropped) {
  given_views();
  {
    const auto store = open_on_disk(dir());
    ASSERT_NE(shadow_with_rows(*store), nullptr);
    ASSERT_TRUE(store->replace_by_shadow("stock"));
  }
  given_left_over({"stock"}, {});
  then_stock_is("anew", 7);
  EXPECT_THAT(families(), ElementsAre("default", "orders", "stock~2"));
}

TEST_F(ShadowOnDisk, LeavesUnknownFamiliesAlone) {
  given_views();
  given_left_over({"later", "later~2", "stock~x", "stock~02", "stock~3"}, {{"later", "later~2"}});
  then_stock_is("1", 5);
  EXPECT_THAT(families(),
              ElementsAre("default", "later", "later~2", "orders", "stock", "stock~02", "stock~x"));
  EXPECT_THAT(read_durable_checkpoints(dir()).value(), Contains(Pair("later", checkpoint_at(1))));
}

TEST_F(ShadowOnDisk, IsCorruptWhenItsFamilyIsMissing) {
  given_views();
  given_left_over({}, {{"stock", "stock~2"}});
  expect_corruption();
}

TEST_F(ShadowOnDisk, IsCorruptWhenFamilyBelongsToAnotherView) {
  given_views();
  given_left_over({}, {{"stock", "orders"}});
  expect_corruption();
}

}  // namespace
}  // namespace stockfold
