#include "server/http/commands.h"

#include <string>
#include <utility>
#include <vector>

#include "server/http/bodies.h"
#include "server/http/claims.h"
#include "server/http/headers.h"
#include "server/http/query.h"

namespace stockfold {

namespace {

constexpr std::size_t kMaxLifeBytes = 32;

/// `sentence`: what is wrong with a header, whose name it begins with.
HttpFault fault_of_header(const std::string& sentence) {
  const std::size_t end = sentence.find(": ");
  return {HttpFault::In::headers, sentence.substr(0, end), sentence.substr(end + 2)};
}

/// The `life` of a command's query, which takes no other parameter but `_method`.
std::string life_in_query(const HttpTarget& target, std::vector<HttpFault>& faults) {
  std::string life;
  for (const HttpParameter& parameter : target.query) {
    if (parameter.name == "_method" || is_passed_over(parameter)) continue;
    if (parameter.name == "life" && life.empty()) {
      life = parameter.value;
      continue;
    }
    const bool again = parameter.name == "life";
    faults.push_back(
        {HttpFault::In::query, parameter.name, again ? "repeated parameter" : "unknown parameter"});
  }
  return life;
}

HttpRead<HttpCommand> command(const HttpMatch& match, CommandBody body, std::vector<Claim> claims = {}) {
  auto envelope = envelope_of(match);
  if (!envelope) return unread(std::move(envelope.error()));
  return HttpCommand{.command = {std::move(body), envelope->expected, envelope->identity,
                                 std::move(envelope->actor), std::move(claims)},
                     .life = std::move(envelope->life)};
}

/// A command about the order or product in the path.
template <class Id, auto Make>
HttpRead<HttpCommand> about(const HttpMatch& match) {
  const auto id = Id::parse(match.id);
  if (!id) return wrong_id_in_path();
  CommandBody body = Make(*id, match.fields);
  return command(match, std::move(body), claims_in(match.fields, *id));
}

}  // namespace

HttpRead<CommandEnvelope> envelope_of(const HttpMatch& match) {
  std::string actor = match.fields.text("actor", kMaxActorBytes);
  for (const char* name : {"_method", "csrfmiddlewaretoken"}) match.fields.has(name);
  const auto identity = identity_of(match.request);
  auto expected = precondition_of(match.request);
  const std::string in_body = match.fields.text("life", kMaxLifeBytes);
  std::vector<HttpFault> faults = match.fields.faults();
  if (!identity) faults.push_back(fault_of_header(identity.error()));
  if (!expected) faults.push_back(fault_of_header(expected.error()));
  const std::string in_query = life_in_query(match.target, faults);
  auto life = one_life(
      {expected ? expected->life : std::string(), in_query, in_body, all_of(match.request, kLifeHeader)});
  if (!life) faults.push_back({HttpFault::In::query, "life", life.error()});
  if (!faults.empty()) return unread(malformed(std::move(faults)));
  return CommandEnvelope{expected->version, *identity, std::move(actor), *std::move(life)};
}

HttpRead<HttpCommand> register_product(const HttpMatch& match) {
  return command(match, new_product(match.fields));
}
HttpRead<HttpCommand> receive_stock(const HttpMatch& match) { return about<Sku, received>(match); }
HttpRead<HttpCommand> write_off_stock(const HttpMatch& match) { return about<Sku, written_off>(match); }
HttpRead<HttpCommand> retire_product(const HttpMatch& match) { return about<Sku, retired>(match); }

HttpRead<HttpCommand> make_order(const HttpMatch& match) { return command(match, new_order(match.fields)); }
HttpRead<HttpCommand> place_draft(const HttpMatch& match) { return about<OrderId, placed_draft>(match); }
HttpRead<HttpCommand> abort_order(const HttpMatch& match) { return about<OrderId, aborted>(match); }
HttpRead<HttpCommand> fulfil_order(const HttpMatch& match) { return about<OrderId, fulfilled>(match); }

}  // namespace stockfold
