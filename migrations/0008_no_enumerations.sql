-- No enumeration stands in a CHECK any more: a new status, role or origin needs no rebuilt table. The code that writes a value
-- checks it. Tables are rebuilt by SQLite's recipe (https://sqlite.org/lang_altertable.html#otheralter): db/migrations.py has
-- switched foreign keys off and looks at all of them before the commit.
--
-- The largest tables come first: the pages of what is dropped serve the next ones. Rows are copied in their order and indexes made
-- after them, each by one sort; so the uniqueness of a wamid and of a digest is an index of its own now.

-- ---------------------------------------------------------------- messages

CREATE TABLE new_messages (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,    -- the order of arrival
    conversation_id INTEGER NOT NULL REFERENCES conversations(id),
    wamid           TEXT,                                 -- unique: messages_by_wamid
    client_msg_id   TEXT,
    direction       TEXT NOT NULL,                        -- in, out
    type            TEXT NOT NULL,
    text            TEXT NOT NULL DEFAULT '',             -- never empty unless there is a media row
    payload         TEXT,                                 -- JSON, readable parts of a structured message
    context_wamid   TEXT,                                 -- what it quotes; resolved when read
    forwarded       INTEGER NOT NULL DEFAULT 0,           -- 1 forwarded, 2 many times
    contact_id      INTEGER REFERENCES contacts(id),      -- the customer who wrote it (in a group: the participant)
    user_id         INTEGER REFERENCES users(id) ON DELETE SET NULL,   -- the member of staff who wrote it
    origin          TEXT NOT NULL,                        -- live, echo, history, user
    timestamp       INTEGER NOT NULL,                     -- Meta's, for ours the time it was accepted here
    is_unread       INTEGER NOT NULL DEFAULT 0,
    status          TEXT,                                 -- queued ... played, failed, cancelled; NULL for the customer's
    sent_at         INTEGER,
    delivered_at    INTEGER,
    read_at         INTEGER,
    played_at       INTEGER,
    failed_at       INTEGER,
    error_code      INTEGER,                              -- Meta's code, or NULL when the reason is ours
    error_message   TEXT,
    delivered_twice INTEGER NOT NULL DEFAULT 0,           -- a resend and the first attempt both reached Meta
    edited_at       INTEGER,
    deleted_at      INTEGER,
    created_at      INTEGER NOT NULL
) STRICT;
INSERT INTO new_messages (
    id, conversation_id, wamid, client_msg_id, direction, type, text, payload, context_wamid, forwarded, contact_id,
    user_id, origin, timestamp, is_unread, status, sent_at, delivered_at, read_at, played_at, failed_at, error_code,
    error_message, delivered_twice, edited_at, deleted_at, created_at
)
SELECT
    id, conversation_id, wamid, client_msg_id, direction, type, text, payload, context_wamid, forwarded, contact_id,
    user_id, origin, timestamp, is_unread, status, sent_at, delivered_at, read_at, played_at, failed_at, error_code,
    error_message, delivered_twice, edited_at, deleted_at, created_at
FROM messages ORDER BY id;
DELETE FROM sqlite_sequence WHERE name = 'new_messages';
INSERT INTO sqlite_sequence (name, seq) SELECT 'new_messages', seq FROM sqlite_sequence WHERE name = 'messages';
DROP TABLE messages;
ALTER TABLE new_messages RENAME TO messages;
CREATE UNIQUE INDEX messages_by_wamid ON messages(wamid);
CREATE UNIQUE INDEX messages_by_client_msg_id ON messages(client_msg_id) WHERE client_msg_id IS NOT NULL;
CREATE INDEX messages_by_conversation ON messages(conversation_id, timestamp, id);
CREATE INDEX messages_unread ON messages(conversation_id, timestamp, id) WHERE is_unread = 1;
CREATE INDEX messages_media ON messages(conversation_id, timestamp, id)
    WHERE deleted_at IS NULL AND type IN ('image', 'video');
CREATE INDEX messages_documents ON messages(conversation_id, timestamp, id)
    WHERE deleted_at IS NULL AND type = 'document';
