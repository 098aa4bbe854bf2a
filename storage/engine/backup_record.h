// The record that identifies a backup. The format is docs/DATA_FORMAT.md, "Backups".
#pragma once

#include <string>
#include <string_view>

#include "core/fault.h"
#include "core/numbers.h"
#include "storage/log/event_log.h"

namespace stockfold {

struct BackupRecord {
  Head head;        ///< The end of the log in it.
  UnixMillis made;  ///< When the backup began.
  friend bool operator==(const BackupRecord&, const BackupRecord&) = default;
};

std::string encode(const BackupRecord& record);

/// A record of a later format version is newer_format. Any other bytes that encode() does not write are
/// corruption.
Result<BackupRecord> decode_backup_record(std::string_view bytes);

}  // namespace stockfold
