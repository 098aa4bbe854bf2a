#!/usr/bin/ruby
# Ruby's net/http: a started session, which keeps its connection for a minute.
require "json"
require "net/http"

base, SKU, task = ARGV
address = URI(base)
SESSION = Net::HTTP.new(address.host, address.port)
SESSION.keep_alive_timeout = 60
SESSION.start

def check(found, wanted)
  raise "#{found.inspect} and not #{wanted.inspect}" unless found == wanted
end

def ask(method, path, body = nil, headers = {})
  request = Net::HTTPGenericRequest.new(method, !body.nil?, true, path, headers)
  request["Content-Type"] = "application/json" if body
  SESSION.request(request, body && JSON.generate(body))
end

def placed(headers = {})
  answer = ask("POST", "/order/", { product: SKU, quantity: 2 }, headers)
  order = JSON.parse(answer.body)
  check([answer.code, order["status"]], ["201", "in_progress"])
  [order["id"], answer]
end

# So many server-sent events, from a connection of their own.
def events(base, path, headers, count)
  found, text = [], +""
  address = URI(base)
  Net::HTTP.start(address.host, address.port) do |session|
    session.request_get(path, { "Accept" => "text/event-stream" }.merge(headers)) do |answer|
      answer.read_body do |piece|
        text << piece
        while (block = text.slice!(/\A.*?\n\n/m))
          fields = block.lines(chomp: true).reject { |line| line.empty? || line.start_with?(":") }
                        .to_h { |line| line.split(": ", 2) }
          found << [fields["id"], fields["data"]] if fields["data"]
          return found if found.length == count
        end
      end
    end
  end
  raise "the stream ended"
end

case task
when "place" then placed
when "abort"
  id, = placed
  answer = ask("PUT", "/order/#{id}/abort/")
  check([answer.code, JSON.parse(answer.body)["status"]], ["200", "aborted"])
when "repeat"
  key = { "Idempotency-Key" => "key of #{SKU}" }
  first, = placed(key)
  again, answer = placed(key)
  check([again, answer["Idempotency-Replayed"]], [first, "true"])
when "refused"
  id, = placed
  ask("PUT", "/order/#{id}/abort/")
  answer = ask("PUT", "/order/#{id}/abort/")
  check([answer.code, JSON.parse(answer.body)["type"]], ["409", "order_already_aborted"])
when "list"
  made = (1..5).map { placed.first }
  found, cursor = [], ""
  while cursor
    query = URI.encode_www_form({ product: SKU, limit: 2 }.merge(cursor.empty? ? {} : { cursor: cursor }))
    page = JSON.parse(ask("GET", "/order/?#{query}").body)
    found.concat(page["orders"].map { |order| order["id"] })
    cursor = page["next"]
  end
  check(made - found, [])
  check(found.uniq, found)
when "follow"
  3.times { placed }
  path = "/events/?stream=product/#{SKU}"
  positions = ask("GET", path).body.lines.map { |line| JSON.parse(line)["position"] }
  first = events(base, path, {}, 2)
  check(first.map { |_, data| JSON.parse(data)["position"] }, positions.first(2))
  resumed = events(base, path, { "Last-Event-ID" => first.last.first }, 1)
  check(JSON.parse(resumed.first.last)["position"], positions[2])
when "idle"
  placed
  sleep 12
  placed
end
