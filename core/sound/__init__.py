"""Sound and film containers read and written by their bytes: Ogg, WebM, MP4, Opus."""
