#include "storage/codec/body_hash.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "storage/codec/bounded_archive.h"
#include "storage/codec/domain_archive.h"
#include "storage/codec/sha256.h"
#include "storage/codec/wall_clock.h"

namespace stockfold {
namespace {

// With its final zero byte.
constexpr std::string_view kPrefix("stockfold body 1\0", 17);

struct FieldsOf {
  BoundedOutput& archive;

  void operator()(const RegisterProduct& body) const { archive(body.sku, body.name, body.stock); }
  void operator()(const ReceiveStock& body) const { archive(body.sku, body.quantity, body.reason); }
  void operator()(const WriteOffStock& body) const { archive(body.sku, body.quantity, body.reason); }
  void operator()(const RetireProduct& body) const { archive(body.sku); }
  void operator()(const DraftOrder& body) const { archive(body.order, body.lines); }
  void operator()(const PlaceOrder& body) const { archive(body.order, body.lines); }
  void operator()(const AbortOrder& body) const { archive(body.order, body.reason); }
  void operator()(const FulfilOrder& body) const { archive(body.order, body.reason); }
};

std::array<std::uint8_t, 16> draw_uuid(unsigned version) {
  std::array<std::uint8_t, 16> uuid{};
  draw_random(uuid);
  uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0FU) | version << 4U);
  uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3FU) | 0x80U);  // the variant of RFC 9562
  return uuid;
}

}  // namespace

BodyHash body_hash(const CommandBody& body, const ExpectedVersion& expected) {
  thread_local std::string bytes;
  thread_local BoundedOutput archive(bytes);
  bytes = kPrefix;
  archive.put_number(static_cast<std::uint64_t>(kind_of(body)));
  archive(expected);
  std::visit(FieldsOf{archive}, body);

  BodyHash hash;
  std::ranges::copy_n(sha256(bytes).begin(), BodyHash::kSize, hash.bytes.begin());
  return hash;
}

CommandId draw_command_id() {
  CommandId id{draw_uuid(7)};
  const auto now = static_cast<std::uint64_t>(wall_clock().value());
  for (std::size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(now >> (40 - 8 * i));
  return id;
}

LedgerId draw_ledger_id() { return {draw_uuid(4)}; }

}  // namespace stockfold
