-- Live frames that carry what changed, and figures that are kept instead of counted.

-- What a change touched beside its chat and message: a person, and a row of the kind's own table (a note, a tag, a task).
ALTER TABLE changes ADD COLUMN contact_id INTEGER;
ALTER TABLE changes ADD COLUMN subject_id INTEGER;

-- For the details of a chat: counting 60,000 messages took 63 ms.
ALTER TABLE conversations ADD COLUMN received_count INTEGER NOT NULL DEFAULT 0;   -- the customer's, without system lines
ALTER TABLE conversations ADD COLUMN sent_count INTEGER NOT NULL DEFAULT 0;       -- ours
ALTER TABLE conversations ADD COLUMN first_message_at INTEGER;                    -- NULL: nothing has been written yet

UPDATE conversations SET received_count = counted.received, sent_count = counted.sent, first_message_at = counted.first_at
FROM (SELECT conversation_id, sum(direction = 'in' AND type <> 'system') AS received, sum(direction = 'out') AS sent,
             min(timestamp) AS first_at
      FROM messages GROUP BY conversation_id) AS counted
WHERE counted.conversation_id = conversations.id;

-- How many chats stand behind each chip, by number and assignee, so that a person who sees only some of them gets their sum.
-- Kept by the three triggers below: whatever statement changes a chat, its place in these sums follows.
CREATE TABLE chat_counts (
    number_id   INTEGER NOT NULL,
    assignee_id INTEGER NOT NULL,                         -- 0: nobody
    listed      INTEGER NOT NULL DEFAULT 0,
    unread      INTEGER NOT NULL DEFAULT 0,
    waiting     INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (number_id, assignee_id)
) STRICT, WITHOUT ROWID;

INSERT INTO chat_counts (number_id, assignee_id, listed, unread, waiting)
SELECT number_id, coalesce(assignee_id, 0),
       sum(last_message_id IS NOT NULL OR group_id IS NOT NULL), sum(unread_count > 0), sum(waiting_since IS NOT NULL)
FROM conversations WHERE archived_at IS NULL GROUP BY number_id, coalesce(assignee_id, 0);

CREATE TRIGGER chat_counts_insert AFTER INSERT ON conversations
WHEN NEW.archived_at IS NULL
BEGIN
    INSERT INTO chat_counts (number_id, assignee_id, listed, unread, waiting)
    VALUES (NEW.number_id, coalesce(NEW.assignee_id, 0), NEW.last_message_id IS NOT NULL OR NEW.group_id IS NOT NULL,
            NEW.unread_count > 0, NEW.waiting_since IS NOT NULL)
    ON CONFLICT (number_id, assignee_id) DO UPDATE SET
        listed = listed + excluded.listed, unread = unread + excluded.unread, waiting = waiting + excluded.waiting;
END;

CREATE TRIGGER chat_counts_delete AFTER DELETE ON conversations
WHEN OLD.archived_at IS NULL
BEGIN
    UPDATE chat_counts SET listed = listed - (OLD.last_message_id IS NOT NULL OR OLD.group_id IS NOT NULL),
        unread = unread - (OLD.unread_count > 0), waiting = waiting - (OLD.waiting_since IS NOT NULL)
    WHERE number_id = OLD.number_id AND assignee_id = coalesce(OLD.assignee_id, 0);
END;

-- Most updates of a chat (another message in an unread chat) change no sum: they end at WHEN.
CREATE TRIGGER chat_counts_update AFTER UPDATE ON conversations
WHEN (OLD.archived_at IS NULL) <> (NEW.archived_at IS NULL)
  OR (OLD.unread_count > 0) <> (NEW.unread_count > 0)
  OR (OLD.waiting_since IS NULL) <> (NEW.waiting_since IS NULL)
  OR (OLD.last_message_id IS NULL) <> (NEW.last_message_id IS NULL)
  OR OLD.assignee_id IS NOT NEW.assignee_id
  OR OLD.number_id <> NEW.number_id
BEGIN
    UPDATE chat_counts SET listed = listed - (OLD.last_message_id IS NOT NULL OR OLD.group_id IS NOT NULL),
        unread = unread - (OLD.unread_count > 0), waiting = waiting - (OLD.waiting_since IS NOT NULL)
    WHERE OLD.archived_at IS NULL AND number_id = OLD.number_id AND assignee_id = coalesce(OLD.assignee_id, 0);
    INSERT INTO chat_counts (number_id, assignee_id, listed, unread, waiting)
    SELECT NEW.number_id, coalesce(NEW.assignee_id, 0), NEW.last_message_id IS NOT NULL OR NEW.group_id IS NOT NULL,
           NEW.unread_count > 0, NEW.waiting_since IS NOT NULL
    WHERE NEW.archived_at IS NULL
    ON CONFLICT (number_id, assignee_id) DO UPDATE SET
        listed = listed + excluded.listed, unread = unread + excluded.unread, waiting = waiting + excluded.waiting;
END;
