// A served ledger whose disk fills up and then has room again.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "end_to_end/program.h"

namespace stockfold {
namespace {

using testing::HasSubstr;

constexpr std::uintmax_t kMegabyte = 1U << 20;

std::string contents(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

void take_room(const std::filesystem::path& path, std::uintmax_t bytes) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const int error = file < 0 ? -1 : posix_fallocate(file, 0, static_cast<off_t>(bytes));
  close(file);
  if (error != 0) throw std::runtime_error("no room can be taken");
}

/// The reserve is the present free space less 256 MB; the test then takes more than that.
class FullDisk : public testing::Test {
 protected:
  int run(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--server", server_.address()});
    return run_program(arguments, errors_).exit_code;
  }
  /// Receives stock, one unit each time, until the program ends with this exit code.
  void receive_until(int exit_code) {
    for (int code = -1; code != exit_code;) {
      code = run({"product", "receive", "A", "1"});
      ASSERT_TRUE(code == 0 || code == 1) << code;
      if (code == 0) ++received_;
    }
  }

  TemporaryDirectory directory_;
  std::filesystem::path data_ = directory_.path() / "data";
  std::filesystem::path errors_ = directory_.path() / "errors";
  std::uintmax_t reserve_ = std::filesystem::space(directory_.path()).available - 256 * kMegabyte;
  ServedLedger server_{data_, 0, {"--disk-reserve", std::to_string(reserve_)}};
  int received_ = 0;
};

TEST_F(FullDisk, RefusesCommandsUntilThereIsRoomAgain) {
  const auto litter = directory_.path() / "litter";
  ASSERT_EQ(run({"product", "register", "A"}), 0);
  receive_until(0);

  take_room(litter, 512 * kMegabyte);
  receive_until(1);
  EXPECT_THAT(contents(errors_), HasSubstr("MB are kept in reserve: this attempt did nothing, try again"));
  EXPECT_EQ(run({"product", "show", "A"}), 0);
  EXPECT_EQ(run({"explain", "product", "A"}), 0);

  std::filesystem::remove(litter);
  receive_until(0);
  EXPECT_THAT(run_program({"product", "show", "A", "--json", "--server", server_.address()}).out,
              HasSubstr("\"stock\":" + std::to_string(received_) + ","));
  EXPECT_EQ(server_.terminate(), 0);
  EXPECT_EQ(run_program({"audit", "--data", data_.string()}).exit_code, 0);
  const std::string log = contents(directory_.path() / "serve.log");
  EXPECT_THAT(log, HasSubstr("commands are refused until there is room"));
  EXPECT_THAT(log, HasSubstr("commands are accepted again"));
}

}  // namespace
}  // namespace stockfold
