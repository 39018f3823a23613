// The answers of the API (types.d.ts, which is generated) under the names that this code uses, and what it adds to them.

type Chat = Omit<Api.Chat, "last_message"> & { last_message: Preview | null };
type Named = Api.User;
type Quoted = Omit<Api.QuotedMessage, "message_id"> & { message_id: number | null };
type Change = Api.Change;
type Counts = Api.ChatCounts;
type Me = Omit<Api.Me, "preferences"> & { preferences: Preferences };
type MessageTemplate = Api.MessageTemplate;
type TemplateVariable = Api.TemplateVariable;

/** The server's words, and three of the browser: waiting to be posted, on its way up, refused. */
type Status = NonNullable<Api.Message["status"]> | "local" | "uploading" | "refused";

interface Preview extends Omit<Api.MessagePreview, "status" | "contact"> {
    status: Status | null;
    contact?: Api.ContactName | null;
}

/** A file on its way up knows little of itself. */
type Told = "opens" | "peaks" | "stored_in" | "drive_url" | "public_url";
type Media = Omit<Api.Media, Told> & Partial<Pick<Api.Media, Told>> & { message_id?: number };

/** A message, also one that has not reached the server yet. `progress`: of its upload, 0 to 1; `local_url`: of its picture. */
interface Message extends Omit<Api.Message, "id" | "media" | "quoted" | "status" | "error" | "times"> {
    id: number | null;
    media: Media | null;
    quoted: Quoted | null;
    status: Status | null;
    error: { code: number | string | null; message: string; is_final?: boolean } | null;
    times: Partial<Api.MessageTimes>;
    progress?: number;
    local_url?: string;
}

/** What a commit changed, and the rows that it touched, as they are now; what is named and did not come along is fetched. */
interface Frame extends Pick<Api.Updates, "seq" | "changes"> {
    chats?: Chat[];
    messages?: Message[];
    counts?: Counts;
}

interface FeedAnswer extends Frame {
    more?: boolean;
    reset?: boolean;
}

/** Some of them, as they are changed. */
interface Preferences extends Partial<Api.Preferences> {
    [other: string]: unknown;
}

interface Window {
    trustedTypes?: any;
}
