-- Looking at and listening to files: the picture of a sound, and the gallery of a chat.

-- Loudness of a voice message, one byte a bar. The first browser that hears it computes it; NULL until then.
ALTER TABLE media ADD COLUMN peaks BLOB CHECK (length(peaks) = 64);

-- What the gallery shows is found without reading the chat around it. Links are looked for in the text itself: a flag beside
-- it could fall behind an edit, and the cost is two searches in a short text when a message is stored.
CREATE INDEX messages_media ON messages(conversation_id, timestamp, id)
    WHERE deleted_at IS NULL AND type IN ('image', 'video');
CREATE INDEX messages_documents ON messages(conversation_id, timestamp, id)
    WHERE deleted_at IS NULL AND type = 'document';
CREATE INDEX messages_links ON messages(conversation_id, timestamp, id)
    WHERE deleted_at IS NULL AND (instr(lower(text), 'http://') > 0 OR instr(lower(text), 'https://') > 0);
