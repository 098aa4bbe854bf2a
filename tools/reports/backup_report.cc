#include "tools/reports/backup_report.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "protocol/text/time_text.h"
#include "tools/console/print.h"

namespace stockfold {
namespace {

namespace json = boost::json;

void add_head(json::object& object, const Head& head) {
  object.emplace("ledger", to_uuid(head.ledger.bytes));
  object.emplace("epoch", head.epoch.value());
  object.emplace("position", head.position.value());
  object.emplace("head", to_hex(head.hash));
  object.emplace("time", rfc3339(head.time));
}

void add_backup(json::object& object, const Backup& backup) {
  add_head(object, backup.record.head);
  object.emplace("made", rfc3339(backup.record.made));
  object.emplace("bytes", backup.bytes);
}

void add_figures(json::object& object, const AuditFigures& figures) {
  object.emplace("commits", figures.commits);
  object.emplace("events", figures.events);
}

void add_fault(json::object& object, const Fault& fault) {
  object.emplace("fault", json::object{{"position", fault.position.value()}, {"what", fault.what}});
}

std::string text_of_head(const Head& head) {
  return fmt::format("ledger {}, epoch {}\nhead   {} at position {}\n", to_uuid(head.ledger.bytes),
                     head.epoch.value(), to_hex(head.hash), head.position.value());
}

}  // namespace

std::string json_of(const BackupReport& report) {
  json::object object{{"ok", true}, {"backup", report.backup.number}};
  add_backup(object, report.backup);
  object.emplace("new_bytes", report.new_bytes);
  add_figures(object, report.figures);
  object.emplace("removed", report.removed);
  object.emplace("seconds", report.seconds);
  return json::serialize(object);
}

std::string json_of(const RestoreReport& report) {
  json::object object{{"ok", true}, {"backup", report.backup.number}};
  add_head(object, report.head);
  add_figures(object, report.figures);
  object.emplace("seconds", report.seconds);
  return json::serialize(object);
}

std::string json_of(const ListedBackup& listed) {
  json::object object{{"ok", listed.backup.has_value()}, {"backup", listed.number}};
  listed.backup ? add_backup(object, *listed.backup) : add_fault(object, listed.backup.error());
  return json::serialize(object);
}

std::string json_of(const VerifiedBackup& verified) {
  json::object object{{"ok", verified.figures.has_value()}, {"backup", verified.number}};
  verified.figures ? add_figures(object, *verified.figures) : add_fault(object, verified.figures.error());
  return json::serialize(object);
}

std::string text_of(const BackupReport& report) {
  std::string text = fmt::format("backup {}, {} bytes, {} more on disk\n", report.backup.number,
                                 report.backup.bytes, report.new_bytes);
  text += text_of_head(report.backup.record.head);
  if (report.removed > 0) text += fmt::format("removed {} older\n", report.removed);
  return text + fmt::format("sound: {} events in {} commits, after {:.1f} s", report.figures.events,
                            report.figures.commits, report.seconds);
}

std::string text_of(const RestoreReport& report) {
  return fmt::format("restored backup {} of {}\n", report.backup.number, rfc3339(report.backup.record.made)) +
         text_of_head(report.head) +
         fmt::format("sound: {} events in {} commits, after {:.1f} s", report.figures.events,
                     report.figures.commits, report.seconds);
}

std::string text_of(const VerifiedBackup& verified) {
  if (verified.figures) {
    return fmt::format("backup {} is sound: {} events in {} commits", verified.number,
                       verified.figures->events, verified.figures->commits);
  }
  const Fault& fault = verified.figures.error();
  return fmt::format("backup {} is NOT SOUND, at position {}: {}", verified.number, fault.position.value(),
                     fault.what);
}

std::string text_of(const std::vector<ListedBackup>& all) {
  Table table({{"backup", Table::Align::right},
               {"made"},
               {"epoch", Table::Align::right},
               {"position", Table::Align::right},
               {"bytes", Table::Align::right},
               {"head"}});
  for (const ListedBackup& listed : all) {
    if (!listed.backup) {
      table.add({std::to_string(listed.number), "", "", "", "", "DAMAGED: " + listed.backup.error().what});
      continue;
    }
    const Head& head = listed.backup->record.head;
    table.add({std::to_string(listed.number), rfc3339(listed.backup->record.made),
               std::to_string(head.epoch.value()), std::to_string(head.position.value()),
               std::to_string(listed.backup->bytes), to_hex(head.hash)});
  }
  return table.take();
}

}  // namespace stockfold
