#!/usr/bin/env bash
# Howard Hinnant's date library 3.0.1 (Debian 12) with the system's time zone files: no summer time after 2037.
#
# - The table of transitions in the files of Debian 12 ends in 2037. The rule that holds for ever after stands in the
#   footer of a file, as a POSIX TZ string (RFC 8536). The library reads the table and not the footer: a day in July
#   2038 in Berlin has the offset of winter.
# What it means for users: days of a report are cut at the wrong hour, and nothing fails. The C library reads the footer.
source "$(dirname "$0")/common.sh"
needs date
debs libhowardhinnant-date-dev=3.0.1+ds-5 libdate-tz3=3.0.1+ds-5

compile zones -ldate-tz <<'CC'
#include <date/tz.h>
#include <iostream>
int main(int, char** argv) {
  try {
    const date::time_zone* zone = date::locate_zone(argv[1]);
    for (const int year : {2037, 2038}) {
      const auto info = zone->get_info(date::sys_days(date::year(year) / 7 / 1));
      std::cout << year << "=" << std::chrono::duration_cast<std::chrono::minutes>(info.offset).count() << " ";
    }
    std::cout << "\n";
  } catch (const std::exception& failure) {
    std::cout << failure.what() << "\n";
  }
}
CC
same "minutes east in Berlin in July, by the library" "2037=120 2038=60 " "$("$work/zones" Europe/Berlin)"
same "the same days by the C library" "+0200 +0200" \
  "$(TZ=Europe/Berlin date -d 2037-07-01 +%z) $(TZ=Europe/Berlin date -d 2038-07-01 +%z)"
finish
