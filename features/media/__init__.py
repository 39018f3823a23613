"""Files of messages: fetched from Meta, taken from staff, shown, archived to Google Drive."""
