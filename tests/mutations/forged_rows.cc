// Rows of the log and of views.
#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include "mutations/forged_log.h"
#include "mutations/forged_trial.h"
#include "mutations/forgeries.h"
#include "projections/views.h"
#include "storage/engine/store.h"
#include "storage/rocksdb/engine.h"

namespace stockfold {
namespace {

namespace fs = std::filesystem;

// ---- of the log -------------------------------------------------------------------------------------------

/// Changes rows at and after `at`; false if there is nothing to change.
struct RowForgery {
  const char* name;
  bool (*change)(LogRows& rows, LogRows::iterator at);
};

constexpr RowForgery kRowForgeries[] = {
    {"dropped",
     [](LogRows& rows, LogRows::iterator at) {
       rows.erase(at);
       return true;
     }},
    {"repeated in the place of the next",
     [](LogRows& rows, LogRows::iterator at) {
       const auto next = std::next(at);
       if (next == rows.end()) return false;
       next->second = at->second;
       return true;
     }},
    {"repeated at the end",
     [](LogRows& rows, LogRows::iterator at) {
       rows[rows.rbegin()->first + 1'000] = at->second;
       return true;
     }},
    {"swapped with the next",
     [](LogRows& rows, LogRows::iterator at) {
       const auto next = std::next(at);
       if (next == rows.end()) return false;
       std::swap(at->second, next->second);
       return true;
     }},
    {"under the position before",
     [](LogRows& rows, LogRows::iterator at) {
       rows[at->first - 1] = at->second;
       rows.erase(at);
       return true;
     }},
    {"under the position after",
     [](LogRows& rows, LogRows::iterator at) {
       if (rows.contains(at->first + 1)) return false;
       rows[at->first + 1] = at->second;
       rows.erase(at);
       return true;
     }},
    {"emptied",
     [](LogRows&, LogRows::iterator at) {
       at->second.clear();
       return true;
     }},
    {"cut by a byte",
     [](LogRows&, LogRows::iterator at) {
       at->second.pop_back();
       return true;
     }},
    {"with a byte more",
     [](LogRows&, LogRows::iterator at) {
       at->second.push_back('\0');
       return true;
     }},
};

// ---- of views ---------------------------------------------------------------------------------------------

using Commits = std::vector<Commit>;

struct Row {
  std::string key;
  std::string value;
};

/// Something written into a view that has at least one row.
struct Forged {
  RowChanges rows;
  ViewCheckpoint checkpoint;
};

struct ViewForgery {
  const char* name;
  /// Gets the row, another row, the present checkpoint, and the log.
  void (*change)(const Row& row, const Row& other, const Commits& commits, Forged& forged);
};

void put(Forged& forged, std::string_view key, std::string_view value) { forged.rows.put(key, value); }

std::size_t commit_of(const Commits& commits, const ViewCheckpoint& checkpoint) {
  for (std::size_t i = 0; i < commits.size(); ++i) {
    if (commits[i].last() == checkpoint.position) return i;
  }
  return 0;
}

void move_to(Forged& forged, const Commit& commit) {
  forged.checkpoint.position = commit.last();
  forged.checkpoint.hash = commit.hash;
}

constexpr ViewForgery kViewForgeries[] = {
    {"row changed",
     [](const Row& row, const Row&, const Commits&, Forged& forged) {
       std::string value = row.value;
       value.empty() ? value.push_back('x') : static_cast<void>(value.back() ^= 1);
       put(forged, row.key, value);
     }},
    {"row cut",
     [](const Row& row, const Row&, const Commits&, Forged& forged) {
       put(forged, row.key, std::string_view(row.value).substr(0, row.value.size() / 2));
     }},
    {"row of another", [](const Row& row, const Row& other, const Commits&,
                          Forged& forged) { put(forged, row.key, other.value); }},
    {"row dropped",
     [](const Row& row, const Row&, const Commits&, Forged& forged) { forged.rows.erase(row.key); }},
    {"row added", [](const Row& row, const Row&, const Commits&,
                     Forged& forged) { put(forged, row.key + "0", row.value); }},
    {"checkpoint moved back",
     [](const Row&, const Row&, const Commits& commits, Forged& forged) {
       move_to(forged, commits[std::max<std::size_t>(commit_of(commits, forged.checkpoint), 1) - 1]);
     }},
    {"checkpoint moved far back", [](const Row&, const Row&, const Commits& commits,
                                     Forged& forged) { move_to(forged, commits.front()); }},
    {"checkpoint moved to the end",
     [](const Row&, const Row&, const Commits& commits, Forged& forged) { move_to(forged, commits.back()); }},
    {"checkpoint moved on",
     [](const Row&, const Row&, const Commits& commits, Forged& forged) {
       forged.checkpoint.position = commits.back().last().next();
     }},
    {"checkpoint within a commit",
     [](const Row&, const Row&, const Commits&, Forged& forged) {
       forged.checkpoint.position = GlobalPosition(forged.checkpoint.position.value() - 1);
     }},
    {"checkpoint of another commit",
     [](const Row&, const Row&, const Commits&, Forged& forged) { forged.checkpoint.hash.bytes[0] ^= 1; }},
    {"checkpoint of another version",
     [](const Row&, const Row&, const Commits&, Forged& forged) { ++forged.checkpoint.version; }},
    {"checkpoint of another ledger",
     [](const Row&, const Row&, const Commits&, Forged& forged) { forged.checkpoint.ledger.bytes[0] ^= 1; }},
    {"checkpoint of another epoch",
     [](const Row&, const Row&, const Commits&, Forged& forged) {
       forged.checkpoint.epoch = forged.checkpoint.epoch.next();
     }},
    {"checkpoint at 0", [](const Row&, const Row&, const Commits&,
                           Forged& forged) { forged.checkpoint.position = GlobalPosition(0); }},
    {"checkpoint of none",
     [](const Row&, const Row&, const Commits&, Forged& forged) { forged.checkpoint = ViewCheckpoint{}; }},
};

std::optional<Deed> forge(const ViewForgery& forgery, const std::string& name, std::size_t place,
                          std::size_t places, const fs::path& dir, const Original& original) {
  const auto views = rocksdb_engine().open_views(dir / "views", view_names());
  if (!views) std::abort();
  View& view = (*views)->view(name);
  std::vector<Row> rows;
  const auto scanned = view.snapshot()->scan("", [&rows](std::string_view key, std::string_view value) {
    rows.push_back({std::string(key), std::string(value)});
    return true;
  });
  if (!scanned) std::abort();
  if (rows.empty()) return std::nullopt;
  const std::size_t at = at_place(place, places, rows.size());
  Forged forged{.rows = {}, .checkpoint = view.checkpoint()};
  forgery.change(rows[at], rows[(at + 1) % rows.size()], original.commits, forged);
  if (!view.write(forged.rows, forged.checkpoint) || !(*views)->flush()) std::abort();
  return Deed{};
}

}  // namespace

std::vector<Trial> forged_rows(std::size_t store, const std::string& store_name, std::size_t places) {
  std::vector<Trial> trials;
  for (const RowForgery& forgery : kRowForgeries) {
    for (std::size_t place = 0; place < places; ++place) {
      const auto damage = [&forgery, place, places](const fs::path& dir, const Original& original) {
        LogRows rows = rows_of(original.commits);
        const std::size_t at = at_place(place, places, rows.size());
        const auto row = std::next(rows.begin(), static_cast<std::ptrdiff_t>(at));
        const GlobalPosition first(row->first);
        std::optional<Deed> deed;
        if (!forgery.change(rows, row)) return deed;
        rewrite_log(dir, rows);
        // A log without its last commit could be the log of a sound store.
        deed = Deed{.plausible = at + 1 == original.commits.size() && rows.size() < original.commits.size(),
                    .first = first};
        return deed;
      };
      trials.push_back(forgery_trial(store, store_name, "log row", forgery.name, place, damage));
    }
  }
  return trials;
}

std::vector<Trial> forged_views(std::size_t store, const std::string& store_name, std::size_t places) {
  std::vector<Trial> trials;
  for (const std::string& view : view_names()) {
    for (const ViewForgery& forgery : kViewForgeries) {
      for (std::size_t place = 0; place < places; ++place) {
        const auto damage = [&forgery, view, place, places](const fs::path& dir, const Original& original) {
          return forge(forgery, view, place, places, dir, original);
        };
        trials.push_back(forgery_trial(store, store_name, "view " + view, forgery.name, place, damage));
      }
    }
  }
  return trials;
}

}  // namespace stockfold
