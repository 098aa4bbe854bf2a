#include "interleavings/judge.h"

#include <algorithm>
#include <utility>

#include "core/model.h"
#include "core/overloaded.h"

namespace stockfold {
namespace {

/// An event in words.
struct Happened {
  std::string verb;
  std::string id;
  std::int64_t units = 0;
  std::map<std::string, std::int64_t> lines;
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> products;  ///< Stock after it, and version.
  std::optional<std::uint64_t> order_version;
  const Refusal* refusal = nullptr;
};

template <class OrderEvent>
Happened of_order(std::string verb, const OrderEvent& event, const RecordedEvent& recorded) {
  Happened happened{.verb = std::move(verb), .id = event.order.str()};
  happened.order_version = recorded.version.value();
  for (const auto& line : event.lines) happened.lines[line.sku.str()] = line.quantity;
  return happened;
}

Happened with_stock(Happened happened, const StockedLines& lines) {
  for (const StockedLine& line : lines) {
    happened.products[line.sku.str()] = {line.stock_after, line.version.value()};
  }
  return happened;
}

Happened of_product(std::string verb, const Sku& sku, Units units, Units after,
                    const RecordedEvent& recorded) {
  Happened happened{.verb = std::move(verb), .id = sku.str(), .units = static_cast<std::int64_t>(units)};
  happened.products[sku.str()] = {after, recorded.version.value()};
  return happened;
}

Happened in_words(const RecordedEvent& recorded) {
  const auto visitor = Overloaded{
      [&](const ProductRegistered& e) { return of_product("register", e.sku, e.stock, e.stock, recorded); },
      [&](const StockReceived& e) {
        return of_product("receive", e.sku, e.quantity, e.stock_after, recorded);
      },
      [&](const StockWrittenOff& e) {
        return of_product("write_off", e.sku, e.quantity, e.stock_after, recorded);
      },
      [&](const ProductRetired& e) { return of_product("retire", e.sku, 0, e.stock_after, recorded); },
      [&](const OrderDrafted& e) { return of_order("draft", e, recorded); },
      [&](const OrderPlaced& e) { return with_stock(of_order("place", e, recorded), e.lines); },
      [&](const OrderAborted& e) {
        Happened happened = of_order("abort", e, recorded);
        return e.was_draft ? happened : with_stock(std::move(happened), e.lines);
      },
      [&](const OrderFulfilled& e) { return with_stock(of_order("fulfil", e, recorded), e.lines); },
      [](const CommandRefused& e) { return Happened{.refusal = &e.refusal}; },
  };
  return std::visit(visitor, recorded.event);
}

std::string in_words(const State& state) {
  std::string text;
  for (const auto& [what, value] : state) text += (text.empty() ? "" : ", ") + what + " " + value;
  return text;
}

std::string at(std::uint64_t position) { return "position " + std::to_string(position); }

/// The smallest number that no order has.
std::string next_id(const Model& model) {
  std::uint64_t number = 1;
  while (model.slips().contains(std::to_string(number))) ++number;
  return std::to_string(number);
}

class Judge {
 public:
  Judge(const World& world, const Ending& ending) : world_(world), ending_(ending) {}

  std::string verdict() {
    for (const auto& commit : ending_.log) {
      for (const RecordedEvent& event : commit->events) {
        if (std::string wrong = follow(event); !wrong.empty()) return wrong;
      }
    }
    if (!ending_.fault.empty()) return "a ledger cannot go on: " + ending_.fault;
    for (std::size_t client = 0; client < world_.requests.size(); ++client) {
      if (std::string wrong = hear(client); !wrong.empty()) return wrong;
    }
    return compare();
  }

 private:
  [[nodiscard]] std::uint64_t end() const { return events_.size(); }
  [[nodiscard]] const Request& request(std::size_t client) const { return world_.requests[client]; }
  [[nodiscard]] std::string name(std::size_t client) const {
    return "request " + std::to_string(client + 1) + ", " + request(client).words + ",";
  }

  // ---- the log --------------------------------------------------------------------------------------------

  std::string follow(const RecordedEvent& event) {
    const std::uint64_t position = end() + 1;
    if (event.position.value() != position) {
      return at(position) + " is numbered " + std::to_string(event.position.value());
    }
    const std::size_t client = client_of(event.actor);
    if (client == kNobody && position > world_.given.size()) return at(position) + " belongs to no request";
    for (std::uint64_t earlier = 1; earlier < position; ++earlier) {
      if (client != kNobody && is_second_of(client, earlier)) {
        return request(client).words + " happened twice, at " + at(earlier) + " and " + at(position);
      }
    }

    const Happened happened = in_words(event);
    Ask ask = ask_of(client == kNobody ? world_.given[position - 1] : request(client).words);
    const bool placed_a_draft = ask.verb == "place" && ask.lines.empty();
    if (happened.refusal == nullptr) {
      if (ask.id.empty()) ask.id = next_id(models_.back());
      const bool names_lines = ask.verb == "draft" || (ask.verb == "place" && !placed_a_draft);
      if (happened.verb != ask.verb || happened.id != ask.id || happened.units != ask.units ||
          (names_lines && happened.lines != ask.lines)) {
        return at(position) + " is not what was asked for: " + happened.verb + " " + happened.id;
      }
    }
    Model model = models_.back();
    const std::string broken = model.handle(ask);
    models_.push_back(model);
    events_.push_back(&event);
    if (happened.refusal != nullptr) {
      const std::string_view rule = name_of(happened.refusal->rule);
      return broken == rule ? "" : at(position) + " refuses as " + std::string(rule) + ", not " + broken;
    }
    if (!broken.empty()) return what_is_broken(ask, broken, position);
    return compare_with(happened, models_.back(), position);
  }

