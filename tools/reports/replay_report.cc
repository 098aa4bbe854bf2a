#include "tools/reports/replay_report.h"

#include <fmt/format.h>

namespace stockfold {
namespace {

using enum OrderStatus;

double events_per_s(const Replay& replay, double seconds) {
  return seconds > 0 ? static_cast<double>(replay.events()) / seconds : 0;
}

}  // namespace

std::string json_of(const Replay& replay, double seconds) {
  return fmt::format(R"({{"position":{},"hash":{},"commits":{},"events":{},)"
                     R"("orders":{{"draft":{},"in_progress":{},"aborted":{},"fulfilled":{}}},)"
                     R"("seconds":{:.3f},"events_per_s":{:.0f}}})",
                     replay.position().value(), replay.hash() ? '"' + to_hex(*replay.hash()) + '"' : "null",
                     replay.commits(), replay.events(), replay.orders(draft), replay.orders(in_progress),
                     replay.orders(aborted), replay.orders(fulfilled), seconds,
                     events_per_s(replay, seconds));
}

std::string text_of(const Replay& replay, double seconds) {
  std::string text = fmt::format("position  {}\n", replay.position().value());
  text += fmt::format("hash      {}\n", replay.hash() ? to_hex(*replay.hash()) : "-");
  text += fmt::format("commits   {}\n", replay.commits());
  text += fmt::format("events    {}\n", replay.events());
  text += fmt::format("orders    {} draft, {} in progress, {} aborted, {} fulfilled\n", replay.orders(draft),
                      replay.orders(in_progress), replay.orders(aborted), replay.orders(fulfilled));
  text += fmt::format("took      {:.3f} s, {:.0f} events/s", seconds, events_per_s(replay, seconds));
  return text;
}

}  // namespace stockfold
