#pragma once

#include <string_view>

namespace tfseal::postgres {

// A database with every kind of object and type that a comparison has to tell apart. Text values hold the canary.
inline constexpr std::string_view kCanary = "canary-7f3a";
inline constexpr std::string_view kSampleDatabase = R"sql(
CREATE SCHEMA shop;
CREATE EXTENSION citext SCHEMA shop VERSION '1.5';
CREATE EXTENSION hstore SCHEMA shop;
CREATE TYPE shop.mood AS ENUM ('sad', 'ok', 'happy');
CREATE DOMAIN shop.positive AS integer CHECK (VALUE > 0);
CREATE TYPE shop.pair AS (left_part integer, right_part text);
CREATE COLLATION shop.insensitive (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE shop.customers (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, nick text COLLATE "C", fold text COLLATE shop.insensitive,
  email shop.citext, born date DEFAULT '2000-01-01', seen timestamptz, plain timestamp, lasts interval, amount numeric,
  ratio double precision, small real, active boolean, mood shop.mood, stock shop.positive, both_parts shop.pair,
  tags text[], grid integer[][], doc jsonb, raw json, photo bytea, key uuid, address inet, during tstzrange, extra shop.hstore,
  spot point, bits bit varying(10), price money, words tsvector, code char(8), document xml,
  shout text GENERATED ALWAYS AS (upper(name)) STORED, CONSTRAINT named CHECK (name <> ''));
INSERT INTO shop.customers (name, nick, fold, email, seen, plain, lasts, amount, ratio, small, active, mood, stock, both_parts, tags,
    grid, doc, raw, photo, key, address, during, extra, spot, bits, price, words, code, document)
  SELECT 'canary-7f3a ' || i, CASE WHEN i % 3 = 0 THEN NULL WHEN i % 3 = 1 THEN '' ELSE 'n' || i END, 'Straße', 'A' || i || '@b.example',
    timestamptz '2024-03-31 01:30:00+00' + i * interval '1 hour', timestamp '2024-01-01' + i * interval '1 s',
    i * interval '1 month 2 days 3.5 s', i / 7.0, sqrt(i), i / 3.0, i % 2 = 0, (ARRAY['sad', 'ok', 'happy'])[1 + i % 3]::shop.mood, i,
    ROW(i, 'r"' || i)::shop.pair, ARRAY['a', NULL, 'b,' || i], ARRAY[[1, i], [3, 4]], jsonb_build_object('b', i, 'a', ARRAY[1, 2]),
    '{"b": 1,  "a": 2}', decode(md5(i::text), 'hex'), md5(i::text)::uuid, '10.0.0.1', tstzrange('2024-01-01', '2024-02-01'),
    shop.hstore('k', i::text), point(i, 0.1), B'101', i, to_tsvector('simple', 'one two ' || i), 'c' || i, '<a>1</a>'
  FROM generate_series(1, 300) i;
CREATE TABLE shop.orders (id serial PRIMARY KEY, customer bigint REFERENCES shop.customers, total numeric(12, 2), note text);
INSERT INTO shop.orders (customer, total, note) SELECT 1 + i % 300, i, 'canary-7f3a' FROM generate_series(1, 2000) i;
CREATE INDEX orders_total ON shop.orders (total);
CREATE TABLE shop.lines (a integer, b text);
INSERT INTO shop.lines SELECT i % 5, 'same' FROM generate_series(1, 50) i;
CREATE TABLE shop.empty_table (a integer);
CREATE TABLE shop.no_columns ();
INSERT INTO shop.no_columns DEFAULT VALUES;
CREATE TABLE shop.altered (a integer, gone text, b integer);
INSERT INTO shop.altered VALUES (1, 'x', 2);
ALTER TABLE shop.altered DROP COLUMN gone;
ALTER TABLE shop.altered ADD COLUMN c text DEFAULT 'later';
CREATE TABLE shop.events (id bigint, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE shop.events_1 PARTITION OF shop.events FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE shop.events_2 PARTITION OF shop.events FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
INSERT INTO shop.events SELECT i, date '2024-01-01' + (i % 50) FROM generate_series(1, 200) i;
CREATE TABLE shop.parent (a integer);
CREATE TABLE shop.child (b integer) INHERITS (shop.parent);
INSERT INTO shop.parent VALUES (1);
INSERT INTO shop.child VALUES (2, 3);
CREATE UNLOGGED TABLE shop.cache (k text PRIMARY KEY, v text);
INSERT INTO shop.cache VALUES ('a', 'b');
CREATE VIEW shop.active_customers AS SELECT id, name FROM shop.customers WHERE active;
CREATE MATERIALIZED VIEW shop.totals AS SELECT customer, sum(total) AS total FROM shop.orders GROUP BY customer;
CREATE MATERIALIZED VIEW shop.stale AS SELECT 1 AS one WITH NO DATA;
CREATE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := NEW.note; RETURN NEW; END $$;
CREATE FUNCTION shop.twice(i integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT i * 2';
CREATE AGGREGATE shop.product(integer) (sfunc = int4mul, stype = integer, initcond = '1');
CREATE TRIGGER touched BEFORE UPDATE ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.touch();
CREATE RULE no_delete AS ON DELETE TO shop.lines DO INSTEAD NOTHING;
CREATE SEQUENCE shop.invoice START 1000 INCREMENT 5;
SELECT nextval('shop.invoice'), nextval('shop.invoice');
CREATE SEQUENCE shop.unused;
CREATE TABLE shop.secrets (id integer PRIMARY KEY, owner text);
ALTER TABLE shop.secrets ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON shop.secrets USING (owner = current_user);
INSERT INTO shop.secrets VALUES (1, 'postgres');
CREATE PUBLICATION changes FOR TABLE shop.orders;
CREATE STATISTICS shop.linked ON customer, total FROM shop.orders;
COMMENT ON TABLE shop.orders IS 'what was bought';
SELECT lo_from_bytea(70001, 'canary-7f3a large'), lo_from_bytea(70002, decode(repeat('00ff', 5000), 'hex'));
)sql";

}  // namespace tfseal::postgres
