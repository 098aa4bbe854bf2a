#!/usr/bin/env bash
# CLI11 2.1.2 (Debian 12): some arguments get another value than their text shows.
#
# - An integer option reads 010 as 8, because a leading zero makes the number octal. It refuses 08.
# - An integer option reads an empty text as 0, not as an error.
# - An option that takes several texts reads the one argument "[a,b]" as two values, a and b.
# - An option that takes any number of values also takes the positional argument after it: --line a ORDER gives the
#   option two values and leaves the positional argument empty.
# What it means for users: quantities and identifiers need a parser of their own, and repeatable options need
# allow_extra_args(false).
source "$(dirname "$0")/common.sh"
debs libcli11-dev=2.1.2+ds-1

compile arguments <<'CC'
#include <CLI/CLI.hpp>
#include <iostream>
int main(int argc, char** argv) {
  CLI::App app;
  int quantity = -1;
  std::vector<std::string> lines;
  std::string order;
  app.add_option("--quantity", quantity);
  app.add_option("--line", lines);
  app.add_option("order", order);
  CLI11_PARSE(app, argc, argv);
  std::cout << "quantity=" << quantity << " lines=" << lines.size() << " order=" << (order.empty() ? "none" : order) << "\n";
}
CC
ask() { "$work/arguments" "$@" 2>/dev/null || echo "refused"; }
same "--quantity 010" "quantity=8 lines=0 order=none" "$(ask --quantity 010)"
same "--quantity 08" "refused" "$(ask --quantity 08 | tail -n 1)"
same "--quantity ''" "quantity=0 lines=0 order=none" "$(ask --quantity '')"
same "--line '[a,b]'" "quantity=-1 lines=2 order=none" "$(ask --line '[a,b]')"
same "--line a ORDER" "quantity=-1 lines=2 order=none" "$(ask --line a ORDER)"
finish