CREATE INDEX messages_links ON messages(conversation_id, timestamp, id)
    WHERE deleted_at IS NULL AND (instr(lower(text), 'http://') > 0 OR instr(lower(text), 'https://') > 0);

-- ---------------------------------------------------------------- webhook_deliveries

CREATE TABLE new_webhook_deliveries (
    id          INTEGER PRIMARY KEY,
    digest      BLOB NOT NULL,                            -- sha256 of the body; unique: webhook_deliveries_by_digest
    body        BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    state       TEXT NOT NULL,                            -- applied, quarantined; pending: history, applied by a job
    error       TEXT
) STRICT;
INSERT INTO new_webhook_deliveries (
    id, digest, body, received_at, state, error
)
SELECT
    id, digest, body, received_at, state, error
FROM webhook_deliveries;
DROP TABLE webhook_deliveries;
ALTER TABLE new_webhook_deliveries RENAME TO webhook_deliveries;
CREATE UNIQUE INDEX webhook_deliveries_by_digest ON webhook_deliveries(digest);
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries(id) WHERE state = 'pending';

-- ---------------------------------------------------------------- media

CREATE TABLE new_media (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id      INTEGER NOT NULL REFERENCES messages(id),
    meta_media_id   TEXT,                                 -- inbound: to fetch; outbound: after the upload
    meta_uploaded_at INTEGER,                             -- an upload lives 30 days at Meta
    mime_type       TEXT NOT NULL DEFAULT 'application/octet-stream',
    filename        TEXT,                                 -- what the sender called it; never a path here
    size            INTEGER,
    sha256          TEXT,                                 -- hex; of the bytes in the store
    expected_sha256 TEXT,                                 -- hex; Meta's word, when it gave one
    state           TEXT NOT NULL,                        -- pending, stored, failed, expired, too_large
    voice           INTEGER NOT NULL DEFAULT 0,
    animated        INTEGER NOT NULL DEFAULT 0,
    width           INTEGER,
    height          INTEGER,
    duration_ms     INTEGER,
    inline_type     TEXT,                                 -- by the bytes: the type it may be shown as, NULL = download only
    thumbnail       INTEGER NOT NULL DEFAULT 0,           -- 1 when a thumbnail stands in the store
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER NOT NULL DEFAULT 0,
    claimed_at      INTEGER,
    expires_at      INTEGER,                              -- Meta keeps an inbound file for 7 days
    last_error      TEXT,
    created_at      INTEGER NOT NULL,
    peaks           BLOB CHECK (length(peaks) = 64)       -- loudness of a voice message, one byte a bar; NULL until it is heard
) STRICT;
INSERT INTO new_media (
    id, message_id, meta_media_id, meta_uploaded_at, mime_type, filename, size, sha256, expected_sha256, state, voice,
    animated, width, height, duration_ms, inline_type, thumbnail, attempts, next_attempt_at, claimed_at, expires_at,
    last_error, created_at, peaks
)
SELECT
    id, message_id, meta_media_id, meta_uploaded_at, mime_type, filename, size, sha256, expected_sha256, state, voice,
    animated, width, height, duration_ms, inline_type, thumbnail, attempts, next_attempt_at, claimed_at, expires_at,
    last_error, created_at, peaks
FROM media ORDER BY id;
DELETE FROM sqlite_sequence WHERE name = 'new_media';
INSERT INTO sqlite_sequence (name, seq) SELECT 'new_media', seq FROM sqlite_sequence WHERE name = 'media';
DROP TABLE media;
ALTER TABLE new_media RENAME TO media;
CREATE INDEX media_by_message ON media(message_id);
CREATE INDEX media_due ON media(next_attempt_at) WHERE state = 'pending';
CREATE INDEX media_by_content ON media(sha256) WHERE sha256 IS NOT NULL;

-- ---------------------------------------------------------------- media_archive

