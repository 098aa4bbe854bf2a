// The key with which a ledger signs its heads. The format is docs/DATA_FORMAT.md, "Signed heads".
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "core/fault.h"
#include "core/signed_head.h"

namespace stockfold {

/// Whether the signature was made with the key. Does not tell whose key it is. Any thread.
[[nodiscard]] bool is_genuine(const SignedHead& signed_head);

/// The private key of one ledger. Any thread.
class HeadKey {
 public:
  /// Opens the key in the data directory `dir`. If there is none, makes one that its owner alone can read.
  /// After a crash the file is complete or missing. A file without a key, or with a damaged one, is a fault
  /// of kind corruption: a new key would make every earlier signed head look forged. A file that others can
  /// access is a fault that says what to type.
  static Result<HeadKey> open_or_make(const std::filesystem::path& dir);
  /// The same, but makes none: empty if there is none.
  static Result<std::optional<HeadKey>> open(const std::filesystem::path& dir);

  HeadKey(HeadKey&&) noexcept;
  HeadKey& operator=(HeadKey&&) noexcept;
  ~HeadKey();

  [[nodiscard]] const PublicKey& public_key() const { return public_key_; }
  [[nodiscard]] SignedHead sign(const Head& head) const;

 private:
  struct Private;
  explicit HeadKey(std::unique_ptr<const Private> key);

  std::unique_ptr<const Private> key_;
  PublicKey public_key_;
};

}  // namespace stockfold
