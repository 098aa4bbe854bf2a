#include "tools/batches/command_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/ids.h"

namespace stockfold {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// What a file has: its commands, and the texts of its faults.
struct Contents {
  std::vector<FiledCommand> commands;
  std::vector<std::string> faults;

  [[nodiscard]] std::vector<CommandId> ids() const {
    std::vector<CommandId> ids;
    for (const FiledCommand& filed : commands) ids.push_back(filed.command.identity.value().id);
    return ids;
  }
};
Contents contents_of(CommandFile& file) {
  Contents contents;
  while (!file.is_over()) {
    auto next = file.next();
    if (!next) {
      contents.faults.push_back(text_of(next.error()));
    } else if (*next) {
      contents.commands.push_back(std::move(**next));
    } else {
      break;
    }
  }
  return contents;
}
Contents catalogue(const std::string& text, const std::string& label = "") {
  std::istringstream in(text);
  auto file = CommandFile::of_csv(in, label);
  if (!file) return {{}, {text_of(file.error())}};
  return contents_of(**file);
}
Contents json_lines(const std::string& text, const std::string& label = "") {
  std::istringstream in(text);
  return contents_of(*CommandFile::of_json_lines(in, label));
}

// ---- catalogues -------------------------------------------------------------------------------------------

TEST(Catalogue, RegistersAProductForEachLine) {
  const Contents contents = catalogue("sku,name,stock\nA,Anvil,3\nB,\"Bolt, small\",\n");
  ASSERT_EQ(contents.commands.size(), 2U);
  EXPECT_EQ(contents.commands[0].line, 2U);
  EXPECT_EQ(contents.commands[0].command.body, CommandBody(RegisterProduct{sku("A"), "Anvil", 3}));
  EXPECT_EQ(contents.commands[1].command.body, CommandBody(RegisterProduct{sku("B"), "Bolt, small", 0}));
}

TEST(Catalogue, TakesItsColumnsInAnyOrder) {
  EXPECT_EQ(catalogue("stock,sku\r\n3,A\r\n").commands.at(0).command.body,
            CommandBody(RegisterProduct{sku("A"), "", 3}));
  EXPECT_EQ(catalogue("sku\nA").commands.at(0).command.body, CommandBody(RegisterProduct{sku("A"), "", 0}));
}

TEST(Catalogue, NamesLineAndColumnOfEveryFault) {
  const Contents contents =
      catalogue("sku,name,stock\nA,Anvil,3\n,Bolt,1\nC,Chain,many\nD,Drill\nE,Eye,-1\nF,F\xFF,1\nG,Gear,9\n");
  EXPECT_THAT(contents.faults, ElementsAre("line 3, column sku: missing", HasSubstr("line 4, column stock: "),
                                           "line 5: expected 3 fields, found 2",
                                           HasSubstr("line 6, column stock: "), HasSubstr("line 7: name")));
  EXPECT_EQ(contents.commands.size(), 2U) << "reading goes on";
}

TEST(Catalogue, NamesFaultsOfItsHeader) {
  EXPECT_THAT(catalogue("").faults, ElementsAre("line 1: expected a header with the names of the columns"));
  EXPECT_THAT(catalogue("sku,price\nA,1\n").faults,
              ElementsAre("line 1, column 2: unknown column price: expected sku and optionally name, stock"));
  EXPECT_THAT(catalogue("sku;name\nA;Anvil\n").faults, ElementsAre(HasSubstr("separated by commas")));
  EXPECT_THAT(catalogue("name,stock\nAnvil,1\n").faults,
              ElementsAre("line 1, column sku: the header has no such column"));
  EXPECT_THAT(catalogue("sku,sku\nA,A\n").faults,
              ElementsAre("line 1, column 2: the column sku is there twice"));
  EXPECT_THAT(catalogue("sku,\"na\n").faults, ElementsAre("line 1, column 2: the closing quote is missing"));
}

TEST(Catalogue, EndsAtALineThatIsNoRecord) {
  const Contents contents = catalogue("sku\nA\n\"B\nC\n");
  EXPECT_EQ(contents.commands.size(), 1U);
  EXPECT_THAT(contents.faults, ElementsAre("line 3, column 1: the closing quote is missing"));
}

// ---- JSON lines -------------------------------------------------------------------------------------------

TEST(JsonLines, HoldsACommandInEachLine) {
  const Contents contents = json_lines(
      "\xEF\xBB\xBF{\"command\":\"register_product\",\"sku\":\"A\"}\r\n\n"
      "{\"command\":\"receive_stock\",\"sku\":\"A\",\"quantity\":2,\"command_id\":\"mine\",\"actor\":"
      "\"till\"}\n");
  ASSERT_EQ(contents.commands.size(), 2U);
  EXPECT_EQ(contents.commands[1].line, 3U);
  EXPECT_EQ(contents.commands[1].command.body, CommandBody(ReceiveStock{sku("A"), 2, ""}));
  EXPECT_EQ(contents.commands[1].command.actor, "till");
}

TEST(JsonLines, NamesLineOfEveryFault) {
  const Contents contents = json_lines(
      "{\"command\":\"retire_product\",\"sku\":\"A\"}\n[1]\n{\"command\":\"sell\"}\nx\n"
      "{\"command\":\"receive_stock\",\"sku\":\"A\",\"quantity\":0}\n");
  EXPECT_THAT(contents.faults,
              ElementsAre("line 2: the JSON must be an object", HasSubstr("line 3: field command"),
                          "line 4: not valid JSON", HasSubstr("line 5: field quantity: ")));
  EXPECT_EQ(contents.commands.size(), 1U);
}

// ---- ids --------------------------------------------------------------------------------------------------

TEST(CommandIdsOfAFile, AreThoseOfTheContentInAnyOrder) {
  const auto first = catalogue("sku,name,stock\nA,Anvil,3\nB,Bolt,1\n").ids();
  const auto moved = catalogue("stock,sku,name\r\n1,B,Bolt\r\n3,\"A\",Anvil\r\n").ids();
  EXPECT_EQ(moved, (std::vector{first[1], first[0]}));
  const auto as_json =
      json_lines("{\"stock\":\"3\",\"command\":\"register_product\",\"sku\":\"A\",\"name\":\"Anvil\"}");
  EXPECT_EQ(as_json.ids(), std::vector{first[0]});
}

TEST(CommandIdsOfAFile, AreOthersWhereALineWasEdited) {
  const auto before = catalogue("sku,name,stock\nA,Anvil,3\nB,Bolt,1\n").ids();
  const auto after = catalogue("sku,name,stock\nA,Anvil,4\nB,Bolt,1\nC,Chain,1\n").ids();
  EXPECT_NE(after[0], before[0]);
  EXPECT_EQ(after[1], before[1]);
}

TEST(CommandIdsOfAFile, DifferBetweenEqualLines) {
  const std::string line = "{\"command\":\"receive_stock\",\"sku\":\"A\",\"quantity\":1}\n";
  const auto ids = json_lines(line + line + line).ids();
  EXPECT_EQ(std::set<CommandId>(ids.begin(), ids.end()).size(), 3U);
  EXPECT_EQ(json_lines(line + line + line).ids(), ids);
}

TEST(CommandIdsOfAFile, DifferBetweenLabels) {
  const std::string line = "{\"command\":\"receive_stock\",\"sku\":\"A\",\"quantity\":1}\n";
  EXPECT_NE(json_lines(line, "monday").ids(), json_lines(line, "tuesday").ids());
}

TEST(CommandIdsOfAFile, AreTheOnesThatItNames) {
  const std::string line =
      "{\"command\":\"retire_product\",\"sku\":\"A\",\"command_id\":\"00112233-4455-6677-8899-aabbccddeeff\"}"
      "\n";
  EXPECT_EQ(to_uuid(json_lines(line).ids().at(0).bytes), "00112233-4455-6677-8899-aabbccddeeff");
}

/// They are kept for ever, so a later program must derive the same.
TEST(CommandIdsOfAFile, NeverChange) {
  EXPECT_EQ(to_uuid(catalogue("sku,name,stock\nA,Anvil,3\n").ids().at(0).bytes),
            "7921d04b-3ac0-e7ac-8e8c-d35265125b58");
}

}  // namespace
}  // namespace stockfold
