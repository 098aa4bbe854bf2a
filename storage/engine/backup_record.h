// What a backup says of itself. The format is docs/DATA_FORMAT.md, "Backups".
#pragma once

#include <string>
#include <string_view>

#include "core/fault.h"
#include "core/numbers.h"
#include "storage/log/event_log.h"

namespace stockfold {

struct BackupRecord {
  Head head;        ///< Where the log in it ends.
  UnixMillis made;  ///< When the backup was begun.
  friend bool operator==(const BackupRecord&, const BackupRecord&) = default;
};

std::string encode(const BackupRecord& record);

/// Of a later version of the format: newer_format. Otherwise anything that encode() does not write is
/// corruption.
Result<BackupRecord> decode_backup_record(std::string_view bytes);

}  // namespace stockfold
