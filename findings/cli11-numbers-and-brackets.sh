#!/usr/bin/env bash
# CLI11 2.1.2 (Debian 12): arguments that mean something else than they say.
#
# - 010 for an integer option is 8, since a leading zero makes it octal; 08 is refused.
# - An empty text for an integer option is 0, not an error.
# - "[a,b]" as one argument of an option that takes several texts is two values, a and b.
# - An option that takes any number of values also takes the positional argument behind it: --line a ORDER gives the
#   option two values and leaves the positional one empty.
# What it means for users: quantities and identifiers need a parser of their own, and options that repeat need
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
