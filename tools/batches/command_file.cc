#include "tools/batches/command_file.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "protocol/text/arguments.h"
#include "server/http/batch_commands.h"
#include "server/ledger/admit.h"
#include "storage/codec/body_hash.h"
#include "storage/codec/sha256.h"

namespace stockfold {
namespace {

constexpr std::size_t kMaxLineBytes = 1U << 20;

std::string_view shown(std::string_view text) { return text.substr(0, 64); }

// ---- comma-separated values -------------------------------------------------------------------------------

/// A record of a file, by the names of its columns.
class SheetRow {
 public:
  SheetRow(const std::vector<std::string>& columns, const CsvRecord& record)
      : columns_(columns), record_(record) {}

  /// Empty if the file has no such column.
  [[nodiscard]] std::string_view field(std::string_view column) const {
    const auto found = std::ranges::find(columns_, column);
    if (found == columns_.end()) return {};
    return record_.fields[static_cast<std::size_t>(found - columns_.begin())];
  }
  [[nodiscard]] std::unexpected<FileFault> fault(std::string_view column, std::string what) const {
    return std::unexpected(FileFault{record_.line, std::string(column), std::move(what)});
  }

 private:
  const std::vector<std::string>& columns_;
  const CsvRecord& record_;
};

using RowCommand = std::expected<CommandBody, FileFault>;

/// A product of a catalogue. Without a stock it has none.
RowCommand product_in(const SheetRow& row) {
  RegisterProduct product;
  const std::string_view sku = row.field("sku");
  if (sku.empty()) return row.fault("sku", "missing");
  auto parsed = parse_sku(sku);
  if (!parsed) return row.fault("sku", std::move(parsed.error()));
  product.sku = *parsed;
  product.name = row.field("name");
  if (const std::string_view stock = row.field("stock"); !stock.empty()) {
    auto units = parse_number(stock, 0, kMaxUnits);
    if (!units) return row.fault("stock", std::move(units.error()));
    product.stock = *units;
  }
  return product;
}

/// A kind of file: which columns it has, and the command that a line of it is.
struct SheetKind {
  std::string_view key;  ///< The column by which it is known.
  std::vector<std::string_view> needed;
  std::vector<std::string_view> optional;
  RowCommand (*read)(const SheetRow& row);
};
const std::vector<SheetKind>& all_sheets() {
  static const std::vector<SheetKind> sheets = {
      {"sku", {"sku"}, {"name", "stock"}, product_in},
  };
  return sheets;
}

bool has_name(const auto& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::string joined(const std::vector<std::string_view>& names) {
  std::string all;
  for (const std::string_view name : names) all.append(all.empty() ? "" : ", ").append(name);
  return all;
}

/// The kind that a header is of, or the fault of the header.
std::expected<const SheetKind*, FileFault> kind_of(const CsvRecord& header) {
  const auto has = [&](std::string_view name) { return has_name(header.fields, name); };
  const auto fault = [&](std::size_t column, std::string what) {
    return std::unexpected(FileFault{header.line, std::to_string(column + 1), std::move(what)});
  };
  const auto& sheets = all_sheets();
  const auto found = std::ranges::find_if(sheets, [&](const SheetKind& kind) { return has(kind.key); });
  const SheetKind& kind = found == sheets.end() ? sheets.back() : *found;
  for (std::size_t i = 0; i < header.fields.size(); ++i) {
    const std::string& name = header.fields[i];
    const bool known = has_name(kind.needed, name) || has_name(kind.optional, name);
    if (!known) {
      const char* hint = name.contains(';') ? "; columns are separated by commas" : "";
      return fault(i, "unknown column " + std::string(shown(name)) + ": expected " + joined(kind.needed) +
                          " and optionally " + joined(kind.optional) + hint);
    }
    if (std::ranges::find(header.fields, name) != header.fields.begin() + static_cast<std::ptrdiff_t>(i)) {
      return fault(i, "the column " + name + " is there twice");
    }
  }
  for (const std::string_view needed : kind.needed) {
    if (!has(needed)) {
      return std::unexpected(FileFault{header.line, std::string(needed), "the header has no such column"});
    }
  }
  return &kind;
}

class CsvFile final : public CommandFile {
 public:
  CsvFile(CsvReader reader, const SheetKind& kind, std::vector<std::string> columns, const std::string& label)
      : CommandFile(label), reader_(std::move(reader)), kind_(kind), columns_(std::move(columns)) {}

  std::expected<std::optional<FiledCommand>, FileFault> next() override {
    auto record = reader_.next();
    if (!record) {
      over_ = true;
      return std::unexpected(std::move(record.error()));
    }
    if (!*record) return std::nullopt;
    const CsvRecord& row = **record;
    if (row.fields.size() != columns_.size()) {
      return std::unexpected(FileFault{row.line,
                                       {},
                                       "expected " + std::to_string(columns_.size()) + " fields, found " +
                                           std::to_string(row.fields.size())});
    }
    auto body = kind_.read(SheetRow(columns_, row));
    if (!body) return std::unexpected(std::move(body.error()));
    return complete(row.line, Command{.body = std::move(*body)});
  }

 private:
  CsvReader reader_;
  const SheetKind& kind_;
  std::vector<std::string> columns_;
};

// ---- JSON lines -------------------------------------------------------------------------------------------

class JsonLinesFile final : public CommandFile {
 public:
  JsonLinesFile(std::istream& in, const std::string& label) : CommandFile(label), in_(in) {}

  std::expected<std::optional<FiledCommand>, FileFault> next() override {
    for (std::string text; std::getline(in_, text);) {
      ++line_;
      if (line_ == 1 && text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
      if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
      return command_in(text);
    }
    return std::nullopt;
  }

 private:
  std::expected<std::optional<FiledCommand>, FileFault> command_in(const std::string& text) {
    const auto fault = [&](std::string what) {
      return std::unexpected(FileFault{line_, {}, std::move(what)});
    };
    if (text.size() > kMaxLineBytes) return fault("the line is too long");
    auto fields = HttpFields::of_json(text);
    if (!fields) return fault(std::move(fields.error()));
    auto command = named_command(*fields);
    if (!command) return fault(sentence_of(command.error()));
    return complete(line_, std::move(*command));
  }

  std::istream& in_;
  std::uint64_t line_ = 0;
};

}  // namespace

// ---- ids --------------------------------------------------------------------------------------------------

CommandId CommandIds::next(const Command& command) {
  const BodyHash body = body_hash(command.body, command.expected);
  const std::uint64_t earlier = seen_[body]++;
  Sha256 hash;
  hash.add("stockfold load\n");
  hash.add(label_);
  hash.add("\n");
  hash.add({reinterpret_cast<const char*>(body.bytes.data()), body.bytes.size()});
  hash.add(std::to_string(earlier));
  const Sha256Digest digest = hash.finish();
  CommandId id;
  std::copy_n(digest.begin(), id.bytes.size(), id.bytes.begin());
  return id;
}

std::expected<FiledCommand, FileFault> CommandFile::complete(std::uint64_t line, Command command) {
  if (auto failure = admit(command)) {
    return std::unexpected(FileFault{line, {}, std::move(failure->detail)});
  }
  if (!command.identity) command.identity = CommandIdentity{ids_.next(command), {}};
  return FiledCommand{line, std::move(command)};
}

// ---- files ------------------------------------------------------------------------------------------------

std::expected<std::unique_ptr<CommandFile>, FileFault> CommandFile::of_csv(std::istream& in,
                                                                           const std::string& label) {
  CsvReader reader(in);
  auto header = reader.next();
  if (!header) return std::unexpected(std::move(header.error()));
  if (!*header) return std::unexpected(FileFault{1, {}, "expected a header with the names of the columns"});
  const auto kind = kind_of(**header);
  if (!kind) return std::unexpected(kind.error());
  return std::make_unique<CsvFile>(std::move(reader), **kind, std::move((*header)->fields), label);
}

std::unique_ptr<CommandFile> CommandFile::of_json_lines(std::istream& in, const std::string& label) {
  return std::make_unique<JsonLinesFile>(in, label);
}

}  // namespace stockfold
