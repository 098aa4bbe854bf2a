#include "tools/reports/audit_report.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cstdint>
#include <string_view>

#include "protocol/text/time_text.h"
#include "tools/console/print.h"
#include "tools/reports/head_text.h"

namespace stockfold {
namespace {

namespace json = boost::json;

json::value torn_tail_object(const std::optional<TornTail>& torn) {
  if (!torn) return nullptr;
  return json::object{{"after", torn->after.value()}, {"what", torn->what}};
}

json::array views_array(const std::vector<AuditedView>& views) {
  json::array array;
  for (const AuditedView& view : views) {
    json::object object{{"view", view.view}, {"position", view.position.value()}};
    if (const auto& compared = view.comparison) {
      object.emplace("rows", compared->rows);
      object.emplace("digest", to_hex(compared->rebuilt));
      object.emplace("same", !compared->first);
    } else {
      object.emplace("same", nullptr);
    }
    array.push_back(std::move(object));
  }
  return array;
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string state_of(const AuditedView& view) {
  if (!view.comparison) return "not built";
  return view.comparison->first ? "differs" : "as the log says";
}

std::string text_of_views(const std::vector<AuditedView>& views) {
  Table table({{"view"},
               {"position", Table::Align::right},
               {"rows", Table::Align::right},
               {"is"},
               {"digest of the fold"}});
  for (const AuditedView& view : views) {
    table.add({view.view, std::to_string(view.position.value()),
               view.comparison ? std::to_string(view.comparison->rows) : "", state_of(view),
               view.comparison ? to_hex(view.comparison->rebuilt) : ""});
  }
  return table.take();
}

}  // namespace

std::string json_of(const AuditReport& report) {
  json::object object{{"ok", report.sound()}};
  const auto& end = report.head;
  object.emplace("ledger", end ? json::value(to_uuid(end->ledger.bytes)) : nullptr);
  object.emplace("epoch", end ? json::value(end->epoch.value()) : nullptr);
  object.emplace("position", end ? json::value(end->position.value()) : nullptr);
  object.emplace("head", end ? json::value(to_hex(end->hash)) : nullptr);
  const auto add_figure = [&](std::string_view name, std::uint64_t AuditFigures::* figure) {
    object.emplace(name, report.figures ? json::value((*report.figures).*figure) : nullptr);
  };
  add_figure("commits", &AuditFigures::commits);
  add_figure("events", &AuditFigures::events);
  add_figure("products", &AuditFigures::products);
  add_figure("orders", &AuditFigures::orders);
  add_figure("open_orders", &AuditFigures::open_orders);
  add_figure("command_ids", &AuditFigures::command_ids);
  add_figure("refusals", &AuditFigures::refusals);
  object.emplace("views", report.views ? json::value(views_array(*report.views)) : json::value(nullptr));
  json::array continued;
  for (const SignedHead& head : report.continued) continued.push_back(head.head.position.value());
  object.emplace("continues", std::move(continued));
  object.emplace("torn_tail", torn_tail_object(report.torn_tail));
  json::array violations;
  for (const Fault& violation : report.violations) {
    violations.push_back({{"position", violation.position.value()}, {"what", violation.what}});
  }
  object.emplace("violations", std::move(violations));
  object.emplace("seconds", report.seconds);
  return json::serialize(object);
}

std::string text_of(const AuditReport& report) {
  std::string text;
  if (report.head) {
    text += fmt::format("ledger {}, epoch {}\nhead   {} at position {}\n", to_uuid(report.head->ledger.bytes),
                        report.head->epoch.value(), to_hex(report.head->hash), report.head->position.value());
  }
  if (const auto& figures = report.figures) {
    text += fmt::format(
        "log    {}, {}, {}, {} ({} open), {}, {}\n", counted(figures->commits, "commit", "commits"),
        counted(figures->events, "event", "events"), counted(figures->products, "product", "products"),
        counted(figures->orders, "order", "orders"), figures->open_orders,
        counted(figures->command_ids, "command id", "command ids"),
        counted(figures->refusals, "recorded refusal", "recorded refusals"));
  }
  for (const SignedHead& head : report.continued) {
    text += fmt::format("       continues the head at position {} of {}\n", head.head.position.value(),
                        rfc3339(head.head.time));
  }
  if (report.torn_tail) {
    text += fmt::format("       behind position {}: {}, never acknowledged; the next start cuts it\n",
                        report.torn_tail->after.value(), report.torn_tail->what);
  }
  if (report.views) text += text_of_views(*report.views);
  for (const Fault& violation : report.violations) {
    text += fmt::format("VIOLATION at position {}: {}\n", violation.position.value(), violation.what);
  }
  return text + fmt::format("{}, after {:.1f} s", report.sound() ? "sound" : "NOT SOUND", report.seconds);
}

}  // namespace stockfold
