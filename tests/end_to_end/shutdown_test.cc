// SIGTERM while clients have as many commands in flight as they may, and read late.
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <stockfold/client.h>
#include <sys/socket.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "end_to_end/program.h"
#include "net/receive_buffer.h"
#include "net/tls.h"
#include "protocol/frame.h"
#include "support/certificates.h"

namespace stockfold {
namespace {

using namespace std::chrono_literals;

constexpr int kConnections = 12;

/// Sends requests without end and reads nothing until it is told to; then it reads to the end. Throws if it
/// cannot connect.
class LateReader {
 public:
  /// `nth`: the bytes of the nth request, from 0.
  LateReader(std::uint16_t port, std::unique_ptr<TlsStream> tls, std::string opening,
             std::function<std::string(std::size_t)> nth)
      : socket_(io_), tls_(std::move(tls)), waiting_(std::move(opening)), nth_(std::move(nth)) {
    socket_.open(boost::asio::ip::tcp::v4());
    socket_.set_option(boost::asio::socket_base::receive_buffer_size(4'096));  // so that little is buffered
    socket_.connect({boost::asio::ip::address_v4::loopback(), port});
    if (tls_) shake_hands();
    thread_ = std::thread([this] {
      while (!reads_.load()) send_some();
      while (receive_some()) {
      }
    });
  }
  ~LateReader() { stop(); }
  LateReader(const LateReader&) = delete;
  LateReader& operator=(const LateReader&) = delete;

  void read() { reads_ = true; }
  /// All received bytes, once the server has closed the connection.
  const std::string& stop() {
    reads_ = true;
    if (thread_.joinable()) thread_.join();
    return received_;
  }
  [[nodiscard]] bool was_reset() const { return reset_; }

 private:
  void shake_hands() {
    std::string said;
    for (tls_->seal(said); !tls_->established(); tls_->seal(said)) {
      boost::asio::write(socket_, boost::asio::buffer(said));
      said.clear();
      if (!receive_some()) throw std::runtime_error("TLS was not agreed on");
    }
    boost::asio::write(socket_, boost::asio::buffer(said));
  }

  void send_some() {
    constexpr std::size_t kAhead = 16U << 10;
    while (waiting_.size() < kAhead) waiting_ += nth_(sent_++);
    if (sealed_.empty()) {
      sealed_.swap(waiting_);
      if (tls_) tls_->seal(sealed_);
    }
    pollfd ready{.fd = socket_.native_handle(), .events = POLLOUT, .revents = 0};
    ::poll(&ready, 1, 20);
    const auto count =
        ::send(socket_.native_handle(), sealed_.data(), sealed_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count > 0) sealed_.erase(0, static_cast<std::size_t>(count));
  }

  bool receive_some() {
    const auto room = buffer_.room();
    boost::system::error_code error;
    const std::size_t count =
        socket_.read_some(boost::asio::buffer(room.data(), at_once(tls_.get(), room.size())), error);
    reset_ = error && error != boost::asio::error::eof;
    if (error) return false;
    if (!tls_) {
      buffer_.fill(count);
    } else if (!tls_->open(buffer_, room, count)) {
      return false;
    }
    received_ += buffer_.bytes();
    buffer_.consume(buffer_.bytes().size());
    return true;
  }

  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_;
  const std::unique_ptr<TlsStream> tls_;
  std::string waiting_;  ///< Bytes to be encrypted.
  std::string sealed_;   ///< Bytes to be sent.
  const std::function<std::string(std::size_t)> nth_;
  std::size_t sent_ = 0;
  ReceiveBuffer buffer_;
  std::string received_;
  std::atomic<bool> reads_ = false;
  bool reset_ = false;
  std::thread thread_;
};

std::string order_name(int connection, std::size_t n) {
  return "c" + std::to_string(connection) + "-" + std::to_string(n);
}

std::string product_name(int number) { return "p" + std::to_string(number); }

/// The outcomes that a connection received, and of which requests.
struct Told {
  std::set<std::size_t> accepted;
  bool of_the_end = false;  ///< The ledger announced its shutdown.
};

Told told_by_frames(std::string_view bytes) {
  Told told;
  for (auto payload = take_frame(bytes); payload && *payload; payload = take_frame(bytes)) {
    const auto message = decode_reply(**payload).value();
    if (const auto* reply = std::get_if<CommandReply>(&message.reply)) {
      if (std::holds_alternative<Accepted>(reply->answer.outcome)) told.accepted.insert(message.id - 2);
    } else if (const auto* error = std::get_if<ErrorReply>(&message.reply)) {
      told.of_the_end = message.id == 0 && error->closing && error->code == ErrorCode::overloaded;
    }
  }
  EXPECT_TRUE(bytes.empty()) << "the last reply is whole";
  return told;
}

Told told_by_answers(std::string_view bytes) {
  constexpr std::string_view kLength = "Content-Length: ";
  Told told;
  for (std::size_t n = 0; !bytes.empty(); ++n) {
    const std::size_t head = bytes.find("\r\n\r\n");
    const std::size_t length = bytes.find(kLength);
    if (head == std::string_view::npos || length > head) {
      ADD_FAILURE() << "no answer: " << bytes.substr(0, 200);
      break;
    }
    if (bytes.starts_with("HTTP/1.1 201")) told.accepted.insert(n);
    told.of_the_end = bytes.substr(0, head).contains("\r\nConnection: close");
    const std::size_t body = std::stoul(std::string(bytes.substr(length + kLength.size(), 10)));
    const std::size_t size = head + 4 + body;
    EXPECT_LE(size, bytes.size()) << "the last answer is whole";
    bytes.remove_prefix(std::min(size, bytes.size()));
  }
  return told;
}

enum class Spoken : std::uint8_t { tcp, http };

struct Kind {
  const char* name;
  Spoken spoken;
  int lines;
  bool tls;
};

class Shutdown : public testing::TestWithParam<Kind> {
 protected:
  [[nodiscard]] std::vector<std::string> options() const {
    if (!GetParam().tls) return {};
    return {"--tls-certificate", files_.certificate.string(), "--tls-key", files_.key.string()};
  }
  [[nodiscard]] std::unique_ptr<TlsStream> tls() const {
    if (!GetParam().tls) return nullptr;
    const auto protocol = GetParam().spoken == Spoken::tcp ? kTcpProtocol : kHttpProtocol;
    const auto context = TlsContext::of_client({.ca = authority_.certificate()}, protocol).value();
    return context->connect("127.0.0.1");
  }
  [[nodiscard]] std::unique_ptr<Client> client_of(const ServedLedger& ledger) const {
    ClientOptions options;
    options.port = ledger.port();
    if (GetParam().tls) options.tls = TlsClientOptions{.ca = authority_.certificate()};
    return std::move(Client::connect(options).value());
  }
  [[nodiscard]] std::unique_ptr<LateReader> late_reader(const ServedLedger& ledger, int connection) const {
    const int lines = GetParam().lines;
    if (GetParam().spoken == Spoken::http) {
      const std::uint16_t port = http_port_of(ledger);
      return std::make_unique<LateReader>(port, tls(), "", [=](std::size_t n) {
        std::string body = "id=" + order_name(connection, n);
        for (int line = 0; line < lines; ++line) body += "&line=" + product_name(line);
        return "POST /order/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
               "application/x-www-form-urlencoded\r\n"
               "Content-Length: " +
               std::to_string(body.size()) + "\r\n\r\n" + body;
      });
    }
    std::string hello;
    encode_request({1, ClientHello{.client = "late"}}, hello);
    Lines wanted;
    for (int line = 0; line < lines; ++line) wanted.push_back({*Sku::parse(product_name(line)), 1});
    return std::make_unique<LateReader>(ledger.port(), tls(), hello, [=](std::size_t n) {
      std::string frame;
      const PlaceOrder place{*OrderId::parse(order_name(connection, n)), wanted};
      encode_request({n + 2, CommandRequest{Command{.body = place}}}, frame);
      return frame;
    });
  }
  static std::uint16_t http_port_of(const ServedLedger& ledger) {
    const std::string& line = ledger.ready_line();
    const auto at = line.find("http=127.0.0.1:");
    return static_cast<std::uint16_t>(std::stoul(line.substr(at + 15)));
  }

  TemporaryDirectory directory_;
  const std::filesystem::path data_ = directory_.path() / "data";
  const Authority authority_{directory_.path(), "authority"};
  const CertificateFiles files_ = authority_.issue("server", {"IP:127.0.0.1"});
};

TEST_P(Shutdown, AnswersEveryCommandItExecutes) {
  std::vector<Told> told;
  {
    ServedLedger ledger(data_, 0, options());
    {
      const auto client = client_of(ledger);
      for (int line = 0; line < GetParam().lines; ++line) {
        const RegisterProduct product{*Sku::parse(product_name(line)), "", 1'000'000'000};
        ASSERT_TRUE(client->execute(Command{.body = product}));
      }
    }
    std::vector<std::unique_ptr<LateReader>> readers;
    for (int i = 0; i < kConnections; ++i) readers.push_back(late_reader(ledger, i));
    // So many that their answers fill the reader's socket buffer.
    const int each = GetParam().lines > 1 ? 20 : GetParam().spoken == Spoken::tcp ? 500 : 100;
    const auto wanted = static_cast<std::uint64_t>(GetParam().lines + each * kConnections);
    for (const auto client = client_of(ledger); client->head().value().position.value() < wanted;)
      std::this_thread::sleep_for(5ms);
    ::kill(ledger.pid(), SIGTERM);
    std::this_thread::sleep_for(300ms);  // the readers go on sending, and are late
    for (const auto& reader : readers) reader->read();
    for (const auto& reader : readers) {
      const std::string& bytes = reader->stop();
      told.push_back(GetParam().spoken == Spoken::tcp ? told_by_frames(bytes) : told_by_answers(bytes));
      EXPECT_FALSE(reader->was_reset());
      EXPECT_TRUE(told.back().of_the_end);
    }
    readers.clear();
    EXPECT_EQ(ledger.wait(), 0);
  }

  ServedLedger ledger(data_, 0, options());
  const auto client = client_of(ledger);
  std::size_t done = 0;
  std::size_t unanswered = 0;
  for (std::optional<GlobalPosition> next = GlobalPosition(1); next;) {
    const auto page = client->events(ReadEvents{.from = *next}).value();
    for (const RecordedEvent& event : page.events) {
      const auto* placed = std::get_if<OrderPlaced>(&event.event);
      if (placed == nullptr) continue;
      const std::string& name = placed->order.str();
      const std::size_t dash = name.find('-');
      const auto connection = std::stoul(name.substr(1, dash - 1));
      unanswered += told.at(connection).accepted.erase(std::stoul(name.substr(dash + 1))) == 0 ? 1U : 0U;
      ++done;
    }
    next = page.next;
  }
  EXPECT_GT(done, 0U);
  EXPECT_EQ(unanswered, 0U) << "of " << done << " that were done";
  for (const Told& left : told) EXPECT_TRUE(left.accepted.empty()) << "what was accepted is in the log";
}

INSTANTIATE_TEST_SUITE_P(OfLateReaders, Shutdown,
                         testing::Values(Kind{"SmallOrders", Spoken::tcp, 1, false},
                                         Kind{"LargeOrders", Spoken::tcp, 300, false},
                                         Kind{"SmallOrdersByTls", Spoken::tcp, 1, true},
                                         Kind{"LargeOrdersByTls", Spoken::tcp, 300, true},
                                         Kind{"SmallOrdersByHttp", Spoken::http, 1, false},
                                         Kind{"LargeOrdersByHttp", Spoken::http, 300, false},
                                         Kind{"SmallOrdersByHttps", Spoken::http, 1, true}),
                         [](const auto& kind) { return std::string(kind.param.name); });

}  // namespace
}  // namespace stockfold
