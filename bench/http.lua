-- The load that wrk puts on a ledger: wrk -s bench/http.lua URL -- orders|reads
-- `orders` places orders of product A, and aborts each after a thousand more. `reads` shows product A and one of the first
-- thousand orders by turns. The output ends with one line of JSON.

local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init(arguments)
  asked, placed, wrong = 0, 0, 0
  reads = arguments[1] == "reads"
  prefix = "w" .. os.time() .. "-" .. number .. "-"
  headers = { ["Content-Type"] = "application/json" }
end

function request()
  asked = asked + 1
  if reads then
    return wrk.format("GET", asked % 2 == 1 and "/product/A/" or "/order/first-" .. asked % 1000 .. "/")
  end
  if asked % 2 == 1 or placed <= 1001 then  -- wrk drops the first request, so order 1 is never placed
    placed = placed + 1
    return wrk.format("POST", "/order/", headers, '{"id":"' .. prefix .. placed .. '","product":"A"}')
  end
  return wrk.format("PUT", "/order/" .. prefix .. (placed - 1000) .. "/abort/")
end

-- Checks every answer: an order that was not placed does not count as an operation.
function response(status)
  if status ~= 200 and status ~= 201 then wrong = wrong + 1 end
end

function done(summary, latency)
  local errors = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  for _, thread in ipairs(threads) do errors = errors + thread:get("wrong") end
  io.write(string.format('{"ops_per_s":%.1f,"p50_ms":%.3f,"p99_ms":%.3f,"errors":%d}\n',
    summary.requests / summary.duration * 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, errors))
end