  /// Whether the event at `earlier` was made by the same request, or under the same command id.
  [[nodiscard]] bool is_second_of(std::size_t client, std::uint64_t earlier) const {
    const std::size_t other = client_of(events_[earlier - 1]->actor);
    if (other == kNobody) return false;
    const std::uint8_t id = request(client).command_id;
    return other == client || (id != 0 && request(other).command_id == id);
  }

  static std::string what_is_broken(const Ask& ask, const std::string& broken, std::uint64_t position) {
    if (ask.verb == "abort" && broken == "order_already_aborted") {
      return "order " + ask.id + " is given back a second time, at " + at(position);
    }
    if (broken == "insufficient_stock") {
      return ask.verb + " " + ask.id + " takes what is not there, at " + at(position);
    }
    return ask.verb + " " + ask.id + " happened at " + at(position) + ", but is " + broken;
  }

  static std::string compare_with(const Happened& happened, const Model& model, std::uint64_t position) {
    if (happened.order_version && *happened.order_version != model.slips().at(happened.id).statuses.size()) {
      return "the version of order " + happened.id + " at " + at(position) + " is wrong";
    }
    if (happened.order_version && happened.lines != model.slips().at(happened.id).lines) {
      return "the lines of order " + happened.id + " at " + at(position) + " are wrong";
    }
    for (const auto& [product, after] : happened.products) {
      const Model::Account& account = model.accounts().at(product);
      if (account.stock() < 0 || after.first != static_cast<std::uint64_t>(account.stock())) {
        return "the stock of " + product + " after " + at(position) + " is wrong";
      }
      if (after.second != account.moves.size()) {
        return "the version of product " + product + " at " + at(position) + " is wrong";
      }
    }
    return "";
  }

  // ---- the answers ----------------------------------------------------------------------------------------

  [[nodiscard]] std::string hear(std::size_t client) const {
    const std::optional<Told>& told = ending_.told[client];
    if (!told) return "";
    const auto* accepted = std::get_if<Accepted>(&told->answer.outcome);
    const auto* refused = std::get_if<Refusal>(&told->answer.outcome);
    if (accepted == nullptr && refused == nullptr) {
      return name(client) + " was answered " + std::string(error_name_of(told->answer));
    }
    std::string wrong =
        accepted != nullptr ? hear_accepted(client, *told, *accepted) : hear_refused(client, *told, *refused);
    if (!wrong.empty() || !ending_.again[client]) return wrong;

    const Answer& again = *ending_.again[client];
    const auto* refusal = std::get_if<Refusal>(&again.outcome);
    const bool recorded = refusal == nullptr || refusal->rule != Rule::command_id_reused;
    if (again.outcome != told->answer.outcome || again.replayed != recorded) {
      return name(client) + " has another answer when it is asked again";
    }
    return "";
  }

  [[nodiscard]] std::string hear_accepted(std::size_t client, const Told& told,
                                          const Accepted& accepted) const {
    const std::uint64_t position = accepted.position.value();
    if (position == 0 || position > end() || !speaks_for(client, position)) {
      return name(client) + " was acknowledged at " + at(position) + ", and is lost";
    }
    const RecordedEvent& event = *events_[position - 1];
    if (std::holds_alternative<CommandRefused>(event.event)) {
      return name(client) + " was acknowledged, but refused at " + at(position);
    }
    if (!is_what_happened(accepted, in_words(event), models_[position])) {
      return name(client) + " was told something else than happened at " + at(position);
    }
    return judge_time(client, told, position);
  }

