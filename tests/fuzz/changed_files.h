// A directory of the program's files, copied, changed and restored.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/input.h"
#include "fuzz/targets.h"
#include "support/memory_directory.h"

namespace stockfold {

/// The copy is in memory, and removed at the end.
class ChangedFiles {
 public:
  static constexpr int kMostChanges = 8;

  explicit ChangedFiles(const std::filesystem::path& original) {
    namespace fs = std::filesystem;
    fs::copy(original, path(), fs::copy_options::recursive);
    for (const auto& entry : fs::recursive_directory_iterator(path())) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      names_.push_back(entry.path().lexically_relative(path()).generic_string());
      original_[names_.back()] = std::string(std::istreambuf_iterator<char>(in), {});
    }
    std::ranges::sort(names_);
  }

  /// Changes the copy as the input says, calls `hold()`, and restores the copy, also if `hold()` throws.
  /// `seal` corrects the checksums in a file, if the input says so.
  template <class Seal, class Hold>
  void hold_changed(FuzzInput& input, Seal seal, Hold hold) {
    change(input, seal);
    try {
      hold();
    } catch (...) {
      restore();
      throw;
    }
    restore();
  }

  [[nodiscard]] std::filesystem::path path() const { return directory_.path() / "copy"; }
  /// An empty directory, in memory as well.
  [[nodiscard]] std::filesystem::path scratch() const {
    const std::filesystem::path scratch = directory_.path() / "scratch";
    std::filesystem::remove_all(scratch);
    std::filesystem::create_directory(scratch);
    return scratch;
  }

 private:
  /// A change is a byte for the kind, one for the file, two for the offset, one for the number of bytes, and
  /// those bytes. Bit 4 of the kind says that the file is to be sealed.
  template <class Seal>
  void change(FuzzInput& input, Seal seal) {
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
      if ((what & 4U) != 0) sealed.insert(name);
    }
    for (const std::string& name : sealed) seal(name, changed_.at(name));
    for (const auto& [name, bytes] : changed_) write(name, bytes);
  }

  void restore() {
    for (const auto& [name, bytes] : changed_) write(name, original_.at(name));
    changed_.clear();
  }

  void write(const std::string& name, std::string_view bytes) const {
    std::ofstream file(path() / name, std::ios::binary | std::ios::trunc);
    file << bytes;
    file.close();
    require(file.good(), "the target itself can write the file");
  }

  const MemoryDirectory directory_;
  std::vector<std::string> names_;
  std::map<std::string, std::string> original_;
  std::map<std::string, std::string> changed_;
};

}  // namespace stockfold
