// stockfold explain …
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/evolve.h"
#include "core/statement.h"
#include "tools/commands/commands.h"
#include "tools/console/ask.h"
#include "tools/console/fault_text.h"
#include "tools/console/print.h"
#include "tools/reports/statement_form.h"

namespace stockfold {
namespace {

struct Explaining {
  CallOptions call;
  Freshness freshness;
  std::optional<Moment> from;
  std::optional<Moment> at;
  bool csv = false;
  std::uint64_t limit = UINT64_MAX;

  [[nodiscard]] Form form() const {
    if (call.json) return Form::json;
    return csv ? Form::csv : Form::text;
  }
};

/// Nothing where it could not be had; that has then been told.
template <class T>
using Told = std::expected<T, ExitCode>;

/// The events that a statement is of.
struct Period {
  GlobalPosition from{1};
  GlobalPosition to{UINT64_MAX};
};

/// The last event at or before a point of the log.
ClientResult<GlobalPosition> last_at(Client& client, const Moment& at) {
  if (const auto* position = std::get_if<GlobalPosition>(&at)) return *position;
  return client.position_at(std::get<UnixMillis>(at));
}

/// The first event at or after it.
ClientResult<GlobalPosition> first_at(Client& client, const Moment& at) {
  if (const auto* position = std::get_if<GlobalPosition>(&at)) return std::max(*position, GlobalPosition(1));
  const UnixMillis time = std::get<UnixMillis>(at);
  if (time == UnixMillis(0)) return GlobalPosition(1);
  const auto before = client.position_at(UnixMillis(time.value() - 1));
  if (!before) return before;
  return before->next();
}

Told<Period> period_of(Client& client, const Explaining& explaining) {
  Period period;
  if (explaining.from) {
    const auto from = first_at(client, *explaining.from);
    if (!from) return std::unexpected(tell(explaining.call, from.error()));
    period.from = *from;
  }
  if (explaining.at) {
    const auto to = last_at(client, *explaining.at);
    if (!to) return std::unexpected(tell(explaining.call, to.error()));
    period.to = *to;
  }
  return period;
}

void tell_more(const Explaining& explaining, GlobalPosition from) {
  if (explaining.form() == Form::text) complain(fmt::format("more with --from {}", from.value()));
}

// ---- products ---------------------------------------------------------------------------------------------

/// One product's statement, told while it is read.
class ProductAccount {
 public:
  ProductAccount(Client& client, const Explaining& explaining, const Sku& sku, const Period& period)
      : client_(client),
        explaining_(explaining),
        sku_(sku),
        period_(period),
        statement_(sku),
        form_(product_form(explaining.form(), sku)) {}

  ExitCode tell_all() {
    const auto told = tell_movements();
    print_data(form_->take());  // what came before a fault, too
    if (!told) return told.error();
    if (statement_.movements() == 0) {
      const auto stock = stock_without_movements();
      if (!stock) return stock.error();
      opening_ = *stock;
      print_data(form_->opening(opening_, period_.from));
    }
    print_data(form_->closing(statement_, opening_, more_ ? last_ : period_.to));
    if (more_) tell_more(explaining_, *more_);
    return kDone;
  }

 private:
  [[nodiscard]] Told<EventsReply> read(const ReadEvents& request) {
    auto reply = client_.events(request);
    if (!reply) return std::unexpected(tell(explaining_.call, reply.error()));
    return std::move(*reply);
  }
  [[nodiscard]] ReadEvents from_start() const {
    return {.from = period_.from, .stream = StreamId::of(sku_), .freshness = explaining_.freshness};
  }

  Told<void> tell_movements() {
    ReadEvents request = from_start();
    for (;;) {
      request.to = period_.to;
      auto reply = read(request);
      if (!reply) return std::unexpected(std::move(reply.error()));
      period_.to = std::min(period_.to, reply->head);  // what happens meanwhile is left out
      for (const RecordedEvent& event : reply->events) {
        if (statement_.movements() == explaining_.limit) {
          more_ = event.position;
          return {};
        }
        if (auto told = tell_movement(event); !told) return told;
      }
      print_data(form_->take());
      if (!reply->next) return {};
      request.from = *reply->next;
    }
  }

  Told<void> tell_movement(const RecordedEvent& event) {
    const auto movement = statement_.add(event);
    if (!movement) return std::unexpected(tell(movement.error()));
    if (statement_.movements() == 1) {
      opening_ = statement_.opening().value_or(0);
      print_data(form_->opening(opening_, period_.from));
    }
    form_->add(event, *movement);
    last_ = event.position;
    return {};
  }

