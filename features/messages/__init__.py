"""Messages: what was said, its edits, reactions and ticks, in pages and one by one."""
