-- Counts the products whose stock disagrees with their orders or with their events.
SELECT count(*)
FROM products p
LEFT JOIN (SELECT product, count(*) FILTER (WHERE status = 1) AS taken FROM orders GROUP BY product) o
  ON o.product = p.id
LEFT JOIN (SELECT product, count(*) FILTER (WHERE type = 1) - count(*) FILTER (WHERE type = 2) AS taken
           FROM events GROUP BY product) e ON e.product = p.id
WHERE p.stock <> :first_stock - coalesce(o.taken, 0) OR p.stock <> :first_stock - coalesce(e.taken, 0);
