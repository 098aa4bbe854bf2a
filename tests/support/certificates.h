// Authorities and certificates for tests, real ones, as files in PEM.
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

/// Signs with a key of its own, on the curve P-256. What cannot be made ends the test program.
class Authority {
 public:
  /// Its certificate is `dir`/`name`.pem.
  Authority(std::filesystem::path dir, const std::string& name);
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  /// Good from a day before now, or from a day before its end, until `lasts` from now. `names` are hosts,
  /// "DNS:shop.example" or "IP:127.0.0.1"; none for a client's. The files are `dir`/`name`.pem and .key.
  [[nodiscard]] CertificateFiles issue(const std::string& name, const std::vector<std::string>& names,
                                       std::chrono::hours lasts = std::chrono::hours(24)) const;

  /// The list of those that are revoked: `dir`/`name`.crl, which is replaced.
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
