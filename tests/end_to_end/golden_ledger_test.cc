// A whole data directory that an old program left when it was killed: log, trailing views, and the key. Every
// later program must continue from it and give the same answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>
#include <filesystem>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "end_to_end/program.h"
#include "projections/following/catch_up.h"
#include "projections/views.h"
#include "storage/engine/store.h"
#include "storage/golden.h"
#include "storage/rocksdb/engine.h"
#include "support/memory_directory.h"

namespace stockfold {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using Words = std::vector<std::string>;

constexpr std::uint64_t kHead = 22;
constexpr std::uint64_t kViews = 12;  ///< Position up to which the views on disk are folded.
/// The views that the store holds. The program of today builds those that came later.
const std::vector<std::string> kViewsThen = {"stock", "orders", "receipts", "streams", "movements"};

/// Commands before the program ends, which writes its views, and commands before it is killed, which does
/// not.
const std::vector<Words> kFirstLife = {
    {"product", "register", "A", "--name", "Anvil", "--stock", "10", "--actor", "alice"},
    {"product", "register", "B", "--name", "Bügeleisen", "--stock", "2"},
    {"product", "receive", "A", "5", "--reason", "a pallet"},
    {"product", "write-off", "A", "1", "--reason", "rust", "--expect-version", "2"},
    {"product", "register", "C"},
    {"product", "retire", "C"},
    {"order", "place", "--line", "A=3", "--line", "B", "--command-id",
     "00000000-0000-4000-8000-000000000001"},
    {"order", "place", "--line", "B=9", "--command-id", "00000000-0000-4000-8000-000000000002"},
    {"order", "draft", "spring", "--line", "A=2"},
    {"order", "draft", "autumn", "--line", "B"},
    {"order", "place", "spring", "--actor", "bob"},
    {"order", "abort", "autumn", "--reason", "no longer wanted"},
};
const std::vector<Words> kSecondLife = {
    {"order", "fulfil", "1"},
    {"order", "place", "--line", "A=4"},
    {"order", "abort", "spring", "--reason", "too late", "--command-id",
     "00000000-0000-4000-8000-000000000003"},
    {"order", "abort", "spring", "--command-id", "00000000-0000-4000-8000-000000000004"},
    {"product", "receive", "C", "1", "--command-id", "00000000-0000-4000-8000-000000000005"},
    {"product", "receive", "B", "7"},
    {"order", "draft", "winter", "--line", "A", "--line", "B=2"},
    {"order", "place", "winter"},
    {"order", "place", "late", "--line", "B", "--expect-version", "0"},
    {"order", "fulfil", "late", "--expect-version", "1"},
};

/// Requests about the present and the past, and commands whose ids have outcomes, which are answered again.
const std::vector<Words> kQuestions = {
    {"head"},
    {"product", "list"},
    {"product", "list", "--at", "9"},
    {"product", "show", "B"},
    {"product", "movements", "A"},
    {"order", "list"},
    {"order", "list", "--status", "in_progress"},
    {"order", "list", "--product", "B"},
    {"order", "show", "spring", "--at", "14"},
    {"order", "show", "nothing"},
    {"explain", "product", "A"},
    {"explain", "order", "spring"},
    {"events"},
    {"events", "--stream", "product/B"},
    {"order", "place", "--line", "B", "--line", "A=3", "--command-id",
     "00000000-0000-4000-8000-000000000001"},
    {"order", "place", "--line", "B=9", "--command-id", "00000000-0000-4000-8000-000000000002"},
    {"order", "abort", "spring", "--reason", "too late", "--command-id",
     "00000000-0000-4000-8000-000000000003"},
    {"order", "abort", "spring", "--command-id", "00000000-0000-4000-8000-000000000004"},
    {"product", "receive", "C", "1", "--command-id", "00000000-0000-4000-8000-000000000005"},
    {"product", "receive", "C", "2", "--command-id", "00000000-0000-4000-8000-000000000005"},
};

/// Whether everything in the old answer is in the new one; fields may be added.
bool holds(const json::value& now, const json::value& then) {
  if (const auto* object = then.if_object()) {
    if (!now.is_object()) return false;
    for (const auto& [name, value] : *object) {
      const json::value* found = now.get_object().if_contains(name);
      if (found == nullptr || !holds(*found, value)) return false;
    }
    return true;
  }
  if (const auto* array = then.if_array()) {
    if (!now.is_array() || now.get_array().size() != array->size()) return false;
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (!holds(now.get_array()[i], (*array)[i])) return false;
    }
    return true;
  }
  return now == then;
}

