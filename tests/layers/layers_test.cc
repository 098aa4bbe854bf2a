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

/// A tree of one file with one include.
Tree including(const std::string& file, const std::string& include) {
  return {{file, "// What it is.\n#include " + include + "\n"}};
}

TEST(SourceTree, ContainsKnownFiles) {
  EXPECT_TRUE(sources().contains("core/ids.h"));
  EXPECT_TRUE(sources().contains("tests/layers/layers_test.cc"));
}

TEST(SourceTree, RespectsItsLayers) { EXPECT_THAT(broken_layers(sources()), IsEmpty()); }

TEST(LayerMatrix, HasNoCycles) { EXPECT_THAT(folders_in_circles(), IsEmpty()); }

TEST(SourceTree, FollowsCodingRules) { EXPECT_THAT(broken_habits(sources()), IsEmpty()); }

TEST(LayerCheck, NamesFileLineAndInclude) {
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

class ForbiddenInclude : public testing::TestWithParam<Case> {};

TEST_P(ForbiddenInclude, IsReported) {
  EXPECT_THAT(broken_layers(including(GetParam().file, GetParam().include)), SizeIs(1));
}

INSTANTIATE_TEST_SUITE_P(
    Layers, ForbiddenInclude,
    testing::Values(
        Case{"core/decide.cc", "\"storage/engine/store.h\""}, Case{"core/decide.cc", "<fmt/format.h>"},
        Case{"core/decide.cc", "<unistd.h>"}, Case{"core/decide.cc", "<chrono>"},
        Case{"core/decide.cc", "  <random>"}, Case{"core/decide.cc", "\"ids.h\""},
        Case{"core/decide.cc", "\"tests/layers/rules.h\""}, Case{"new/thing.cc", "<vector>"},
        Case{"storage/log/event_log.h", "<cereal/cereal.hpp>"},
        Case{"storage/log/event_log.h", "\"storage/rocksdb/log.h\""},
        Case{"storage/codec/event_codec.cc", "<rocksdb/db.h>"},
        Case{"storage/codec/body_hash.h", "<openssl/evp.h>"}, Case{"storage/codec/body_hash.h", "<xxhash.h>"},
        Case{"storage/files/head_key.h", "<fcntl.h>"},
        Case{"storage/engine/store.h", "\"projections/views.h\""},
        Case{"storage/rocksdb/store.cc", "<unknown/thing.h>"},
        Case{"projections/views.cc", "\"storage/engine/store.h\""},
        Case{"projections/views.cc", "\"projections/following/catch_up.h\""},
        Case{"projections/views.cc", "<cereal/cereal.hpp>"},
        Case{"projections/views.cc", "\"protocol/frame.h\""},
        Case{"server/ledger/ledger.cc", "<boost/asio.hpp>"},
        Case{"server/ledger/ledger.cc", "<rocksdb/db.h>"},
        Case{"server/ledger/ledger.cc", "\"storage/rocksdb/log.h\""},
        Case{"server/tcp/session.cc", "\"server/http/session.h\""},
        Case{"protocol/messages.h", "<cereal/cereal.hpp>"}, Case{"protocol/frame.h", "<libdeflate.h>"},
        Case{"protocol/unicode/id_rules.h", "<utf8proc.h>"}, Case{"server/ledger/admit.cc", "<utf8proc.h>"},
        Case{"clients/cpp/client.cc", "\"server/ledger/ledger.h\""},
        Case{"clients/cpp/client.cc", "\"storage/engine/store.h\""},
        Case{"clients/cpp/client.cc", "<spdlog/spdlog.h>"},
        Case{"clients/cpp/include/stockfold/client.h", "\"storage/codec/sha256.h\""},
        Case{"server/server.cc", "<stockfold/client.h>"}, Case{"tools/commands/serve.cc", "<rocksdb/db.h>"},
        Case{"tools/commands/serve.cc", "<boost/asio.hpp>"},
        Case{"tools/commands/serve.cc", "<toml++/toml.h>"}));

class AllowedInclude : public testing::TestWithParam<Case> {};

TEST_P(AllowedInclude, IsAccepted) {
  EXPECT_THAT(broken_layers(including(GetParam().file, GetParam().include)), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Layers, AllowedInclude,
    testing::Values(Case{"core/decide.cc", "\"core/ids.h\""}, Case{"core/decide.cc", "<vector>"},
                    Case{"storage/rocksdb/log.h", "<rocksdb/db.h>"},
                    Case{"storage/rocksdb/log.h", "\"storage/rocksdb/status.h\""},
                    Case{"storage/codec/domain_archive.h", "<cereal/cereal.hpp>"},
                    Case{"storage/codec/event_codec.cc", "\"storage/codec/domain_archive.h\""},
                    Case{"storage/rocksdb/store.cc", "<sys/file.h>"},
                    Case{"storage/log/memory_log.h", "<mutex>"},
                    Case{"projections/views.cc", "\"storage/views/view_store.h\""},
                    Case{"protocol/requests.cc", "\"storage/codec/bounded_archive.h\""},
                    Case{"server/tcp/session.h", "<boost/asio.hpp>"},
                    Case{"clients/cpp/client.cc", "\"protocol/messages.h\""},
                    Case{"tools/console/ask.h", "<stockfold/client.h>"},
                    Case{"tools/main.cc", "<CLI/CLI.hpp>"},
                    Case{"tools/reports/audit_report.cc", "<boost/json.hpp>"},
                    Case{"tests/core/decide_test.cc", "<rocksdb/db.h>"}));

TEST(SourceCheck, DetectsLongFile) {
  std::string text;
  for (std::size_t line = 0; line <= kMaxFileLines; ++line) text += "//\n";
  EXPECT_THAT(broken_habits({{"core/long.cc", text}}),
              ElementsAre(HasSubstr("has " + std::to_string(kMaxFileLines + 1) + " lines")));
}

TEST(SourceCheck, DetectsHeaderWithoutPragmaOnce) {
  EXPECT_THAT(broken_habits({{"core/ids.h", "// #pragma once\n"}}),
              ElementsAre("core/ids.h: lacks #pragma once"));
}

TEST(SourceCheck, DetectsMeaninglessNames) {
  EXPECT_THAT(broken_habits({{"core/order_utils.cc", ""}}), SizeIs(1));
  EXPECT_THAT(broken_habits({{"core/order.cc",
                              "\nclass Order"
                              "Manager {};\n"}}),
              ElementsAre(HasSubstr("core/order.cc:2: ")));
}

TEST(SourceCheck, DetectsLeftoverNotes) {
  EXPECT_THAT(broken_habits({{"core/order.cc",
                              "int x;  // TO"
                              "DO: name it\n"}}),
              SizeIs(1));
}

TEST(SourceCheck, AcceptsGoodSources) {
  EXPECT_THAT(broken_habits({{"core/order.h", "// Why.\n#pragma once\nclass Order {};\n"}}), IsEmpty());
}

}  // namespace
}  // namespace stockfold
