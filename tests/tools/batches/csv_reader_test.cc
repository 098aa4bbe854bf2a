#include "tools/batches/csv_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace stockfold {
namespace {

using testing::HasSubstr;
using Records = std::vector<CsvRecord>;

/// All records; the text of the fault as the last one, if there is one.
Records records_in(const std::string& text) {
  std::istringstream in(text);
  CsvReader reader(in);
  Records records;
  for (;;) {
    auto next = reader.next();
    if (!next) {
      records.push_back({0, {text_of(next.error())}});
      return records;
    }
    if (!*next) return records;
    records.push_back(std::move(**next));
  }
}
std::string fault_in(const std::string& text) {
  const Records records = records_in(text);
  return records.empty() || records.back().line != 0 ? "nothing is wrong" : records.back().fields.front();
}

TEST(CsvReader, ReadsFieldsBetweenCommas) {
  EXPECT_EQ(records_in("sku,name\nA,Anvil\n,\n"),
            (Records{{1, {"sku", "name"}}, {2, {"A", "Anvil"}}, {3, {"", ""}}}));
  EXPECT_EQ(records_in("A, B ,C"), (Records{{1, {"A", " B ", "C"}}})) << "blanks are kept";
}

TEST(CsvReader, EndsRecordsAtEveryKindOfLineEnd) {
  const Records two{{1, {"A", "1"}}, {2, {"B", "2"}}};
  EXPECT_EQ(records_in("A,1\nB,2\n"), two);
  EXPECT_EQ(records_in("A,1\r\nB,2\r\n"), two);
  EXPECT_EQ(records_in("A,1\r\nB,2"), two);
}

TEST(CsvReader, SkipsTheMarkOfUtf8AndEmptyLines) {
  EXPECT_EQ(records_in("\xEF\xBB\xBFsku\r\n\r\nA\r\n\n"), (Records{{1, {"sku"}}, {3, {"A"}}}));
  EXPECT_EQ(records_in("\xEF\xBB\xBF\"sku\"\n"), (Records{{1, {"sku"}}}));
  EXPECT_EQ(records_in(""), Records());
  EXPECT_EQ(records_in("\n\r\n"), Records());
}

TEST(CsvReader, ReadsQuotedFields) {
  EXPECT_EQ(records_in("\"A\",\"1, 2\",\"\"\n"), (Records{{1, {"A", "1, 2", ""}}}));
  EXPECT_EQ(records_in("\"3\"\" pipe\",\"\"\"\"\n"), (Records{{1, {"3\" pipe", "\""}}}));
  EXPECT_EQ(records_in("\"two\r\nlines\",1\nB,2\n"), (Records{{1, {"two\r\nlines", "1"}}, {3, {"B", "2"}}}));
}

TEST(CsvReader, NamesLineAndColumnOfAFault) {
  EXPECT_THAT(fault_in("A,1\nB,3\" pipe\n"), testing::StartsWith("line 2, column 2: a quote within a field"));
  EXPECT_EQ(fault_in("A\n\"B,\n"), "line 2, column 1: the closing quote is missing");
  EXPECT_THAT(fault_in("\"A\"B\n"), HasSubstr("line 1, column 1: expected a comma or the end of the line"));
  EXPECT_THAT(fault_in("\"" + std::string(CsvReader::kMaxRecordBytes, 'x')), HasSubstr("too long"));
  EXPECT_THAT(fault_in(std::string(CsvReader::kMaxRecordBytes + 1, 'x')), HasSubstr("too long"));
}

RC_GTEST_PROP(CsvReader, ReadsWhatAWriterQuotes, (const std::vector<std::string>& fields)) {
  RC_PRE(!fields.empty());
  std::string text;
  for (const std::string& field : fields) {
    text += text.empty() ? "\"" : ",\"";
    for (const char byte : field) text += byte == '"' ? std::string("\"\"") : std::string(1, byte);
    text += '"';
  }
  RC_ASSERT(records_in(text + "\r\n") == (Records{{1, fields}}));
}

RC_GTEST_PROP(CsvReader, EndsOnAnyBytes, (const std::string& bytes)) {
  const Records records = records_in(bytes);
  RC_ASSERT(records.size() <= bytes.size() + 1);
}

}  // namespace
}  // namespace stockfold