std::vector<std::string> json_lines_in(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// The request, the exit code and the output, as one object.
json::value answer_of(const Words& question, const ProgramResult& result) {
  json::array said;
  for (const std::string& line : json_lines_in(result.out)) said.push_back(json::parse(line));
  return json::object{{"asked", json::array(question.begin(), question.end())},
                      {"exit", result.exit_code},
                      {"said", std::move(said)}};
}

std::vector<json::value> answers_to_all(const ServedLedger& server) {
  std::vector<json::value> all;
  for (const Words& question : kQuestions) {
    Words words = question;
    words.insert(words.end(), {"--json", "--server", server.address()});
    all.push_back(answer_of(question, run_program(words)));
  }
  return all;
}

/// Each view of then, and the digest of its fold.
std::vector<json::value> digests(const fs::path& data) {
  std::vector<json::value> all;
  const auto audited = run_program({"audit", "--data", data, "--json"});
  EXPECT_EQ(audited.exit_code, 0) << audited.out;
  const json::value report = json::parse(audited.out);
  EXPECT_TRUE(report.at("ok").as_bool());
  for (const json::value& view : report.at("views").as_array()) {
    EXPECT_EQ(view.at("same"), json::value(true)) << json::serialize(view);
    if (std::ranges::find(kViewsThen, view.at("view").as_string().c_str()) == kViewsThen.end()) continue;
    all.push_back(
        json::object{{"view", view.at("view")}, {"rows", view.at("rows")}, {"digest", view.at("digest")}});
  }
  return all;
}

void do_all(const ServedLedger& server, const std::vector<Words>& commands) {
  for (Words words : commands) {
    words.insert(words.end(), {"--server", server.address()});
    const int exit_code = run_program(words).exit_code;
    ASSERT_TRUE(exit_code == 0 || exit_code == 3) << testing::PrintToString(words);
  }
}

/// Except the files that opening never reads.
void keep_what_is_opened(const fs::path& data, const fs::path& golden) {
  fs::create_directories(golden);
  for (const char* part : {"log", "views", "head.key"})
    fs::copy(data / part, golden / part, fs::copy_options::recursive);
  std::vector<fs::path> unread;
  for (const auto& entry : fs::recursive_directory_iterator(golden)) {
    const std::string name = entry.path().filename();
    if (name.starts_with("LOG") || name.starts_with("OPTIONS") || name == "LOCK")
      unread.push_back(entry.path());
  }
  for (const fs::path& path : unread) fs::remove(path);
}

void write_lines(const fs::path& path, const std::vector<json::value>& values) {
  std::string text;
  for (const json::value& value : values) text += json::serialize(value) + '\n';
  write_bytes(path, text);
}

class GoldenLedger : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(golden_) && writes_golden()) make();
    ASSERT_TRUE(fs::exists(golden_)) << golden_ << " is missing; STOCKFOLD_WRITE_GOLDEN=1 writes it";
    fs::copy(golden_ / "store", data_, fs::copy_options::recursive);
    fs::permissions(data_, fs::perms::owner_all);  // a checkout does not keep these permissions
    fs::permissions(data_ / "head.key", fs::perms::owner_read | fs::perms::owner_write);
  }

  /// Like all golden files, it is never made again.
  void make() {
    const fs::path made = directory_.path() / "made";
    {
      ServedLedger server(made);
      do_all(server, kFirstLife);
      ASSERT_EQ(server.terminate(), 0);
    }
    ServedLedger server(made);
    do_all(server, kSecondLife);
    const auto said = answers_to_all(server);
    server.kill();
    keep_what_is_opened(made, golden_ / "store");
    write_lines(golden_ / "answers.jsonl", said);
    {
      ServedLedger again(made);
      ASSERT_EQ(again.terminate(), 0);
    }
    write_lines(golden_ / "digests.jsonl", digests(made));
  }

  void expect_as_written(const char* file, const std::vector<json::value>& now) const {
    const auto then = json_lines_in(with_sentences_of_today(read_bytes(golden_ / file)));
    ASSERT_EQ(now.size(), then.size()) << file;
    for (std::size_t i = 0; i < then.size(); ++i)
      EXPECT_TRUE(holds(now[i], json::parse(then[i])))
          << "then: " << then[i] << "\n now: " << json::serialize(now[i]);
  }

  MemoryDirectory directory_;
  fs::path golden_ = golden_path("ledger-2");
  fs::path data_ = directory_.path() / "data";
};

