#include "histories/model.h"

#include <algorithm>

#include "core/overloaded.h"

namespace stockfold {
namespace {

constexpr std::int64_t kMostUnits = 9'007'199'254'740'991;  // 2^53 - 1

std::uint64_t scatter(std::uint64_t bits) {  // SplitMix64's last step
  bits = (bits ^ (bits >> 30U)) * 0xbf58476d1ce4e5b9;
  bits = (bits ^ (bits >> 27U)) * 0x94d049bb133111eb;
  return bits ^ (bits >> 31U);
}

}  // namespace

Fingerprint Fingerprint::of(std::initializer_list<std::uint64_t> words) {
  Fingerprint made{.low = 0x9e3779b97f4a7c15, .high = 0xd1b54a32d192ed03};
  for (const std::uint64_t word : words) {
    made.low = scatter(made.low + word);
    made.high = scatter(made.high ^ (word * 0xff51afd7ed558ccd + 1));
  }
  return made;
}

const Command& Model::command(std::size_t operation) const {
  return std::get<Command>(history_[operation].asked);
}

bool Model::outcome_known(std::size_t operation) const { return plain_[operation].outcome_of != kNone; }

std::optional<std::size_t> Model::decided_by(std::size_t operation) const {
  const std::size_t decided = decided_[plain_[operation].command];
  return decided == kNone ? std::nullopt : std::optional(decided);
}

// ---- the rules --------------------------------------------------------------------------------------------

Model::Verdict Model::refuse_product(Rule rule, std::size_t product) const {
  const Account& account = accounts_[product];
  Verdict refused{.rule = rule, .subject = product, .version = account.version, .status = {}, .stock = {}};
  refused.obstacle = rule == Rule::product_exists    ? account.registered_by
                     : rule == Rule::product_retired ? account.retired_by
                                                     : account.changed_by;
  return refused;
}

Model::Verdict Model::refuse_order(Rule rule, std::size_t order) const {
  const Slip& slip = slips_[order];
  return {.rule = rule,
          .of_order = true,
          .subject = order,
          .version = slip.version,
          .obstacle = slip.changed_by,
          .status = {},
          .stock = {}};
}

/// The first line, in order of SKU, that breaks the first rule that any line breaks.
std::optional<Model::Verdict> Model::refuse_lines(const Wanted& lines, bool takes) const {
  for (const auto& [product, quantity] : lines) {
    if (!accounts_[product].known) return refuse_product(Rule::unknown_product, product);
  }
  for (const auto& [product, quantity] : lines) {
    if (accounts_[product].retired_by != kNone) return refuse_product(Rule::product_retired, product);
  }
  for (const auto& [product, quantity] : lines) {
    if (!takes || quantity <= accounts_[product].stock()) continue;
    Verdict refused = refuse_product(Rule::insufficient_stock, product);
    refused.requested = quantity;
    return refused;
  }
  return std::nullopt;
}

Model::Verdict Model::accept_order(std::size_t order, OrderStatus status, const Wanted& lines,
                                   int sign) const {
  Verdict accepted{.rule = {},
                   .of_order = true,
                   .subject = order,
                   .version = slips_[order].version + 1,
                   .status = status,
                   .stock = lines};
  for (auto& [product, units] : accepted.stock) units = accounts_[product].stock() + sign * units;
  return accepted;
}

const Model::Wanted& Model::lines_of(std::size_t order) const { return plain_[slips_[order].lines_of].lines; }

Model::Verdict Model::decide(const Plain& of) const {
  const std::uint64_t version = of.of_order ? slips_[of.subject].version : accounts_[of.subject].version;
  if (of.expected && *of.expected != version) {
    return of.of_order ? refuse_order(Rule::version_conflict, of.subject)
                       : refuse_product(Rule::version_conflict, of.subject);
  }
  return of.of_order ? decide_order(of) : decide_product(of);
}

Model::Verdict Model::decide_product(const Plain& of) const {
  const Account& account = accounts_[of.subject];
  const auto refused = [&](Rule rule, std::int64_t requested = 0) {
    Verdict verdict = refuse_product(rule, of.subject);
    verdict.requested = requested;
    return verdict;
  };
  std::int64_t stock = account.stock();
  if (of.kind == CommandKind::register_product) {
    if (account.known) return refused(Rule::product_exists);
    stock = of.units;
  } else {
    if (!account.known) return refused(Rule::unknown_product);
    const bool writes_off = of.kind == CommandKind::write_off_stock;
    if (writes_off && stock < of.units) return refused(Rule::insufficient_stock, of.units);
    if (!writes_off && account.retired_by != kNone) return refused(Rule::product_retired);
    if (of.kind == CommandKind::receive_stock) {
      if (account.received > kMostUnits - of.units) return refused(Rule::stock_overflow, of.units);
      stock += of.units;
    } else if (writes_off) {
      stock -= of.units;
    }
  }
  return {.rule = {},
          .subject = of.subject,
          .version = account.version + 1,
          .status = {},
          .stock = {{of.subject, stock}}};
}

Model::Verdict Model::decide_order(const Plain& of) const {
  const Slip& slip = slips_[of.subject];
  const auto refused = [&](Rule rule) { return refuse_order(rule, of.subject); };
  const bool places = of.kind == CommandKind::place_order;
  if (of.kind == CommandKind::draft_order || (places && !of.lines.empty())) {
    if (slip.status) return refused(Rule::order_exists);
    if (auto line = refuse_lines(of.lines, places)) return *line;
    return places ? accept_order(of.subject, OrderStatus::in_progress, of.lines, -1)
                  : accept_order(of.subject, OrderStatus::draft, {}, 0);
  }
  if (!slip.status) return refused(Rule::unknown_order);
  if (places) {
    if (slip.status != OrderStatus::draft) return refused(Rule::order_not_draft);
    if (auto line = refuse_lines(lines_of(of.subject), true)) return *line;
    return accept_order(of.subject, OrderStatus::in_progress, lines_of(of.subject), -1);
  }
  if (slip.status == OrderStatus::aborted) return refused(Rule::order_already_aborted);
  if (slip.status == OrderStatus::fulfilled) return refused(Rule::order_already_fulfilled);
  const bool is_draft = slip.status == OrderStatus::draft;
  if (of.kind == CommandKind::abort_order) {
    return accept_order(of.subject, OrderStatus::aborted, is_draft ? Wanted() : lines_of(of.subject), +1);
  }
  if (is_draft) return refused(Rule::order_not_in_progress);
  return accept_order(of.subject, OrderStatus::fulfilled, lines_of(of.subject), 0);
}

// ---- what was told ----------------------------------------------------------------------------------------

Fit Model::fit(std::size_t operation) const {
  const Plain& plain = plain_[operation];
  const Operation& seen = history_[operation];
  if (!plain.is_command) return shows(seen.told, plain) ? Fit::idle : Fit::no;
  if (const auto decided = decided_by(operation)) return fit_again(operation, *decided);

  const Answer* own = answer_in(seen);
  if (own != nullptr && own->replayed) return Fit::no;  // of an event that never happened
  const Verdict verdict = decide(plain);
  const Fit fitting = verdict.rule ? Fit::idle : Fit::moves;
  if (own == nullptr && plain.outcome_of == kNone) return fitting;
  const Answer& answer = own != nullptr ? *own : *answer_in(history_[plain.outcome_of]);
  const bool told = std::visit(Overloaded{
                                   [&](const Accepted& accepted) { return says(accepted, verdict); },
                                   [&](const Refusal& refusal) { return says(refusal, verdict, plain); },
                                   [](const auto& /*no outcome*/) { return false; },
                               },
                               answer.outcome);
  return told ? fitting : Fit::no;
}

/// Checks a command whose id already has an outcome.
Fit Model::fit_again(std::size_t operation, std::size_t decided) const {
  const Answer* answer = answer_in(history_[operation]);
  if (answer == nullptr) return Fit::idle;
  if (!same_body(command(operation), command(decided))) {
    const auto* refusal = std::get_if<Refusal>(&answer->outcome);
    const bool told = is_reuse(*answer) && !answer->replayed && !refusal->subject && refusal->obstacle &&
                      names(refusal->obstacle->value(), decided);
    return told ? Fit::idle : Fit::no;
  }
  const std::size_t first = plain_[decided].outcome_of;
  const bool same = first != kNone && answer->outcome == answer_in(history_[first])->outcome;
  return answer->replayed && same ? Fit::idle : Fit::no;
}

bool Model::says(const Accepted& told, const Verdict& verdict) const {
  if (verdict.rule || told.version.value() != verdict.version || told.status != verdict.status) return false;
  const auto kind = verdict.of_order ? AggregateKind::order : AggregateKind::product;
  if (told.subject.kind != kind) return false;
  if (told.subject.id != (verdict.of_order ? order_ids_ : skus_)[verdict.subject]) return false;
  return std::ranges::equal(told.stock, verdict.stock, [&](const StockOf& a, const auto& b) {
    return static_cast<std::int64_t>(a.stock) == b.second && a.sku.view() == skus_[b.first];
  });
}

bool Model::says(const Refusal& told, const Verdict& verdict, const Plain& of) const {
  if (told.rule != verdict.rule || told.actual.value() != verdict.version || !told.subject) return false;
  if (static_cast<std::int64_t>(told.requested) != verdict.requested) return false;
  const bool conflict = told.rule == Rule::version_conflict;
  const auto expected = told.expected.version();
  if (expected.has_value() != conflict || (conflict && expected->value() != of.expected)) return false;
  const auto kind = verdict.of_order ? AggregateKind::order : AggregateKind::product;
  if (told.subject->kind != kind) return false;
  if (told.subject->id != (verdict.of_order ? order_ids_ : skus_)[verdict.subject]) return false;

  if (told.obstacle.has_value() != (verdict.obstacle != kNone)) return false;
  if (told.obstacle && !names(told.obstacle->value(), verdict.obstacle)) return false;
  const auto* product = std::get_if<Product>(&told.state);
  const auto* order = std::get_if<Order>(&told.state);
  if (verdict.of_order) {
    return product == nullptr && shows(order ? std::optional(*order) : std::nullopt, verdict.subject);
  }
  return order == nullptr && shows(product ? std::optional(*product) : std::nullopt, verdict.subject);
}

bool Model::shows(const Told& told, const Plain& read) const {
  if (const auto* product = std::get_if<ProductReply>(&told)) {
    return product->sku.view() == skus_[read.subject] && shows(product->product, read.subject);
  }
  const auto& order = std::get<OrderReply>(told);
  return order.order.view() == order_ids_[read.subject] && shows(order.state, read.subject);
}

bool Model::shows(const std::optional<Product>& told, std::size_t product) const {
  const Account& account = accounts_[product];
  if (!told || !account.known) return !told && !account.known;
  const auto is = [](Units units, std::int64_t counted) {
    return units == static_cast<std::uint64_t>(counted);
  };
  return is(told->received, account.received) && is(told->written_off, account.written_off) &&
         is(told->in_progress, account.in_progress) && is(told->fulfilled, account.fulfilled) &&
         told->version.value() == account.version && told->retired == (account.retired_by != kNone) &&
         told->name == std::get<RegisterProduct>(command(account.registered_by).body).name &&
         names(told->registered_at.value(), account.registered_by) &&
         names(told->retired_at.value(), account.retired_by) &&
         names(told->changed_at.value(), account.changed_by);
}

bool Model::shows(const std::optional<Order>& told, std::size_t order) const {
  const Slip& slip = slips_[order];
  if (!told || !slip.status) return !told && !slip.status;
  const bool same_lines = std::ranges::equal(told->lines, lines_of(order), [&](const Line& a, const auto& b) {
    return a.quantity == b.second && a.sku.view() == skus_[b.first];
  });
  return same_lines && told->status == *slip.status && told->version.value() == slip.version &&
         names(told->changed_at.value(), slip.changed_by) &&
         told->changed_by == command(slip.changed_by).actor;
}

/// Whether an event may have this position: its own answer gave it, or it is unknown and belongs to no other
/// event. No event is at 0.
bool Model::names(std::uint64_t position, std::size_t event) const {
  if (event == kNone) return position == 0;
  const std::optional<std::uint64_t>& known = plain_[event].position;
  return known ? *known == position : position != 0 && !positions_.contains(position);
}

// ---- taking effect ----------------------------------------------------------------------------------------

void Model::apply(std::size_t operation) {
  const Plain& plain = plain_[operation];
  steps_.push_back({replaced_accounts_.size(), replaced_slips_.size(), kNone, plain.due});
  Step& step = steps_.back();
  const bool decides = plain.is_command && decided_[plain.command] == kNone;
  const bool moves = decides && !decide(plain).rule;
  if (decides) {
    step.decided = plain.command;
    step.met = outcomes_due_[plain.command];
    decided_[plain.command] = operation;
  }
  if (step.met) --awaited_[step.met->slot][step.met->version];
  if (moves) move(operation, plain);
}

void Model::undo() {
  const Step step = steps_.back();
  steps_.pop_back();
  if (step.decided != kNone) decided_[step.decided] = kNone;
  for (; replaced_accounts_.size() > step.accounts; replaced_accounts_.pop_back()) {
    const auto& [product, before] = replaced_accounts_.back();
    fingerprint_ ^= fingerprint_of(product, accounts_[product]);
    fingerprint_ ^= fingerprint_of(product, before);
    overdue_ -= awaited(slot_of(false, product), before.version);
    accounts_[product] = before;
  }
  for (; replaced_slips_.size() > step.slips; replaced_slips_.pop_back()) {
    const auto& [order, before] = replaced_slips_.back();
    fingerprint_ ^= fingerprint_of(order, slips_[order]);
    fingerprint_ ^= fingerprint_of(order, before);
    overdue_ -= awaited(slot_of(true, order), before.version);
    slips_[order] = before;
  }
  if (step.met) ++awaited_[step.met->slot][step.met->version];
}

std::size_t Model::awaited(std::size_t slot, std::uint64_t version) const {
  return version < awaited_[slot].size() ? awaited_[slot][version] : 0;
}

void Model::move(std::size_t operation, const Plain& plain) {
  const auto changed = [&](std::size_t product) {
    Account account = accounts_[product];
    ++account.version;
    account.changed_by = operation;
    return account;
  };
  if (!plain.of_order) {
    Account account = changed(plain.subject);
    if (plain.kind == CommandKind::register_product) {
      account.known = true;
      account.registered_by = operation;
    }
    if (plain.kind == CommandKind::retire_product) account.retired_by = operation;
    std::int64_t& moved = plain.kind == CommandKind::write_off_stock ? account.written_off : account.received;
    moved += plain.units;  // a retirement moves no units
    return replace(plain.subject, account);
  }

  Slip slip = slips_[plain.subject];
  const bool was_in_progress = slip.status == OrderStatus::in_progress;
  if (!slip.status) slip.lines_of = operation;
  ++slip.version;
  slip.changed_by = operation;
  slip.status = plain.kind == CommandKind::draft_order   ? OrderStatus::draft
                : plain.kind == CommandKind::place_order ? OrderStatus::in_progress
                : plain.kind == CommandKind::abort_order ? OrderStatus::aborted
                                                         : OrderStatus::fulfilled;
  replace(plain.subject, slip);
  const bool places = slip.status == OrderStatus::in_progress;
  if (!places && !was_in_progress) return;
  for (const auto& [product, units] : lines_of(plain.subject)) {
    Account account = changed(product);
    account.in_progress += places ? units : -units;
    if (slip.status == OrderStatus::fulfilled) account.fulfilled += units;
    replace(product, account);
  }
}

void Model::replace(std::size_t product, const Account& account) {
  replaced_accounts_.emplace_back(product, accounts_[product]);
  fingerprint_ ^= fingerprint_of(product, accounts_[product]);
  fingerprint_ ^= fingerprint_of(product, account);
  overdue_ += awaited(slot_of(false, product), accounts_[product].version);
  accounts_[product] = account;
}

void Model::replace(std::size_t order, const Slip& slip) {
  replaced_slips_.emplace_back(order, slips_[order]);
  fingerprint_ ^= fingerprint_of(order, slips_[order]);
  fingerprint_ ^= fingerprint_of(order, slip);
  overdue_ += awaited(slot_of(true, order), slips_[order].version);
  slips_[order] = slip;
}

Fingerprint Model::fingerprint_of(std::size_t product, const Account& account) {
  const auto bits = [](std::int64_t units) { return static_cast<std::uint64_t>(units); };
  return Fingerprint::of({1, product, bits(account.received), bits(account.written_off),
                          bits(account.in_progress), bits(account.fulfilled), account.version,
                          account.registered_by, account.retired_by, account.changed_by});
}

Fingerprint Model::fingerprint_of(std::size_t order, const Slip& slip) {
  const std::uint64_t status = slip.status ? static_cast<std::uint64_t>(*slip.status) : 0;
  return Fingerprint::of({2, order, status, slip.version, slip.lines_of, slip.changed_by});
}

// ---- for people -------------------------------------------------------------------------------------------

std::string Model::text_of(const Verdict& verdict) const {
  if (verdict.rule) {
    const std::string& id = (verdict.of_order ? order_ids_ : skus_)[verdict.subject];
    return "refused " + std::string(name_of(*verdict.rule)) + ": " +
           (verdict.of_order ? "order/" : "product/") + id + " v" + std::to_string(verdict.version);
  }
  std::string text = "accepted";
  if (verdict.status) text += " " + std::string(name_of(*verdict.status));
  text += " v" + std::to_string(verdict.version);
  for (const auto& [product, stock] : verdict.stock) {
    text += " " + skus_[product] + ":" + std::to_string(stock);
  }
  return text;
}

std::string Model::would_say(std::size_t operation) const {
  const Plain& plain = plain_[operation];
  if (plain.is_command) {
    const auto decided = decided_by(operation);
    if (!decided) return text_of(decide(plain));
    if (!same_body(command(operation), command(*decided))) return "refused command_id_reused";
    return "the outcome of this id again";
  }
  if (plain.of_order) {
    const Slip& slip = slips_[plain.subject];
    if (!slip.status) return "none";
    return std::string(name_of(*slip.status)) + " v" + std::to_string(slip.version);
  }
  const Account& account = accounts_[plain.subject];
  if (!account.known) return "none";
  return "stock " + std::to_string(account.stock()) + " v" + std::to_string(account.version);
}

}  // namespace stockfold
