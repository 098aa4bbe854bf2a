// The files that say who gets in, as they are read while the ledger runs: certificates and tokens.
#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "net/tls.h"
#include "server/access/access.h"
#include "server/access/token_file.h"

namespace stockfold {

/// One thread.
class AccessFiles {
 public:
  /// `tls`: empty where none is spoken. `access` takes the tokens, and outlives it.
  AccessFiles(std::optional<TlsServerOptions> tls, std::filesystem::path tokens, Access& access);

  /// Reads all of them. An error names the file.
  std::expected<void, std::string> load();

  /// The same once more. What cannot be read stays as it was, and the log says so.
  void reload();
  /// Reads the tokens once more where their file is another one than before, or could not be read.
  void look_at_tokens();

  /// Those in force are not the ones that there are now.
  [[nodiscard]] bool tokens_unreadable() const { return !trouble_.empty(); }

  /// Of new connections; null where none is spoken.
  [[nodiscard]] const std::shared_ptr<const TlsContext>& tcp_tls() const { return tcp_tls_; }
  [[nodiscard]] const std::shared_ptr<const TlsContext>& http_tls() const { return http_tls_; }

 private:
  std::expected<void, std::string> load_tls();
  std::expected<void, std::string> load_tokens();
  void reload_tokens();

  std::optional<TlsServerOptions> tls_;
  std::filesystem::path tokens_;
  FileStamp tokens_read_;  ///< As of which they are in force.
  std::string trouble_;    ///< Why those that are there now are not; it is said once.
  Access& access_;
  std::shared_ptr<const TlsContext> tcp_tls_;
  std::shared_ptr<const TlsContext> http_tls_;
};

}  // namespace stockfold