CREATE TABLE new_media_archive (
    sha256          TEXT PRIMARY KEY,                     -- hex, as in `media`
    name            TEXT NOT NULL,                        -- in Drive
    mime_type       TEXT NOT NULL,
    size            INTEGER NOT NULL,
    month           TEXT NOT NULL,                        -- '2026-11': its folder
    state           TEXT NOT NULL DEFAULT 'waiting',      -- waiting, done, dead
    drive_id        TEXT UNIQUE,                          -- generated before the upload: a retry cannot make a second copy
    session_url     TEXT,                                 -- of a resumable upload under way
    attempts        INTEGER NOT NULL DEFAULT 0,
    mismatches      INTEGER NOT NULL DEFAULT 0,           -- uploads whose checksum differed
    next_attempt_at INTEGER NOT NULL DEFAULT 0,
    claimed_at      INTEGER,
    reason          TEXT,                                 -- of the last failure, in words
    drive_url       TEXT,                                 -- opens it in Drive, for those who may
    public_url      TEXT,                                 -- for everybody who has the link; '' when Google forbids such links
    stored_at       INTEGER NOT NULL,                     -- here, last
    archived_at     INTEGER,                              -- in Drive, checksum compared
    pruned_at       INTEGER                               -- the local copy is gone
) STRICT, WITHOUT ROWID;
INSERT INTO new_media_archive (
    sha256, name, mime_type, size, month, state, drive_id, session_url, attempts, mismatches, next_attempt_at,
    claimed_at, reason, drive_url, public_url, stored_at, archived_at, pruned_at
)
SELECT
    sha256, name, mime_type, size, month, state, drive_id, session_url, attempts, mismatches, next_attempt_at,
    claimed_at, reason, drive_url, public_url, stored_at, archived_at, pruned_at
FROM media_archive;
DROP TABLE media_archive;
ALTER TABLE new_media_archive RENAME TO media_archive;
CREATE INDEX media_archive_due ON media_archive(next_attempt_at) WHERE state = 'waiting';
CREATE INDEX media_archive_done ON media_archive(stored_at) WHERE state = 'done' AND pruned_at IS NULL;
CREATE INDEX media_archive_private ON media_archive(archived_at) WHERE state = 'done' AND public_url IS NULL;
CREATE INDEX media_archive_public ON media_archive(archived_at) WHERE public_url > '';

-- ---------------------------------------------------------------- message_revisions

CREATE TABLE new_message_revisions (
    wamid          TEXT PRIMARY KEY,                      -- of the edit or revoke itself; the original's own for kind 'original'
    original_wamid TEXT NOT NULL,
    kind           TEXT NOT NULL,                         -- original, edit, revoke
    text           TEXT NOT NULL DEFAULT '',
    payload        TEXT,
    timestamp      INTEGER NOT NULL
) STRICT;
INSERT INTO new_message_revisions (
    wamid, original_wamid, kind, text, payload, timestamp
)
SELECT
    wamid, original_wamid, kind, text, payload, timestamp
FROM message_revisions;
DROP TABLE message_revisions;
ALTER TABLE new_message_revisions RENAME TO message_revisions;
CREATE INDEX message_revisions_by_original ON message_revisions(original_wamid, timestamp);

-- ---------------------------------------------------------------- changes

CREATE TABLE new_changes (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    kind            TEXT NOT NULL,                        -- 'message.created', 'message.updated', 'conversation.updated', ...
    conversation_id INTEGER,
    message_id      INTEGER,
    origin          TEXT NOT NULL,                        -- live, echo, history, user, sync
    user_id         INTEGER,                              -- the member of staff who caused it, if one did
    at              INTEGER NOT NULL
) STRICT;
INSERT INTO new_changes (
    seq, kind, conversation_id, message_id, origin, user_id, at
)
SELECT
    seq, kind, conversation_id, message_id, origin, user_id, at
FROM changes ORDER BY seq;
DELETE FROM sqlite_sequence WHERE name = 'new_changes';
INSERT INTO sqlite_sequence (name, seq) SELECT 'new_changes', seq FROM sqlite_sequence WHERE name = 'changes';
DROP TABLE changes;
ALTER TABLE new_changes RENAME TO changes;

-- ---------------------------------------------------------------- contacts

