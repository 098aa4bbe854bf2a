// Records of a write-ahead file.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

#include "mutations/byte_damage.h"
#include "mutations/forged_trial.h"
#include "mutations/forgeries.h"
#include "support/write_ahead_fragments.h"

namespace stockfold {
namespace {

namespace fs = std::filesystem;

std::size_t fragment_size(std::string_view file, std::size_t at) {
  return kFragmentHeaderSize + (static_cast<std::uint8_t>(file[at + 4]) |
                                std::size_t{static_cast<std::uint8_t>(file[at + 5])} << 8U);
}

/// Changes the content of the fragment that begins at `at`.
struct RecordForgery {
  const char* name;
  void (*change)(std::string& file, std::size_t at);
};

constexpr std::size_t kContentAt = kFragmentHeaderSize;

constexpr RecordForgery kRecordForgeries[] = {
    {"sequence number of more than 56 bits",
     [](std::string& file, std::size_t at) { file[at + kContentAt + 7] = 1; }},
    {"greatest sequence number",
     [](std::string& file, std::size_t at) { file.replace(at + kContentAt, 7, 7, '\xFF'); }},
    {"sequence number one less", [](std::string& file, std::size_t at) { --file[at + kContentAt]; }},
    {"record twice",
     [](std::string& file, std::size_t at) { file.insert(at, file.substr(at, fragment_size(file, at))); }},
    {"type of row", [](std::string& file, std::size_t at) { file[at + kContentAt + 12] = 2; }},
    {"count of rows", [](std::string& file, std::size_t at) { ++file[at + kContentAt + 8]; }},
    {"type of fragment", [](std::string& file, std::size_t at) { file[at + 6] = 9; }},
};

/// The offsets of the fragments of a file that begin a record.
std::vector<std::size_t> records_of(std::string_view file) {
  constexpr char kWhole = 1;
  std::vector<std::size_t> records;
  for (std::size_t at = 0; at + kContentAt <= file.size() && file[at + 6] == kWhole;
       at += fragment_size(file, at)) {
    records.push_back(at);
  }
  return records;
}

std::optional<Deed> forge(const RecordForgery& forgery, std::size_t place, std::size_t places,
                          const fs::path& dir) {
  for (auto& [name, bytes] : read_files(dir)) {
    const std::vector<std::size_t> records = records_of(bytes);
    if (kind_of_file(name) != "log write-ahead" || records.empty()) continue;
    std::string forged = bytes;
    forgery.change(forged, records[at_place(place, places, records.size())]);
    seal_fragments(forged);
    std::ofstream(dir / name, std::ios::binary | std::ios::trunc) << forged;
    return Deed{};
  }
  return std::nullopt;
}

}  // namespace

std::vector<Trial> forged_records(std::size_t store, const std::string& store_name, std::size_t places) {
  std::vector<Trial> trials;
  for (const RecordForgery& forgery : kRecordForgeries) {
    for (std::size_t place = 0; place < places; ++place) {
      const auto damage = [&forgery, place, places](const fs::path& dir, const Original& /*original*/) {
        return forge(forgery, place, places, dir);
      };
      trials.push_back(
          forgery_trial(store, store_name, "log write-ahead, new checksums", forgery.name, place, damage));
    }
  }
  return trials;
}

}  // namespace stockfold
