#include "tools/reports/csv.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace stockfold {
namespace {

std::string csv(const std::vector<std::string>& fields) { return csv_line(fields); }

/// The fields of one record, read by the rules of RFC 4180.
std::vector<std::string> read_back(std::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i + 1 < line.size(); ++i) {
    const bool doubled = quoted && line[i] == '"' && line[i + 1] == '"' && i + 2 < line.size();
    if (doubled) {
      fields.back() += line[i++];
    } else if (line[i] == '"') {
      quoted = !quoted;
    } else if (line[i] == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += line[i];
    }
  }
  return fields;
}

TEST(CsvLine, SeparatesFieldsWithCommas) {
  EXPECT_EQ(csv({"a", "", "b c", "3"}), "a,,b c,3\n");
  EXPECT_EQ(csv({""}), "\n");
}

TEST(CsvLine, QuotesSpecialCharacters) {
  EXPECT_EQ(csv({"a,b"}), "\"a,b\"\n");
  EXPECT_EQ(csv({"say \"no\""}), "\"say \"\"no\"\"\"\n");
  EXPECT_EQ(csv({"two\nlines", "a\rb"}), "\"two\nlines\",\"a\rb\"\n");
  EXPECT_EQ(csv({"Größe"}), "Größe\n");
}

// Clients choose names, reasons and actors. Spreadsheets evaluate texts that begin so, and so may run
// programs.
TEST(CsvLine, EscapesTextThatSpreadsheetsWouldCalculate) {
  EXPECT_EQ(csv({"=1+1", "+x", "-x", "@SUM(A1)"}), "'=1+1,'+x,'-x,'@SUM(A1)\n");
  EXPECT_EQ(csv({"=A,B", "\tx", "\rx", "\nx"}), "\"'=A,B\",'\tx,\"'\rx\",\"'\nx\"\n");
  EXPECT_EQ(csv({"-1+cmd", "+", "-1.5", "=5"}), "'-1+cmd,'+,'-1.5,'=5\n");
}

TEST(CsvLine, LeavesNumbersAndOtherTextUnchanged) {
  EXPECT_EQ(csv({"-3", "+4", "5", "a=b", "a-b", "'x"}), "-3,+4,5,a=b,a-b,'x\n");
}

RC_GTEST_PROP(CsvLine, ReadsBackAsWritten, ()) {
  const auto fields = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(
      rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab\",\n\r ")))));
  auto expected = fields;
  for (std::string& field : expected) {
    if (field.starts_with('\r') || field.starts_with('\n')) field.insert(0, "'");
  }
  RC_ASSERT(read_back(csv(fields)) == expected);
}

}  // namespace
}  // namespace stockfold
