#include "server/access/access.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <utility>
#include <variant>

#include "core/overloaded.h"

namespace stockfold {

// ---- tokens in force --------------------------------------------------------------------------------------

void Access::require(std::vector<Token> tokens) {
  tokens_ = std::move(tokens);
  ++revision_;
  find_next_expiry(now_());
}

std::expected<Caller, NoEntry> Access::identify(std::string_view token) const {
  if (!tokens_) return Caller{.token_id = {}, .name = {}, .scopes = kEveryScope};
  auto found = find_token(*tokens_, token, now_());
  if (!found) return std::unexpected(std::move(found.error()));
  return Caller{.token_id = (*found)->id, .name = (*found)->name, .scopes = (*found)->scopes};
}

std::uint64_t Access::revision() {
  if (!next_expiry_) return revision_;
  const UnixMillis now = now_();
  if (*next_expiry_ > now) return revision_;
  find_next_expiry(now);
  return ++revision_;
}

bool Access::holds(const Caller& caller) const {
  if (!tokens_) return true;
  const auto found = std::ranges::find(*tokens_, caller.token_id, &Token::id);
  return found != tokens_->end() && found->name == caller.name && found->scopes == caller.scopes &&
         (!found->expires || *found->expires > now_());
}

void Access::find_next_expiry(UnixMillis now) {
  next_expiry_.reset();
  for (const Token& token : *tokens_) {
    if (!token.expires || *token.expires <= now) continue;
    next_expiry_ = next_expiry_ ? std::min(*next_expiry_, *token.expires) : *token.expires;
  }
}

// ---- what callers may -------------------------------------------------------------------------------------

std::optional<Scope> scope_of(const Request& request) {
  using Needed = std::optional<Scope>;
  return std::visit(Overloaded{
                        [](const ClientHello&) -> Needed { return std::nullopt; },
                        [](const LogIn&) -> Needed { return std::nullopt; },
                        [](const CommandRequest&) -> Needed { return Scope::command; },
                        [](const CommandBatch&) -> Needed { return Scope::command; },
                        [](const Rebuild&) -> Needed { return Scope::admin; },
                        [](const MakeCheckpoint&) -> Needed { return Scope::admin; },
                        [](const auto& /*question*/) -> Needed { return Scope::read; },
                    },
                    request);
}

std::string lacks(const Caller& caller, Scope scope) {
  return "the token of " + caller.name + " does not have the scope " + std::string(name_of(scope));
}

std::optional<Failure> authorise(Command& command, const Caller& caller) {
  if (!caller.scopes.holds(Scope::command))
    return Failure(ErrorCode::forbidden, lacks(caller, Scope::command));
  if (caller.token_id.empty()) return std::nullopt;
  if (!command.actor.empty() && command.actor != caller.name) {
    return Failure(ErrorCode::forbidden, "actor: expected " + caller.name + ", the name of the token");
  }
  command.actor = caller.name;
  command.actor_proven = true;
  return std::nullopt;
}

bool sees_states(const Caller& caller) { return caller.scopes.holds(Scope::read); }

Answer without_state(Answer answer) {
  if (auto* refusal = std::get_if<Refusal>(&answer.outcome)) refusal->state = {};
  if (auto* contradiction = std::get_if<Contradiction>(&answer.outcome)) {
    contradiction->state = {};
    contradiction->fields.clear();  // they would reveal the state
  }
  return answer;
}

// ---- failed log-ins ---------------------------------------------------------------------------------------

namespace {

/// An owner of one IPv6 address has all addresses that share its first 64 bits.
std::string network_of(const std::string& address) {
  namespace ip = boost::asio::ip;
  boost::system::error_code none;
  const ip::address read = ip::make_address(address, none);
  if (none || !read.is_v6()) return address;
  if (read.to_v6().is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, read.to_v6()).to_string();
  auto bytes = read.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), 0);
  return ip::address_v6(bytes).to_string();
}

}  // namespace

std::chrono::milliseconds FailedLogIns::count(const std::string& address, Clock::time_point now) {
  constexpr int kMostDoublings = 10;
  const std::string network = network_of(address);
  const auto [at, is_new] = addresses_.try_emplace(network);
  if (is_new) {
    order_.push_back(network);
    if (order_.size() > kMostAddresses) {
      addresses_.erase(order_.front());
      order_.pop_front();
    }
  } else if (now - at->second.last > kForgotten) {
    at->second.failures = 0;
  }
  at->second.last = now;
  int& failures = at->second.failures;
  const auto wait = std::min(kFirst * (1 << failures), kLongest);
  failures = std::min(failures + 1, kMostDoublings);
  return wait;
}

}  // namespace stockfold
