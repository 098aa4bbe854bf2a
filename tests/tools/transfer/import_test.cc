// A store made from exported lines: what is accepted, and the error for the first wrong line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <filesystem>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "storage/engine/store.h"
#include "storage/golden.h"
#include "storage/rocksdb/engine.h"
#include "support/temporary_directory.h"
#include "tools/load/traffic.h"
#include "tools/transfer/exported.h"

namespace stockfold {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

// ---- there and back ---------------------------------------------------------------------------------------

RC_GTEST_PROP(ImportedLog, EqualsTheExportedLog, ()) {
  Traffic traffic;
  play(traffic);
  const std::string text = exported(traffic.log());
  const Outcome imported = import_text(text);
  RC_LOG() << imported.wrong;
  RC_ASSERT(imported.log != nullptr);
  RC_ASSERT(imported.log->head() == traffic.log().head());
  RC_ASSERT(exported(*imported.log) == text);
}

RC_GTEST_PROP(Import, RejectsDroppedRepeatedOrSwappedLines, ()) {
  Traffic traffic;
  play(traffic);
  auto lines = split(exported(traffic.log()));
  const auto at = *rc::gen::inRange<std::size_t>(1, lines.size());
  switch (*rc::gen::inRange(0, 3)) {
    case 0:
      lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at));
      break;
    case 1:
      lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), std::string(lines[at]));
      break;
    default:
      std::swap(lines[at], lines[at - 1]);
  }
  const Outcome imported = import_text(joined(lines));
  RC_ASSERT(imported.log == nullptr);
  RC_ASSERT(!imported.wrong.starts_with("fault"));
}

RC_GTEST_PROP(Import, RejectsArbitraryBytes, (const std::string& bytes)) {
  RC_ASSERT(import_text(bytes).wrong.starts_with("1: "));
}

/// Testing every place would take long: some hundreds are drawn at random each time.
TEST(Import, RejectsChangedCharacterOrYieldsSameLog) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::string text = read_bytes(golden_path("exports/log-1.jsonl"));
  const std::string same = with_sentences_of_today(text);
  int refused = 0;
  constexpr int kPlaces = 600;
  for (int i = 0; i < kPlaces; ++i) {
    const std::size_t at = random() % text.size();
    // Half of them change by one bit, so that digits become digits and letters letters.
    const auto flip = random() % 2 == 0 ? std::uint32_t{1} << random() % 8 : 1 + random() % 255;
    std::string changed = text;
    changed[at] = static_cast<char>(static_cast<unsigned char>(text[at]) ^ flip);
    SCOPED_TRACE("byte " + std::to_string(at) + " became " + std::to_string(changed[at]));
    const Outcome imported = import_text(changed);
    if (imported.log == nullptr) {
      ++refused;
      EXPECT_THAT(imported.wrong, Not(StartsWith("fault")));
    } else {
      EXPECT_TRUE(exported(*imported.log) == same) << "it was taken, and is not the same";
    }
  }
  EXPECT_GT(refused, kPlaces * 3 / 4) << "all but the words of messages count";
}

TEST(Import, RejectsTruncatedText) {
  const std::string text = read_bytes(golden_path("exports/log-1.jsonl"));
  for (std::size_t end = text.find('\n'); end + 1 < text.size(); end = text.find('\n', end + 1)) {
    EXPECT_THAT(import_text(text.substr(0, end + 1)).wrong, EndsWith("found no more lines"));
    EXPECT_EQ(import_text(text.substr(0, end - 1)).log, nullptr);
  }
}

// ---- what is wrong ----------------------------------------------------------------------------------------

class ImportTest : public testing::Test {
 protected:
  ImportTest() {
    traffic_.execute({with_id(register_product("A", 5), 1), register_product("B", 5)});
    traffic_.execute({{.body = PlaceOrder{order_id("1"), {{sku("A"), 2}, {sku("B"), 1}}}, .actor = "anna"}});
    traffic_.execute({{.body = AbortOrder{order_id("1"), "said \"no\""}}, with_id(abort_order("1"), 2)});
    traffic_.execute({with_id(receive("A", 1), 3)});
    lines_ = split(exported(traffic_.log()));
  }

  /// The import's error after `from` on a line (from 1) was replaced by `to`.
  std::string wrong(std::size_t line, const std::string& from, const std::string& to) {
    auto lines = lines_;
    const auto at = lines[line - 1].find(from);
    EXPECT_NE(at, std::string::npos) << from << " is not in " << lines[line - 1];
    if (at != std::string::npos) lines[line - 1].replace(at, from.size(), to);
    return wrong(lines);
  }
  static std::string wrong(const std::vector<std::string>& lines) {
    const Outcome imported = import_text(joined(lines));
    EXPECT_EQ(imported.log, nullptr);
    return imported.wrong;
  }
  /// The body hash on that line.
  std::string body_hash_on(std::size_t line) {
    const std::string& text = lines_[line - 1];
    return text.substr(text.find("body_hash") + 12, 32);
  }
  std::string with_third_line(const std::string& line) {
    auto lines = lines_;
    lines[2] = line;
    return wrong(lines);
  }

