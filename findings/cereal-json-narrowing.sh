#!/usr/bin/env bash
# Cereal 1.3.2 (Debian 12): its JSON archive changes values without an error.
#
# - Integers are read through a wider type and truncated: 300 read into a std::uint8_t is 44, and 70000 into a
#   std::int16_t is 4464. The binary archives have no such conversion.
# - A text that contains NUL is written whole (\u0000), but read back only up to the NUL.
# What it means for users: the JSON archive neither checks ranges nor copies bytes faithfully.
source "$(dirname "$0")/common.sh"
debs libcereal-dev=1.3.2+dfsg-4 rapidjson-dev=1.1.0+dfsg2-7.1

compile archive <<'CC'
#include <cereal/archives/json.hpp>
#include <cereal/types/string.hpp>
#include <cstdint>
#include <iostream>
#include <sstream>
template <class To>
long read_as(const char* number) {
  std::istringstream in(std::string(R"({"n":)") + number + "}");
  cereal::JSONInputArchive archive(in);
  To value{};
  archive(cereal::make_nvp("n", value));
  return static_cast<long>(value);
}
int main() {
  std::cout << read_as<std::uint8_t>("300") << " " << read_as<std::int16_t>("70000") << "\n";
  std::stringstream text;
  const std::string before("ab\0cd", 5);
  { cereal::JSONOutputArchive archive(text); archive(cereal::make_nvp("t", before)); }
  const bool whole = text.str().find("ab\\u0000cd") != std::string::npos;
  std::string after;
  { cereal::JSONInputArchive archive(text); archive(cereal::make_nvp("t", after)); }
  std::cout << "written whole=" << whole << " read=" << after.size() << " of " << before.size() << "\n";
}
CC
"$work/archive" >"$work/seen"
same "300 as std::uint8_t, 70000 as std::int16_t" "44 4464" "$(sed -n 1p "$work/seen")"
same "a text of five bytes with NUL in the middle" "written whole=1 read=2 of 5" "$(sed -n 2p "$work/seen")"
finish
