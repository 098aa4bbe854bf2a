-- KEYS: the product's stock, the order. ARGV: the order's id. Checks the stock, takes a unit, and records the order and
-- the event.
if tonumber(redis.call('GET', KEYS[1]) or '0') <= 0 then return 0 end
if not redis.call('SET', KEYS[2], 'in_progress ' .. KEYS[1], 'NX') then return 0 end
redis.call('DECR', KEYS[1])
redis.call('XADD', 'events', '*', 'type', 'placed', 'order', ARGV[1], 'product', KEYS[1])
return 1
