// Views in memory: for tests.
#pragma once

#include <cassert>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/views/view_store.h"

namespace stockfold {

using MemoryRows = std::map<std::string, std::string, std::less<>>;

inline std::optional<std::string> row_of(const MemoryRows& rows, std::string_view key) {
  const auto found = rows.find(key);
  if (found == rows.end()) return std::nullopt;
  return found->second;
}

class MemoryRowCursor final : public RowCursor {
 public:
  explicit MemoryRowCursor(const MemoryRows& rows) : rows_(rows), row_(rows.end()) {}

  [[nodiscard]] Result<bool> seek(std::string_view key) override {
    row_ = rows_.lower_bound(key);
    return row_ != rows_.end();
  }
  [[nodiscard]] Result<bool> seek_back(std::string_view key) override {
    row_ = rows_.upper_bound(key);
    return previous();
  }
  [[nodiscard]] Result<bool> next() override { return ++row_ != rows_.end(); }
  [[nodiscard]] Result<bool> previous() override {
    if (row_ == rows_.begin()) {
      row_ = rows_.end();
      return false;
    }
    --row_;
    return true;
  }
  [[nodiscard]] std::string_view key() const override { return row_->first; }
  [[nodiscard]] std::string_view value() const override { return row_->second; }

 private:
  const MemoryRows& rows_;
  MemoryRows::const_iterator row_;
};

class MemorySnapshot final : public ViewSnapshot {
 public:
  MemorySnapshot(MemoryRows rows, const ViewCheckpoint& checkpoint)
      : rows_(std::move(rows)), checkpoint_(checkpoint) {}

  [[nodiscard]] const ViewCheckpoint& checkpoint() const override { return checkpoint_; }

  [[nodiscard]] Result<std::optional<std::string>> get(std::string_view key) const override {
    return row_of(rows_, key);
  }

  [[nodiscard]] Result<void> scan(std::string_view from, const RowVisitor& visit) const override {
    for (auto row = rows_.lower_bound(from); row != rows_.end(); ++row) {
      if (!visit(row->first, row->second)) break;
    }
    return {};
  }

  [[nodiscard]] std::unique_ptr<RowCursor> rows() const override {
    return std::make_unique<MemoryRowCursor>(rows_);
  }

 private:
  const MemoryRows rows_;
  const ViewCheckpoint checkpoint_;
};

class MemoryView final : public View {
 public:
  explicit MemoryView(std::string name) : name_(std::move(name)) {}

  [[nodiscard]] std::string_view name() const override { return name_; }

  [[nodiscard]] ViewCheckpoint checkpoint() const override {
    const std::lock_guard lock(mutex_);
    return checkpoint_;
  }

  [[nodiscard]] std::unique_ptr<ViewSnapshot> snapshot() const override {
    const std::lock_guard lock(mutex_);
    return std::make_unique<MemorySnapshot>(rows_, checkpoint_);
  }

  [[nodiscard]] Result<std::optional<std::string>> get(std::string_view key) const override {
    const std::lock_guard lock(mutex_);
    return row_of(rows_, key);
  }

  [[nodiscard]] Result<std::vector<std::optional<std::string>>> get(
      std::span<const std::string_view> keys) const override {
    const std::lock_guard lock(mutex_);
    std::vector<std::optional<std::string>> found;
    found.reserve(keys.size());
    for (const std::string_view key : keys) found.push_back(row_of(rows_, key));
    return found;
  }

  Result<void> write(const RowChanges& changes, const ViewCheckpoint& checkpoint) override {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, value] : changes.all()) {
      assert(!key.empty() && key.size() <= kMaxRowKeyBytes);
      if (value) {
        rows_.insert_or_assign(std::string(key), *value);
      } else {
        rows_.erase(std::string(key));
      }
    }
    checkpoint_ = checkpoint;
    return {};
  }

  Result<void> clear() override {
    const std::lock_guard lock(mutex_);
    rows_.clear();
    checkpoint_ = {};
    return {};
  }

  void take_rows_of(MemoryView& other) {
    const std::lock_guard lock(mutex_);
    rows_ = std::move(other.rows_);
    checkpoint_ = other.checkpoint_;
  }

 private:
  const std::string name_;
  mutable std::mutex mutex_;
  MemoryRows rows_;
  ViewCheckpoint checkpoint_;
};

class MemoryViewStore final : public ViewStore {
 public:
  explicit MemoryViewStore(const std::vector<std::string>& names) {
    for (const std::string& name : names) views_.emplace(name, std::make_unique<MemoryView>(name));
  }

  [[nodiscard]] View& view(std::string_view name) override { return view_of(name); }

  Result<View*> make_shadow(std::string_view name) override {
    auto shadow = std::make_unique<MemoryView>(std::string(view_of(name).name()));
    const std::lock_guard lock(mutex_);
    return shadows_.insert_or_assign(std::string(name), std::move(shadow)).first->second.get();
  }

  Result<void> replace_by_shadow(std::string_view name) override {
    const std::lock_guard lock(mutex_);
    const auto shadow = shadows_.find(name);
    assert(shadow != shadows_.end());
    view_of(name).take_rows_of(*shadow->second);
    shadows_.erase(shadow);
    return {};
  }

  Result<void> drop_shadow(std::string_view name) override {
    const std::lock_guard lock(mutex_);
    if (const auto shadow = shadows_.find(name); shadow != shadows_.end()) shadows_.erase(shadow);
    return {};
  }

  Result<void> flush() override { return {}; }
  Result<void> begin_flush() override { return {}; }

 private:
  MemoryView& view_of(std::string_view name) {
    const auto found = views_.find(name);
    assert(found != views_.end());
    return *found->second;
  }

  std::map<std::string, std::unique_ptr<MemoryView>, std::less<>> views_;
  std::mutex mutex_;  ///< Of shadows_.
  std::map<std::string, std::unique_ptr<MemoryView>, std::less<>> shadows_;
};

}  // namespace stockfold
