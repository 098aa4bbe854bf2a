// Commits with other events.
#include <optional>
#include <utility>
#include <variant>

#include "mutations/forged_log.h"
#include "mutations/forged_trial.h"
#include "mutations/forgeries.h"

namespace stockfold {
namespace {

namespace fs = std::filesystem;
using Commits = std::vector<Commit>;

/// Changes commits from `at` on; false if there is nothing of the kind there or later. Sets `at` to the first
/// commit that changed.
struct EventForgery {
  const char* name;
  bool breaks_a_rule;  ///< The audit must find it even if the chain was computed again.
  bool (*change)(Commits& commits, std::size_t& at);
};

/// Changes the first event from `at` on for which `change` returns true.
template <class Change>
bool first_event(Commits& commits, std::size_t& at, const Change& change) {
  for (std::size_t i = at; i < commits.size(); ++i) {
    for (RecordedEvent& event : commits[i].events) {
      if (!change(event)) continue;
      at = i;
      return true;
    }
  }
  return false;
}

/// The same for events of one type.
template <class Type, class Change>
bool first_of(Commits& commits, std::size_t& at, const Change& change) {
  return first_event(commits, at, [&change](RecordedEvent& event) {
    auto* typed = std::get_if<Type>(&event.event);
    if (typed == nullptr) return false;
    change(*typed);
    return true;
  });
}

/// Appends a copy of an existing event to the log.
template <class Type>
bool once_more(Commits& commits, std::size_t& at) {
  std::size_t found = at;
  std::optional<RecordedEvent> again;
  if (!first_event(commits, found, [&again](RecordedEvent& event) {
        if (!std::holds_alternative<Type>(event.event)) return false;
        again = event;
        return true;
      }))
    return false;
  again->identity.reset();
  at = commits.size() - 1;
  commits[at].events.push_back(*std::move(again));
  return true;
}

constexpr EventForgery kEventForgeries[] = {
    {"commit dropped", false,
     [](Commits& commits, std::size_t& at) {
       commits.erase(commits.begin() + static_cast<std::ptrdiff_t>(at));
       return !commits.empty();
     }},
    {"commit repeated", false,
     [](Commits& commits, std::size_t& at) {
       commits.insert(commits.begin() + static_cast<std::ptrdiff_t>(at), commits[at]);
       return true;
     }},
    {"commit swapped", false,
     [](Commits& commits, std::size_t& at) {
       if (at + 1 >= commits.size()) return false;
       std::swap(commits[at].events, commits[at + 1].events);
       return true;
     }},
    {"event dropped", false,
     [](Commits& commits, std::size_t& at) {
       while (at < commits.size() && commits[at].events.size() < 2) ++at;
       if (at == commits.size()) return false;
       commits[at].events.erase(commits[at].events.begin());
       return true;
     }},
    {"actor", false,
     [](Commits& commits, std::size_t& at) {
       commits[at].events.front().actor += "x";
       return true;
     }},
    {"command id", false,
     [](Commits& commits, std::size_t& at) {
       return first_event(commits, at, [](RecordedEvent& event) {
         if (event.identity) event.identity->id.bytes[0] ^= 1;
         return event.identity.has_value();
       });
     }},
    {"body hash", false,
     [](Commits& commits, std::size_t& at) {
       return first_event(commits, at, [](RecordedEvent& event) {
         if (event.identity) event.identity->body.bytes[0] ^= 1;
         return event.identity.has_value();
       });
     }},
    {"name", false,
     [](Commits& commits, std::size_t& at) {
       return first_of<ProductRegistered>(commits, at, [](ProductRegistered& event) { event.name += "x"; });
     }},
    {"reason", false,
     [](Commits& commits, std::size_t& at) {
       return first_of<OrderAborted>(commits, at, [](OrderAborted& event) { event.reason += "x"; });
     }},
    {"time later", false,
     [](Commits& commits, std::size_t& at) {
       if (at + 1 < commits.size() && commits[at].time == commits[at + 1].time) return false;
       commits[at].time = UnixMillis(commits[at].time.value() + 1);
       return true;
     }},
    {"time going back", true,
     [](Commits& commits, std::size_t& at) {
       if (at == 0) at = 1;
       commits[at].time = UnixMillis(commits[at - 1].time.value() - 1);
       return true;
     }},
    {"epoch raised", true,
     [](Commits& commits, std::size_t& at) {
       commits[at].epoch = commits[at].epoch.next();
       return true;
     }},
    {"version one more", true,
     [](Commits& commits, std::size_t& at) {
       return first_event(commits, at, [](RecordedEvent& event) {
         if (std::holds_alternative<CommandRefused>(event.event)) return false;
         event.version = event.version.next();
         return true;
       });
     }},
    {"quantity received", true,
     [](Commits& commits, std::size_t& at) {
       return first_of<StockReceived>(commits, at, [](StockReceived& event) { ++event.quantity; });
     }},
    {"stock after receiving", true,
     [](Commits& commits, std::size_t& at) {
       return first_of<StockReceived>(commits, at, [](StockReceived& event) { ++event.stock_after; });
     }},
    {"stock after writing off", true,
     [](Commits& commits, std::size_t& at) {
       return first_of<StockWrittenOff>(commits, at, [](StockWrittenOff& event) { ++event.stock_after; });
     }},
    {"stock after retiring", true,
     [](Commits& commits, std::size_t& at) {
       return first_of<ProductRetired>(commits, at, [](ProductRetired& event) { ++event.stock_after; });
     }},
    {"stock after placing", true,
     [](Commits& commits, std::size_t& at) {
       return first_of<OrderPlaced>(commits, at,
                                    [](OrderPlaced& event) { ++event.lines.front().stock_after; });
     }},
    {"quantity placed", true,
     [](Commits& commits, std::size_t& at) {
       return first_of<OrderPlaced>(commits, at, [](OrderPlaced& event) { ++event.lines.front().quantity; });
     }},
    {"line's version", true,
     [](Commits& commits, std::size_t& at) {
       return first_of<OrderPlaced>(commits, at, [](OrderPlaced& event) {
         event.lines.front().version = event.lines.front().version.next();
       });
     }},
    {"quantity fulfilled", true,
     [](Commits& commits, std::size_t& at) {
       return first_of<OrderFulfilled>(commits, at,
                                       [](OrderFulfilled& event) { ++event.lines.front().quantity; });
     }},
    {"quantity aborted", true,
     [](Commits& commits, std::size_t& at) {
       return first_of<OrderAborted>(commits, at,
                                     [](OrderAborted& event) { ++event.lines.front().quantity; });
     }},
    {"aborted as a draft", true,
     [](Commits& commits, std::size_t& at) {
       return first_event(commits, at, [](RecordedEvent& event) {
         auto* aborted = std::get_if<OrderAborted>(&event.event);
         if (aborted == nullptr || aborted->was_draft) return false;
         aborted->was_draft = true;
         for (StockedLine& line : aborted->lines) line = {line.sku, line.quantity, 0, StreamVersion(0)};
         return true;
       });
     }},
    {"aborted twice", true, once_more<OrderAborted>},
    {"fulfilled twice", true, once_more<OrderFulfilled>},
    {"order id taken twice", true, once_more<OrderPlaced>},
    {"registered twice", true, once_more<ProductRegistered>},
    {"command id used twice", true,
     [](Commits& commits, std::size_t& at) {
       std::optional<CommandIdentity> used;
       return first_event(commits, at, [&used](RecordedEvent& event) {
         if (!event.identity) return false;
         if (used) event.identity->id = used->id;
         return std::exchange(used, event.identity) && used;
       });
     }},
    {"refusal by another rule", true,
     [](Commits& commits, std::size_t& at) {
       return first_of<CommandRefused>(commits, at, [](CommandRefused& event) {
         const bool by_stock = event.refusal.rule == Rule::insufficient_stock;
         event.refusal.rule = by_stock ? Rule::unknown_order : Rule::insufficient_stock;
       });
     }},
    {"refusal of another version", true,
     [](Commits& commits, std::size_t& at) {
       return first_of<CommandRefused>(
           commits, at, [](CommandRefused& event) { event.refusal.actual = event.refusal.actual.next(); });
     }},
    {"refusal that quotes another stock", true,
     [](Commits& commits, std::size_t& at) {
       return first_event(commits, at, [](RecordedEvent& event) {
         auto* refused = std::get_if<CommandRefused>(&event.event);
         auto* product = refused == nullptr ? nullptr : std::get_if<Product>(&refused->refusal.state);
         if (product == nullptr) return false;
         ++product->written_off;
         return true;
       });
     }},
    {"refusal without a cause", true,
     [](Commits& commits, std::size_t& at) {
       return first_of<CommandRefused>(commits, at, [](CommandRefused& event) { event.refusal.state = {}; });
     }},
};

enum class Chain : std::uint8_t { broken, anew, anew_without_views };

std::string text_of(Chain chain) {
  switch (chain) {
    case Chain::broken:
      return "log, new checksums";
    case Chain::anew:
      return "log, new chain";
    case Chain::anew_without_views:
      return "log, new chain, no views";
  }
  return "?";
}

std::optional<Deed> forge(const EventForgery& forgery, Chain chain, std::size_t at, const fs::path& dir,
                          const Original& original) {
  Commits commits = original.commits;
  if (!forgery.change(commits, at) || at > commits.size()) return std::nullopt;
  number_anew(commits);
  if (chain != Chain::broken) chain_anew(commits, at);
  const GlobalPosition first = at < commits.size() ? commits[at].first() : commits.back().last().next();
  rewrite_log(dir, rows_of(commits));
  if (chain == Chain::anew_without_views) fs::remove_all(dir / "views");
  // If the chain was not computed again, only the last commit, which no later commit names, can pass
  // unnoticed.
  const bool is_last = at + 1 >= original.commits.size();
  return Deed{.plausible = !forgery.breaks_a_rule && (chain != Chain::broken || is_last),
              .first = first,
              .views_gone = chain == Chain::anew_without_views};
}

}  // namespace

std::vector<Trial> forged_events(std::size_t store, const std::string& store_name, std::size_t places) {
  std::vector<Trial> trials;
  for (const EventForgery& forgery : kEventForgeries) {
    for (const Chain chain : {Chain::broken, Chain::anew, Chain::anew_without_views}) {
      for (std::size_t place = 0; place < places; ++place) {
        const auto damage = [&forgery, chain, place, places](const fs::path& dir, const Original& original) {
          return forge(forgery, chain, at_place(place, places, original.commits.size()), dir, original);
        };
        trials.push_back(forgery_trial(store, store_name, text_of(chain), forgery.name, place, damage));
      }
    }
  }
  return trials;
}

}  // namespace stockfold
