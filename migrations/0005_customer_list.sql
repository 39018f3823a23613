-- The Customer List from a Google Sheet: search among customers who never wrote, runs that come again, writing back.

-- Folded name and phone (core/text.py). Until a row is next applied, SQLite's lower() must do: it folds ASCII only.
ALTER TABLE customers ADD COLUMN search_text TEXT NOT NULL DEFAULT '';
UPDATE customers SET search_text = lower(name) || char(10) || phone;
CREATE INDEX customers_listed ON customers(row_number, phone) WHERE removed_at IS NULL;
CREATE INDEX customers_missed ON customers(phone) WHERE missed > 0;              -- asked at the end of every run

ALTER TABLE customer_sync_runs ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;      -- failed: how often in a row, for the pause
ALTER TABLE customer_sync_runs ADD COLUMN retry_at INTEGER;                      -- failed: the clock leaves it alone until then
ALTER TABLE customer_sync_runs ADD COLUMN dismissed_at INTEGER;                  -- held: somebody decided to keep the customers

-- What the sheet should say of a customer, one row each: the newest wish replaces an older one. Gone when it is written.
CREATE TABLE customer_writes (
    phone           TEXT PRIMARY KEY,                     -- digits
    name            TEXT NOT NULL DEFAULT '',             -- for a customer who is not in the list yet
    wrote           INTEGER NOT NULL,                     -- 1 when the customer has written: only those are added
    contacted_at    INTEGER NOT NULL,                     -- the newest message, either way
    waiting         INTEGER NOT NULL,                     -- 1 when the last word is the customer's
    tries           INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER NOT NULL,
    error           TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX customer_writes_due ON customer_writes(next_attempt_at);
