// Comma-separated values, read strictly as RFC 4180 has them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <istream>
#include <optional>
#include <string>
#include <vector>

namespace stockfold {

/// What is wrong with a file, and where.
struct FileFault {
  std::uint64_t line = 0;  ///< From 1.
  std::string column;      ///< Its name, or its number from 1; empty: the whole line.
  std::string what;
  friend bool operator==(const FileFault&, const FileFault&) = default;
};
/// "line 7, column stock: expected a whole number, found x".
[[nodiscard]] std::string text_of(const FileFault& fault);

struct CsvRecord {
  std::uint64_t line = 0;  ///< At which it begins.
  std::vector<std::string> fields;
  friend bool operator==(const CsvRecord&, const CsvRecord&) = default;
};

/// Records end with a line feed, or a carriage return and a line feed; the last one may have neither. A field
/// that is put in quotes may have commas, line ends and doubled quotes. The mark of UTF-8 at the beginning
/// and empty lines are skipped. One thread.
class CsvReader {
 public:
  /// The most bytes of a record.
  static constexpr std::size_t kMaxRecordBytes = 65'536;

  /// The stream must outlive it.
  explicit CsvReader(std::istream& in);

  /// The next record; nothing at the end. After a fault nothing more can be read.
  std::expected<std::optional<CsvRecord>, FileFault> next();

 private:
  static constexpr int kEnd = std::istream::traits_type::eof();

  int peek() { return in_.peek(); }
  int take();
  /// Takes the end of a line, if it is next.
  bool take_line_end();
  std::expected<std::string, FileFault> take_field(CsvRecord& record);
  std::expected<std::string, FileFault> take_quoted(const CsvRecord& record);
  static FileFault fault_in(const CsvRecord& record, std::string what);

  std::istream& in_;
  std::uint64_t line_ = 1;
  std::size_t bytes_ = 0;  ///< Of the record so far.
};

}  // namespace stockfold
