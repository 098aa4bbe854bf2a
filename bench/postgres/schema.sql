-- An order ledger in the usual form for PostgreSQL: a row with the stock of each product, a row with the status of
-- each order, and an event for each change. psql sets `products` and `first_stock`.
DROP TABLE IF EXISTS products, orders, events;
CREATE TABLE products (id int PRIMARY KEY, stock bigint NOT NULL CHECK (stock >= 0)) WITH (fillfactor = 50);
CREATE TABLE orders (id bigint PRIMARY KEY, product int NOT NULL, status smallint NOT NULL) WITH (fillfactor = 70);
CREATE TABLE events (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id bigint NOT NULL, product int NOT NULL, type smallint NOT NULL, stock_after bigint NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp());
INSERT INTO products SELECT id, :first_stock FROM generate_series(1, :products) id;

-- Status and type: 1 placed, in progress; 2 aborted.
CREATE OR REPLACE FUNCTION place_order(new_order bigint, wanted int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE left_over bigint;
BEGIN
  INSERT INTO orders VALUES (new_order, wanted, 1);  -- before the product's row is locked: other clients wait for that lock
  UPDATE products SET stock = stock - 1 WHERE id = wanted AND stock > 0 RETURNING stock INTO left_over;
  IF NOT FOUND THEN RAISE EXCEPTION 'insufficient stock of %', wanted; END IF;
  INSERT INTO events (order_id, product, type, stock_after) VALUES (new_order, wanted, 1, left_over);
END $$;

CREATE OR REPLACE FUNCTION abort_order(old_order bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE given int; left_over bigint;
BEGIN
  UPDATE orders SET status = 2 WHERE id = old_order AND status = 1 RETURNING product INTO given;
  IF NOT FOUND THEN RAISE EXCEPTION 'order % is not in progress', old_order; END IF;
  UPDATE products SET stock = stock + 1 WHERE id = given RETURNING stock INTO left_over;
  INSERT INTO events (order_id, product, type, stock_after) VALUES (old_order, given, 2, left_over);
END $$;

-- For an application that gathers its clients' commands: many commands in one transaction, as sets. If one command of a
-- batch cannot be done, the whole batch is refused; the application would then send its commands one by one. All batches
-- lock rows in the same order, so two batches never wait for each other.
CREATE OR REPLACE FUNCTION place_orders(first_order bigint, how_many int, products_there int) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE drawn int[]; kinds int; updated int;
BEGIN
  -- Draws the products here. An application would send them, at a higher cost for the server.
  SELECT array_agg(1 + floor(random() * products_there)::int), 0 INTO drawn FROM generate_series(1, how_many);
  PERFORM 1 FROM products WHERE id = ANY (drawn) ORDER BY id FOR UPDATE;
  SELECT count(DISTINCT id) INTO kinds FROM unnest(drawn) id;
  UPDATE products p SET stock = p.stock - w.units
    FROM (SELECT id, count(*) AS units FROM unnest(drawn) id GROUP BY id) w
    WHERE p.id = w.id AND p.stock >= w.units;
  GET DIAGNOSTICS updated = ROW_COUNT;
  IF updated <> kinds THEN RAISE EXCEPTION 'insufficient stock'; END IF;
  INSERT INTO orders SELECT first_order + d.i - 1, d.id, 1 FROM unnest(drawn) WITH ORDINALITY AS d (id, i);
  INSERT INTO events (order_id, product, type, stock_after)
    SELECT first_order + d.i - 1, d.id, 1,
           p.stock + count(*) OVER (PARTITION BY d.id) - row_number() OVER (PARTITION BY d.id ORDER BY d.i)
    FROM unnest(drawn) WITH ORDINALITY AS d (id, i) JOIN products p ON p.id = d.id;
END $$;

CREATE OR REPLACE FUNCTION abort_orders(first_order bigint, how_many int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE asked bigint[]; given int[]; updated int;
BEGIN
  SELECT array_agg(i) INTO asked FROM generate_series(first_order, first_order + how_many - 1) i;
  WITH aborted AS (UPDATE orders SET status = 2 WHERE id = ANY (asked) AND status = 1 RETURNING id, product)
    SELECT array_agg(product ORDER BY id) INTO given FROM aborted;
  IF cardinality(given) IS DISTINCT FROM how_many THEN RAISE EXCEPTION 'an order is not in progress'; END IF;
  PERFORM 1 FROM products WHERE id = ANY (given) ORDER BY id FOR UPDATE;
  UPDATE products p SET stock = p.stock + w.units
    FROM (SELECT id, count(*) AS units FROM unnest(given) id GROUP BY id) w WHERE p.id = w.id;
  INSERT INTO events (order_id, product, type, stock_after)
    SELECT first_order + d.i - 1, d.id, 2,
           p.stock - count(*) OVER (PARTITION BY d.id) + row_number() OVER (PARTITION BY d.id ORDER BY d.i)
    FROM unnest(given) WITH ORDINALITY AS d (id, i) JOIN products p ON p.id = d.id;
END $$;

VACUUM ANALYZE;
CHECKPOINT;
