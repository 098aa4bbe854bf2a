#include "mutations/forged_log.h"

#include <rocksdb/db.h>

#include <cstdlib>
#include <memory>

#include "storage/codec/big_endian.h"
#include "storage/log/commit_record.h"
#include "storage/rocksdb/log_database.h"

namespace stockfold {

LogRows rows_of(const std::vector<Commit>& commits) {
  LogRows rows;
  for (Commit commit : commits) {
    const std::uint64_t first = commit.first().value();
    rows[first] = encode_commit(commit);
  }
  return rows;
}

void rewrite_log(const std::filesystem::path& dir, const LogRows& rows) {
  const auto log = open_log_database(dir / "log", {});
  if (!log) std::abort();
  rocksdb::WriteBatch batch;
  const std::unique_ptr<rocksdb::Iterator> old(log->db->NewIterator({}, log->commits.get()));
  for (old->SeekToFirst(); old->Valid(); old->Next()) batch.Delete(log->commits.get(), old->key());
  for (const auto& [position, record] : rows) {
    std::string key;
    append_big_endian(key, position);
    batch.Put(log->commits.get(), key, record);
  }
  const bool done = old->status().ok() && log->db->Write({}, &batch).ok() &&
                    log->db->Flush({}, log->commits.get()).ok() &&
                    log->db->CompactRange({}, log->commits.get(), nullptr, nullptr).ok();
  if (!done) std::abort();
}

void number_anew(std::vector<Commit>& commits) {
  GlobalPosition position;
  for (Commit& commit : commits) {
    for (RecordedEvent& event : commit.events) {
      event.position = position = position.next();
      event.time = commit.time;
    }
  }
}

void chain_anew(std::vector<Commit>& commits, std::size_t from) {
  for (std::size_t i = from; i < commits.size(); ++i) {
    if (i > 0) commits[i].previous = commits[i - 1].hash;
    encode_commit(commits[i]);  // which sets its hash
  }
}

}  // namespace stockfold
