#include "tools/reports/head_text.h"

#include <boost/json.hpp>
#include <optional>

#include "core/ids.h"
#include "protocol/text/time_text.h"

namespace stockfold {
namespace {

namespace json = boost::json;

std::optional<std::uint8_t> digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  return std::nullopt;
}

/// Takes fields out of an object. The first that is missing or of another form is what is wrong.
class HeadFields {
 public:
  explicit HeadFields(const json::object& object) : object_(object) {}

  std::string text(std::string_view name) {
    const json::value* value = object_.if_contains(name);
    if (value != nullptr && value->is_string()) return std::string(value->get_string());
    complain(name);
    return {};
  }
  std::uint64_t number(std::string_view name, std::uint64_t most) {
    const json::value* value = object_.if_contains(name);
    if (value != nullptr) {
      boost::system::error_code error;
      const auto number = value->to_number<std::uint64_t>(error);
      if (!error && number <= most) return number;
    }
    complain(name);
    return 0;
  }
  template <std::size_t N>
  void hex(std::string_view name, std::array<std::uint8_t, N>& bytes) {
    const std::string digits = text(name);
    bool right = digits.size() == 2 * N;
    for (std::size_t i = 0; right && i < N; ++i) {
      const auto high = digit(digits[2 * i]);
      const auto low = digit(digits[2 * i + 1]);
      right = high && low;
      if (right) bytes[i] = static_cast<std::uint8_t>(*high << 4U | *low);
    }
    if (!right) complain(name);
  }
  void complain(std::string_view name) {
    if (wrong_.empty()) wrong_ = "its field \"" + std::string(name) + "\" is missing or malformed";
  }
  [[nodiscard]] const std::string& wrong() const { return wrong_; }

 private:
  const json::object& object_;
  std::string wrong_;
};

}  // namespace

std::string json_of(const SignedHead& signed_head) {
  const Head& head = signed_head.head;
  return json::serialize(json::object{{"ledger", to_uuid(head.ledger.bytes)},
                                      {"epoch", head.epoch.value()},
                                      {"position", head.position.value()},
                                      {"hash", to_hex(head.hash)},
                                      {"time", rfc3339(head.time)},
                                      {"key", to_hex(signed_head.key.bytes)},
                                      {"signature", to_hex(signed_head.signature.bytes)}});
}

std::expected<SignedHead, std::string> parse_signed_head(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  if (error || !value.is_object()) return std::unexpected("it is no JSON object");
  HeadFields fields(value.get_object());
  SignedHead signed_head;
  const auto ledger = parse_uuid(fields.text("ledger"));
  if (ledger) signed_head.head.ledger.bytes = *ledger;
  if (!ledger) fields.complain("ledger");
  signed_head.head.epoch = Epoch(static_cast<std::uint32_t>(fields.number("epoch", UINT32_MAX)));
  signed_head.head.position = GlobalPosition(fields.number("position", UINT64_MAX));
  fields.hex("hash", signed_head.head.hash.bytes);
  const auto time = parse_rfc3339(fields.text("time"));
  if (time) signed_head.head.time = *time;
  if (!time) fields.complain("time");
  fields.hex("key", signed_head.key.bytes);
  fields.hex("signature", signed_head.signature.bytes);
  if (!fields.wrong().empty()) return std::unexpected(fields.wrong());
  return signed_head;
}

}  // namespace stockfold
