#!/usr/bin/env bash
# RocksDB 7.8.3 (Debian 12): after "no space left" a store accepts writes again by itself, even if recovery is switched
# off.
#
# By the documentation, max_bgerror_resume_count = 0 switches off recovery from background errors. With this setting, a
# flush meets a file system without room, and Puts fail. Some seconds after there is room again Puts succeed, although
# the program called nothing. DB::Resume() in the meantime returns "Resource busy".
# What it means for users: a program that wants to stop for good after an error must remember the error itself.
source "$(dirname "$0")/common.sh"
rocksdb_debs

compile room "${rocksdb[@]}" <<'CC'
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <atomic>
#include <chrono>
#include <iostream>
#include <thread>
using namespace rocksdb;
static std::atomic<bool> full{false};
class Table : public FSWritableFileOwnerWrapper {
 public:
  using FSWritableFileOwnerWrapper::FSWritableFileOwnerWrapper;
  using FSWritableFileOwnerWrapper::Append;
  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* context) override {
    if (full) return IOStatus::NoSpace("full");
    return FSWritableFileOwnerWrapper::Append(data, options, context);
  }
};
class Disk : public FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;
  const char* Name() const override { return "Disk"; }
  IOStatus NewWritableFile(const std::string& name, const FileOptions& options,
                           std::unique_ptr<FSWritableFile>* file, IODebugContext* context) override {
    IOStatus made = FileSystemWrapper::NewWritableFile(name, options, file, context);
    if (made.ok() && name.size() > 4 && name.substr(name.size() - 4) == ".sst") {
      *file = std::make_unique<Table>(std::move(*file));
    }
    return made;
  }
};
int main(int, char** argv) {
  auto env = NewCompositeEnv(std::make_shared<Disk>(FileSystem::Default()));
  Options options;
  options.create_if_missing = true;
  options.env = env.get();
  options.max_bgerror_resume_count = 0;
  DB* db = nullptr;
  if (!DB::Open(options, argv[1], &db).ok()) return 1;
  if (!db->Put(WriteOptions(), "a", "1").ok()) return 1;
  full = true;
  const Status flushed = db->Flush(FlushOptions());
  const Status put = db->Put(WriteOptions(), "b", "1");
  std::cout << "flush: no space=" << flushed.IsNoSpace() << ", put: no space=" << put.IsNoSpace();
  if (std::string(argv[2]) == "resume") {
    std::cout << ", resume: busy=" << db->Resume().IsBusy() << std::endl;
    return 0;
  }
  std::cout << std::endl;
  full = false;
  bool again = false;
  for (int tenths = 0; tenths < 300 && !again; ++tenths) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    again = db->Put(WriteOptions(), "c", "1").ok();
    if (again) std::cerr << "writes again after " << (tenths + 1) / 10.0 << " s\n";
  }
  std::cout << "writes again by itself=" << again << std::endl;
  delete db;
}
CC
same "Resume() on the full disk" "flush: no space=1, put: no space=1, resume: busy=1" \
  "$("$work/room" "$work/resumed" resume)"
"$work/room" "$work/store" alone >"$work/seen"
same "on the full disk" "flush: no space=1, put: no space=1" "$(sed -n 1p "$work/seen")"
same "with room again" "writes again by itself=1" "$(sed -n 2p "$work/seen")"
finish
