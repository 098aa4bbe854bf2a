#!/usr/bin/env bash
# RocksDB 7.8.3 (Debian 12): with manual_wal_flush, DB::SyncWAL() returns OK and makes nothing durable.
#
# With this option, a Put ends in a buffer of the process. SyncWAL() syncs the file as it is and does not write the buffer
# first, so a process that is killed afterwards loses the row. FlushWAL(true) does both.
source "$(dirname "$0")/common.sh"
rocksdb_debs

compile rows "${rocksdb[@]}" <<'CC'
#include <rocksdb/db.h>
#include <iostream>
#include <unistd.h>
using namespace rocksdb;
int main(int, char** argv) {
  Options options;
  options.create_if_missing = true;
  options.manual_wal_flush = true;
  DB* db = nullptr;
  if (!DB::Open(options, argv[1], &db).ok()) return 1;
  std::string value;
  const std::string how = argv[2];
  if (how == "read") {
    std::cout << (db->Get(ReadOptions(), "row", &value).ok() ? "there" : "lost") << std::endl;
  } else {
    if (!db->Put(WriteOptions(), "row", "1").ok()) return 1;
    std::cout << (how == "SyncWAL" ? db->SyncWAL() : db->FlushWAL(true)).ToString() << std::endl;
  }
  _exit(0);  // ends as a kill would
}
CC
for how in SyncWAL FlushWAL; do
  status=$("$work/rows" "$work/$how" "$how")
  row=$("$work/rows" "$work/$how" read)
  case $how in SyncWAL) stated="OK, lost" ;; *) stated="OK, there" ;; esac
  same "$how, then a kill" "$stated" "$status, $row"
done
finish
