#!/usr/bin/env bash
# spdlog 1.10.0 (Debian 12): the first line after a full disk is joined to a truncated one.
#
# basic_file_sink writes with fwrite. It drops what a short write left out, or keeps it in stdio's buffer. The script sets
# a limit on the size of the file and raises it again later. One line of the file then holds the beginning of a truncated
# message and a whole message after it. In a log with one JSON object a line, that line is not JSON, and readers lose the
# whole message. Only the error handler gets the errors themselves.
source "$(dirname "$0")/common.sh"
debs libspdlog-dev=1:1.10.0+ds-0.4 libspdlog1.10=1:1.10.0+ds-0.4 libfmt-dev=9.1.0+ds1-2 libfmt9=9.1.0+ds1-2

compile lines -DSPDLOG_FMT_EXTERNAL -DSPDLOG_COMPILED_LIB -lspdlog -lfmt <<'CC'
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>
#include <csignal>
#include <sys/resource.h>
static void limit(rlim_t bytes) {
  rlimit about{};
  getrlimit(RLIMIT_FSIZE, &about);
  about.rlim_cur = bytes;
  setrlimit(RLIMIT_FSIZE, &about);
}
int main(int, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);
  auto log = spdlog::basic_logger_mt("log", argv[1]);
  log->set_pattern("%v");
  log->flush_on(spdlog::level::trace);
  log->set_error_handler([](const std::string&) {});
  limit(100);
  for (int i = 0; i < 4; ++i) log->info("{{\"line\":{},\"text\":\"thirty bytes of text, about\"}}", i);
  limit(RLIM_INFINITY);
  for (int i = 4; i < 8; ++i) log->info("{{\"line\":{},\"text\":\"thirty bytes of text, about\"}}", i);
}
CC
"$work/lines" "$work/log"
broken=0 whole=0
while IFS= read -r line; do
  case $line in '{"line":'[0-9]',"text":"thirty bytes of text, about"}') whole=$((whole + 1)) ;; *) broken=$((broken + 1)) ;; esac
done <"$work/log"
same "lines that are not JSON" 1 "$broken"
same "whole lines of eight, two written before the limit and four after it was raised" 5 "$whole"
finish
