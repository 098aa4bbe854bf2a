#!/usr/bin/env bash
# RocksDB 7.8.3 (Debian 12): whether zeros after the write-ahead log mark its end depends on their number.
#
# A log that was allocated in advance ends with zeros after a kill. kAbsoluteConsistency takes the zeros for the end of
# the log, with one exception: if the last block of 32 KiB holds 1 to 6 of them, fewer bytes than the head of a record,
# the open fails with "truncated header". The three other modes open all of these logs.
# What it means for users: a file that is zeroed in advance must end at a multiple of 32 KiB.
source "$(dirname "$0")/common.sh"
rocksdb_debs

compile tail "${rocksdb[@]}" <<'CC'
#include <rocksdb/db.h>
#include <iostream>
#include <unistd.h>
using namespace rocksdb;
int main(int, char** argv) {
  Options options;
  options.create_if_missing = true;
  options.wal_recovery_mode = static_cast<WALRecoveryMode>(std::stoi(argv[2]));
  DB* db = nullptr;
  const Status opened = DB::Open(options, argv[1], &db);
  const std::string said = opened.ToString();
  std::cout << (opened.ok() ? "opens" : said.find("truncated header") != std::string::npos ? "truncated header" : said)
            << std::endl;
  if (!opened.ok()) return 0;
  WriteOptions synced;
  synced.sync = true;
  if (!db->Put(synced, "a", "1").ok()) return 1;
  _exit(0);
}
CC
# Bytes in the last block, and the expected result of each mode: tolerate tail, absolute, point in time, skip any.
while read -r bytes stated; do
  seen=
  for mode in 0 1 2 3; do
    rm -rf "$work/store"
    "$work/tail" "$work/store" "$mode" >/dev/null
    truncate -s $((32768 + bytes)) "$(ls "$work"/store/*.log)"
    seen+="${seen:+ | }$("$work/tail" "$work/store" "$mode")"
  done
  same "$bytes zero bytes in the last block" "$stated" "$seen"
done <<'TABLE'
0 opens | opens | opens | opens
1 opens | truncated header | opens | opens
6 opens | truncated header | opens | opens
7 opens | opens | opens | opens
TABLE
finish
