#!/usr/bin/env bash
# RocksDB 7.8.3 (Debian 12): an open that is refused because the store is in use renames the info log of the process that
# uses the store.
#
# The second open fails on the lock, as it should. But before it asks for the lock, it moves LOG to LOG.old.N and starts
# a LOG of its own. From then on, the messages of the first process are in LOG.old.N.
source "$(dirname "$0")/common.sh"
rocksdb_debs

compile twice "${rocksdb[@]}" <<'CC'
#include <rocksdb/db.h>
#include <filesystem>
#include <iostream>
#include <sys/stat.h>
using namespace rocksdb;
static ino_t inode(const std::string& file) {
  struct stat about {};
  return stat(file.c_str(), &about) == 0 ? about.st_ino : 0;
}
int main(int, char** argv) {
  const std::string store = argv[1];
  Options options;
  options.create_if_missing = true;
  DB* first = nullptr;
  if (!DB::Open(options, store, &first).ok()) return 1;
  const ino_t before = inode(store + "/LOG");
  DB* second = nullptr;
  const Status refused = DB::Open(options, store, &second);
  const std::string why = refused.ToString();
  int old = 0;
  bool is_the_first = false;
  for (const auto& entry : std::filesystem::directory_iterator(store)) {
    if (entry.path().filename().string().rfind("LOG.old.", 0) != 0) continue;
    ++old;
    is_the_first = is_the_first || inode(entry.path()) == before;
  }
  std::cout << "refused=" << refused.IsIOError() << " lock=" << (why.find("lock") != std::string::npos)
            << " old=" << old << " of the first=" << is_the_first << "\n";
  delete first;
}
CC
same "the second open" "refused=1 lock=1 old=1 of the first=1" "$("$work/twice" "$work/store")"
finish
