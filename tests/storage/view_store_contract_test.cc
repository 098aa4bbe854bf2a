// What every view store does, and what the one on disk does besides.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "storage/checkpoint_codec.h"
#include "storage/memory_views.h"
#include "storage/rocksdb_views.h"

namespace stockfold {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;
using testing::Pair;

using Row = std::pair<std::string, std::string>;

constexpr const char* kDirectory = "STOCKFOLD_TEST_DIRECTORY";

/// Made anew and taken away again; but a process that is a part of a test has that of the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    if (const char* given = std::getenv(kDirectory)) {
      path_ = given;
      return;
    }
    std::string pattern = (std::filesystem::temp_directory_path() / "stockfold-views-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
    is_own_ = true;
  }
  ~TemporaryDirectory() {
    if (is_own_) std::filesystem::remove_all(path_);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  bool is_own_ = false;
};

ViewCheckpoint checkpoint_at(std::uint64_t position) {
  ViewCheckpoint checkpoint{7, {}, Epoch(3), GlobalPosition(position), {}};
  checkpoint.ledger.bytes.fill(0xAB);
  checkpoint.hash.bytes.fill(static_cast<std::uint8_t>(position));
  return checkpoint;
}

std::string row(const View& view, std::string_view key) {
  const auto found = view.get(key);
  if (!found) return "fault: " + found.error().what;
  return found->value_or("(none)");
}

std::vector<Row> rows_from(const ViewSnapshot& snapshot, std::string_view from, std::size_t limit = 1'000) {
  std::vector<Row> rows;
  const auto scanned = snapshot.scan(from, [&](std::string_view key, std::string_view value) {
    if (rows.size() == limit) return false;
    rows.emplace_back(key, value);
    return true;
  });
  if (!scanned) rows.emplace_back("fault", scanned.error().what);
  return rows;
}

std::vector<Row> all_rows(const View& view) { return rows_from(*view.snapshot(), ""); }

std::unique_ptr<ViewStore> open_on_disk(const std::filesystem::path& dir,
                                        std::vector<std::string> names = {"stock", "orders"}) {
  auto store = open_rocksdb_views({dir, std::move(names), 1U << 20, nullptr});
  if (!store) ADD_FAILURE() << store.error().what;
  return store ? std::move(*store) : nullptr;
}

enum class Engine { memory, rocksdb };

class ViewStoreContract : public testing::TestWithParam<Engine> {
 protected:
  ViewStoreContract()
      : store_(GetParam() == Engine::memory
                   ? std::make_unique<MemoryViewStore>(std::vector<std::string>{"stock", "orders"})
                   : open_on_disk(directory_.path())),
        stock_(store_->view("stock")) {}

  void given(const RowChanges& changes, std::uint64_t position = 1) {
    ASSERT_TRUE(stock_.write(changes, checkpoint_at(position)));
  }

  TemporaryDirectory directory_;
  std::unique_ptr<ViewStore> store_;
  View& stock_;
};

INSTANTIATE_TEST_SUITE_P(Engines, ViewStoreContract, testing::Values(Engine::memory, Engine::rocksdb),
                         [](const auto& engine) {
                           return engine.param == Engine::memory ? "Memory"s : "RocksDb"s;
                         });

TEST_P(ViewStoreContract, AViewKnowsItsName) { EXPECT_EQ(stock_.name(), "stock"); }

