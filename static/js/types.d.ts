// The shapes that the server sends, and ours built on them. Only for the type checker; the browser never loads it.

interface Named {
    id: number;
    name: string;
}

interface Preview {
    id: number;
    text: string;
    type: string;
    direction: "in" | "out";
    status: Status | null;
    timestamp: string;
    sender: Named | null;
    contact?: Named | null;
    media: { mime_type: string; filename: string | null; voice: boolean; duration_ms: number | null } | null;
    deleted_at: string | null;
}

interface Chat {
    id: number;
    kind: "person" | "group";
    phone: string | null;
    username: string | null;
    name: string;
    name_source: string;
    unread_count: number;
    waiting_since: string | null;
    window_expires_at: string | null;
    window_open: boolean;
    archived_at: string | null;
    assignee: Named | null;
    contact_id: number | null;
    group_id: string | null;
    last_message: Preview | null;
}

/** The server's words, and three of the browser: waiting to be posted, on its way up, refused. */
type Status =
    | "queued"
    | "sending"
    | "unconfirmed"
    | "accepted"
    | "sent"
    | "delivered"
    | "read"
    | "played"
    | "failed"
    | "cancelled"
    | "local"
    | "uploading"
    | "refused";

interface Media {
    id: number;
    url: string;
    thumbnail_url: string | null;
    mime_type: string;
    filename: string | null;
    size: number | null;
    state: "pending" | "stored" | "failed" | "expired" | "too_large";
    voice: boolean;
    animated: boolean;
    width: number | null;
    height: number | null;
    duration_ms: number | null;
    inline: boolean;
    opens?: boolean;
    peaks?: number[] | null;
    error: string | null;
    stored_in?: "here" | "drive" | "both" | null;
    drive_url?: string | null;
    public_url?: string | null;
    message_id?: number;
}

interface Quoted {
    message_id: number | null;
    wamid: string;
    direction: "in" | "out";
    type: string;
    text: string;
    name: string | null;
    media_type: string | null;
}

interface Message {
    id: number | null;
    conversation_id: number;
    wamid: string | null;
    client_msg_id: string | null;
    direction: "in" | "out";
    type: string;
    text: string;
    media: Media | null;
    payload: any;
    context: { wamid: string; message_id: number | null } | null;
    quoted: Quoted | null;
    forwarded: 0 | 1 | 2;
    reactions: { emoji: string; from: string; name?: string | null }[];
    timestamp: string;
    status: Status | null;
    error: { code: number | string | null; message: string; is_final?: boolean } | null;
    edited_at: string | null;
    deleted_at: string | null;
    sender: Named | null;
    contact: Named | null;
    origin: string;
    delivered_twice: boolean;
    times: Record<string, string | null>;
    revisions: { text: string; timestamp: string }[];
    /** Ours alone: upload progress 0..1, and the address of a picture that is still on its way up. */
    progress?: number;
    local_url?: string;
}

interface Change {
    seq: number;
    kind: string;
    conversation_id: number | null;
    message_id: number | null;
    origin: string;
    user_id: number | null;
}

interface Counts {
    all: number;
    unread: number;
    waiting: number;
}

/** What a commit changed, and the rows that it touched, as they are now; what is named and did not come along is fetched. */
interface Frame {
    seq: number;
    changes: Change[];
    chats?: Chat[];
    messages?: Message[];
    counts?: Counts;
}

interface FeedAnswer extends Frame {
    more?: boolean;
    reset?: boolean;
}

interface Preferences {
    theme?: "light" | "dark" | "system";
    sound?: boolean;
    notifications?: boolean;
    enter_sends?: boolean;
    [other: string]: unknown;
}

interface Me {
    user: { id: number; name: string; email: string; role: string; is_demo: boolean };
    preferences: Preferences;
    sandbox: boolean;
    settings: { tell_customers_read: boolean; business_name: string };
    seq: number;
}

interface TemplateVariable {
    key: string;
    where: string;
    placeholder: string;
    example: string | null;
}

interface MessageTemplate {
    id: number;
    name: string;
    language: string;
    category: string;
    status: string;
    parameter_format: string;
    header: { format: string; text: string } | null;
    body: string;
    footer: string | null;
    buttons: { type: string; text: string; url?: string; phone_number?: string }[];
    variables: TemplateVariable[];
    sendable: boolean;
    why_not: string | null;
}

interface Window {
    trustedTypes?: any;
}
