// Changes of rows for one write of a view, in one piece of memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stockfold {

/// A row to write; without a value, a row to remove.
struct RowChange {
  std::string_view key;
  std::optional<std::string_view> value;
};

/// Copies keys and values. Of two changes of one key the later one counts, sorted or not. One thread.
class RowChanges {
 public:
  RowChanges() = default;
  RowChanges(std::initializer_list<RowChange> changes);

  void put(std::string_view key, std::string_view value);
  void erase(std::string_view key);
  /// Sorts by key, byte by byte: a view writes rows faster in the order in which it keeps them.
  void sort();
  /// Removes all changes and keeps the memory.
  void clear();

  [[nodiscard]] std::size_t size() const { return places_.size(); }
  /// A range of RowChange, valid until the next change.
  [[nodiscard]] auto all() const {
    return std::views::transform(places_, [this](const Place& place) { return change_at(place); });
  }

 private:
  /// Where a change lies in `bytes_`: its key, and after it its value.
  struct Place {
    std::uint64_t word;  ///< While sorting: the part of the key that is compared.
    std::size_t at;
    std::uint32_t value_size;
    std::uint16_t key_size;
    bool erased;
  };

  void add(std::string_view key, std::string_view value, bool erased);
  [[nodiscard]] std::string_view key_at(const Place& place) const {
    return std::string_view(bytes_).substr(place.at, place.key_size);
  }
  [[nodiscard]] RowChange change_at(const Place& place) const;
  void sort(std::span<Place> places, std::size_t depth) const;

  std::string bytes_;
  std::vector<Place> places_;
};

}  // namespace stockfold