CREATE TABLE new_contacts (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    phone             TEXT,                               -- the phone to show and to send to: digits, no '+'; may be NULL
    username          TEXT,                               -- without '@'
    sheet_name        TEXT,                               -- from the Customer List; wins
    typed_name        TEXT,                               -- by staff, or from the owner's phone book
    typed_name_source TEXT,                               -- staff, phone_app
    profile_name      TEXT,                               -- chosen by the customer
    profile_name_at   INTEGER NOT NULL DEFAULT 0,         -- time stamp of the message that carried it: an older one never wins
    search_text       TEXT NOT NULL DEFAULT '',           -- folded names, phones, username: see core/text.py
    merged_into       INTEGER REFERENCES contacts(id),    -- a person met under two aliases; this row is only a trace
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    google_name       TEXT                                -- derived from google_contacts, as sheet_name is from customers
) STRICT;
INSERT INTO new_contacts (
    id, phone, username, sheet_name, typed_name, typed_name_source, profile_name, profile_name_at, search_text,
    merged_into, created_at, updated_at, google_name
)
SELECT
    id, phone, username, sheet_name, typed_name, typed_name_source, profile_name, profile_name_at, search_text,
    merged_into, created_at, updated_at, google_name
FROM contacts ORDER BY id;
DELETE FROM sqlite_sequence WHERE name = 'new_contacts';
INSERT INTO sqlite_sequence (name, seq) SELECT 'new_contacts', seq FROM sqlite_sequence WHERE name = 'contacts';
DROP TABLE contacts;
ALTER TABLE new_contacts RENAME TO contacts;
CREATE INDEX contacts_by_phone ON contacts(phone) WHERE phone IS NOT NULL;

-- ---------------------------------------------------------------- contact_aliases

CREATE TABLE new_contact_aliases (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    contact_id INTEGER NOT NULL REFERENCES contacts(id) ON DELETE CASCADE,
    kind       TEXT NOT NULL,                             -- phone, bsuid, parent_bsuid, username
    value      TEXT NOT NULL,                             -- phone: digits only; username: folded, no '@'
    since      INTEGER NOT NULL,                          -- time stamp of what first named the person so
    created_at INTEGER NOT NULL,
    retired_at INTEGER                                    -- the person left this alias at that time (number or user id changed)
) STRICT;
INSERT INTO new_contact_aliases (
    id, contact_id, kind, value, since, created_at, retired_at
)
SELECT
    id, contact_id, kind, value, since, created_at, retired_at
FROM contact_aliases ORDER BY id;
DELETE FROM sqlite_sequence WHERE name = 'new_contact_aliases';
INSERT INTO sqlite_sequence (name, seq) SELECT 'new_contact_aliases', seq FROM sqlite_sequence WHERE name = 'contact_aliases';
DROP TABLE contact_aliases;
ALTER TABLE new_contact_aliases RENAME TO contact_aliases;
CREATE UNIQUE INDEX contact_aliases_active ON contact_aliases(kind, value) WHERE retired_at IS NULL;
CREATE INDEX contact_aliases_by_value ON contact_aliases(kind, value, retired_at);
CREATE INDEX contact_aliases_by_contact ON contact_aliases(contact_id);

-- ---------------------------------------------------------------- customer_sync_runs

CREATE TABLE new_customer_sync_runs (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    source      TEXT NOT NULL,
    digest      TEXT NOT NULL,                            -- of what was read: an unchanged list is not applied again
    state       TEXT NOT NULL,                            -- running, done, held, failed
    rows_read   INTEGER NOT NULL DEFAULT 0,
    added       INTEGER NOT NULL DEFAULT 0,
    changed     INTEGER NOT NULL DEFAULT 0,
    removed     INTEGER NOT NULL DEFAULT 0,
    warnings    TEXT NOT NULL DEFAULT '[]',               -- JSON: [{"row": 7, "reason": "..."}]
    error       TEXT,
    started_at  INTEGER NOT NULL,
    finished_at INTEGER,
    tries       INTEGER NOT NULL DEFAULT 0,               -- failed: how often in a row, for the pause
    retry_at    INTEGER,                                  -- failed: the clock leaves it alone until then
    dismissed_at INTEGER                                  -- held: somebody decided to keep the customers
) STRICT;
INSERT INTO new_customer_sync_runs (
    id, source, digest, state, rows_read, added, changed, removed, warnings, error, started_at, finished_at, tries,
    retry_at, dismissed_at
)
SELECT
    id, source, digest, state, rows_read, added, changed, removed, warnings, error, started_at, finished_at, tries,
    retry_at, dismissed_at
