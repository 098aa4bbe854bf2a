#!/usr/bin/env bash
# RocksDB 7.8.3 (Debian 12): the newest file of the write-ahead log can be missing, and every check passes.
#
# A process writes five rows with sync = true, and ends without closing the store. Then the only .log file is removed.
# The next open, with kAbsoluteConsistency, paranoid_checks and track_and_verify_wals_in_manifest, returns OK, and the
# rows are gone. The MANIFEST records logs that are complete; it does not know the one being written.
# What it means for users: to detect this loss, keep a witness of the last sequence number elsewhere.
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
  options.paranoid_checks = true;
  options.track_and_verify_wals_in_manifest = true;
  options.wal_recovery_mode = WALRecoveryMode::kAbsoluteConsistency;
  DB* db = nullptr;
  const Status opened = DB::Open(options, argv[1], &db);
  std::cout << "open: " << opened.ToString();
  if (!opened.ok()) return 0;
  std::string value;
  int found = 0;
  for (char key = 'a'; key < 'f'; ++key) found += db->Get(ReadOptions(), std::string(1, key), &value).ok();
  std::cout << ", rows: " << found << std::endl;
  WriteOptions synced;
  synced.sync = true;
  if (std::string(argv[2]) == "write") {
    for (char key = 'a'; key < 'f'; ++key) if (!db->Put(synced, std::string(1, key), "1").ok()) return 1;
  }
  _exit(0);  // ends as a kill would
}
CC
"$work/rows" "$work/store" write >/dev/null
same "all files there" "open: OK, rows: 5" "$("$work/rows" "$work/store" read)"
rm -rf "$work/store"
"$work/rows" "$work/store" write >/dev/null
rm "$work"/store/*.log
same "the newest log removed" "open: OK, rows: 0" "$("$work/rows" "$work/store" read)"
finish
