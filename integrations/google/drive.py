"""Google Drive, as far as an archive needs it: folders, files with checksums, links, room left. Uploads: google_upload.py.

Every method blocks and raises what the libraries raise; `google_errors.classify` says what that means. googleapiclient is
loaded at the first call; its built methods are shared, connections never (one a thread, `GoogleAccount.http`).
"""

from __future__ import annotations

import functools
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeVar

from integrations.google.auth import GoogleAccount
from integrations.google.upload import NewFile, Upload

T = TypeVar("T")

FOLDER = "application/vnd.google-apps.folder"
APP = "whatsapp-inbox"  # marks what is ours, in appProperties
READ_AHEAD = 1024 * 1024
_FILE = "id,name,size,md5Checksum,sha256Checksum,webViewLink,trashed,createdTime,appProperties"
_FOLDER = "id,name,webViewLink,trashed,driveId,capabilities(canAddChildren)"


@dataclass(frozen=True)
class RemoteFile:
    """`size` in bytes; checksums in hex, None where Google has none (its own document types). `created` as Google writes it."""

    id: str
    name: str
    size: int
    md5: str | None
    sha256: str | None
    url: str
    trashed: bool
    created: str = ""
    installation: str = ""


@dataclass(frozen=True)
class RemoteFolder:
    """`on_shared_drive`: files in it belong to an organisation, not to a person."""

    id: str
    url: str
    trashed: bool
    on_shared_drive: bool
    may_add: bool


@dataclass(frozen=True)
class Storage:
    """In bytes; `limit` None: unlimited. Gmail and Photos count too."""

    used: int
    limit: int | None
    email: str = ""


class DriveStore:
    """Files in one person's Drive or on a shared drive. Safe between threads."""

    def __init__(self, account: GoogleAccount) -> None:
        self._account = account

    # ------------------------------------------------------------ files

    def new_id(self) -> str:
        """An id for a file that does not exist yet: an upload repeated with it cannot make a second file."""
        return str(self._run(self._files().generateIds(count=1, type="files"))["ids"][0])

    def put(
        self,
        file: BinaryIO,
        new: NewFile,
        *,
        session_url: str | None = None,
        keep_session: Callable[[str | None], None] = lambda url: None,
        pause: Callable[[float], object] | None = None,
    ) -> RemoteFile:
        """Upload, or go on with `session_url`. `keep_session` hears of the address to go on with; `pause(s)` may raise."""
        upload = Upload(self._files(), self.call, file, new, fields=_FILE, keep_session=keep_session, pause=pause)
        return _file(upload.run(session_url))

    def stat(self, file_id: str) -> RemoteFile:
        return _file(self._run(self._files().get(fileId=file_id, fields=_FILE, supportsAllDrives=True)))

    def read(self, file_id: str, start: int, stop: int) -> bytes:
        """The bytes [start, stop), in memory."""
        request = self._files().get_media(fileId=file_id, supportsAllDrives=True)
        request.headers["Range"] = f"bytes={start}-{stop - 1}"
        return self._run(request)  # type: ignore[no-any-return]

    def delete(self, file_id: str) -> None:
        """For good; on a shared drive into its bin: only an organizer may do more there, and we are content manager."""
        if self._account.kind == "service_account":
            self._run(self._files().update(fileId=file_id, body={"trashed": True}, fields="id", supportsAllDrives=True))
        else:
            self._run(self._files().delete(fileId=file_id, supportsAllDrives=True))

    def newest(self, kind: str, limit: int = 100) -> list[RemoteFile]:
        """Ours of this kind (see NewFile.kind), the newest first; not those in the bin."""
        return [_file(item) for item in self._find({"kind": kind}, f"files({_FILE})", limit)]

    # ------------------------------------------------------------ folders

    def folder(self, folder_id: str) -> RemoteFolder:
        return _folder(self._run(self._files().get(fileId=folder_id, fields=_FOLDER, supportsAllDrives=True)))

    def make_folder(self, name: str, parent_id: str | None = None) -> RemoteFolder:
        """Found again when an earlier try has made it: Drive would make a second one of the same name."""
        properties = {"app": APP, "folder": name}
        for found in self._find(properties, f"files({_FOLDER})", 1, parent_id):
            return _folder(found)
        body: dict[str, Any] = {"name": name, "mimeType": FOLDER, "appProperties": properties}
        if parent_id:
            body["parents"] = [parent_id]
        return _folder(self._run(self._files().create(body=body, fields=_FOLDER, supportsAllDrives=True)))

    # ------------------------------------------------------------ links and room

    def publish(self, file_id: str) -> str:
        """From now on everybody who has the link may read. Returns the link."""
        body = {"type": "anyone", "role": "reader"}
        create = self._service().permissions().create
        self._run(create(fileId=file_id, body=body, fields="id", supportsAllDrives=True))
        return self.stat(file_id).url

    def unpublish(self, file_id: str) -> None:
        permissions = self._service().permissions()
        listed = self._run(permissions.list(fileId=file_id, fields="permissions(id,type)", supportsAllDrives=True))
        for permission in listed.get("permissions", []):
            if permission.get("type") == "anyone":
                self._run(permissions.delete(fileId=file_id, permissionId=permission["id"], supportsAllDrives=True))

    def storage(self) -> Storage:
        answer = self._run(self._service().about().get(fields="storageQuota,user(emailAddress)"))
        quota = answer.get("storageQuota", {})
        limit = int(quota["limit"]) if quota.get("limit") else None
        return Storage(int(quota.get("usage", 0)), limit, answer.get("user", {}).get("emailAddress", ""))

    # ------------------------------------------------------------ calls

    def call(self, send: Callable[[Any], T]) -> T:
        """`send(http)` with this thread's connection; a token that is refused on the way is renewed once."""
        try:
            return self._send(send)
        except Exception as error:
            if _status(error) != 401:
                raise
        self._account.credentials(renew=True)
        try:
            return self._send(send)
        except Exception as error:
            if _status(error) == 401:
                self._account.refused()
            raise

    def _send(self, send: Callable[[Any], T]) -> T:
        try:
            return send(self._account.http())
        except Exception as error:
            if _status(error) is None:
                self._account.hang_up()
            raise

    def _run(self, request: Any) -> Any:
        return self.call(lambda http: request.execute(http=http))

    def _find(self, properties: dict[str, str], fields: str, limit: int, parent_id: str | None = None) -> list[dict[str, Any]]:
        terms = [f"appProperties has {{ key='{key}' and value='{value}' }}" for key, value in properties.items()]
        terms += ["trashed = false", *([f"'{parent_id}' in parents"] if parent_id else [])]
        request = self._files().list(
            q=" and ".join(terms),
            corpora="allDrives" if self._account.kind == "service_account" else "user",
            orderBy="createdTime desc",
            fields=fields,
            pageSize=limit,
            supportsAllDrives=True,
            includeItemsFromAllDrives=True,
        )
        return self._run(request).get("files", [])  # type: ignore[no-any-return]

    def _service(self) -> Any:
        return _service(self._account.endpoints.api_root)

    def _files(self) -> Any:
        return self._service().files()