FROM customer_sync_runs ORDER BY id;
DELETE FROM sqlite_sequence WHERE name = 'new_customer_sync_runs';
INSERT INTO sqlite_sequence (name, seq) SELECT 'new_customer_sync_runs', seq FROM sqlite_sequence WHERE name = 'customer_sync_runs';
DROP TABLE customer_sync_runs;
ALTER TABLE new_customer_sync_runs RENAME TO customer_sync_runs;

-- ---------------------------------------------------------------- outbox

CREATE TABLE new_outbox (
    message_id      INTEGER PRIMARY KEY REFERENCES messages(id),
    recipient       TEXT NOT NULL,                        -- order is kept per recipient: 'conversation:<id>'
    state           TEXT NOT NULL,                        -- queued, sending, unconfirmed
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER NOT NULL,
    claimed_at      INTEGER,
    created_at      INTEGER NOT NULL
) STRICT;
INSERT INTO new_outbox (
    message_id, recipient, state, attempts, next_attempt_at, claimed_at, created_at
)
SELECT
    message_id, recipient, state, attempts, next_attempt_at, claimed_at, created_at
FROM outbox;
DROP TABLE outbox;
ALTER TABLE new_outbox RENAME TO outbox;
CREATE INDEX outbox_due ON outbox(state, next_attempt_at);
CREATE INDEX outbox_by_recipient ON outbox(recipient, state);

-- ---------------------------------------------------------------- users

CREATE TABLE new_users (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    email         TEXT NOT NULL COLLATE NOCASE UNIQUE,
    name          TEXT NOT NULL,
    role          TEXT NOT NULL,                          -- owner, admin, agent
    password_hash TEXT,                                   -- NULL: cannot log in with a password (demo owner)
    is_demo       INTEGER NOT NULL DEFAULT 0,
    preferences   TEXT NOT NULL DEFAULT '{}',             -- JSON: sound, notifications, theme, enter_sends
    disabled_at   INTEGER,
    created_at    INTEGER NOT NULL
) STRICT;
INSERT INTO new_users (
    id, email, name, role, password_hash, is_demo, preferences, disabled_at, created_at
)
SELECT
    id, email, name, role, password_hash, is_demo, preferences, disabled_at, created_at
FROM users ORDER BY id;
DELETE FROM sqlite_sequence WHERE name = 'new_users';
INSERT INTO sqlite_sequence (name, seq) SELECT 'new_users', seq FROM sqlite_sequence WHERE name = 'users';
DROP TABLE users;
ALTER TABLE new_users RENAME TO users;

-- ---------------------------------------------------------------- drive_state

CREATE TABLE new_drive_state (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    folder_id     TEXT,                                   -- our root folder; NULL until it is made
    folder_url    TEXT,
    trouble       TEXT,                                   -- away, quota, reconnect, config, folder; NULL: all is well
    reason        TEXT,                                   -- of the trouble, in words
    link          TEXT,                                   -- where it is repaired, when Google says so
    held_until    INTEGER NOT NULL DEFAULT 0,             -- no upload before; then one file tries the way
    failures      INTEGER NOT NULL DEFAULT 0,             -- in a row, for the length of the next pause
    usage_bytes   INTEGER,
    limit_bytes   INTEGER,                                -- NULL: unlimited, or not asked yet
    checked_at    INTEGER,
    warned_at     INTEGER                                 -- when a nearly full storage was last noted
) STRICT;
INSERT INTO new_drive_state (
    id, folder_id, folder_url, trouble, reason, link, held_until, failures, usage_bytes, limit_bytes, checked_at,
    warned_at
)
SELECT
    id, folder_id, folder_url, trouble, reason, link, held_until, failures, usage_bytes, limit_bytes, checked_at,
    warned_at
FROM drive_state;
DROP TABLE drive_state;
ALTER TABLE new_drive_state RENAME TO drive_state;
