// The bytes of every message, as they were when they were first sent. The files are never written again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>

#include "protocol/example_messages.h"
#include "protocol/frame.h"
#include "protocol/messages.h"

namespace stockfold {
namespace {

const std::filesystem::path kGolden = std::filesystem::path(STOCKFOLD_GOLDEN_DIR) / "protocol";
const std::filesystem::path kDocument =
    std::filesystem::path(STOCKFOLD_GOLDEN_DIR).parent_path().parent_path() / "docs" / "PROTOCOL.md";

std::string hex_of(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(bytes[i]);
    hex += {kDigits[byte >> 4U], kDigits[byte & 0xFU], i % 32 == 31 || i + 1 == bytes.size() ? '\n' : ' '};
  }
  return hex;
}

std::optional<std::string> contents_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream contents;
  contents << file.rdbuf();
  return contents.str();
}

/// The file's bytes. A missing file is written only on request.
std::string golden(const std::string& name, const std::string& hex) {
  const auto path = kGolden / (name + ".hex");
  if (auto contents = contents_of(path)) return *contents;
  if (std::getenv("STOCKFOLD_WRITE_GOLDEN") == nullptr) return path.string() + " is missing";
  std::ofstream(path, std::ios::binary) << hex;
  return hex;
}

/// The frames of version 1 have no folder of their own.
std::string file_of(const std::string& name, std::uint32_t version) {
  return version == 1 ? name : "version-" + std::to_string(version) + "/" + name;
}

/// The one payload in a frame.
std::string payload_in(std::string_view frame) { return std::string(take_frame(frame).value().value()); }

TEST(GoldenProtocol, KeepsEncodingOfEveryRequest) {
  for (const auto& [name, message, version] : example_requests()) {
    std::string frame;
    encode_request(message, frame, version);
    EXPECT_EQ(hex_of(frame), golden(file_of(name, version), hex_of(frame))) << name;
    EXPECT_EQ(decode_request(payload_in(frame), version).value(), message) << name;
  }
}

TEST(GoldenProtocol, KeepsEncodingOfEveryReply) {
  for (const auto& [name, message, version] : example_replies()) {
    std::string frame;
    encode_reply(message, frame, version);
    EXPECT_EQ(hex_of(frame), golden(file_of(name, version), hex_of(frame))) << name;
    EXPECT_EQ(decode_reply(payload_in(frame), version).value(), message) << name;
  }
}

TEST(GoldenProtocol, HasExampleOfEveryMessageAndCommand) {
  std::set<std::size_t> requests;
  std::set<std::size_t> commands;
  std::set<std::size_t> replies;
  for (const auto& [name, message, version] : example_requests()) {
    requests.insert(message.request.index());
    const auto* command = std::get_if<CommandRequest>(&message.request);
    if (command != nullptr) commands.insert(command->command.body.index());
  }
  for (const auto& [name, message, version] : example_replies()) replies.insert(message.reply.index());
  EXPECT_EQ(requests.size(), std::variant_size_v<Request>);
  EXPECT_EQ(commands.size(), std::variant_size_v<CommandBody>);
  EXPECT_EQ(replies.size(), std::variant_size_v<Reply>);
}

// ---- docs/PROTOCOL.md -------------------------------------------------------------------------------------

/// The digits of `text`, without spaces and without anything after a '#' on a line.
std::string digits_of(const std::string& text) {
  std::istringstream lines(text);
  std::string digits;
  for (std::string line; std::getline(lines, line);) {
    for (const char c : line.substr(0, line.find('#'))) {
      if (c != ' ') digits.push_back(c);
    }
  }
  return digits;
}

/// The blocks of the document that open with "```hex NAME", by name.
std::map<std::string, std::string> documented_frames() {
  constexpr std::string_view kOpening = "```hex ";
  std::istringstream lines(contents_of(kDocument).value_or(""));
  std::map<std::string, std::string> blocks;
  std::string* block = nullptr;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(kOpening)) {
      block = &blocks[line.substr(kOpening.size())];
    } else if (line.starts_with("```")) {
      block = nullptr;
    } else if (block != nullptr) {
      *block += line + '\n';
    }
  }
  return blocks;
}

TEST(ProtocolDocument, ShowsFramesOfGoldenFiles) {
  const auto blocks = documented_frames();
  ASSERT_GE(blocks.size(), 4U);
  for (const auto& [name, block] : blocks) {
    EXPECT_EQ(digits_of(block),
              digits_of(contents_of(kGolden / (name + ".hex")).value_or("no such golden file")))
        << name;
  }
}

TEST(ProtocolDocument, NamesEveryRule) {
  const std::string document = contents_of(kDocument).value_or("");
  for (int number = 1; number <= static_cast<int>(kLastErrorCode); ++number) {
    const bool is_error = is_error_code(static_cast<std::uint8_t>(number));
    const std::string_view name = is_error ? name_of(ErrorCode(number)) : name_of(Rule(number));
    if (name == "?") continue;
    EXPECT_THAT(document,
                testing::HasSubstr("| " + std::to_string(number) + " | " + std::string(name) + " |"));
  }
}

}  // namespace
}  // namespace stockfold
