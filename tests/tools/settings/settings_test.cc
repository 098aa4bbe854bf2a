#include "tools/settings/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <fstream>
#include <initializer_list>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/temporary_directory.h"
#include "tools/settings/serve_options.h"
#include "tools/settings/settings_text.h"

namespace stockfold {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// A program of a few settings: one of each kind.
class SettingsTest : public testing::Test {
 protected:
  ~SettingsTest() override {
    for (const auto& [name, value] : environment_) ::unsetenv(name.c_str());
  }

  void given(const std::string& text, mode_t mode = 0600) {
    file_ = directory_.path() / "stockfold.toml";
    std::ofstream(file_) << text;
    ASSERT_EQ(::chmod(file_.c_str(), mode), 0);
  }
  void given_variable(const std::string& name, const std::string& value) {
    environment_[name] = value;
    ::setenv(name.c_str(), value.c_str(), 1);
  }

  /// The errors of a program that was started with this command line.
  std::vector<std::string> errors(const std::string& command_line = "") {
    CLI::App app;
    app.add_option("--name", name_, "what it is called")->default_str(name_);
    add_count(app, "--count", count_, 1, 100, "how many");
    add_seconds(app, "--pause", pause_, "how long");
    add_size(app, "--room", room_, 1'024, std::uint64_t{1} << 40, "how much");
    app.add_flag("--loud", loud_, "say more");
    app.add_option("--host", hosts_, "who may");
    app.add_option("--file", other_, "a file")->configurable(false);
    add_secret(app, "--key-passphrase", secret_, "of the key");
    app.parse(command_line);
    auto resolved = resolve_settings(app, file_);
    if (!resolved) return resolved.error();
    settings_ = *std::move(resolved);
    return {};
  }

  std::string in_file(const std::string& what) { return file_.string() + what; }

  std::string name_ = "ledger";
  std::size_t count_ = 10;
  std::chrono::milliseconds pause_{1'500};
  std::size_t room_ = 64U << 20;
  bool loud_ = false;
  std::vector<std::string> hosts_;
  std::string other_;
  std::string secret_;
  std::vector<Setting> settings_;
  TemporaryDirectory directory_;
  std::filesystem::path file_;

 private:
  std::map<std::string, std::string> environment_;
};

TEST_F(SettingsTest, UseDefaultsWhenNothingIsSet) {
  EXPECT_THAT(errors(), IsEmpty());
  EXPECT_EQ(name_, "ledger");
  EXPECT_EQ(config_text(settings_, file_),
            "name = \"ledger\"                          # default\n"
            "count = 10                               # default\n"
            "pause = 1.5                              # default\n"
            "room = \"64MB\"                            # default\n"
            "loud = false                             # default\n"
            "# host =                                 # not set\n"
            "# key-passphrase =                       # not set\n");
}

TEST_F(SettingsTest, ComeFromTheFile) {
  given(
      "name = \"x\"\ncount = 7\npause = 2\nroom = 4096\nloud = true\nhost = [\"a\", \"b\"]\n"
      "key-passphrase = \"open sesame\"\n");
  EXPECT_THAT(errors(), IsEmpty());
  EXPECT_EQ(name_, "x");
  EXPECT_EQ(count_, 7U);
  EXPECT_EQ(pause_, std::chrono::seconds(2));
  EXPECT_EQ(room_, 4'096U);
  EXPECT_TRUE(loud_);
  EXPECT_THAT(hosts_, ElementsAre("a", "b"));
  EXPECT_EQ(secret_, "open sesame");
}

TEST_F(SettingsTest, PreferCommandLineThenEnvironmentThenFile) {
  given("name = \"file\"\ncount = 3\npause = 3\n");
  given_variable("STOCKFOLD_NAME", "environment");
  given_variable("STOCKFOLD_COUNT", "2");
  given_variable("STOCKFOLD_LOUD", "true");
  given_variable("STOCKFOLD_ROOM", "");  // the same as not set
  EXPECT_THAT(errors("--name line"), IsEmpty());
  EXPECT_EQ(name_, "line");
  EXPECT_EQ(count_, 2U);
  EXPECT_EQ(pause_, std::chrono::seconds(3));
  EXPECT_TRUE(loud_);
  const std::string text = config_text(settings_, "f");
  EXPECT_THAT(text, HasSubstr("name = \"line\"                            # command line\n"));
  EXPECT_THAT(text, HasSubstr("count = 2                                # STOCKFOLD_COUNT\n"));
  EXPECT_THAT(text, HasSubstr("pause = 3                                # f:3\n"));
  EXPECT_THAT(text, HasSubstr("room = \"64MB\"                            # default\n"));
  EXPECT_THAT(config_json(settings_, "f"), HasSubstr(R"("pause":{"value":3,"source":"f:3"})"));
}

TEST_F(SettingsTest, NameEveryErrorWithItsLine) {
  given(
      "nane = 1\ncount = 101\n\npause = \"soon\"\nloud = 1\nname = [\"x\"]\nroom = 1.5\n[server]\nfile = "
      "\"x\"\n");
  EXPECT_THAT(
      errors(),
      ElementsAre(in_file(":8: is a section; settings have none"),
                  in_file(":1: unknown setting \"nane\"; did you mean name?"),
                  in_file(":2: count: \"101\" is not a whole number from 1 to 100"),
                  in_file(":4: pause: must be a number"), in_file(":5: loud: must be true or false"),
                  in_file(":6: name: must be one value, not a list"),
                  in_file(":7: room: must be a size: a whole number of bytes, or text such as \"64MB\""),
                  in_file(":9: unknown setting \"file\"")));
}

TEST_F(SettingsTest, NameTheWrongVariable) {
  given_variable("STOCKFOLD_COUNT", "many");
  given_variable("STOCKFOLD_LOUD", "yes");
  EXPECT_THAT(errors(), ElementsAre("STOCKFOLD_COUNT: \"many\" is not a whole number from 1 to 100",
                                    "STOCKFOLD_LOUD: \"yes\" is not true or false"));
}

TEST_F(SettingsTest, RequireTheNamedFile) {
  file_ = directory_.path() / "none.toml";
  EXPECT_THAT(errors(), ElementsAre(in_file(": cannot be read: No such file or directory")));
}

TEST_F(SettingsTest, AcceptSecretsFromEnvironmentOrPrivateFile) {
  given_variable("STOCKFOLD_KEY_PASSPHRASE", "open sesame");
  EXPECT_THAT(errors(), IsEmpty());
  EXPECT_EQ(secret_, "open sesame");
  given("key-passphrase = \"x\"", 0644);
  EXPECT_THAT(
      errors(),
      ElementsAre(in_file(":1: key-passphrase: is a secret, and others can read this file: chmod o-r it")));
}

TEST_F(SettingsTest, RefuseSecretsOnCommandLine) {
  EXPECT_THAT(errors("--key-passphrase hunter2"),
              ElementsAre("--key-passphrase: is a secret, and every user of this machine can see a "
                          "command line: set it in a file, or as STOCKFOLD_KEY_PASSPHRASE"));
}

TEST_F(SettingsTest, HideSecrets) {
  given("key-passphrase = \"hunter2\"");
  EXPECT_THAT(errors(), IsEmpty());
  EXPECT_THAT(config_text(settings_, file_), HasSubstr("\n# key-passphrase = \"********\" "));
  EXPECT_THAT(config_text(settings_, file_), Not(HasSubstr("hunter2")));
  EXPECT_THAT(config_json(settings_, file_), HasSubstr(R"("key-passphrase":{"value":"********",)"));
  EXPECT_THAT(config_json(settings_, file_), Not(HasSubstr("hunter2")));
}

TEST_F(SettingsTest, PrintAsEquivalentConfigFile) {
  given_variable("STOCKFOLD_NAME", "a \"b\" \\ # c");
  EXPECT_THAT(errors("--room 1GB --pause .25 --count 005 --loud --host x y"), IsEmpty());
  const std::string text = config_text(settings_, file_);
  ::unsetenv("STOCKFOLD_NAME");
  given(text);
  hosts_.clear();
  EXPECT_THAT(errors(), IsEmpty());
  EXPECT_EQ(name_, "a \"b\" \\ # c");
  EXPECT_EQ(room_, std::size_t{1} << 30);
  EXPECT_EQ(pause_, std::chrono::milliseconds(250));
  EXPECT_EQ(count_, 5U);
  EXPECT_TRUE(loud_);
  EXPECT_THAT(hosts_, ElementsAre("x", "y"));
}

TEST(SizeArgument, AcceptsBytesOrUnit) {
  const auto size = [](std::string_view text) { return parse_size(text, 1, std::uint64_t{1} << 40); };
  EXPECT_EQ(size("1"), 1U);
  EXPECT_EQ(size("64MB"), 64U << 20);
  EXPECT_EQ(size("64m"), 64U << 20);
  EXPECT_EQ(size("1tb"), std::uint64_t{1} << 40);
  EXPECT_EQ(size("10B"), 10U);
  for (const char* wrong : {"", "0", "-1", "1.5GB", "1XB", "MB", "2TB", "18446744073709551617", "1 GB",
                            "99999999999999TB", "0x10"}) {
    EXPECT_FALSE(size(wrong)) << wrong;
  }
  EXPECT_EQ(size("0").error(), "\"0\" is not a size from 1 to 1TB, such as 64MB");
}

RC_GTEST_PROP(SizeArgument, ReadsBackAsWritten, (std::uint64_t bytes)) {
  RC_ASSERT(parse_size(size_text(bytes), 0, UINT64_MAX).value() == bytes);
  const std::uint64_t round = (bytes >> 40) << 30;
  RC_ASSERT(parse_size(size_text(round), 0, UINT64_MAX).value() == round);
}

/// The error of `serve` for a command line.
std::vector<std::string> serve_errors(const std::string& command_line) {
  CLI::App app;
  ServeOptions options;
  add_serve_options(app, options);
  app.parse(command_line);
  const auto settings = resolve_serve_options(app, options);
  return settings ? std::vector<std::string>{} : settings.error();
}

TEST(ServeSettings, MustAgree) {
  EXPECT_THAT(serve_errors("--data d"), IsEmpty());
  EXPECT_THAT(serve_errors(""), ElementsAre(HasSubstr("--data is missing")));
  EXPECT_THAT(serve_errors("--data d --listen [::1]:80 --http [::1]:80"),
              ElementsAre("listen and http are the same address, ::1:80"));
  EXPECT_THAT(serve_errors("--data d --listen 127.0.0.1:0 --http 127.0.0.1:0"), IsEmpty());
  EXPECT_THAT(serve_errors("--data d --log-keep 3 --log-rotate 1MB"),
              ElementsAre("log-rotate needs log-file", "log-keep needs log-file"));
  EXPECT_THAT(serve_errors("--data d --log-keep 3 --log-file f"), IsEmpty());
}

TEST(ServeSettings, HaveExpectedDefaultsAndDescriptions) {
  CLI::App app;
  ServeOptions options;
  add_serve_options(app, options);
  for (const Setting& setting : settings_of(app)) {
    const bool none = setting.value_name == "DIR" || setting.value_name == "FILE" ||
                      setting.key == "disk-reserve" || setting.secret || setting.list;
    EXPECT_EQ(setting.default_value.empty(), none) << setting.key;
    EXPECT_FALSE(setting.description.empty()) << setting.key;
    EXPECT_THAT(setting.description, Not(HasSubstr("|"))) << setting.key;  // a table in Markdown has them
  }
}

// The settings that a ledger without any shows, used as its file, change nothing.
TEST(ServeSettings, ReadBackFromTheirOwnText) {
  TemporaryDirectory directory;
  const auto path = directory.path() / "stockfold.toml";
  const auto resolved = [](const std::string& command_line) {
    CLI::App app;
    ServeOptions options;
    add_serve_options(app, options);
    app.parse(command_line);
    auto settings = resolve_serve_options(app, options);
    if (!settings) throw std::runtime_error(settings.error().front());
    std::map<std::string, std::vector<std::string>> values;
    for (const Setting& setting : *settings) values[setting.key] = setting.values;
    return std::pair(config_text(*settings, options.config), values);
  };
  const auto [text, values] = resolved("--data d");
  std::ofstream(path) << text;
  ::chmod(path.c_str(), 0600);
  EXPECT_EQ(resolved("--config " + path.string()).second, values);
}

}  // namespace
}  // namespace stockfold
