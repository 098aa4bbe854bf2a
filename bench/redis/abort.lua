-- Keys and arguments as in place.lua. Gives the order's unit back, once.
if redis.call('GET', KEYS[2]) ~= 'in_progress ' .. KEYS[1] then return 0 end
redis.call('SET', KEYS[2], 'aborted ' .. KEYS[1])
redis.call('INCR', KEYS[1])
redis.call('XADD', 'events', '*', 'type', 'aborted', 'order', ARGV[1], 'product', KEYS[1])
return 1
