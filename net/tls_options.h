// The files that TLS is spoken with, for either side.
#pragma once

#include <filesystem>
#include <string>

namespace stockfold {

struct TlsServerOptions {
  std::filesystem::path certificate;  ///< PEM: the server's own first, then its chain to a root.
  std::filesystem::path key;          ///< PEM. Only its owner and group may read the file.
  std::string passphrase;             ///< Of the key; empty if it has none.
  std::filesystem::path client_ca;    ///< PEM: authorities of client certificates. Empty: clients need none.
  std::filesystem::path client_crl;   ///< PEM: what these authorities have revoked.
};

struct TlsClientOptions {
  std::filesystem::path ca;           ///< PEM: authorities to trust. Empty: those that the system trusts.
  std::filesystem::path certificate;  ///< PEM: the client's own, if the server wants one.
  std::filesystem::path key;          ///< PEM.
  std::string name;                   ///< Name that the server's certificate must have; empty: the host's.
};

}  // namespace stockfold
