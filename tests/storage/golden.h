// Bytes that were written once, and must be written and read the same way forever.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <string_view>

namespace stockfold {

inline std::filesystem::path golden_path(std::string_view name) {
  return std::filesystem::path(STOCKFOLD_GOLDEN_DIR) / name;
}

/// Whether missing golden files are to be written. Existing ones never change.
inline bool writes_golden() { return std::getenv("STOCKFOLD_WRITE_GOLDEN") != nullptr; }

inline std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_bytes(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  ASSERT_TRUE(file.flush()) << path;
}

/// A golden file in JSON, with the one sentence that has changed since it was written. Sentences are for
/// people: no format promises their words.
inline std::string with_sentences_of_today(const std::string& text) {
  static const std::regex shortage("only ([0-9]+) of ([^ ]+) are in stock, ([0-9]+) were asked for");
  return std::regex_replace(text, shortage, "insufficient stock of $2: $1 available, $3 requested");
}

/// Lower-case digits, 32 bytes a line.
inline std::string as_hex(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15U];
    if (i % 32 == 31 || i + 1 == bytes.size()) hex += '\n';
  }
  return hex;
}

inline std::string from_hex(std::string_view hex) {
  std::string digits;
  for (const char c : hex) {
    if (c != '\n') digits += c;
  }
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

inline void expect_golden(std::string_view name, std::string_view bytes) {
  const std::filesystem::path path = golden_path(name);
  if (!std::filesystem::exists(path) && writes_golden()) write_bytes(path, as_hex(bytes));
  ASSERT_TRUE(std::filesystem::exists(path)) << path << " is missing; STOCKFOLD_WRITE_GOLDEN=1 writes it";
  EXPECT_EQ(read_bytes(path), as_hex(bytes)) << "what is written has changed: " << name;
}

}  // namespace stockfold
