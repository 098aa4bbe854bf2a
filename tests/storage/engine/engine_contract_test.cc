// What every storage engine promises, whatever keeps its bytes.
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "storage/engine/engine.h"
#include "storage/engine/small_store.h"
#include "storage/rocksdb/engine.h"
#include "storage/samples.h"
#include "support/temporary_directory.h"

namespace stockfold {
namespace {

struct NamedEngine {
  std::string name;
  std::function<const StorageEngine&()> engine;
};

class StorageEngineContract : public testing::TestWithParam<NamedEngine> {
 protected:
  [[nodiscard]] std::unique_ptr<Store> open(const std::filesystem::path& dir) const {
    auto store = engine_.open(dir, small());
    EXPECT_TRUE(store) << store.error().what;
    return store ? std::move(*store) : nullptr;
  }

  static Head append(Store& store, std::size_t events) {
    const GlobalPosition end = store.log().head().position;
    EXPECT_TRUE(std::holds_alternative<Appended>(store.log().append(end, commit_after(end, events))));
    return store.log().head();
  }

  TemporaryDirectory directory_;
  const std::filesystem::path dir_ = directory_.path() / "store";
  const StorageEngine& engine_ = GetParam().engine();
};

TEST_P(StorageEngineContract, KeepsLogAndViews) {
  Head head;
  {
    const auto store = open(dir_);
    append(*store, 3);
    head = append(*store, 2);
    ASSERT_TRUE(store->views().view("stock").write({{"row", "value"}}, {.version = 7}));
  }
  const auto store = open(dir_);
  EXPECT_EQ(store->log().head(), head);
  EXPECT_FALSE(store->torn_tail());
  EXPECT_EQ(store->views().view("stock").get("row").value(), "value");
  EXPECT_EQ(store->views().view("stock").checkpoint().version, 7U);
}

TEST_P(StorageEngineContract, RejectsASecondOpen) {
  const auto store = open(dir_);
  EXPECT_EQ(engine_.open(dir_, small()).error().kind, FaultKind::busy);
  EXPECT_EQ(engine_.open_read_only(dir_).error().kind, FaultKind::busy);
}

TEST_P(StorageEngineContract, OpensReadOnlyTogetherWithOthers) {
  const Head head = append(*open(dir_), 3);
  const auto one = engine_.open_read_only(dir_);
  const auto other = engine_.open_read_only(dir_);
  ASSERT_TRUE(one && other);
  EXPECT_EQ((*one)->log().head(), head);
  EXPECT_EQ((*other)->log().head(), head);
}

TEST_P(StorageEngineContract, MakesAStoreThatIsThereOnceItIsFinished) {
  const LedgerRecord record{.ledger = {.bytes = {5}}, .epoch = Epoch(4), .created = UnixMillis(6)};
  {
    const auto made = engine_.make(dir_, record, small()).value();
    ASSERT_TRUE(made->add(commit_after({}, 2)));
    EXPECT_FALSE(engine_.open_read_only(dir_));
    ASSERT_TRUE(made->finish());
  }
  const auto store = open(dir_);
  EXPECT_EQ(store->log().head().ledger, record.ledger);
  EXPECT_EQ(store->log().head().epoch, record.epoch);
  EXPECT_EQ(store->log().head().position, GlobalPosition(2));
  EXPECT_EQ(store->log().created(), record.created);
}

TEST_P(StorageEngineContract, MakesCheckpointsThatOpenAsStores) {
  const auto store = open(dir_);
  const Head head = append(*store, 3);
  ASSERT_TRUE(store->files().checkpoint(directory_.path() / "copy"));
  append(*store, 1);
  EXPECT_EQ(open(directory_.path() / "copy")->log().head(), head);
}

TEST_P(StorageEngineContract, NamesItsFigures) {
  const auto store = open(dir_);
  append(*store, 3);
  const StoreFigures figures = store->files().figures();
  EXPECT_GT(figures.log_bytes, 0U);
  EXPECT_GT(figures.free_bytes, 0U);
  std::set<std::string> names;
  for (const NamedFigure& figure : figures.of_engine) {
    EXPECT_TRUE(names.insert(figure.name).second) << figure.name;
    EXPECT_TRUE(figure.name.starts_with("stockfold_")) << figure.name;
    EXPECT_FALSE(figure.help.empty()) << figure.name;
    EXPECT_FALSE(figure.values.empty()) << figure.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, StorageEngineContract,
                         testing::Values(NamedEngine{"rocksdb", rocksdb_engine}),
                         [](const auto& with) { return with.param.name; });

}  // namespace
}  // namespace stockfold
