// A store whose files were changed: audited, as nobody serves it. store/ holds one that was closed, with its
// log in tables and in a write-ahead file.
#include "storage/store.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "fuzz/input.h"
#include "fuzz/targets.h"
#include "support/memory_directory.h"
#include "support/write_ahead_fragments.h"
#include "tools/store_audit.h"

namespace stockfold {
namespace {

namespace fs = std::filesystem;

constexpr int kMostChanges = 8;

/// Position of the first event of a commit -> its hash.
using Hashes = std::map<GlobalPosition, CommitHash>;

Hashes hashes_of(const StoreToRead& store) {
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
class Sample {
 public:
  Sample() {
    fs::copy(fs::path(STOCKFOLD_FUZZ_DIR) / "store", store(), fs::copy_options::recursive);
    for (const auto& entry : fs::recursive_directory_iterator(store())) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      names_.push_back(entry.path().lexically_relative(store()).generic_string());
      original_[names_.back()] = std::string(std::istreambuf_iterator<char>(in), {});
    }
    std::ranges::sort(names_);
    const auto opened = open_store_to_read(store());
    require(opened.has_value(), "the store that nobody changed opens");
    hashes_ = hashes_of(**opened);
  }

  /// A change is a byte of what is done, one of the file, two of the place, one of how many bytes, and those.
  void change(FuzzInput& input) {
    std::set<std::string> sealed;
    for (int changes = 0; changes < kMostChanges && !input.rest().empty(); ++changes) {
      const std::uint8_t what = input.byte();
      const std::string& name = names_[input.byte() % names_.size()];
      const std::size_t low = input.byte();
      const std::size_t place = low | std::size_t{input.byte()} << 8U;
      const std::size_t count = input.byte();
      const std::string_view bytes = input.bytes(count);
      std::string& file = changed_.try_emplace(name, original_.at(name)).first->second;
      const std::size_t at = place % (file.size() + 1);
      switch (what & 3U) {
        case 0:
          file.replace(at, std::min(bytes.size(), file.size() - at), bytes);
          break;
        case 1:
          file.resize(at);
          break;
        case 2:
          file.insert(at, bytes);
          break;
        default:
          file.erase(at, bytes.size());
          break;
      }
      if ((what & 4U) != 0 && name.ends_with(".log")) sealed.insert(name);
    }
    for (const std::string& name : sealed) seal_fragments(changed_.at(name));
    for (const auto& [name, bytes] : changed_) write(name, bytes);
  }

  /// Makes the copy whole again.
  void restore() {
    for (const auto& [name, bytes] : changed_) write(name, original_.at(name));
    changed_.clear();
  }

  [[nodiscard]] fs::path store() const { return directory_.path() / "store"; }
  /// Empty.
  [[nodiscard]] fs::path scratch() const {
    const fs::path scratch = directory_.path() / "scratch";
    fs::remove_all(scratch);
    fs::create_directory(scratch);
    return scratch;
  }
  [[nodiscard]] const Hashes& hashes() const { return hashes_; }

 private:
  void write(const std::string& name, std::string_view bytes) const {
    std::ofstream file(store() / name, std::ios::binary | std::ios::trunc);
    file << bytes;
    file.close();
    require(file.good(), "the target itself can write the file");
  }

  const MemoryDirectory directory_;
  std::vector<std::string> names_;
  std::map<std::string, std::string> original_;
  std::map<std::string, std::string> changed_;
  Hashes hashes_;
};

void hold(const Sample& sample) {
  const AuditReport report =
      audit_store(sample.store(), {.witnesses = {}, .key = {}, .scratch = sample.scratch()});
  for (const Fault& fault : report.violations) require(!fault.what.empty(), "a violation is named");
  require(!json_of(report).empty() && !text_of(report).empty(), "a report can be told");
  if (!report.sound()) return;
  const auto store = open_store_to_read(sample.store());
  require(store.has_value(), "a store that is sound opens");
  for (const auto& [first, hash] : hashes_of(**store)) {
    const auto original = sample.hashes().find(first);
    require(original != sample.hashes().end() && original->second == hash,
            "a log that is sound is the original, or a beginning of it");
  }
}

}  // namespace

int fuzz_store(const std::uint8_t* data, std::size_t size) {
  static Sample sample;
  FuzzInput input(data, size);
  sample.change(input);
  try {
    hold(sample);
  } catch (...) {
    sample.restore();
    throw;
  }
  sample.restore();
  return 0;
}

}  // namespace stockfold