  [[nodiscard]] std::string hear_refused(std::size_t client, const Told& told, const Refusal& refusal) const {
    const std::string rule(name_of(refusal.rule));
    if (request(client).command_id == 0) {
      const std::uint64_t last = std::min(told.answered, end());
      for (std::uint64_t position = told.asked; position <= last; ++position) {
        if (explains(models_[position], ask_of(request(client).words), refusal)) return "";
      }
      return name(client) + " was refused as " + rule + ", which no position explains";
    }
    const std::uint64_t position = outcome_of_id(request(client).command_id);
    if (position == 0) return name(client) + " was refused as " + rule + ", and that is lost";
    if (refusal.rule == Rule::command_id_reused) {
      const bool explained = !speaks_for(client, position) && refusal.obstacle == GlobalPosition(position);
      return explained ? "" : name(client) + " was refused as command_id_reused, but it was not";
    }
    const auto* refused = std::get_if<CommandRefused>(&events_[position - 1]->event);
    if (refused == nullptr) {
      return name(client) + " was done at " + at(position) + ", but was answered " + rule;
    }
    if (!speaks_for(client, position) || refused->refusal != refusal ||
        !is_as_seen(models_[position], refusal)) {
      return name(client) + " was told something else than happened at " + at(position);
    }
    return judge_time(client, told, position);
  }

  /// The answer's event existed when the answer was given. The answer is a replay if the event existed when
  /// the question was asked, or if another client made it.
  [[nodiscard]] std::string judge_time(std::size_t client, const Told& told, std::uint64_t position) const {
    if (position > told.answered) return name(client) + " was answered before " + at(position) + " was there";
    const bool mine = client_of(events_[position - 1]->actor) == client;
    const bool replayed = !mine || position <= told.asked;
    if (told.answer.replayed == replayed) return "";
    return name(client) + " was told that it is " + (replayed ? "new" : "a replay") + ", and it is not";
  }

  /// Whether the event is the outcome of this client's request.
  [[nodiscard]] bool speaks_for(std::size_t client, std::uint64_t position) const {
    const std::size_t maker = client_of(events_[position - 1]->actor);
    if (maker == client) return true;
    return maker != kNobody && request(client).command_id != 0 &&
           request(maker).command_id == request(client).command_id &&
           request(maker).words == request(client).words;
  }

  /// 0 if there is none.
  [[nodiscard]] std::uint64_t outcome_of_id(std::uint8_t id) const {
    for (std::uint64_t position = 1; position <= end(); ++position) {
      const std::size_t maker = client_of(events_[position - 1]->actor);
      if (maker != kNobody && request(maker).command_id == id) return position;
    }
    return 0;
  }

  static bool is_what_happened(const Accepted& accepted, const Happened& happened, const Model& after) {
    std::map<std::string, std::uint64_t> stock;
    for (const StockOf& of : accepted.stock) stock[of.sku.str()] = of.stock;
    std::map<std::string, std::uint64_t> expected;
    for (const auto& [product, stock_and_version] : happened.products) {
      expected[product] = stock_and_version.first;
    }
    if (stock != expected) return false;
    if (!happened.order_version) {
      return accepted.subject.str() == "product/" + happened.id && !accepted.status &&
             accepted.version.value() == after.accounts().at(happened.id).moves.size();
    }
    const Model::Slip& slip = after.slips().at(happened.id);
    return accepted.subject.str() == "order/" + happened.id && accepted.status &&
           name_of(*accepted.status) == slip.statuses.back() &&
           accepted.version.value() == slip.statuses.size();
  }

  static bool explains(Model model, const Ask& ask, const Refusal& refusal) {
    return is_as_seen(model, refusal) && model.handle(ask) == name_of(refusal.rule);
  }

  /// Whether the refusal shows the aggregate in the way as it is.
  static bool is_as_seen(const Model& model, const Refusal& refusal) {
    if (!refusal.subject) return false;
    const std::string& id = refusal.subject->id;
    if (refusal.subject->kind == AggregateKind::order) {
      const auto slip = model.slips().find(id);
      const auto* order = std::get_if<Order>(&refusal.state);
      if (slip == model.slips().end() || order == nullptr) return slip == model.slips().end() && !order;
      return name_of(order->status) == slip->second.statuses.back() &&
             refusal.actual.value() == slip->second.statuses.size();
    }
    const auto account = model.accounts().find(id);
    const auto* product = std::get_if<Product>(&refusal.state);
    if (account == model.accounts().end() || product == nullptr) {
      return account == model.accounts().end() && !product;
    }
    return product->stock() == static_cast<Units>(account->second.stock()) &&
           refusal.actual.value() == account->second.moves.size();
  }

  // ---- the state ------------------------------------------------------------------------------------------

  [[nodiscard]] std::string compare() const {
    State state;
    for (const auto& [product, account] : models_.back().accounts()) {
      state["product " + product] = std::to_string(account.stock());
    }
    for (const auto& [order, slip] : models_.back().slips()) state["order " + order] = slip.statuses.back();
    if (state == ending_.state) return "";
    return "a ledger that opens the log has " + in_words(ending_.state) + ", not " + in_words(state);
  }

  const World& world_;
  const Ending& ending_;
  std::vector<Model> models_{Model()};        ///< After each position, 0 first.
  std::vector<const RecordedEvent*> events_;  ///< By position, less 1.
};

}  // namespace

std::string judge(const World& world, const Ending& ending) { return Judge(world, ending).verdict(); }

}  // namespace stockfold