TEST_P(ViewStoreContract, AViewThatWasNeverWrittenIsEmpty) {
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

TEST_P(ViewStoreContract, AWriteWithoutRowsMovesTheCheckpoint) {
  given({{"A", "1"}}, 5);
  given({}, 6);
  EXPECT_EQ(stock_.checkpoint(), checkpoint_at(6));
  EXPECT_EQ(row(stock_, "A"), "1");
}

TEST_P(ViewStoreContract, ASnapshotStaysAsItWas) {
  given({{"A", "1"}, {"B", "1"}}, 5);
  const auto before = stock_.snapshot();
  given({{"A", "2"}, {"B", std::nullopt}, {"C", "1"}}, 6);

  EXPECT_EQ(before->checkpoint(), checkpoint_at(5));
  EXPECT_THAT(rows_from(*before, ""), ElementsAre(Pair("A", "1"), Pair("B", "1")));
  EXPECT_THAT(before->get("B").value(), Optional("1"s));
  EXPECT_THAT(before->get("C").value(), testing::Eq(std::nullopt));
}

TEST_P(ViewStoreContract, ASnapshotOutlivesAClear) {
  given({{"A", "1"}}, 5);
  const auto before = stock_.snapshot();
  ASSERT_TRUE(stock_.clear());
  EXPECT_EQ(before->checkpoint(), checkpoint_at(5));
  EXPECT_THAT(rows_from(*before, ""), ElementsAre(Pair("A", "1")));
}

TEST_P(ViewStoreContract, AScanIsInOrderOfBytes) {
  given({{"\x80", "4"}, {"a", "3"}, {"\0next"s, "0"}, {"B", "2"}, {"A", "1"}, {"\xFF\xFF", "5"}});
  EXPECT_THAT(all_rows(stock_), ElementsAre(Pair("\0next"s, "0"), Pair("A", "1"), Pair("B", "2"),
                                            Pair("a", "3"), Pair("\x80", "4"), Pair("\xFF\xFF", "5")));
}

TEST_P(ViewStoreContract, AScanStartsAtTheFirstKeyNotBelow) {
  given({{"A", "1"}, {"B", "2"}, {"C", "3"}});
  EXPECT_THAT(rows_from(*stock_.snapshot(), "B"), ElementsAre(Pair("B", "2"), Pair("C", "3")));
  EXPECT_THAT(rows_from(*stock_.snapshot(), "A\x01"), ElementsAre(Pair("B", "2"), Pair("C", "3")));
  EXPECT_THAT(rows_from(*stock_.snapshot(), "D"), IsEmpty());
}

TEST_P(ViewStoreContract, AScanEndsWhenTheVisitorHasSeenEnough) {
  given({{"A", "1"}, {"B", "2"}, {"C", "3"}});
  int visits = 0;
  const auto scanned =
      stock_.snapshot()->scan("", [&](std::string_view, std::string_view) { return ++visits < 2; });
  ASSERT_TRUE(scanned);
  EXPECT_EQ(visits, 2);
}

TEST_P(ViewStoreContract, AnErasedRowIsGone) {
  given({{"A", "1"}, {"B", "2"}});
  given({{"A", std::nullopt}, {"never there", std::nullopt}});
  EXPECT_EQ(row(stock_, "A"), "(none)");
  EXPECT_THAT(all_rows(stock_), ElementsAre(Pair("B", "2")));
}

TEST_P(ViewStoreContract, AClearedViewIsAsIfNeverWritten) {
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

TEST_P(ViewStoreContract, SeveralRowsComeInTheOrderOfTheirKeys) {
  given({{"A", "1"}, {"B", "2"}, {"C", "3"}});
  const std::vector<std::string_view> keys{"C", "nowhere", "A", "C"};
  EXPECT_THAT(stock_.get(keys).value(),
              ElementsAre(Optional("3"s), std::nullopt, Optional("1"s), Optional("3"s)));
  EXPECT_THAT(stock_.get(std::vector<std::string_view>{}).value(), IsEmpty());
}

TEST_P(ViewStoreContract, TheLongestKeyAndAnEmptyValueAreKept) {
  given({{std::string(256, 'k'), ""}});
  EXPECT_THAT(stock_.get(std::string(256, 'k')).value(), Optional(""s));
}

TEST_P(ViewStoreContract, AReaderNeverSeesRowsOfAnotherCheckpoint) {
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

class ViewsOnDisk : public testing::Test {
 protected:
  [[nodiscard]] const std::filesystem::path& dir() const { return directory_.path(); }

  /// Makes views durable that hold row A = 1 at position 5.
  void given_views() const {
    const auto store = open_on_disk(dir());
    ASSERT_TRUE(store->view("stock").write({{"A", "1"}}, checkpoint_at(5)));
    ASSERT_TRUE(store->flush());
  }

  /// Runs `write` on the open views in another process, which then ends like one that was killed. It is the
  /// test run again up to here, and finds the directory in its environment.
  void when_killed_after(const std::function<bool(ViewStore&)>& write) const {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    setenv(kDirectory, dir().c_str(), 1);
    EXPECT_EXIT(
        {
          const auto store = open_on_disk(dir());
          _exit(write(*store) ? 0 : 1);
        },
        testing::ExitedWithCode(0), "");
    unsetenv(kDirectory);
  }

  std::map<std::string, std::string> bytes_of_files() const {
    std::map<std::string, std::string> files;
    for (const auto& file : std::filesystem::recursive_directory_iterator(dir())) {
      std::ifstream in(file.path(), std::ios::binary);
      files[file.path().string()] = std::string(std::istreambuf_iterator<char>(in), {});
    }
    return files;
  }

  /// The only file with this extension, which there must be.
  std::filesystem::path file_of_kind(std::string_view start, std::string_view extension) const {
    std::filesystem::path found;
    for (const auto& file : std::filesystem::directory_iterator(dir())) {
      const std::string name = file.path().filename().string();
      if (name.starts_with(start) && name.ends_with(extension)) found = file.path();
    }
    EXPECT_FALSE(found.empty());
    return found;
  }

  void expect_corruption() const {
    const auto checkpoints = read_durable_checkpoints(dir());
    ASSERT_FALSE(checkpoints);
    EXPECT_EQ(checkpoints.error().kind, FaultKind::corruption) << checkpoints.error().what;
    const auto store = open_rocksdb_views({dir(), {"stock", "orders"}, 1U << 20, nullptr});
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().kind, FaultKind::corruption) << store.error().what;
  }

 private:
  TemporaryDirectory directory_;
};

TEST_F(ViewsOnDisk, WhatWasFlushedSurvivesAKill) {
  when_killed_after([](ViewStore& store) {
    return store.view("stock").write({{"A", "1"}}, checkpoint_at(5)) && store.flush();
  });
  const auto store = open_on_disk(dir());
  EXPECT_EQ(store->view("stock").checkpoint(), checkpoint_at(5));
  EXPECT_THAT(all_rows(store->view("stock")), ElementsAre(Pair("A", "1")));
  EXPECT_EQ(store->view("orders").checkpoint(), ViewCheckpoint{});
}

TEST_F(ViewsOnDisk, WhatWasNotFlushedLeavesTheStateBefore) {
  when_killed_after([](ViewStore& store) {
    return store.view("stock").write({{"A", "1"}}, checkpoint_at(5)) && store.flush() &&
           store.view("stock").write({{"A", "2"}, {"B", "1"}}, checkpoint_at(6));
  });
  const auto store = open_on_disk(dir());
  EXPECT_EQ(store->view("stock").checkpoint(), checkpoint_at(5));
  EXPECT_THAT(all_rows(store->view("stock")), ElementsAre(Pair("A", "1")));
}

TEST_F(ViewsOnDisk, WhateverRocksDbFlushedByItselfIsAWholeState) {
  constexpr std::uint64_t kWrites = 3'000;
  const std::string filling(2'000, 'x');  // together several times the buffer
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

TEST_F(ViewsOnDisk, AClearThatWasNotFlushedLeavesTheStateBefore) {
  given_views();
  when_killed_after([](ViewStore& store) { return store.view("stock").clear().has_value(); });
  EXPECT_THAT(all_rows(open_on_disk(dir())->view("stock")), ElementsAre(Pair("A", "1")));
}

TEST_F(ViewsOnDisk, ClosingMakesDurable) {
  ASSERT_TRUE(open_on_disk(dir())->view("stock").write({{"A", "1"}}, checkpoint_at(5)));
  EXPECT_THAT(read_durable_checkpoints(dir()).value(), ElementsAre(Pair("stock", checkpoint_at(5))));
}

TEST_F(ViewsOnDisk, AViewThatNobodyNamesIsLeftAlone) {
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

TEST_F(ViewsOnDisk, ASecondOpenIsBusy) {
  const auto first = open_on_disk(dir());
  const auto second = open_rocksdb_views({dir(), {"stock"}, 1U << 20, nullptr});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, FaultKind::busy) << second.error().what;
}

TEST_F(ViewsOnDisk, ADirectoryThatCannotBeMadeIsAnIoFault) {
  std::ofstream(dir() / "file") << "not a directory";
  const auto store = open_rocksdb_views({dir() / "file" / "views", {"stock"}, 1U << 20, nullptr});
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().kind, FaultKind::io);
}

TEST_F(ViewsOnDisk, NothingIsReadWhereNothingIs) {
  EXPECT_THAT(read_durable_checkpoints(dir()).value(), IsEmpty());
  EXPECT_THAT(read_durable_checkpoints(dir() / "nowhere").value(), IsEmpty());
  EXPECT_THAT(bytes_of_files(), IsEmpty());
}

TEST_F(ViewsOnDisk, DurableCheckpointsAreReadWithoutWritingAByte) {
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

TEST_F(ViewsOnDisk, AMissingTableIsCorruption) {
  given_views();
  std::filesystem::remove(file_of_kind("", ".sst"));
  expect_corruption();
}

TEST_F(ViewsOnDisk, AMissingManifestIsCorruption) {
  given_views();
  std::filesystem::remove(file_of_kind("MANIFEST", ""));
  expect_corruption();
}

TEST_F(ViewsOnDisk, TablesWithoutCurrentAreCorruption) {
  given_views();
  std::filesystem::remove(dir() / "CURRENT");
  expect_corruption();
}

TEST_F(ViewsOnDisk, ADamagedTableIsCorruption) {
  given_views();
  const std::filesystem::path table = file_of_kind("", ".sst");
  std::fstream file(table, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(4);  // within the only block of rows
  file.put('\x55');
  file.close();
  expect_corruption();
}

// ---- the checkpoint's bytes -------------------------------------------------------------------------------

TEST(CheckpointCodec, GivesBackWhatItWasGiven) {
  EXPECT_EQ(decode_checkpoint(encode(checkpoint_at(77))), checkpoint_at(77));
  EXPECT_EQ(decode_checkpoint(encode(ViewCheckpoint{})), ViewCheckpoint{});
}

TEST(CheckpointCodec, NoticesEveryBitThatChanged) {
  const std::string bytes = encode(checkpoint_at(77));
  ASSERT_EQ(bytes.size(), 72U);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(decode_checkpoint(damaged), std::nullopt) << "bit " << bit;
  }
}

TEST(CheckpointCodec, NoticesAnotherLength) {
  const std::string bytes = encode(checkpoint_at(77));
  EXPECT_EQ(decode_checkpoint(bytes.substr(1)), std::nullopt);
  EXPECT_EQ(decode_checkpoint(bytes + '\0'), std::nullopt);
  EXPECT_EQ(decode_checkpoint(""), std::nullopt);
}

}  // namespace
}  // namespace stockfold
