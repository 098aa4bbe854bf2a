// Changes files of a store, and audits it while it is not served. store/ holds a closed store, with its log
// in tables and in a write-ahead file.
#include "storage/engine/store.h"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "fuzz/changed_files.h"
#include "fuzz/input.h"
#include "fuzz/targets.h"
#include "projections/audit/view_audit.h"
#include "projections/views.h"
#include "storage/rocksdb/engine.h"
#include "support/memory_views.h"
#include "support/write_ahead_fragments.h"
#include "tools/transfer/store_audit.h"

namespace stockfold {
namespace {

/// Position of the first event of a commit -> its hash.
using Hashes = std::map<GlobalPosition, CommitHash>;

Hashes hashes_of(const ReadOnlyStore& store) {
  Hashes hashes;
  const auto commits = store.log().read(GlobalPosition(1));
  for (;;) {
    const auto commit = commits->next();
    require(commit.has_value(), "a log that was audited can be read");
    if (*commit == nullptr) return hashes;
    hashes.emplace((*commit)->first(), (*commit)->hash);
  }
}

/// The store as it was made, and a copy of it that is changed.
struct StoreSample {
  StoreSample() : files(std::filesystem::path(STOCKFOLD_FUZZ_DIR) / "store") {
    const auto opened = rocksdb_engine().open_read_only(files.path());
    require(opened.has_value(), "the unchanged store opens");
    hashes = hashes_of(**opened);
  }

  ChangedFiles files;
  Hashes hashes;
};

/// Like `stockfold audit`, but folds the views in memory, which is far quicker.
AuditReport audit(const StoreSample& sample) {
  AuditReport report =
      audit_store(rocksdb_engine(), sample.files.path(),
                  {.witnesses = {}, .key = {}, .scratch = sample.files.scratch(), .log_only = true});
  if (!report.sound()) return report;
  const auto store = rocksdb_engine().open_read_only(sample.files.path());
  require(store.has_value(), "a store that is sound opens");
  for (const auto& [first, hash] : hashes_of(**store)) {
    const auto original = sample.hashes.find(first);
    require(original != sample.hashes.end() && original->second == hash,
            "a log that is sound is the original, or a beginning of it");
  }
  MemoryViewStore fold(view_names());
  auto views = audit_views((*store)->log(), [&store](std::string_view name) { return (*store)->view(name); },
                           all_projections(), fold, [](GlobalPosition /*at*/, GlobalPosition /*end*/) {});
  if (views) {
    report.views = std::move(*views);
  } else {
    report.violations.push_back(views.error());
  }
  return report;
}

void hold(const StoreSample& sample) {
  const AuditReport report = audit(sample);
  for (const Fault& fault : report.violations) require(!fault.what.empty(), "a violation is named");
  require(!json_of(report).empty() && !text_of(report).empty(), "a report can be told");
}

}  // namespace

int fuzz_store(const std::uint8_t* data, std::size_t size) {
  static StoreSample sample;
  FuzzInput input(data, size);
  sample.files.hold_changed(
      input,
      [](const std::string& name, std::string& file) {
        if (name.ends_with(".log")) seal_fragments(file);
      },
      [] { hold(sample); });
  return 0;
}

}  // namespace stockfold
