#!/usr/bin/env bash
# Boost.JSON 1.81.0 (Debian 12): some numbers change between text and value.
#
# - A number beyond the range of a double is not an error: parse() makes infinity of it. serialize() then writes
#   Infinity, which is not JSON, and which parse() itself refuses.
# - A double is not always read as the nearest one: some texts that serialize() itself wrote come back as a neighbor.
#   Version 2.0.0 of the library added a precise mode for it (numbers::precise); 1.81 has none.
# What it means for users: a quantity such as 1e400 passes as_double() and to_number<double>(). A reader that
# needs exact whole numbers must check them itself.
source "$(dirname "$0")/common.sh"
debs libboost1.81-dev=1.81.0-5+deb12u1

compile numbers <<'CC'
#include <boost/json/src.hpp>
#include <cmath>
#include <iostream>
#include <random>
namespace json = boost::json;
int main() {
  boost::system::error_code error;
  const json::value huge = json::parse("1e400", error);
  std::cout << "error=" << error.value() << " infinite=" << std::isinf(huge.as_double()) << " written=" << json::serialize(huge);
  json::parse(json::serialize(huge), error);
  std::cout << " read_again=" << !error << "\n";
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> between(0.0, 1.0);
  int changed = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double before = between(random);
    if (json::parse(json::serialize(json::value(before))).as_double() != before) ++changed;
  }
  std::cout << (changed > 0 ? "some changed" : "none changed") << "\n";
  std::cerr << changed << " of 100000 doubles from 0 to 1 came back as another\n";
}
CC
"$work/numbers" >"$work/seen"
same "1e400" "error=0 infinite=1 written=Infinity read_again=0" "$(sed -n 1p "$work/seen")"
same "doubles written and read again" "some changed" "$(sed -n 2p "$work/seen")"
finish