  /// Where the period has no event of the product's, the next one tells, or the product as it is now.
  Told<Units> stock_without_movements() {
    ReadEvents request = from_start();
    request.limit = 1;
    for (;;) {
      auto reply = read(request);
      if (!reply) return std::unexpected(std::move(reply.error()));
      if (!reply->events.empty()) {
        ProductStatement later(sku_);
        const auto movement = later.add(reply->events.front());
        if (!movement) return std::unexpected(tell(movement.error()));
        return later.opening().value_or(0);
      }
      const auto now = client_.product(sku_, explaining_.freshness);
      if (!now) return std::unexpected(tell(explaining_.call, now.error()));
      if (!now->product) return std::unexpected(tell_unknown(explaining_.call, StreamId::of(sku_)));
      if (now->product->changed_at < period_.from) return now->product->stock();
      // it has changed between the two answers: the event is there by now
    }
  }

  Client& client_;
  const Explaining& explaining_;
  const Sku sku_;
  Period period_;
  ProductStatement statement_;
  std::unique_ptr<ProductForm> form_;
  Units opening_ = 0;
  GlobalPosition last_;                 ///< Of the last movement that was told.
  std::optional<GlobalPosition> more_;  ///< The first that was not told, where --limit cut.
};

ExitCode explain(const Explaining& explaining, const Sku& sku) {
  return with_client(explaining.call, [&](Client& client) {
    const auto period = period_of(client, explaining);
    return period ? ProductAccount(client, explaining, sku, *period).tell_all() : period.error();
  });
}

// ---- orders -----------------------------------------------------------------------------------------------

/// All events of an order: there are three at most. Empty where there is no such order.
Told<std::vector<RecordedEvent>> events_of(Client& client, const Explaining& explaining, const OrderId& id,
                                           Period& period) {
  ReadEvents request{.stream = StreamId::of(id), .freshness = explaining.freshness};
  std::vector<RecordedEvent> events;
  for (;;) {
    auto reply = client.events(request);
    if (!reply) return std::unexpected(tell(explaining.call, reply.error()));
    period.to = std::min(period.to, reply->head);
    std::ranges::move(reply->events, std::back_inserter(events));
    if (!reply->next) return events;
    request.from = *reply->next;
  }
}

ExitCode tell_events(const Explaining& explaining, const OrderId& id, const Period& period,
                     const std::vector<RecordedEvent>& events) {
  const auto form = order_form(explaining.form(), id);
  std::optional<Order> order;
  const auto first = std::ranges::lower_bound(events, period.from, {}, &RecordedEvent::position);
  for (const RecordedEvent& event : std::ranges::subrange(events.begin(), first)) {
    if (event.position > period.to) break;
    if (const auto folded = evolve(order, id, event); !folded) return tell(folded.error());
  }
  print_data(form->opening(order, period.from));

  GlobalPosition to = period.to;
  std::uint64_t left = explaining.limit;
  for (const RecordedEvent& event : std::ranges::subrange(first, events.end())) {
    if (event.position > period.to) break;
    if (left-- == 0) {
      to = order->changed_at;
      tell_more(explaining, event.position);
      break;
    }
    if (const auto folded = evolve(order, id, event); !folded) return tell(folded.error());
    print_data(form->event(event, *order));
  }
  print_data(form->closing(order, to));
  return kDone;
}

ExitCode explain(const Explaining& explaining, const OrderId& id) {
  return with_client(explaining.call, [&](Client& client) {
    auto period = period_of(client, explaining);
    if (!period) return period.error();
    const auto events = events_of(client, explaining, id, *period);
    if (!events) return events.error();
    if (events->empty()) return tell_unknown(explaining.call, StreamId::of(id));
    return tell_events(explaining, id, *period, *events);
  });
}

template <class Id>
void add_subject(CLI::App& explain_app, int& exit_code, const std::string& name, const std::string& argument,
                 Parsed<Id> (*parse)(std::string_view), const std::string& description) {
  struct Subject {
    Explaining explaining;
    Id id;
  };
  CLI::App* app = explain_app.add_subcommand(name, description);
  auto subject = std::make_shared<Subject>();
  Explaining& explaining = subject->explaining;
  add_argument(*app, argument, subject->id, parse, "the " + name)->required();
  add_argument(*app, "--from", explaining.from, parse_moment,
               "the first event counted; the opening is before it")
      ->type_name("P|TIME");
  add_argument(*app, "--at", explaining.at, parse_moment, "the last event counted (the latest)")
      ->type_name("P|TIME");
  add_limit(*app, explaining.limit);
  add_freshness(*app, explaining.freshness);
  add_call_options(*app, explaining.call);
  app->add_flag("--csv", explaining.csv, "records for spreadsheets")->excludes("--json");
  app->callback([subject, &exit_code] { exit_code = explain(subject->explaining, subject->id); });
}

}  // namespace

void add_explain(CLI::App& app, int& exit_code) {
  CLI::App* explain_app = app.add_subcommand("explain", "a number, and every event that made it");
  explain_app->require_subcommand(1);
  add_subject<Sku>(*explain_app, exit_code, "product", "SKU", parse_sku,
                   "its stock, movement by movement, like a bank statement");
  add_subject<OrderId>(*explain_app, exit_code, "order", "ORDER", parse_order,
                       "what happened to it, and to the stock of its products");
}

}  // namespace stockfold
