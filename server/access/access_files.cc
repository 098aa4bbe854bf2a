#include "server/access/access_files.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "protocol/text/time_text.h"

namespace stockfold {

AccessFiles::AccessFiles(std::optional<TlsServerOptions> tls, std::filesystem::path tokens, Access& access)
    : tls_(std::move(tls)), tokens_(std::move(tokens)), access_(access) {}

std::expected<void, std::string> AccessFiles::load() {
  if (auto loaded = load_tls(); !loaded) return loaded;
  return load_tokens();
}

std::expected<void, std::string> AccessFiles::load_tls() {
  if (!tls_) return {};
  auto tcp = TlsContext::of_server(*tls_, kTcpProtocol);
  if (!tcp) return std::unexpected(std::move(tcp.error()));
  auto http = TlsContext::of_server(*tls_, kHttpProtocol);
  if (!http) return std::unexpected(std::move(http.error()));
  tcp_tls_ = std::move(*tcp);
  http_tls_ = std::move(*http);
  return {};
}

std::expected<void, std::string> AccessFiles::load_tokens() {
  const FileStamp stamp = stamp_of(tokens_);  // taken before reading: a change during the read is read again
  auto tokens = read_token_file(tokens_);
  if (!tokens) return std::unexpected(std::move(tokens.error()));
  if (*tokens) {
    access_.require(std::move(**tokens));
  } else if (access_.needs_token()) {
    return std::unexpected(tokens_.string() + ": the file no longer exists");
  }
  tokens_read_ = stamp;
  return {};
}

void AccessFiles::reload() {
  reload_tokens();
  if (!tls_) return;
  if (const auto loaded = load_tls(); !loaded) {
    spdlog::error("certificates stay as they were: {}", loaded.error());
  } else {
    spdlog::info("certificates were read again; the one in use expires at {}", rfc3339(tcp_tls_->expires()));
  }
}

void AccessFiles::look_at_tokens() {
  if (stamp_of(tokens_) != tokens_read_) reload_tokens();
}

void AccessFiles::reload_tokens() {
  const auto loaded = load_tokens();
  const std::string trouble = loaded ? "" : loaded.error();
  if (!trouble.empty() && trouble != trouble_) spdlog::error("tokens stay as they were: {}", trouble);
  if (trouble.empty() && access_.needs_token()) spdlog::info("tokens were read again");
  trouble_ = trouble;
}

}  // namespace stockfold
