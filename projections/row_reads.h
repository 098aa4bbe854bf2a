// Reads and decodes rows of a view: one row, or a page of rows.
#pragma once

#include <algorithm>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/fault.h"
#include "projections/views.h"
#include "storage/codec/state_codec.h"
#include "storage/views/view_store.h"

namespace stockfold {

inline constexpr std::size_t kMaxRowsRead = 1'000;
inline constexpr std::size_t kPageVisits = 10'000;

template <class Value>
using Decoder = std::expected<Value, std::string> (*)(std::string_view);

/// `row` names the row in the message.
inline std::unexpected<Fault> damaged(const View& view, std::string_view row, std::string_view why) {
  return std::unexpected(corruption(
      {}, "row " + std::string(row) + " of view " + std::string(view.name()) + ": " + std::string(why)));
}

template <class Value>
Result<std::optional<Value>> decoded(const View& view, std::string_view key,
                                     const std::optional<std::string>& row, Decoder<Value> decode) {
  if (!row) return std::nullopt;
  auto value = decode(*row);
  if (!value) return damaged(view, key, value.error());
  return std::move(*value);
}

/// The position at which an order began.
inline GlobalPosition first_event(const StoredOrder& stored) {
  return stored.order.version == StreamVersion(1) ? stored.order.changed_at : stored.earlier.front();
}

/// The rows whose keys are `prefix` and an id, starting at the id `from`.
struct PageStart {
  std::string_view prefix;
  std::string_view from;
};

/// Reads one page. `take(id, value, visits)` returns the state that the page shows for a row, nothing to pass
/// over the row, or a fault. `visits` bounds how much work a page takes; `take` may raise it for a row that
/// takes longer.
template <class Row, class Id, class Value, class Take>
Result<Page<Row, Id>> read_page(const View& view, const PageStart& start, std::size_t limit,
                                Decoder<Value> decode, const Take& take) {
  const auto snapshot = view.snapshot();
  Page<Row, Id> page{{}, {}, snapshot->checkpoint().position};
  Result<void> sound;
  std::size_t visits = 0;
  const auto visit = [&](std::string_view key, std::string_view row) {
    if (!key.starts_with(start.prefix)) return false;
    const std::optional<Id> id = Id::parse(key.substr(start.prefix.size()));
    if (!id) {
      sound = damaged(view, key, "not the key of a row");
      return false;
    }
    if (page.rows.size() == std::min(limit, kMaxRowsRead) || visits >= kPageVisits) {
      page.next = *id;
      return false;
    }
    ++visits;
    auto value = decode(row);
    if (!value) {
      sound = damaged(view, key, value.error());
      return false;
    }
    auto state = take(*id, std::move(*value), visits);
    if (!state) {
      sound = std::unexpected(std::move(state.error()));
      return false;
    }
    if (*state) page.rows.push_back({*id, std::move(**state)});
    return true;
  };
  auto scanned = snapshot->scan(std::string(start.prefix) + std::string(start.from), visit);
  if (!scanned) return std::unexpected(std::move(scanned.error()));
  if (!sound) return std::unexpected(sound.error());
  return page;
}

}  // namespace stockfold
