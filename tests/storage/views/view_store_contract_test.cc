// What every view store does, and what the one on disk does in addition.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "storage/rocksdb/views.h"
#include "storage/views/checkpoint_codec.h"
#include "storage/views/views_under_test.h"

namespace stockfold {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;
using testing::Pair;

INSTANTIATE_TEST_SUITE_P(Engines, ViewStoreContract, testing::Values(ViewEngine::memory, ViewEngine::rocksdb),
                         name_of_engine);

TEST_P(ViewStoreContract, ViewKnowsItsName) { EXPECT_EQ(stock_.name(), "stock"); }

TEST_P(ViewStoreContract, UnwrittenViewIsEmpty) {
  EXPECT_EQ(stock_.checkpoint(), ViewCheckpoint{});
  EXPECT_EQ(stock_.snapshot()->checkpoint(), ViewCheckpoint{});
  EXPECT_THAT(all_rows(stock_), IsEmpty());
  EXPECT_EQ(row(stock_, "A"), "(none)");
}

TEST_P(ViewStoreContract, RowsAndCheckpointMoveTogether) {
  given({{"A", "1"}}, 5);
  given({{"A", "2"}, {"B", "1"}}, 9);

  const auto snapshot = stock_.snapshot();
  EXPECT_EQ(snapshot->checkpoint(), checkpoint_at(9));
  EXPECT_EQ(stock_.checkpoint(), checkpoint_at(9));
  EXPECT_THAT(rows_from(*snapshot, ""), ElementsAre(Pair("A", "2"), Pair("B", "1")));
}

TEST_P(ViewStoreContract, WriteWithoutRowsMovesTheCheckpoint) {
  given({{"A", "1"}}, 5);
  given({}, 6);
  EXPECT_EQ(stock_.checkpoint(), checkpoint_at(6));
  EXPECT_EQ(row(stock_, "A"), "1");
}

TEST_P(ViewStoreContract, SnapshotStaysUnchanged) {
  given({{"A", "1"}, {"B", "1"}}, 5);
  const auto before = stock_.snapshot();
  given({{"A", "2"}, {"B", std::nullopt}, {"C", "1"}}, 6);

  EXPECT_EQ(before->checkpoint(), checkpoint_at(5));
  EXPECT_THAT(rows_from(*before, ""), ElementsAre(Pair("A", "1"), Pair("B", "1")));
  EXPECT_THAT(before->get("B").value(), Optional("1"s));
  EXPECT_THAT(before->get("C").value(), testing::Eq(std::nullopt));
}

TEST_P(ViewStoreContract, SnapshotOutlivesClear) {
  given({{"A", "1"}}, 5);
  const auto before = stock_.snapshot();
  ASSERT_TRUE(stock_.clear());
  EXPECT_EQ(before->checkpoint(), checkpoint_at(5));
  EXPECT_THAT(rows_from(*before, ""), ElementsAre(Pair("A", "1")));
}

TEST_P(ViewStoreContract, ScanFollowsByteOrder) {
  given({{"\x80", "4"}, {"a", "3"}, {"\0next"s, "0"}, {"B", "2"}, {"A", "1"}, {"\xFF\xFF", "5"}});
  EXPECT_THAT(all_rows(stock_), ElementsAre(Pair("\0next"s, "0"), Pair("A", "1"), Pair("B", "2"),
                                            Pair("a", "3"), Pair("\x80", "4"), Pair("\xFF\xFF", "5")));
}

TEST_P(ViewStoreContract, ScanStartsAtFirstKeyNotBelow) {
  given({{"A", "1"}, {"B", "2"}, {"C", "3"}});
  EXPECT_THAT(rows_from(*stock_.snapshot(), "B"), ElementsAre(Pair("B", "2"), Pair("C", "3")));
  EXPECT_THAT(rows_from(*stock_.snapshot(), "A\x01"), ElementsAre(Pair("B", "2"), Pair("C", "3")));
  EXPECT_THAT(rows_from(*stock_.snapshot(), "D"), IsEmpty());
}

TEST_P(ViewStoreContract, ScanEndsWhenVisitorStops) {
  given({{"A", "1"}, {"B", "2"}, {"C", "3"}});
  int visits = 0;
  const auto scanned =
      stock_.snapshot()->scan("", [&](std::string_view, std::string_view) { return ++visits < 2; });
  ASSERT_TRUE(scanned);
  EXPECT_EQ(visits, 2);
}

/// The key and value of the row that a move led to.
std::string moved(const Result<bool>& move, const RowCursor& rows) {
  if (!move) return "fault: " + move.error().what;
  return *move ? std::string(rows.key()) + "=" + std::string(rows.value()) : "(none)";
}

TEST_P(ViewStoreContract, CursorMovesInBothDirections) {
  given({{"A", "1"}, {"B", "2"}, {"\xFF", "3"}});
  const auto snapshot = stock_.snapshot();
  const auto rows = snapshot->rows();
  EXPECT_EQ(moved(rows->seek("A\x01"), *rows), "B=2");
  EXPECT_EQ(moved(rows->next(), *rows), "\xFF=3");
  EXPECT_EQ(moved(rows->previous(), *rows), "B=2");
  EXPECT_EQ(moved(rows->previous(), *rows), "A=1");
  EXPECT_EQ(moved(rows->previous(), *rows), "(none)");
  EXPECT_EQ(moved(rows->seek_back("A\x01"), *rows), "A=1");
  EXPECT_EQ(moved(rows->seek_back("B"), *rows), "B=2");
  EXPECT_EQ(moved(rows->seek_back("\xFF\xFF"), *rows), "\xFF=3");
  EXPECT_EQ(moved(rows->next(), *rows), "(none)");
  EXPECT_EQ(moved(rows->seek_back("@"), *rows), "(none)");
  EXPECT_EQ(moved(rows->seek("\xFF\xFF"), *rows), "(none)");
}

TEST_P(ViewStoreContract, CursorSeesTheRowsOfItsSnapshotOnly) {
  given({{"A", "1"}, {"C", "1"}}, 5);
  const auto before = stock_.snapshot();
  given({{"A", "2"}, {"B", "1"}, {"C", std::nullopt}}, 6);
  ASSERT_TRUE(store_->view("orders").write({{"B", "order"}}, checkpoint_at(6)));
  const auto rows = before->rows();
  EXPECT_EQ(moved(rows->seek("B"), *rows), "C=1");
  EXPECT_EQ(moved(rows->previous(), *rows), "A=1");
}

TEST_P(ViewStoreContract, ErasedRowIsGone) {
  given({{"A", "1"}, {"B", "2"}});
  given({{"A", std::nullopt}, {"never there", std::nullopt}});
  EXPECT_EQ(row(stock_, "A"), "(none)");
  EXPECT_THAT(all_rows(stock_), ElementsAre(Pair("B", "2")));
}

TEST_P(ViewStoreContract, ClearedViewIsLikeNew) {
  given({{"\0next"s, "0"}, {"A", "1"}, {std::string(16, '\xFF'), "2"}});
  ASSERT_TRUE(stock_.clear());
  EXPECT_EQ(stock_.checkpoint(), ViewCheckpoint{});
  EXPECT_EQ(stock_.snapshot()->checkpoint(), ViewCheckpoint{});
  EXPECT_THAT(all_rows(stock_), IsEmpty());

  given({{"A", "again"}}, 2);
  EXPECT_THAT(all_rows(stock_), ElementsAre(Pair("A", "again")));
}

TEST_P(ViewStoreContract, ViewsDoNotShareRows) {
  given({{"A", "stock"}}, 5);
  View& orders = store_->view("orders");
  ASSERT_TRUE(orders.write({{"A", "order"}}, checkpoint_at(6)));
  ASSERT_TRUE(stock_.clear());
  EXPECT_EQ(row(orders, "A"), "order");
  EXPECT_EQ(orders.checkpoint(), checkpoint_at(6));
}

TEST_P(ViewStoreContract, ReadsRowsInOrderOfGivenKeys) {
  given({{"A", "1"}, {"B", "2"}, {"C", "3"}});
  const std::vector<std::string_view> keys{"C", "nowhere", "A", "C"};
  EXPECT_THAT(stock_.get(keys).value(),
              ElementsAre(Optional("3"s), std::nullopt, Optional("1"s), Optional("3"s)));
  EXPECT_THAT(stock_.get(std::vector<std::string_view>{}).value(), IsEmpty());
}

TEST_P(ViewStoreContract, KeepsLongestKeyAndEmptyValue) {
  given({{std::string(kMaxRowKeyBytes, 'k'), ""}});
  EXPECT_THAT(stock_.get(std::string(kMaxRowKeyBytes, 'k')).value(), Optional(""s));
}

TEST_P(ViewStoreContract, ReaderNeverSeesRowsOfAnotherCheckpoint) {
  std::atomic<bool> done = false;
  std::size_t torn = 0;
  std::thread reader([&] {
    while (!done) {
      const auto snapshot = stock_.snapshot();
      const auto found = snapshot->get("position");
      const std::string seen = found && *found ? **found : "0";
      if (seen != std::to_string(snapshot->checkpoint().position.value())) ++torn;
    }
  });
  for (std::uint64_t position = 1; position <= 2'000; ++position) {
    given({{"position", std::to_string(position)}}, position);
  }
  done = true;
  reader.join();
  EXPECT_EQ(torn, 0U);
}

// ---- on disk ----------------------------------------------------------------------------------------------

TEST_F(ViewStoreOnDisk, KeepsFlushedRowsAfterKill) {
  when_killed_after([](ViewStore& store) {
    return store.view("stock").write({{"A", "1"}}, checkpoint_at(5)) && store.flush();
  });
  const auto store = open_on_disk(dir());
  EXPECT_EQ(store->view("stock").checkpoint(), checkpoint_at(5));
  EXPECT_THAT(all_rows(store->view("stock")), ElementsAre(Pair("A", "1")));
  EXPECT_EQ(store->view("orders").checkpoint(), ViewCheckpoint{});
}

TEST_F(ViewStoreOnDisk, DropsUnflushedWritesAfterKill) {
  when_killed_after([](ViewStore& store) {
    return store.view("stock").write({{"A", "1"}}, checkpoint_at(5)) && store.flush() &&
           store.view("stock").write({{"A", "2"}, {"B", "1"}}, checkpoint_at(6));
  });
  const auto store = open_on_disk(dir());
  EXPECT_EQ(store->view("stock").checkpoint(), checkpoint_at(5));
  EXPECT_THAT(all_rows(store->view("stock")), ElementsAre(Pair("A", "1")));
}

TEST_F(ViewStoreOnDisk, RestoresWholeStateFlushedByRocksDb) {
  constexpr std::uint64_t kWrites = 3'000;
  const std::string filling(2'000, 'x');  // several times the buffer in all
  when_killed_after([&](ViewStore& store) {
    for (std::uint64_t position = 1; position <= kWrites; ++position) {
      const std::string number = std::to_string(position);
      const RowChanges changes{{"a" + number, filling}, {"position", number}, {"z" + number, filling}};
      if (!store.view("stock").write(changes, checkpoint_at(position))) return false;
    }
    return true;
  });
  const auto store = open_on_disk(dir());
  const View& stock = store->view("stock");
  const std::uint64_t position = stock.checkpoint().position.value();
  EXPECT_GT(position, 0U);
  EXPECT_LT(position, kWrites);
  EXPECT_EQ(row(stock, "position"), std::to_string(position));
  EXPECT_EQ(all_rows(stock).size(), std::min<std::size_t>(1'000, 2 * position + 1));
  EXPECT_EQ(row(stock, "z" + std::to_string(position)), filling);
  EXPECT_EQ(row(stock, "a" + std::to_string(position + 1)), "(none)");
}

TEST_F(ViewStoreOnDisk, KeepsRowsAfterKillBeforeClearIsFlushed) {
  given_views();
  when_killed_after([](ViewStore& store) { return store.view("stock").clear().has_value(); });
  EXPECT_THAT(all_rows(open_on_disk(dir())->view("stock")), ElementsAre(Pair("A", "1")));
}

TEST_F(ViewStoreOnDisk, MakesWritesDurableWhenClosed) {
  ASSERT_TRUE(open_on_disk(dir())->view("stock").write({{"A", "1"}}, checkpoint_at(5)));
  EXPECT_THAT(read_durable_checkpoints(dir()).value(), ElementsAre(Pair("stock", checkpoint_at(5))));
}

TEST_F(ViewStoreOnDisk, LeavesUnopenedViewsAlone) {
  given_views();
  {
    const auto store = open_on_disk(dir(), {"orders", "new"});
    ASSERT_TRUE(store->view("new").write({{"N", "1"}}, checkpoint_at(9)));
    ASSERT_TRUE(store->flush());
  }
  const auto store = open_on_disk(dir());
  EXPECT_EQ(store->view("stock").checkpoint(), checkpoint_at(5));
  EXPECT_THAT(all_rows(store->view("stock")), ElementsAre(Pair("A", "1")));
}

TEST_F(ViewStoreOnDisk, IsBusyForSecondOpen) {
  const auto first = open_on_disk(dir());
  const auto second = open_rocksdb_views({dir(), {"stock"}, 1U << 20, nullptr});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, FaultKind::busy) << second.error().what;
}

TEST_F(ViewStoreOnDisk, ReportsIoFaultWhenDirectoryCannotBeMade) {
  std::ofstream(dir() / "file") << "not a directory";
  const auto store = open_rocksdb_views({dir() / "file" / "views", {"stock"}, 1U << 20, nullptr});
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().kind, FaultKind::io);
}

TEST_F(ViewStoreOnDisk, ReadsNoCheckpointsWhereNothingExists) {
  EXPECT_THAT(read_durable_checkpoints(dir()).value(), IsEmpty());
  EXPECT_THAT(read_durable_checkpoints(dir() / "nowhere").value(), IsEmpty());
  EXPECT_THAT(bytes_of_files(), IsEmpty());
}

TEST_F(ViewStoreOnDisk, ReadsDurableCheckpointsWithoutWriting) {
  when_killed_after([](ViewStore& store) {
    return store.view("stock").write({{"A", "1"}}, checkpoint_at(5)) && store.flush() &&
           store.view("stock").write({{"A", "2"}}, checkpoint_at(6));
  });
  const auto before = bytes_of_files();
  const auto checkpoints = read_durable_checkpoints(dir());
  ASSERT_TRUE(checkpoints) << checkpoints.error().what;
  EXPECT_THAT(*checkpoints, ElementsAre(Pair("stock", checkpoint_at(5))));
  EXPECT_EQ(bytes_of_files(), before);
}

TEST_F(ViewStoreOnDisk, IsCorruptWithoutTable) {
  given_views();
  std::filesystem::remove(file_of_kind("", ".sst"));
  expect_corruption();
}

TEST_F(ViewStoreOnDisk, IsCorruptWithoutManifest) {
  given_views();
  std::filesystem::remove(file_of_kind("MANIFEST", ""));
  expect_corruption();
}

TEST_F(ViewStoreOnDisk, IsCorruptWithoutCurrentFile) {
  given_views();
  std::filesystem::remove(dir() / "CURRENT");
  expect_corruption();
}

TEST_F(ViewStoreOnDisk, IsCorruptWithDamagedTable) {
  given_views();
  const std::filesystem::path table = file_of_kind("", ".sst");
  std::fstream file(table, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(4);  // within the only block of rows
  file.put('\x55');
  file.close();
  expect_corruption();
}

// ---- the checkpoint's bytes -------------------------------------------------------------------------------

TEST(CheckpointCodec, RoundTripsCheckpoints) {
  EXPECT_EQ(decode_checkpoint(encode(checkpoint_at(77))), checkpoint_at(77));
  EXPECT_EQ(decode_checkpoint(encode(ViewCheckpoint{})), ViewCheckpoint{});
}

TEST(CheckpointCodec, DetectsEveryChangedBit) {
  const std::string bytes = encode(checkpoint_at(77));
  ASSERT_EQ(bytes.size(), 72U);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(decode_checkpoint(damaged), std::nullopt) << "bit " << bit;
  }
}

TEST(CheckpointCodec, DetectsWrongLength) {
  const std::string bytes = encode(checkpoint_at(77));
  EXPECT_EQ(decode_checkpoint(bytes.substr(1)), std::nullopt);
  EXPECT_EQ(decode_checkpoint(bytes + '\0'), std::nullopt);
  EXPECT_EQ(decode_checkpoint(""), std::nullopt);
}

}  // namespace
}  // namespace stockfold