  Traffic traffic_;
  std::vector<std::string> lines_;
};

TEST_F(ImportTest, AcceptsFieldsInAnyOrder) {
  auto lines = lines_;
  lines.back() = R"({ "hash": ")" + to_hex(traffic_.log().head().hash) + R"(", "end": 6 })";
  EXPECT_EQ(import_text(joined(lines)).wrong, "");
}

TEST_F(ImportTest, AcceptsOtherWordingOfMessage) {
  auto lines = lines_;
  const auto at = lines[5].find("was already aborted");
  ASSERT_NE(at, std::string::npos);
  lines[5].replace(at, 19, "is aborted");
  const Outcome imported = import_text(joined(lines));
  ASSERT_NE(imported.log, nullptr) << imported.wrong;
  EXPECT_EQ(imported.log->head(), traffic_.log().head());
}

TEST_F(ImportTest, NamesImpossibleEvent) {
  EXPECT_EQ(wrong(4, R"("stock_after":3)", R"("stock_after":4)"),
            "4: product/A: expected stock 3 after it, found 4");
  EXPECT_EQ(wrong(5, R"("order/1":2)", R"("order/1":3)"), "5: order/1: expected version 2, found 3");
  EXPECT_EQ(wrong(4, R"("quantity":2,"stock_after":3)", R"("quantity":6,"stock_after":0)"),
            "4: product/A: expected 6 units in stock, found 5");
  EXPECT_EQ(wrong(5, R"(said \"no\")", R"(said\nno)"),
            "5: OrderAborted: reason must hold no control characters");
}

TEST_F(ImportTest, NamesImpossibleRefusal) {
  EXPECT_THAT(wrong(6, R"("requested":0)", R"("requested":7)"),
              StartsWith("6: CommandRefused cannot have happened: expected"));
  EXPECT_THAT(wrong(6, R"("command":"AbortOrder")", R"("command":"DraftOrder")"),
              StartsWith("6: CommandRefused cannot have happened: expected"));
  EXPECT_EQ(wrong(6, R"("command_id":"00000000-0000-0000-0000-000000000002")", R"("command_id":null)"),
            "6: field body_hash: expected null, found \"" + body_hash_on(6) + '"');
}

TEST_F(ImportTest, NamesWrongBodyHash) {
  const std::string hash = body_hash_on(2);
  EXPECT_EQ(wrong(2, hash, "0123" + hash.substr(4)),
            "2: ProductRegistered: expected the body hash of its command, found another");
}

TEST_F(ImportTest, NamesSecondOutcomeOfCommandId) {
  // A forger of the events also forges the hashes.
  MemoryLog log(LedgerId{.bytes = {1, 2, 3}}, Epoch(1), UnixMillis(1'767'323'000'001));
  const auto commits = traffic_.log().read(GlobalPosition(1));
  while (const auto commit = commits->next().value()) {
    Commit copy = *commit;
    for (RecordedEvent& event : copy.events) {
      if (event.identity) event.identity->id = CommandId{{9}};
    }
    ASSERT_TRUE(std::holds_alternative<Appended>(log.append(log.head().position, std::move(copy))));
  }
  EXPECT_EQ(wrong(split(exported(log))),
            "6: expected a command id without an outcome, found one that has it in event 1");
}

TEST_F(ImportTest, NamesLineWhoseHashDiffers) {
  EXPECT_THAT(wrong(4, R"("anna")", R"("otto")"), StartsWith("4: field commit_hash: expected "));
  EXPECT_THAT(wrong(2, R"("sku":"A","name":"")", R"("sku":"A","name":"x")"), StartsWith("2: ProductRegist"));
  EXPECT_THAT(wrong(3, R"("name":"")", R"("name":"x")"), StartsWith("3: field commit_hash: expected "));
  EXPECT_THAT(wrong(8, R"("hash":")" + to_hex(traffic_.log().head().hash).substr(0, 2), R"("hash":"--)"),
              StartsWith("8: field hash: expected 64 hexadecimal digits, found "));
}

