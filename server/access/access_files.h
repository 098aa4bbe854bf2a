// Reads the files that control access, certificates and tokens, while the ledger runs.
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
  /// `tls`: empty if TLS is off. `access` receives the tokens, and must outlive it.
  AccessFiles(std::optional<TlsServerOptions> tls, std::filesystem::path tokens, Access& access);

  /// Reads all files. An error names the file.
  std::expected<void, std::string> load();

  /// Reads all files again. What cannot be read stays as it was, and the log says so.
  void reload();
  /// Reads the tokens again if their file has changed, or could not be read.
  void look_at_tokens();

  /// Whether the tokens in force are older than the file, because it cannot be read.
  [[nodiscard]] bool tokens_unreadable() const { return !trouble_.empty(); }

  /// For new connections; null if TLS is off.
  [[nodiscard]] const std::shared_ptr<const TlsContext>& tcp_tls() const { return tcp_tls_; }
  [[nodiscard]] const std::shared_ptr<const TlsContext>& http_tls() const { return http_tls_; }

 private:
  std::expected<void, std::string> load_tls();
  std::expected<void, std::string> load_tokens();
  void reload_tokens();

  std::optional<TlsServerOptions> tls_;
  std::filesystem::path tokens_;
  FileStamp tokens_read_;  ///< The state of the file from which the tokens in force were read.
  std::string trouble_;    ///< Why the present file cannot be used; logged once.
  Access& access_;
  std::shared_ptr<const TlsContext> tcp_tls_;
  std::shared_ptr<const TlsContext> http_tls_;
};

}  // namespace stockfold
