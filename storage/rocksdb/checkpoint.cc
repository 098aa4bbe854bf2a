#include "storage/rocksdb/checkpoint.h"

#include <rocksdb/utilities/checkpoint.h>

#include <memory>

#include "storage/rocksdb/status.h"

namespace stockfold {

Result<void> checkpoint_database(rocksdb::DB& database, const std::filesystem::path& dir) {
  rocksdb::Checkpoint* made = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(&database, &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  if (status.ok()) status = checkpoint->CreateCheckpoint(std::filesystem::absolute(dir).string());
  if (!status.ok()) return std::unexpected(fault_of(status, "making a checkpoint in " + dir.string()));
  return {};
}

}  // namespace stockfold