TEST_F(ImportTest, DetectsChangedFirstLineByChecksum) {
  const std::string found = "1: expected the first line of an exported log, found another: field checksum: ";
  EXPECT_THAT(wrong(1, R"("epoch":1)", R"("epoch":2)"), StartsWith(found));
  EXPECT_THAT(wrong(1, "2026-", "2027-"), StartsWith(found));
  EXPECT_THAT(wrong(1, "01020300-", "01020301-"), StartsWith(found));
}

TEST_F(ImportTest, NamesContradictoryFields) {
  EXPECT_EQ(wrong(3, R"("product/B":1)", R"("product/B":1,"product/C":1)"),
            "3: field streams.product/C: expected none, found 1");
  EXPECT_EQ(wrong(6, R"("order":"1","status")", R"("order":"2","status")"),
            R"(6: field data.state.order: expected "1", found "2")");
  EXPECT_EQ(wrong(2, R"("type_version":1)", R"("type_version":2)"),
            "2: field type_version: expected 1, found 2");
  EXPECT_EQ(wrong(2, R"("stock":5)", R"("stock":4,"stock":5)"),
            "2: expected every field once, found one again");
  EXPECT_EQ(wrong(2, R"("time":"2026)", R"("time":" 2026)"),
            R"(2: field time: expected a time, found " 2026-01-02T03:04:05.679Z")");
  EXPECT_EQ(wrong(2, R"(679Z")", R"(679+00:00")"),
            R"(2: field time: expected "2026-01-02T03:04:05.679Z", found "2026-01-02T03:04:05.679+00:00")");
}

TEST_F(ImportTest, NamesValueOutOfRange) {
  const std::string units = "field stock: expected a whole number from 0 to 9007199254740991, found ";
  EXPECT_EQ(wrong(2, R"("stock":5)", R"("stock":-5)"), "2: " + units + "-5");
  EXPECT_EQ(wrong(2, R"("stock":5)", R"("stock":5.0)"), "2: " + units + "5E0");
  EXPECT_EQ(wrong(2, R"("stock":5)", R"("stock":9007199254740992)"), "2: " + units + "9007199254740992");
  EXPECT_EQ(wrong(2, R"("stock":5)", R"("stock":null)"), "2: " + units + "null");
  EXPECT_EQ(wrong(2, R"(,"stock":5)", ""), "2: " + units + "none");
  EXPECT_EQ(wrong(2, R"("sku":"A")", R"("sku":"A ")"), R"(2: field sku: expected an id, found "A ")");
  EXPECT_EQ(wrong(3, R"("type":"P)", R"("type":"Q)"),
            R"(3: field type: expected a type of event, found "QroductRegistered")");
  EXPECT_EQ(wrong(3, R"("name":"")", R"("name":")" + std::string(300, 'x') + '"'),
            "3: field name: expected a text of at most 256 bytes, found \"" + std::string(99, 'x') + " …");
  EXPECT_EQ(wrong(1, "log 1", "log 2"),
            "1: expected the first line of an exported log, found another: field format: expected "
            R"("stockfold log 1", found "stockfold log 2")");
}

TEST_F(ImportTest, NamesInconsistentCommit) {
  EXPECT_EQ(wrong(2, R"("events":2)", R"("events":3)"),
            "3: expected no hash before the end of the commit, found one");
  EXPECT_EQ(wrong(2, R"("events":2)", R"("events":1)"),
            "2: expected the hash of the commit that ends here, found none");
  EXPECT_EQ(wrong(2, R"("events":2)", R"("events":0)"),
            "2: field events: expected a whole number from 1 to 4294967295, found 0");
  EXPECT_EQ(wrong(2, R"("epoch":1)", R"("epoch":2)"), "2: expected an epoch from 1 to 1, found 2");
  EXPECT_EQ(wrong(3, "05.679Z", "05.680Z"), "3: expected the time of its commit, found another");
  EXPECT_EQ(wrong(4, "05.680Z", "05.678Z"),
            "4: expected a time of at least 1767323045679, found 1767323045678");
}

TEST_F(ImportTest, NamesFirstLineOutOfSequence) {
  const auto without = [&](std::size_t line) {
    auto lines = lines_;
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(line - 1));
    return wrong(lines);
  };
  EXPECT_EQ(without(1), "1: expected the first line of an exported log, found another");
  EXPECT_EQ(without(4), "4: expected position 3, found 4");
  EXPECT_EQ(without(7), "7: field end: expected 5, found 6");
  EXPECT_EQ(without(8), "8: expected an event or the end of the log, found no more lines");
  EXPECT_THAT(wrong(std::vector<std::string>()),
              StartsWith("1: expected the first line of an exported log, found another"));
  auto lines = lines_;
  lines.push_back(lines[3]);
  EXPECT_EQ(wrong(lines), "9: expected nothing behind the end of the log, found another line");
  lines = lines_;
  lines[2] = lines[7];
  EXPECT_EQ(wrong(lines), "3: expected an event of the commit begun on line 2, found the end of the log");
  EXPECT_EQ(with_third_line(lines_[0]),
            "3: expected an event or the end of the log, found another first line");
}

