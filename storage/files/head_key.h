// The key with which a ledger signs its heads. The format is docs/DATA_FORMAT.md, "Signed heads".
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "core/fault.h"
#include "core/signed_head.h"

namespace stockfold {

/// Whether the signature is that of the key. It does not say whose key it is. Any thread.
[[nodiscard]] bool is_genuine(const SignedHead& signed_head);

/// The private key of one ledger. Any thread.
class HeadKey {
 public:
  /// The key in the data directory `dir`; made, readable by its owner alone, where there is none. After a
  /// crash it is there and whole, or not there. A file that holds no such key, or a damaged one, is a fault
  /// of kind corruption: another key would make every head that was signed before look forged.
  /// One that others than its owner can get at is a fault that says what to type.
  static Result<HeadKey> open_or_make(const std::filesystem::path& dir);
  /// The same, but only where there is one.
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