class DriveFile(io.RawIOBase):
    """A file in Drive as something to read from: `fetch(start, stop)` a piece at a time, where it is read."""

    def __init__(self, fetch: Callable[[int, int], bytes], size: int) -> None:
        self._fetch = fetch
        self._size = size
        self._at = 0
        self._piece, self._piece_at = b"", 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        """At most to the end of the piece at hand, as a raw file may."""
        stop = self._size if size < 0 else min(self._at + size, self._size)
        if self._at >= stop:
            return b""
        if not self._piece_at <= self._at < self._piece_at + len(self._piece):
            self._piece_at = self._at
            self._piece = self._fetch(self._at, min(self._at + READ_AHEAD, self._size))
        start = self._at - self._piece_at
        data = self._piece[start : start + stop - self._at]
        self._at += len(data)
        return data


@functools.lru_cache(maxsize=2)
def _service(api_root: str) -> Any:
    """From the description that comes with the library: building it asks nobody."""
    import httplib2
    from googleapiclient.discovery import build_from_document
    from googleapiclient.discovery_cache import get_static_doc

    document = json.loads(get_static_doc("drive", "v3"))
    document |= {"rootUrl": api_root, "baseUrl": f"{api_root}drive/v3/"}
    # Without an `http` it would look for credentials of its own; ours is given with each call.
    return build_from_document(document, http=httplib2.Http())


def _status(error: BaseException) -> int | None:
    response = getattr(error, "resp", None)
    return int(response.status) if response is not None else None


def _file(answer: dict[str, Any]) -> RemoteFile:
    return RemoteFile(
        id=answer["id"],
        name=answer.get("name", ""),
        size=int(answer.get("size", 0)),
        md5=answer.get("md5Checksum"),
        sha256=answer.get("sha256Checksum"),
        url=answer.get("webViewLink", ""),
        trashed=bool(answer.get("trashed")),
        created=answer.get("createdTime", ""),
        installation=answer.get("appProperties", {}).get("installation", ""),
    )


def _folder(answer: dict[str, Any]) -> RemoteFolder:
    return RemoteFolder(
        id=answer["id"],
        url=answer.get("webViewLink", ""),
        trashed=bool(answer.get("trashed")),
        on_shared_drive=bool(answer.get("driveId")),
        may_add=bool(answer.get("capabilities", {}).get("canAddChildren", True)),
    )