TEST_F(ImportTest, NamesHostileLines) {
  const std::string no_object = "3: expected an object of JSON, found something else: ";
  EXPECT_THAT(with_third_line(std::string(100'000, '[')), StartsWith(no_object));
  EXPECT_THAT(with_third_line("{\"position\":\"\xff\"}"), StartsWith(no_object));
  EXPECT_THAT(with_third_line(""), StartsWith(no_object));
  EXPECT_EQ(with_third_line("[]"), "3: expected an object of JSON, found another value");
  EXPECT_EQ(with_third_line(std::string(kMaxExportLineBytes + 1, ' ')),
            "3: expected a line of at most 1048576 bytes, found a longer one");
  EXPECT_THAT(with_third_line(std::string(kMaxExportLineBytes, ' ')), StartsWith(no_object));
  const std::string position = "3: field position: expected a whole number from 0 to 18446744073709551615, ";
  EXPECT_EQ(with_third_line("{}"), position + "found none");
  EXPECT_THAT(with_third_line(R"({"position":1e400})"), StartsWith("3: "));
  EXPECT_THAT(with_third_line(R"({"position":1e300})"), StartsWith(position));
  EXPECT_THAT(with_third_line(R"({"end":99999999999999999999999,"hash":""})"), StartsWith("3: field end: "));
}

TEST_F(ImportTest, NamesLineThatMakesCommitTooLarge) {
  auto padded = split(exported(traffic_.log()));
  padded.resize(2);
  padded[1].replace(padded[1].find(R"("events":2)"), 10, R"("events":99)");
  padded[1].resize(kMaxExportLineBytes, ' ');
  for (std::size_t position = 2; position <= 65; ++position) {
    std::string line = lines_[2].substr(0, lines_[2].find(R"(,"commit_hash")")) + "}";
    line.replace(line.find(R"(:2,)"), 3, ":" + std::to_string(position) + ",");
    line.resize(kMaxExportLineBytes, ' ');
    padded.push_back(std::move(line));
  }
  EXPECT_EQ(wrong(padded), "66: expected a commit of at most 67108864 bytes, found a larger one");
}

// ---- on disk ----------------------------------------------------------------------------------------------

TEST(ImportedStore, KeepsEpochsAndTimesAcrossDisk) {
  const TemporaryDirectory dir;
  StoreOptions options;
  options.views = view_names();
  const auto event = [](std::uint64_t position, std::uint64_t version, Event what) {
    return RecordedEvent{GlobalPosition(position),
                         UnixMillis(1'000 * static_cast<std::int64_t>(position)),
                         StreamVersion(version),
                         {},
                         "",
                         std::move(what)};
  };
  {
    auto made =
        rocksdb_engine().make(dir.path() / "a", {LedgerId{{9}}, Epoch(3), UnixMillis(77)}, options).value();
    ASSERT_TRUE(
        made->add({Epoch(1), UnixMillis(1'000), {}, {}, {event(1, 1, ProductRegistered{sku("A"), "", 1})}}));
    ASSERT_TRUE(
        made->add({Epoch(3), UnixMillis(2'000), {}, {}, {event(2, 2, StockReceived{sku("A"), 2, 3, ""})}}));
    ASSERT_TRUE(made->finish());
  }
  const std::string text = exported(rocksdb_engine().open_read_only(dir.path() / "a").value()->log());
  EXPECT_THAT(text, HasSubstr(R"("epoch":3,"created":"1970-01-01T00:00:00.077Z")"));

  std::istringstream in(text);
  std::vector<GlobalPosition> read;
  std::vector<GlobalPosition> built;
  const ImportPlace place{
      .begin =
          [&](const LedgerRecord& ledger) {
            return rocksdb_engine().make(dir.path() / "b", ledger, options);
          },
      .scratch = dir.path(),
      .lines_read = [&](GlobalPosition at, std::uint64_t) { read.push_back(at); },
      .views_built = [&](GlobalPosition at, GlobalPosition) { built.push_back(at); },
  };
  ASSERT_TRUE(import_log(in, place));
  EXPECT_THAT(read, testing::ElementsAre(GlobalPosition(1), GlobalPosition(2)));
  EXPECT_THAT(built, testing::ElementsAre(GlobalPosition(2)));
  EXPECT_EQ(exported(rocksdb_engine().open_read_only(dir.path() / "b").value()->log()), text);
}

}  // namespace
}  // namespace stockfold
