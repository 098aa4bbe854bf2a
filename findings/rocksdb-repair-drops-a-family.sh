#!/usr/bin/env bash
# RocksDB 7.8.3 (Debian 12): "ldb repair" drops a column family that was never flushed, and reports OK.
#
# A store has the families default and orders. The rows of orders are only in the write-ahead log, which is synced. After
# "ldb repair" the family is no longer in the list, and its rows are gone; the last line of the tool is OK. The row of
# default, which was in the log as well, is there.
source "$(dirname "$0")/common.sh"
rocksdb_debs rocksdb-tools=7.8.3-2

compile make "${rocksdb[@]}" <<'CC'
#include <rocksdb/db.h>
#include <iostream>
#include <unistd.h>
using namespace rocksdb;
int main(int, char** argv) {
  Options options;
  options.create_if_missing = true;
  DB* db = nullptr;
  if (!DB::Open(options, argv[1], &db).ok()) return 1;
  std::string value;
  if (std::string(argv[2]) == "read") {
    std::cout << (db->Get(ReadOptions(), "a", &value).ok() ? "there" : "lost") << std::endl;
    _exit(0);
  }
  ColumnFamilyHandle* orders = nullptr;
  if (!db->CreateColumnFamily(ColumnFamilyOptions(), "orders", &orders).ok()) return 1;
  WriteOptions synced;
  synced.sync = true;
  if (!db->Put(synced, "a", "1").ok() || !db->Put(synced, orders, "b", "1").ok()) return 1;
  _exit(0);
}
CC
ldb=$(find "$work/root" -name ldb -type f -o -name rocksdb_ldb -type f | head -n 1)
"$work/make" "$work/store" write
families() { "$ldb" --db="$work/store" list_column_families 2>&1 | grep -o '{.*}'; }
same "families before" "{default, orders}" "$(families)"
said=$("$ldb" --db="$work/store" repair 2>&1 | tail -n 1)
same "the last line of repair" "OK" "$said"
same "families after" "{default}" "$(families)"
same "the row of default" "there" "$("$work/make" "$work/store" read)"
finish
