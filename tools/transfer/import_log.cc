#include "tools/transfer/import_log.h"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "projections/following/catch_up.h"
#include "projections/views.h"
#include "tools/transfer/command_check.h"
#include "tools/transfer/export_line.h"

namespace stockfold {
namespace {

/// The most bytes of lines in a commit. The commits of a server are far smaller.
constexpr std::size_t kMaxCommitBytes = 64U << 20;
constexpr std::size_t kViewStepEvents = 50'000;

template <class T>
using Imported = std::expected<T, ImportError>;

std::unexpected<ImportError> fault(Fault fault) { return std::unexpected(ImportError(std::move(fault))); }

std::unexpected<ImportError> wrong_line(std::uint64_t line, std::string what) {
  return std::unexpected(ImportError(WrongLine{line, std::move(what)}));
}

/// The line of the event that violates a rule: the event at position 1 is on line 2.
std::unexpected<ImportError> line_of_event(Fault found) {
  if (found.kind != FaultKind::corruption) return fault(std::move(found));
  return wrong_line(found.position.value() + 1, std::move(found.what));
}

std::string found(std::string_view expected, const auto& found) {
  return "expected " + std::string(expected) + ", found " + found;
}

/// Lines with their numbers.
class LineReader {
 public:
  explicit LineReader(std::istream& in) : in_(in), buffer_(kMaxExportLineBytes + 1) {}

