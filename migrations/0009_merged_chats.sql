-- A chat that was merged into another stays as a trace, as contacts do: whatever names it keeps a row to name.

ALTER TABLE conversations ADD COLUMN merged_into INTEGER REFERENCES conversations(id);   -- of one that is only a trace
CREATE INDEX conversations_merged ON conversations(merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX contacts_merged ON contacts(merged_into) WHERE merged_into IS NOT NULL;

-- A trace of a trace names the person at the end, as every later merge leaves it.
WITH RECURSIVE trail(id, root) AS (
    SELECT id, merged_into FROM contacts WHERE merged_into IS NOT NULL
    UNION
    SELECT trail.id, contacts.merged_into FROM trail JOIN contacts ON contacts.id = trail.root
    WHERE contacts.merged_into IS NOT NULL
)
UPDATE contacts SET merged_into = trail.root
FROM trail JOIN contacts AS last ON last.id = trail.root AND last.merged_into IS NULL
WHERE trail.id = contacts.id AND contacts.merged_into <> trail.root;
