#include "tools/batches/csv_reader.h"

#include <string_view>
#include <utility>

namespace stockfold {

std::string text_of(const FileFault& fault) {
  std::string text = "line " + std::to_string(fault.line);
  if (!fault.column.empty()) text += ", column " + fault.column;
  return text + ": " + fault.what;
}

CsvReader::CsvReader(std::istream& in) : in_(in) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (peek() != static_cast<unsigned char>(kMark.front())) return;
  for (const char byte : kMark) {
    if (peek() == static_cast<unsigned char>(byte)) take();
  }
}

int CsvReader::take() {
  const int byte = in_.get();
  if (byte == '\n') ++line_;
  ++bytes_;
  return byte;
}

bool CsvReader::take_line_end() {
  if (peek() == '\r') {
    take();
    if (peek() == '\n') take();
    return true;
  }
  if (peek() != '\n') return false;
  take();
  return true;
}

std::expected<std::optional<CsvRecord>, FileFault> CsvReader::next() {
  while (take_line_end()) {
  }
  if (peek() == kEnd) return std::nullopt;
  CsvRecord record{line_, {}};
  bytes_ = 0;
  for (;;) {
    auto field = take_field(record);
    if (!field) return std::unexpected(std::move(field.error()));
    record.fields.push_back(std::move(*field));
    if (peek() != ',') break;
    take();
  }
  if (peek() != kEnd) take_line_end();
  return record;
}

std::expected<std::string, FileFault> CsvReader::take_field(CsvRecord& record) {
  if (peek() == '"') return take_quoted(record);
  std::string field;
  for (int next = peek(); next != ',' && next != '\n' && next != '\r' && next != kEnd; next = peek()) {
    if (next == '"') {
      return std::unexpected(
          fault_in(record,
                   "a quote within a field that does not begin with one: put the field in quotes, and "
                   "double the quote"));
    }
    field.push_back(static_cast<char>(take()));
    if (bytes_ > kMaxRecordBytes) return std::unexpected(fault_in(record, "the record is too long"));
  }
  return field;
}

std::expected<std::string, FileFault> CsvReader::take_quoted(const CsvRecord& record) {
  take();
  std::string field;
  for (;;) {
    if (bytes_ > kMaxRecordBytes) {
      return std::unexpected(fault_in(record, "the record is too long; is a closing quote missing?"));
    }
    if (peek() == kEnd) return std::unexpected(fault_in(record, "the closing quote is missing"));
    const int byte = take();
    if (byte != '"') {
      field.push_back(static_cast<char>(byte));
      continue;
    }
    if (peek() != '"') break;
    field.push_back(static_cast<char>(take()));
  }
  const int next = peek();
  if (next == ',' || next == '\n' || next == '\r' || next == kEnd) return field;
  return std::unexpected(
      fault_in(record, "expected a comma or the end of the line behind the closing quote"));
}

FileFault CsvReader::fault_in(const CsvRecord& record, std::string what) {
  return {record.line, std::to_string(record.fields.size() + 1), std::move(what)};
}

}  // namespace stockfold
