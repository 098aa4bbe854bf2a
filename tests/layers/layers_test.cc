#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "layers/rules.h"

namespace stockfold {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const Tree& sources() {
  static const Tree tree = read_tree(STOCKFOLD_SOURCE_DIR);
  return tree;
}

/// A tree of one file that includes one thing.
Tree including(const std::string& file, const std::string& include) {
  return {{file, "// What it is.\n#include " + include + "\n"}};
}

TEST(TheTree, IsRead) {
  EXPECT_TRUE(sources().contains("core/ids.h"));
  EXPECT_TRUE(sources().contains("tests/layers/layers_test.cc"));
}

TEST(TheTree, HoldsToItsLayers) { EXPECT_THAT(broken_layers(sources()), IsEmpty()); }

TEST(TheTree, HoldsToTheHabitsOfTheHouse) { EXPECT_THAT(broken_habits(sources()), IsEmpty()); }

TEST(Layers, NameTheFileTheLineAndTheInclude) {
  EXPECT_THAT(broken_layers(including("core/decide.cc", "<boost/asio.hpp>")),
              ElementsAre("core/decide.cc:2: may not include <boost/asio.hpp>"));
}

struct Case {
  std::string file;
  std::string include;
};

void PrintTo(const Case& example, std::ostream* out) {
  *out << example.file << " including " << example.include;
}

class Forbidden : public testing::TestWithParam<Case> {};

TEST_P(Forbidden, IncludeIsFound) {
  EXPECT_THAT(broken_layers(including(GetParam().file, GetParam().include)), SizeIs(1));
}

INSTANTIATE_TEST_SUITE_P(
    Layers, Forbidden,
    testing::Values(
        Case{"core/decide.cc", "\"storage/store.h\""}, Case{"core/decide.cc", "<fmt/format.h>"},
        Case{"core/decide.cc", "<unistd.h>"}, Case{"core/decide.cc", "<chrono>"},
        Case{"core/decide.cc", "  <random>"}, Case{"core/decide.cc", "\"ids.h\""},
        Case{"core/decide.cc", "\"tests/layers/rules.h\""},
        Case{"storage/event_codec.h", "<cereal/cereal.hpp>"},
        Case{"storage/event_codec.h", "\"storage/bounded_archive.h\""},
        Case{"storage/event_codec.h", "\"storage/rocksdb_log.h\""},
        Case{"storage/event_codec.cc", "<rocksdb/db.h>"}, Case{"storage/body_hash.h", "<openssl/evp.h>"},
        Case{"storage/body_hash.h", "<xxhash.h>"}, Case{"storage/store.h", "<fcntl.h>"},
        Case{"storage/store.cc", "\"projections/views.h\""}, Case{"storage/store.cc", "<unknown/thing.h>"},
        Case{"projections/views.cc", "\"storage/store.h\""},
        Case{"projections/views.cc", "<cereal/cereal.hpp>"},
        Case{"projections/views.cc", "\"server/frame.h\""}, Case{"server/writer.cc", "<rocksdb/db.h>"},
        Case{"server/writer.cc", "\"storage/rocksdb_log.h\""},
        Case{"server/protocol.h", "<cereal/cereal.hpp>"},
        Case{"server/protocol.h", "\"storage/domain_archive.h\""}, Case{"server/frame.h", "<libdeflate.h>"},
        Case{"server/writer.cc", "\"clients/client.h\""}, Case{"clients/client.cc", "\"server/writer.h\""},
        Case{"clients/client.cc", "\"storage/store.h\""}, Case{"clients/client.cc", "<spdlog/spdlog.h>"},
        Case{"tools/serve.cc", "<rocksdb/db.h>"}, Case{"tools/serve.cc", "<boost/asio.hpp>"},
        Case{"tools/serve.cc", "<toml++/toml.h>"}));

class Allowed : public testing::TestWithParam<Case> {};

TEST_P(Allowed, IncludePasses) {
  EXPECT_THAT(broken_layers(including(GetParam().file, GetParam().include)), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Layers, Allowed,
    testing::Values(Case{"core/decide.cc", "\"core/ids.h\""}, Case{"core/decide.cc", "<vector>"},
                    Case{"storage/rocksdb_log.h", "<rocksdb/db.h>"},
                    Case{"storage/rocksdb_log.h", "\"storage/rocksdb_status.h\""},
                    Case{"storage/store.cc", "\"storage/rocksdb_log.h\""},
                    Case{"storage/domain_archive.h", "<cereal/cereal.hpp>"},
                    Case{"storage/domain_archive.h", "\"storage/bounded_archive.h\""},
                    Case{"storage/event_codec.cc", "\"storage/domain_archive.h\""},
                    Case{"storage/store.cc", "<sys/file.h>"}, Case{"storage/memory_log.h", "<mutex>"},
                    Case{"projections/views.cc", "\"storage/view_store.h\""},
                    Case{"server/protocol_requests.cc", "\"storage/bounded_archive.h\""},
                    Case{"server/session.h", "<boost/asio.hpp>"},
                    Case{"clients/client.h", "\"server/protocol.h\""}, Case{"tools/main.cc", "<CLI/CLI.hpp>"},
                    Case{"tools/json.cc", "<boost/json.hpp>"},
                    Case{"tests/core/decide_test.cc", "<rocksdb/db.h>"}));

TEST(Habits, ALongFileIsFound) {
  std::string text;
  for (std::size_t line = 0; line <= kMaxFileLines; ++line) text += "//\n";
  EXPECT_THAT(broken_habits({{"core/long.cc", text}}),
              ElementsAre(HasSubstr("has " + std::to_string(kMaxFileLines + 1) + " lines")));
}

TEST(Habits, AHeaderWithoutItsGuardIsFound) {
  EXPECT_THAT(broken_habits({{"core/ids.h", "// #pragma once\n"}}),
              ElementsAre("core/ids.h: lacks #pragma once"));
}

TEST(Habits, NamesThatSayNothingAreFound) {
  EXPECT_THAT(broken_habits({{"core/order_utils.cc", ""}}), SizeIs(1));
  EXPECT_THAT(broken_habits({{"core/order.cc",
                              "\nclass Order"
                              "Manager {};\n"}}),
              ElementsAre(HasSubstr("core/order.cc:2: ")));
}

TEST(Habits, NotesLeftBehindAreFound) {
  EXPECT_THAT(broken_habits({{"core/order.cc",
                              "int x;  // TO"
                              "DO: name it\n"}}),
              SizeIs(1));
}

TEST(Habits, GoodSourcesPass) {
  EXPECT_THAT(broken_habits({{"core/order.h", "// Why.\n#pragma once\nclass Order {};\n"}}), IsEmpty());
}

}  // namespace
}  // namespace stockfold
