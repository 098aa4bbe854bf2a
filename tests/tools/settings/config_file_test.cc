#include "tools/settings/config_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <string>
#include <vector>

#include "support/temporary_directory.h"

namespace stockfold {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<std::string> errors_in(std::string_view text) {
  std::vector<std::string> errors;
  for (const ConfigError& error : parse_config(text).errors) {
    errors.push_back(std::to_string(error.line) + ": " + error.what);
  }
  return errors;
}

TEST(ConfigText, ReadsLinesOfKeysAndValues) {
  const auto config = parse_config(
      "# a comment\n"
      "\n"
      "listen = \"127.0.0.1:7070\"  # behind it, too\n"
      "max-connections=10_000\n"
      "queue = 222000\n"
      "  hello-timeout = 0.5\n"
      "access-log = true\n"
      "data = 'C:\\ # \"x\"'\n"
      "hosts = [\"a\", \"b\"]");
  EXPECT_THAT(config.errors, IsEmpty());
  using enum ConfigType;
  EXPECT_THAT(config.entries, ElementsAre(ConfigEntry{"listen", text, false, {"127.0.0.1:7070"}, 3},
                                          ConfigEntry{"max-connections", integer, false, {"10000"}, 4},
                                          ConfigEntry{"queue", integer, false, {"222000"}, 5},
                                          ConfigEntry{"hello-timeout", number, false, {"0.5"}, 6},
                                          ConfigEntry{"access-log", boolean, false, {"true"}, 7},
                                          ConfigEntry{"data", text, false, {"C:\\ # \"x\""}, 8},
                                          ConfigEntry{"hosts", text, true, {"a", "b"}, 9}));
}

TEST(ConfigText, AcceptsEmptyText) {
  for (const char* text : {"", "\n", "\n\n", "#", " \t "}) {
    EXPECT_THAT(errors_in(text), IsEmpty()) << text;
    EXPECT_THAT(parse_config(text).entries, IsEmpty()) << text;
  }
}

TEST(ConfigText, RejectsRepeatedKey) {
  EXPECT_THAT(errors_in("a = 1\nb = 2\na=3"), ElementsAre("3: a: already set on line 1"));
}

TEST(ConfigText, ReportsEveryErrorWithItsLine) {
  const auto errors = errors_in("a = 1\nlisten = 127.0.0.1:7070\n\nb\nc = \"open\nd = 1");
  ASSERT_THAT(errors, SizeIs(3));
  EXPECT_EQ(errors[0], "2: listen: is not a number, true or false; put text in quotes");
  EXPECT_THAT(errors[1], testing::StartsWith("4: "));
  EXPECT_THAT(errors[2], testing::StartsWith("5: "));
}

TEST(ConfigText, RejectsSectionsAndTables) {
  for (const char* text : {"[server]",
                           "[[server]]",
                           "server.listen = 1",
                           "server = {listen = 1}",
                           "a = [{}]",
                           "a = [[1]]",
                           "[a.b]",
                           "a = 2026-01-02",
                           "a = 12:00:00",
                           "a = nan",
                           "a = inf",
                           "a = [1, \"x\"]",
                           "a = [\n1]",
                           "a = \"\"\"\nx\"\"\"",
                           "a = 1 b = 2",
                           "= 1",
                           "a =",
                           "a : 1",
                           "a = \"x\ty\x01\"",
                           "a = \"\xff\"",
                           "a = \"\\u0000\"",
                           "a = 99999999999999999999"}) {
    EXPECT_THAT(errors_in(text), testing::Not(IsEmpty())) << text;
    EXPECT_THAT(parse_config(text).entries, testing::Not(Contains(testing::Field(&ConfigEntry::key, "b"))));
  }
  EXPECT_THAT(errors_in(" [server]"), ElementsAre("1: is a section; settings have none"));
  EXPECT_THAT(errors_in("[[[["), ElementsAre("1: is a section; settings have none"));
  EXPECT_THAT(errors_in("server = {}"), ElementsAre("1: server: is a table; settings have none"));
  EXPECT_THAT(errors_in("server.listen = 1"), ElementsAre(HasSubstr("is not key = value")));
}

TEST(ConfigText, RejectsMalformedValuesAndBytes) {
  EXPECT_THAT(errors_in("a = 1\r\nb = 2\r\n"), SizeIs(2));
  EXPECT_THAT(errors_in("\xEF\xBB\xBF"
                        "a = 1"),
              ElementsAre(HasSubstr("byte order mark")));
  EXPECT_THAT(errors_in(std::string_view("a = 1\0", 6)), ElementsAre("1: has a NUL"));
  for (const char* line :
       {"a = 1 \ufc7f", "a = \"x\" \ufc7f", "a = 'x\\' \ufc7f", "a = 127.0.0.1:1", "a = [}x]",
        "a = 2026-01-02 7", "a = [1 2]", "a = 1, 2", "a = [,1]", "a = 1\"\u0447\"", "a = \"x\" \"y\""}) {
    EXPECT_THAT(errors_in(line), ElementsAre("1: a: is not a number, true or false; put text in quotes"))
        << line;
  }
  EXPECT_THAT(errors_in("a = '''x'y'''\ufc7f"),
              ElementsAre("1: a: has three quotes; write text on one line"));
  EXPECT_THAT(errors_in("a = [1"), ElementsAre("1: a: is a list that does not end on its line"));
  EXPECT_THAT(errors_in("\u00e9 = 1"), ElementsAre(HasSubstr("is not key = value")));
  EXPECT_THAT(errors_in("a = \"\\\"\ufc7f\"  # \ufc7f"), IsEmpty());
  EXPECT_THAT(errors_in("a = \"" + std::string(1 << 20, 'x') + '"'),
              ElementsAre("1: is longer than 4096 bytes"));
  std::string nested(4'000, '[');
  EXPECT_THAT(errors_in("a = " + nested), SizeIs(1));
  std::string dotted;
  while (dotted.size() < 4'000) dotted += "a.";
  EXPECT_THAT(errors_in(dotted + "a = 1"), SizeIs(1));
}

TEST(ConfigText, AcceptsTextUpToTheFileLimit) {
  std::string text;
  while (text.size() < kMaxConfigBytes) text += "a = 1\n";
  EXPECT_THAT(parse_config(text).entries, SizeIs(1));
}

RC_GTEST_PROP(ConfigLine, ReadsBackAsWritten, ()) {
  const auto any_text = rc::gen::container<std::string>(
      rc::gen::oneOf(rc::gen::inRange<char>(1, 127), rc::gen::elementOf(std::string("\"\\#='[]{}, \n\r\t"))));
  const auto any_key =
      rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::elementOf(std::string("azAZ09-_"))));
  ConfigEntry entry{.key = *any_key, .list = *rc::gen::arbitrary<bool>(), .line = 1};
  entry.type = *rc::gen::element(ConfigType::text, ConfigType::integer, ConfigType::boolean);
  const std::size_t count = entry.list ? *rc::gen::inRange<std::size_t>(1, 4) : 1;
  for (std::size_t i = 0; i < count; ++i) {
    if (entry.type == ConfigType::text) {
      entry.values.push_back(*any_text);
    } else if (entry.type == ConfigType::integer) {
      entry.values.push_back(std::to_string(*rc::gen::arbitrary<std::int64_t>()));
    } else {
      entry.values.emplace_back(*rc::gen::element("true", "false"));
    }
  }
  const ConfigText read = parse_config(config_line(entry));
  RC_ASSERT(read.errors.empty());
  RC_ASSERT(read.entries == std::vector{entry});
}

class ConfigFileTest : public testing::Test {
 protected:
  std::filesystem::path write(const std::string& text, mode_t mode) {
    std::ofstream(path_, std::ios::binary) << text;
    EXPECT_EQ(::chmod(path_.c_str(), mode), 0);
    return path_;
  }

  TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "stockfold.toml";
};

TEST_F(ConfigFileTest, IsReadCompletely) {
  const auto file = read_config_file(write("a = 1\n", 0640));
  ASSERT_TRUE(file) << file.error();
  EXPECT_EQ(file->text, "a = 1\n");
  EXPECT_FALSE(file->read_by_others);
  EXPECT_TRUE(read_config_file(write("a = 1\n", 0644))->read_by_others);
}

TEST_F(ConfigFileTest, IsRefusedWhenOthersCanWrite) {
  for (const mode_t mode : {0660U, 0602U, 0666U}) {
    EXPECT_THAT(read_config_file(write("a = 1\n", mode)).error(), HasSubstr("others than its owner")) << mode;
  }
}

TEST_F(ConfigFileTest, ReportsWhyItCannotBeRead) {
  EXPECT_EQ(read_config_file(path_).error(), "cannot be read: No such file or directory");
  EXPECT_EQ(read_config_file(directory_.path()).error(), "is not a plain file");
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_EQ(read_config_file(path_).error(), "is not a plain file");
  std::filesystem::remove(path_);
  EXPECT_TRUE(read_config_file(write(std::string(kMaxConfigBytes, '#'), 0600)));
  EXPECT_EQ(read_config_file(write(std::string(kMaxConfigBytes + 1, '#'), 0600)).error(),
            "is larger than 65536 bytes");
}

}  // namespace
}  // namespace stockfold
