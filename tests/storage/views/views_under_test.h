// View stores of every kind, and the one on disk in processes that are killed.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/rocksdb/views.h"
#include "support/memory_views.h"

namespace stockfold {

using Row = std::pair<std::string, std::string>;

inline constexpr const char* kDirectory = "STOCKFOLD_TEST_DIRECTORY";

/// Made for a test and removed after it; a process that is part of a test uses the test's directory.
class ViewsDirectory {
 public:
  ViewsDirectory() {
    if (const char* given = std::getenv(kDirectory)) {
      path_ = given;
      return;
    }
    std::string pattern = (std::filesystem::temp_directory_path() / "stockfold-views-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
    is_own_ = true;
  }
  ~ViewsDirectory() {
    if (is_own_) std::filesystem::remove_all(path_);
  }
  ViewsDirectory(const ViewsDirectory&) = delete;
  ViewsDirectory& operator=(const ViewsDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  bool is_own_ = false;
};

inline ViewCheckpoint checkpoint_at(std::uint64_t position) {
  ViewCheckpoint checkpoint{7, {}, Epoch(3), GlobalPosition(position), {}};
  checkpoint.ledger.bytes.fill(0xAB);
  checkpoint.hash.bytes.fill(static_cast<std::uint8_t>(position));
  return checkpoint;
}

inline std::string row(const View& view, std::string_view key) {
  const auto found = view.get(key);
  if (!found) return "fault: " + found.error().what;
  return found->value_or("(none)");
}

inline std::vector<Row> rows_from(const ViewSnapshot& snapshot, std::string_view from,
                                  std::size_t limit = 1'000) {
  std::vector<Row> rows;
  const auto scanned = snapshot.scan(from, [&](std::string_view key, std::string_view value) {
    if (rows.size() == limit) return false;
    rows.emplace_back(key, value);
    return true;
  });
  if (!scanned) rows.emplace_back("fault", scanned.error().what);
  return rows;
}

inline std::vector<Row> all_rows(const View& view) { return rows_from(*view.snapshot(), ""); }

inline std::unique_ptr<ViewStore> open_on_disk(const std::filesystem::path& dir,
                                               std::vector<std::string> names = {"stock", "orders"}) {
  auto store = open_rocksdb_views({dir, std::move(names), 1U << 20, nullptr});
  if (!store) ADD_FAILURE() << store.error().what;
  return store ? std::move(*store) : nullptr;
}

enum class ViewEngine { memory, rocksdb };

/// Every engine keeps the contract.
class ViewStoreContract : public testing::TestWithParam<ViewEngine> {
 protected:
  ViewStoreContract()
      : store_(GetParam() == ViewEngine::memory
                   ? std::make_unique<MemoryViewStore>(std::vector<std::string>{"stock", "orders"})
                   : open_on_disk(directory_.path())),
        stock_(store_->view("stock")) {}

  void given(const RowChanges& changes, std::uint64_t position = 1) {
    ASSERT_TRUE(stock_.write(changes, checkpoint_at(position)));
  }

  ViewsDirectory directory_;
  std::unique_ptr<ViewStore> store_;
  View& stock_;
};

inline std::string name_of_engine(const testing::TestParamInfo<ViewEngine>& engine) {
  return engine.param == ViewEngine::memory ? "Memory" : "RocksDb";
}

class ViewStoreOnDisk : public testing::Test {
 protected:
  [[nodiscard]] const std::filesystem::path& dir() const { return directory_.path(); }

  /// Makes views durable that hold row A = 1 at position 5.
  void given_views() const {
    const auto store = open_on_disk(dir());
    ASSERT_TRUE(store->view("stock").write({{"A", "1"}}, checkpoint_at(5)));
    ASSERT_TRUE(store->flush());
  }

  /// Runs `write` on the open views in another process, which then ends as if killed. That process runs the
  /// same test up to here, and finds the directory in its environment.
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

  /// The only file with this extension; it must exist.
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
  ViewsDirectory directory_;
};

}  // namespace stockfold
