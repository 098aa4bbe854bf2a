// Real authorities and certificates for tests, as PEM files.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace stockfold {

struct CertificateFiles {
  std::filesystem::path certificate;
  std::filesystem::path key;
};

/// Signs with its own key, on the curve P-256. If something cannot be made, the test program ends.
class Authority {
 public:
  /// Its certificate is `dir`/`name`.pem.
  Authority(std::filesystem::path dir, const std::string& name);
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  /// Valid from a day before now (or from a day before its end) until `lasts` from now. `names` are hosts,
  /// "DNS:shop.example" or "IP:127.0.0.1"; a client's certificate has none. The files are `dir`/`name`.pem
  /// and .key.
  [[nodiscard]] CertificateFiles issue(const std::string& name, const std::vector<std::string>& names,
                                       std::chrono::hours lasts = std::chrono::hours(24)) const;

  /// The list of revoked certificates: `dir`/`name`.crl, which is replaced.
  [[nodiscard]] std::filesystem::path revoke(const std::vector<std::filesystem::path>& certificates,
                                             const std::string& name) const;

  [[nodiscard]] const std::filesystem::path& certificate() const { return certificate_; }

 private:
  struct Own;
  std::filesystem::path dir_;
  std::filesystem::path certificate_;
  std::unique_ptr<Own> own_;
};

}  // namespace stockfold
