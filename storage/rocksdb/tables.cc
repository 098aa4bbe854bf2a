#include "storage/rocksdb/tables.h"

#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "storage/codec/little_endian.h"
#include "storage/files/durable_directory.h"

namespace stockfold {
namespace {

// The format of a table is RocksDB's: table/format.cc and block_builder.cc. Numbers are little-endian, or
// varints of seven bits a byte, the lowest first.
constexpr std::size_t kFooterSize = 53;  // checksum type, two handles padded to 40 bytes, version, magic
constexpr std::size_t kVersionAt = kFooterSize - 12;
// From version 6 on these bytes follow the checksum type, where older footers have their first handle. So a
// damaged version number is not mistaken for a later one.
constexpr std::string_view kLaterFooter("\x3e\x00\x7a\x00", 4);
constexpr std::string_view kTableMagic = "\xf7\xcf\xf4\x85\xb7\x41\xe2\x88";
constexpr std::string_view kProperties = "rocksdb.properties";
constexpr std::size_t kCountSize = 4;       // of restart points, at the end of a block
constexpr unsigned char kHashIndex = 0x80;  // the highest bit of that count
constexpr std::uint64_t kMostBytes = 1U << 20;

/// The place of a block in the file.
struct Handle {
  std::uint64_t offset;
  std::uint64_t size;
};

std::optional<std::uint64_t> take_varint(std::string_view& bytes) {
  std::uint64_t number = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    number |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
    if (byte < 0x80) return number;
  }
  return std::nullopt;
}

std::optional<Handle> take_handle(std::string_view bytes) {
  const auto offset = take_varint(bytes);
  const auto size = take_varint(bytes);
  if (!offset || !size) return std::nullopt;
  return Handle{*offset, *size};
}

/// Empty if the file has no such bytes.
std::string read(std::ifstream& file, const Handle& handle) {
  if (handle.size > kMostBytes) return {};
  std::string bytes(handle.size, '\0');
  file.clear();
  file.seekg(static_cast<std::streamoff>(handle.offset));
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return file.gcount() == static_cast<std::streamsize>(bytes.size()) ? bytes : std::string();
}

/// Searches a block of names and handles. An entry is: the length of the prefix shared with the name before,
/// the length of the rest of the name, the length of the value, the rest of the name, the value.
std::optional<Handle> find(std::string_view block, std::string_view wanted) {
  if (block.size() < kCountSize) return std::nullopt;
  std::string name;
  while (!block.empty()) {
    const auto shared = take_varint(block);
    const auto own = take_varint(block);
    const auto value = take_varint(block);
    if (!shared || !own || !value || *shared > name.size() || *own > block.size() ||
        *value > block.size() - *own) {
      return std::nullopt;
    }
    name.resize(*shared);
    name.append(block.substr(0, *own));
    if (name == wanted) return take_handle(block.substr(*own, *value));
    block.remove_prefix(*own + *value);
  }
  return std::nullopt;
}

/// The last bytes of a table; empty if the file is not a table.
std::string read_footer(std::ifstream& file, std::uint64_t size) {
  if (size < kFooterSize) return {};
  std::string footer = read(file, {size - kFooterSize, kFooterSize});
  return footer.ends_with(kTableMagic) ? footer : std::string();
}

std::uint32_t format_of(std::string_view footer) {
  return get_little_endian<std::uint32_t>(footer.substr(kVersionAt));
}

bool is_later(std::string_view footer) {
  return footer.substr(1).starts_with(kLaterFooter) && format_of(footer) > kTableFormat;
}

bool is_flagged(std::ifstream& file, std::string_view footer) {
  const auto index = take_handle(footer.substr(1));
  if (!index) return false;
  const auto properties = find(read(file, *index), kProperties);
  if (!properties) return false;
  const std::string block = read(file, *properties);
  return !block.empty() && (static_cast<unsigned char>(block.back()) & kHashIndex) != 0;
}

}  // namespace

Result<void> check_table(const std::filesystem::path& table) {
  std::error_code error;
  const auto size = std::filesystem::file_size(table, error);
  if (error) return std::unexpected(io_fault("looking at", table, error));
  std::ifstream file(table, std::ios::binary);
  const std::string footer = read_footer(file, size);
  if (footer.empty()) return {};
  if (is_later(footer)) {
    return std::unexpected(Fault{FaultKind::newer_format,
                                 table.string() + " was written by a newer RocksDB: table format " +
                                     std::to_string(format_of(footer)) + "; this program reads up to " +
                                     std::to_string(kTableFormat),
                                 {}});
  }
  if (!is_flagged(file, footer)) return {};
  return std::unexpected(corruption({}, "the properties of " + table.string() + " are damaged"));
}

Result<void> check_tables(const std::filesystem::path& dir) {
  std::error_code error;
  if (!std::filesystem::exists(dir, error) && !error) return {};
  for (std::filesystem::directory_iterator entry(dir, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() != ".sst") continue;
    if (auto checked = check_table(entry->path()); !checked) return checked;
  }
  if (error) return std::unexpected(io_fault("looking into", dir, error));
  return {};
}

}  // namespace stockfold