TEST_F(GoldenLedger, HoldsEveryEventTypeAndViewsBehindLog) {
  const auto store = rocksdb_engine().open_read_only(data_);
  ASSERT_TRUE(store) << store.error().what;
  EXPECT_EQ((*store)->log().head().position, GlobalPosition(kHead));
  EXPECT_FALSE((*store)->torn_tail());
  for (const std::string& name : kViewsThen) {
    const auto view = (*store)->view(name);
    ASSERT_TRUE(view && *view) << name;
    EXPECT_EQ((*view)->checkpoint().position, GlobalPosition(kViews)) << name;
  }
  const std::string events = run_program({"export", "--data", data_}).out;
  for (int type = 1; type <= static_cast<int>(EventType::command_refused); ++type)
    EXPECT_THAT(events, HasSubstr(name_of(static_cast<EventType>(type))));
}

TEST_F(GoldenLedger, GivesSameAnswersRowsAndHead) {
  ServedLedger server(data_);
  EXPECT_THAT(server.ready_line(), HasSubstr("position=" + std::to_string(kHead)));
  expect_as_written("answers.jsonl", answers_to_all(server));
  EXPECT_EQ(server.terminate(), 0);
  EXPECT_EQ(read_bytes(data_ / "head.key"), read_bytes(golden_ / "store" / "head.key"));
  expect_as_written("digests.jsonl", digests(data_));
}

/// A row without an event in the log: rebuilt views would not have it.
TEST_F(GoldenLedger, ContinuesViewsFromTheirCheckpoints) {
  const auto store = rocksdb_engine().open(data_, {.views = view_names(), .create = false});
  ASSERT_TRUE(store) << store.error().what;
  ViewStore& views = (*store)->views();
  for (const std::string& name : kViewsThen)
    ASSERT_TRUE(views.view(name).write({{"a mark", "of this test"}}, views.view(name).checkpoint())) << name;

  std::vector<const Projection*> projections;
  for (const std::string& name : kViewsThen) projections.push_back(projection_named(name));
  auto following = CatchUp::start((*store)->log(), views, projections);
  ASSERT_TRUE(following) << following.error().what;
  EXPECT_EQ(following->position(), GlobalPosition(kViews));
  std::size_t folded = 0;
  for (std::size_t events = 1; events > 0; folded += events) events = following->step(1'000).value();
  EXPECT_EQ(folded, kHead - kViews);
  EXPECT_EQ(following->position(), GlobalPosition(kHead));
  for (const std::string& name : kViewsThen)
    EXPECT_EQ(views.view(name).get("a mark").value(), "of this test") << name;
}

TEST_F(GoldenLedger, IsServedWithoutRebuildingItsViews) {
  ServedLedger server(data_);
  EXPECT_EQ(server.terminate(), 0);
  const std::string log = read_bytes(directory_.path() / "serve.log");
  for (const std::string& name : kViewsThen)
    EXPECT_THAT(log, AllOf(Not(HasSubstr("view " + name + " is built ")),
                           Not(HasSubstr("view " + name + " is rebuilt "))));
  EXPECT_THAT(log, HasSubstr("heads are signed with the key "));
}

TEST_F(GoldenLedger, BuildsViewsThatCameLater) {
  ServedLedger server(data_);
  EXPECT_EQ(server.terminate(), 0);
  const auto store = rocksdb_engine().open_read_only(data_);
  ASSERT_TRUE(store) << store.error().what;
  for (const std::string& name : view_names()) {
    const auto view = (*store)->view(name);
    ASSERT_TRUE(view && *view) << name;
    EXPECT_EQ((*view)->checkpoint().position, GlobalPosition(kHead)) << name;
  }
}

}  // namespace
}  // namespace stockfold