  /// The next line, valid until the next call; nothing at the end.
  Imported<std::optional<std::string_view>> next() {
    ++number_;
    in_.getline(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    const auto count = static_cast<std::size_t>(in_.gcount());
    if (in_.bad()) return fault({FaultKind::io, "cannot read the lines to import", {}});
    if (in_.eof() && count == 0) return std::nullopt;
    if (in_.fail()) {
      return wrong("expected a line of at most " + std::to_string(kMaxExportLineBytes) +
                   " bytes, found a longer one");
    }
    bytes_ += count;
    return std::string_view(buffer_.data(), in_.eof() ? count : count - 1);
  }

  /// An error on the line that was read last.
  [[nodiscard]] std::unexpected<ImportError> wrong(std::string what) const {
    return wrong_line(number_, std::move(what));
  }
  [[nodiscard]] std::uint64_t number() const { return number_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  std::istream& in_;
  std::vector<char> buffer_;
  std::uint64_t number_ = 0;
  std::uint64_t bytes_ = 0;
};

/// A store that is filled commit by commit.
class Import {
 public:
  Import(LineReader& lines, const ImportPlace& place, Epoch epoch, std::unique_ptr<NewStore> store)
      : lines_(lines), place_(place), epoch_(epoch), store_(std::move(store)), audit_(place.scratch) {}

  /// Reads all lines after the first.
  Imported<ImportedLog> run() {
    for (;;) {
      auto text = lines_.next();
      if (!text) return std::unexpected(std::move(text.error()));
      if (!*text) return lines_.wrong("expected an event or the end of the log, found no more lines");
      auto line = parse_export_line(**text);
      if (!line) return lines_.wrong(std::move(line.error()));
      if (const auto* end = std::get_if<ExportEnd>(&*line)) return finish(*end);
      auto* exported = std::get_if<ExportedEvent>(&*line);
      if (exported == nullptr) {
        return lines_.wrong("expected an event or the end of the log, found another first line");
      }
      if (auto taken = take(std::move(*exported), (*text)->size()); !taken) {
        return std::unexpected(std::move(taken.error()));
      }
    }
  }

 private:
  [[nodiscard]] Head head() const { return store_->log().head(); }
  [[nodiscard]] GlobalPosition last() const {
    return commit_.events.empty() ? head().position : commit_.last();
  }

  Imported<void> take(ExportedEvent exported, std::size_t bytes) {
    RecordedEvent& event = exported.event;
    if (const GlobalPosition next = last().next(); event.position != next) {
      return lines_.wrong(
          found("position " + std::to_string(next.value()), std::to_string(event.position.value())));
    }
    if (auto begun = begin_commit(exported); !begun) return begun;
    if (event.time != commit_.time) return lines_.wrong("expected the time of its commit, found another");
    bytes_ += bytes;
    if (bytes_ > kMaxCommitBytes) {
      return lines_.wrong(
          found("a commit of at most " + std::to_string(kMaxCommitBytes) + " bytes", "a larger one"));
    }
    commit_.events.push_back(std::move(event));
    const bool is_last = commit_.events.size() == events_;
    if (is_last != exported.commit_hash.has_value()) {
      return lines_.wrong(is_last ? "expected the hash of the commit that ends here, found none"
                                  : "expected no hash before the end of the commit, found one");
    }
    return is_last ? add_commit(*exported.commit_hash) : Imported<void>();
  }

  /// The first event of a commit carries the facts on it, and no other event does.
  Imported<void> begin_commit(const ExportedEvent& exported) {
    if (!commit_.events.empty()) {
      if (!exported.commit) return {};
      return lines_.wrong("expected an event of the commit begun on line " + std::to_string(first_line_) +
                          ", found the first of another");
    }
    if (!exported.commit) return lines_.wrong("expected the first event of a commit, found another");
    const Epoch epoch = exported.commit->epoch;
    if (epoch < reached_ || epoch > epoch_) {
      return lines_.wrong(
          found("an epoch from " + std::to_string(reached_.value()) + " to " + std::to_string(epoch_.value()),
                std::to_string(epoch.value())));
    }
    commit_.epoch = reached_ = epoch;
    commit_.time = exported.event.time;
    events_ = exported.commit->events;
    first_line_ = lines_.number();
    bytes_ = 0;
    return {};
  }

  Imported<void> add_commit(const CommitHash& hash) {
    for (const RecordedEvent& event : commit_.events) {
      if (auto sound = check_command(event); !sound) return line_of_event(std::move(sound.error()));
    }
    if (auto sound = audit_.follow(commit_); !sound) return line_of_event(std::move(sound.error()));
    if (auto added = store_->add(std::exchange(commit_, {})); !added) return fault(std::move(added.error()));
    if (const CommitHash own = head().hash; own != hash) {
      return lines_.wrong("field commit_hash: " + found(to_hex(own), to_hex(hash)));
    }
    place_.lines_read(last(), lines_.bytes());
    return {};
  }

  Imported<ImportedLog> finish(const ExportEnd& end) {
    if (!commit_.events.empty()) {
      return lines_.wrong("expected an event of the commit begun on line " + std::to_string(first_line_) +
                          ", found the end of the log");
    }
    const Head head = this->head();
    if (end.position != head.position) {
      return lines_.wrong("field end: " +
                          found(std::to_string(head.position.value()), std::to_string(end.position.value())));
    }
    if (end.hash != head.hash) {
      return lines_.wrong("field hash: " + found(to_hex(head.hash), to_hex(end.hash)));
    }
    auto more = lines_.next();
    if (!more) return std::unexpected(std::move(more.error()));
    if (*more) return lines_.wrong("expected nothing behind the end of the log, found another line");
    auto figures = audit_.finish();
    if (!figures) return line_of_event(std::move(figures.error()));
    if (auto built = build_views(head.position); !built) return fault(std::move(built.error()));
    if (auto finished = store_->finish(); !finished) return fault(std::move(finished.error()));
    return ImportedLog{head, *figures};
  }

  Result<void> build_views(GlobalPosition head) {
    auto views = CatchUp::start(store_->log(), store_->views(), all_projections());
    if (!views) return std::unexpected(std::move(views.error()));
    for (;;) {
      auto events = views->step(kViewStepEvents);
      if (!events) return std::unexpected(std::move(events.error()));
      if (*events == 0) return {};
      place_.views_built(views->position(), head);
    }
  }

  LineReader& lines_;
  const ImportPlace& place_;
  const Epoch epoch_;  ///< Of the ledger.
  std::unique_ptr<NewStore> store_;
  LogAudit audit_;
  Epoch reached_{1};  ///< Of the last commit.
  Commit commit_;     ///< The one whose lines are being read.
  std::uint32_t events_ = 0;
  std::uint64_t first_line_ = 0;
  std::size_t bytes_ = 0;  ///< Of its lines.
};

}  // namespace

std::expected<ImportedLog, ImportError> import_log(std::istream& in, const ImportPlace& place) {
  LineReader lines(in);
  auto text = lines.next();
  if (!text) return std::unexpected(std::move(text.error()));
  const auto first = parse_export_line(text->value_or(""));
  const auto* ledger = first ? std::get_if<LedgerRecord>(&*first) : nullptr;
  if (ledger == nullptr) {
    return lines.wrong("expected the first line of an exported log, found another" +
                       (first ? "" : ": " + first.error()));
  }
  auto store = place.begin(*ledger);
  if (!store) return fault(std::move(store.error()));
  return Import(lines, place, ledger->epoch, std::move(*store)).run();
}

}  // namespace stockfold
