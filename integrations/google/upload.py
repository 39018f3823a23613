"""One upload to Google Drive: in one request when small, else in chunks that can be taken up again.

googleapiclient's own retry of a chunk (`num_retries`) sends an exhausted stream and hangs until the time-out, and so does
httplib2's; `tests/test_google_upload.py` keeps a proof. So each chunk is bytes, is tried once, and the retry is ours: the
library then asks the session how far it came.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

from integrations.google.errors import Kind, classify

CHUNK = 4 * 1024 * 1024  # a multiple of 256 KiB, Drive's rule; one chunk is held in memory
ONE_REQUEST_BELOW = 5 * 1024 * 1024  # Drive's advice for multipart
TRIES = 4  # of one chunk, before the whole upload waits its turn again
LONGEST_PAUSE_S = 32.0
SESSIONS = 2  # in one run: the one to go on with, and a fresh one


@dataclass(frozen=True)
class NewFile:
    """`id` from generateIds. `kind` ("media", "backup"), `key` and `installation` are kept with the file, for our look-ups."""

    id: str
    name: str
    mime_type: str
    size: int
    parent_id: str
    kind: str
    key: str = ""
    installation: str = ""

    def body(self) -> dict[str, Any]:
        marks = {"kind": self.kind, "key": self.key, "installation": self.installation}
        properties = {name: value for name, value in marks.items() if value}
        return {"id": self.id, "name": self.name, "parents": [self.parent_id], "appProperties": properties}


class Upload:
    """Used once. `call(send)` runs `send(http)` with a good token."""

    def __init__(
        self,
        files: Any,
        call: Callable[[Callable[[Any], Any]], Any],
        file: BinaryIO,
        new: NewFile,
        *,
        fields: str,
        keep_session: Callable[[str | None], None],
        pause: Callable[[float], object] | None = None,
    ) -> None:
        self._files = files
        self._call = call
        self._file = file
        self._new = new
        self._fields = fields
        self._keep_session = keep_session
        self._pause = pause or time.sleep
        self._kept: str | None = None

    def run(self, session_url: str | None = None) -> dict[str, Any]:
        """Drive's description of the file. Raises what the last try raised."""
        if self._new.size < ONE_REQUEST_BELOW:
            request = self._request(resumable=False)
            return self._call(lambda http: request.execute(http=http))  # type: ignore[no-any-return]
        request = self._request(resumable=True)
        if session_url:
            self._kept = session_url
            if (done := self._take_up(request, session_url)) is not None:
                return done
        return self._send_chunks(request)

    def _send_chunks(self, request: Any) -> dict[str, Any]:
        tries, sessions = 0, 1
        while True:
            before = request.resumable_progress
            try:
                _, done = self._call(lambda http: request.next_chunk(http=http, num_retries=0))
            except Exception as error:
                failure = classify(error)
                if failure.kind is Kind.MISSING and request.resumable_uri and sessions < SESSIONS:
                    sessions += 1  # the session is over: a new one, for the same file id
                    _forget_session(request)
                    self._keep(None)
                    continue
                self._keep(request.resumable_uri)
                tries += 1
                if failure.kind is not Kind.RETRY or tries >= TRIES or (failure.retry_after or 0) > LONGEST_PAUSE_S:
                    raise
                self._pause(max(failure.retry_after or 0.0, min(random.uniform(0.5, 1) * 2**tries, LONGEST_PAUSE_S)))
                continue
            if done is not None:
                return done  # type: ignore[no-any-return]
            self._keep(request.resumable_uri)
            if request.resumable_progress > before:
                tries = 0

    def _take_up(self, request: Any, session_url: str) -> dict[str, Any] | None:
        """Ask a session of an earlier run how far it came. Its answer when it had come to the end after all."""
        from googleapiclient.errors import HttpError

        def ask(http: Any) -> tuple[Any, bytes]:
            headers = {"Content-Range": f"bytes */{self._new.size}", "Content-Length": "0"}
            response, content = http.request(session_url, "PUT", headers=headers)
            if response.status not in (200, 201, 308, 400, 404, 410):
                raise HttpError(response, content)
            return response, content

        response, content = self._call(ask)
        if response.status in (200, 201):
            return json.loads(content)  # type: ignore[no-any-return]
        if response.status == 308:
            request.resumable_uri = session_url
            request.resumable_progress = int(response["range"].split("-")[1]) + 1 if "range" in response else 0
        else:
            self._keep(None)
        return None

    def _keep(self, session_url: str | None) -> None:
        if session_url != self._kept:
            self._kept = session_url
            self._keep_session(session_url)

    def _request(self, *, resumable: bool) -> Any:
        from googleapiclient.http import MediaIoBaseUpload

        class Chunks(MediaIoBaseUpload):
            def has_stream(self) -> bool:
                return False  # bytes, not a stream: a repeated send must send the same again

        media = Chunks(self._file, mimetype=self._new.mime_type, chunksize=CHUNK, resumable=resumable)
        return self._files.create(body=self._new.body(), media_body=media, fields=self._fields, supportsAllDrives=True)


def _forget_session(request: Any) -> None:
    request.resumable_uri = None
    request.resumable_progress = 0
