#!/usr/bin/env bash
# RocksDB 7.8.3 (Debian 12): recycle_log_file_num is set back to 0 without an error in three of four recovery modes.
#
# Only kSkipAnyCorruptedRecords, the mode that promises least, keeps it. DB::GetOptions() shows this; DB::Open() does not.
# What it means for users: a measurement of recycled logs under the default mode did not measure recycled logs.
source "$(dirname "$0")/common.sh"
rocksdb_debs

compile modes "${rocksdb[@]}" <<'CC'
#include <rocksdb/db.h>
#include <iostream>
using namespace rocksdb;
int main(int, char** argv) {
  for (const auto mode : {WALRecoveryMode::kTolerateCorruptedTailRecords, WALRecoveryMode::kAbsoluteConsistency,
                          WALRecoveryMode::kPointInTimeRecovery, WALRecoveryMode::kSkipAnyCorruptedRecords}) {
    Options options;
    options.create_if_missing = true;
    options.wal_recovery_mode = mode;
    options.recycle_log_file_num = 4;
    DB* db = nullptr;
    const Status opened = DB::Open(options, std::string(argv[1]) + std::to_string(static_cast<int>(mode)), &db);
    if (!opened.ok()) return 1;
    std::cout << db->GetOptions().recycle_log_file_num << " ";
    delete db;
  }
}
CC
same "kTolerateCorruptedTailRecords kAbsoluteConsistency kPointInTimeRecovery kSkipAnyCorruptedRecords" \
  "0 0 0 4 " "$("$work/modes" "$work/store")"
finish
