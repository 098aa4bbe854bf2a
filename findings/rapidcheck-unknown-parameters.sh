#!/usr/bin/env bash
# RapidCheck of 2022-03 (08b5058, Debian 12): it ignores parameters that it does not know.
#
# RC_PARAMS takes parameters that are separated by blanks. With "max_success=5000" a property runs 5000 times. If a comma
# joins it to another parameter ("seed=1,max_success=5000"), or if it is misspelled ("max_succes=5000"), the property
# runs 100 times. Nothing reports that a part of the configuration was not understood.
# What it means for users: a long campaign can be a short one. Count the runs, or print them.
source "$(dirname "$0")/common.sh"
debs librapidcheck-dev=0~1033-08b5058-3

compile property -lrapidcheck -L"$(dirname "$(find "$work/root" -name 'librapidcheck.a' | head -n 1)")" <<'CC'
#include <rapidcheck.h>
#include <iostream>
int main() {
  int runs = 0;
  rc::check("counts", [&] { ++runs; });
  std::cout << runs << "\n";
}
CC
runs() { RC_PARAMS=$1 "$work/property" 2>/dev/null | tail -n 1; }
same "max_success=5000" 5000 "$(runs 'max_success=5000')"
same "seed=1 max_success=5000" 5000 "$(runs 'seed=1 max_success=5000')"
same "seed=1,max_success=5000" 100 "$(runs 'seed=1,max_success=5000')"
same "max_succes=5000" 100 "$(runs 'max_succes=5000')"
finish
