// A head that its ledger has signed: what an auditor keeps elsewhere.
#pragma once

#include "core/commit.h"
#include "core/ids.h"

namespace stockfold {

using PublicKey = Bytes<struct PublicKeyTag, 32>;  ///< Ed25519 (RFC 8032).
using Signature = Bytes<struct SignatureTag, 64>;  ///< Ed25519 (RFC 8032).

/// A head and the signature of the ledger that had it. Whoever trusts the key, and finds the commit of that
/// hash in a log, knows that everything up to it is what it was.
struct SignedHead {
  Head head;
  PublicKey key;
  Signature signature;
  friend bool operator==(const SignedHead&, const SignedHead&) = default;
};

}  // namespace stockfold
