#include "tools/transfer/served_log.h"

#include <algorithm>
#include <string>
#include <utility>

#include "storage/log/commit_record.h"
#include "storage/log/seal.h"

namespace stockfold {
namespace {

Fault of_connection(const ClientError& error) { return {FaultKind::io, error.what, {}}; }

std::unexpected<Fault> unexpected_reply(const std::string& what) {
  return std::unexpected(Fault{FaultKind::io, "the ledger's answer does not match the request: " + what, {}});
}

}  // namespace

Result<std::unique_ptr<ServedLog>> ServedLog::open(Client& client) {
  const auto head = client.head();
  if (!head) return std::unexpected(of_connection(head.error()));
  auto first = client.commits({.to = head->position});
  if (!first) return std::unexpected(of_connection(first.error()));
  return std::unique_ptr<ServedLog>(new ServedLog(client, *head, std::move(*first)));
}

ServedLog::ServedLog(Client& client, const HeadReply& end, CommitsReply first)
    : client_(client),
      end_(end),
      ledger_{end.ledger, end.epoch, first.created},
      page_(std::move(first)),
      read_{.ledger = end.ledger,
            .epoch = end.epoch,
            .position = {},
            .hash = genesis_hash(end.ledger),
            .time = {}} {}

Result<void> ServedLog::fill() {
  if (taken_ < page_.events.size()) return {};
  if (!page_.next) return unexpected_reply("the log ends within a commit");
  auto page = client_.commits({.from = *page_.next, .to = end_.position});
  if (!page) return std::unexpected(of_connection(page.error()));
  page_ = std::move(*page);
  taken_ = 0;
  return page_.events.empty() ? unexpected_reply("no events") : Result<void>();
}

Result<std::shared_ptr<const Commit>> ServedLog::next() {
  if (read_.position == end_.position) {
    if (read_.hash == end_.hash) return nullptr;
    return std::unexpected(
        corruption(read_.position, "the events read do not have the hash that the ledger names"));
  }
  Commit commit;
  std::uint32_t events = 1;
  while (commit.events.size() < events) {
    if (auto filled = fill(); !filled) return std::unexpected(std::move(filled.error()));
    RecordedEvent& event = page_.events[taken_++];
    if (event.position != read_.position.plus(commit.events.size() + 1)) return unexpected_reply("a gap");
    if (commit.events.empty()) {
      const auto extent = std::ranges::find(page_.commits, event.position, &CommitExtent::first);
      if (extent == page_.commits.end()) return unexpected_reply("an event of no commit");
      if (extent->epoch > read_.epoch) return unexpected_reply("a commit of a later epoch");
      events = extent->events;
      commit.epoch = extent->epoch;
      commit.time = event.time;
    }
    commit.events.push_back(std::move(event));
  }
  SealedCommit sealed = seal_copy(read_, std::move(commit));
  read_ = sealed.head;
  return std::make_shared<const Commit>(std::move(sealed.commit));
}

}  // namespace stockfold
