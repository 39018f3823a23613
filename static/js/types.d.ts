// Made by tools/generate_types.py from features/*/answers.py: change those, not this. Only for the type checker.

declare namespace Api {
    /** How this installation is doing. */
    interface About {
        mode: "sandbox" | "live" | "locked";
        database: "ok" | "failing";
        journal_mode: string;
        last_webhook_at: string | null;
        public_url: string | null;
    }

    /** Whoever is signed in. `is_demo`: the owner of the sandbox, who ends with it. */
    interface Account {
        id: number;
        name: string;
        email: string;
        role: "owner" | "admin" | "agent";
        is_demo: boolean;
    }

    /** An API token, without its secret. */
    interface ApiToken {
        id: number;
        name: string;
        created_at: string;
        last_used_at: string | null;
    }

    /** Contents on their way to Google Drive. `dead`: given up, `reason` says why; `pruned`: only in Drive now. */
    interface ArchiveCounts {
        waiting: number;
        done: number;
        dead: number;
        pruned: number;
        bytes_waiting: number;
        reason: string | null;
    }

    /** Who did what. `user` is null for the command line and the clock; `detail` is as the action has it. */
    interface AuditEntry {
        id: number;
        at: string;
        user: User | null;
        action: string;
        detail: Record<string, any>;
    }

    /** The audit log, newest first. */
    interface AuditPage {
        next_cursor: string | null;
        entries: AuditEntry[];
    }

    /** Something happened: what (`kind`, such as message.created), where, by whom. `seq` counts all changes. */
    interface Change {
        seq: number;
        kind: string;
        conversation_id: number | null;
        message_id: number | null;
        contact_id: number | null;
        subject_id: number | null;
        origin: "live" | "echo" | "history" | "user" | "sync";
        user_id: number | null;
    }

    /** `fields`: heading -> [before, after], the name under "". */
    interface ChangedPerson {
        phone: string;
        name: string;
        row: number;
        fields: Record<string, [string, string]>;
    }

    /** How many, and the first hundred. */
    interface ChangesInDifference {
        count: number;
        first: ChangedPerson[];
    }

    /**
     * One person or group on one of our numbers.
     *
     * `window_open`: anything may be sent, not only templates; until `window_expires_at`.
     */
    interface Chat {
        id: number;
        kind: "person" | "group";
        phone: string | null;
        username: string | null;
        name: string;
        name_source: "sheet" | "typed" | "google" | "profile" | "username" | "phone" | "group";
        unread_count: number;
        waiting_since: string | null;
        window_expires_at: string | null;
        window_open: boolean;
        archived_at: string | null;
        assignee: User | null;
        contact_id: number | null;
        group_id: string | null;
        last_message: MessagePreview | null;
    }

    /** How many chats stand behind each filter. */
    interface ChatCounts {
        all: number;
        unread: number;
        waiting: number;
    }

    /** Who a chat is with, and how much was said. `contact` is null for a group. */
    interface ChatDetails {
        contact: Contact | null;
        customer: CustomerRow | null;
        counts: MessageCounts;
        first_message_at: string | null;
        last_message_at: string | null;
    }

    /** A part of the chat list, newest first. */
    interface ChatPage {
        next_cursor: string | null;
        chats: Chat[];
    }

    /** How far an installation is. */
    interface Checklist {
        steps: ChecklistStep[];
    }

    /** One line of what to do. `url`: the page to open. `copy`: what to paste there. */
    interface ChecklistHint {
        text: string;
        url: string | null;
        copy: string | null;
    }

    /** `state`: warn works, but; bad is broken. `words`: how it is now. */
    interface ChecklistStep {
        name: string;
        title: string;
        state: "done" | "todo" | "warn" | "bad" | "optional";
        words: string;
        hints: ChecklistHint[];
    }

    /** A person. */
    interface Contact {
        id: number;
        name: string;
        names: ContactNames;
        aliases: ContactAlias[];
        phone: string | null;
        username: string | null;
    }

    /** What a person goes or went by. */
    interface ContactAlias {
        kind: "phone" | "bsuid" | "parent_bsuid" | "username";
        value: string;
        retired_at: string | null;
    }

    /** Who somebody is. */
    interface ContactDetails {
        contact: Contact | null;
        customer: CustomerRow | null;
    }

    /** Somebody outside, by the name that is shown; null when nothing is known but the id. */
    interface ContactName {
        id: number;
        name: string | null;
    }

    /** Each by its source: the Customer List, staff, Google Contacts, the person's own profile. */
    interface ContactNames {
        sheet: string | null;
        typed: string | null;
        google: string | null;
        profile: string | null;
    }

    /** How numbers without country code are read. `choices`: [two letters, calling code] of every country. */
    interface CountryChoice {
        code: string | null;
        by_environment: boolean;
        choices: [string, number][];
    }

    /** A customer of the list with whom there is no chat yet. */
    interface Customer {
        phone: string;
        name: string;
        row_number: number;
    }

    /** The list in use. `kind` is null when there is none; all from `sheet_id` on is null for a file. */
    interface CustomerListChoice {
        kind: "sheet" | "csv" | null;
        title: string;
        by_environment: boolean;
        sheet_id: string | null;
        tab: string | null;
        gid: number | null;
        url: string | null;
        mapping: ListColumns;
        write_back: WriteBackColumns;
    }

    /** What a held run would do to the `active` customers. */
    interface CustomerListDifference {
        active: number;
        removed: PeopleInDifference;
        added: PeopleInDifference;
        changed: ChangesInDifference;
    }

    /** A list before it is used. `problem`: why it cannot be; `suggested_phone`: what looks like the phone column. */
    interface CustomerListPreview {
        headers: string[];
        header_row: number;
        rows: ListRow[];
        row_count: number;
        mapping: FoundColumns;
        customers: number;
        warnings: ListWarning[];
        warning_count: number;
        problem: string | null;
        suggested_phone: string | null;
    }

    /** Where a row is opened: `url` with {row} in it, null when the list is a file. */
    interface CustomerListSource {
        kind: "sheet" | "csv" | null;
        title: string;
        url: string | null;
    }

    /**
     * Which Customer List is used.
     *
     * `held_run` waits for somebody to decide; of `kept_run` somebody has decided that nobody is removed.
     */
    interface CustomerListState {
        list: CustomerListChoice;
        google: SheetAccess;
        country: CountryChoice;
        held_run: number | null;
        kept_run: number | null;
        to_write: WriteBackWaiting;
    }

    /** Customers, in the order of the list. */
    interface CustomerPage {
        next_cursor: string | null;
        customers: Customer[];
    }

    /** The person's row of the Customer List: heading -> cell. */
    interface CustomerRow {
        name: string;
        row_number: number;
        fields: Record<string, string>;
    }

    /** What a reading of the list brought. `held`: it would remove so many that somebody has to confirm it. */
    interface CustomerRun {
        id: number;
        source: string;
        state: "running" | "done" | "held" | "failed";
        rows_read: number;
        added: number;
        changed: number;
        removed: number;
        warnings: ListWarning[];
        error: string | null;
        dismissed_at: string | null;
        started_at: string;
        finished_at: string | null;
    }

    /** Runs, newest first. */
    interface CustomerRunPage {
        next_cursor: string | null;
        runs: CustomerRun[];
    }

    /** The newest run; `changed` is false when the list was as before. */
    interface CustomerSync {
        run: CustomerRun | null;
        changed: boolean;
    }

    /** A delivery with its body as it came. */
    interface Delivery {
        id: number;
        received_at: string;
        state: "applied" | "pending" | "quarantined";
        error: string | null;
        body: string;
    }

    /** Why a message was not delivered; `code` in Meta's numbers. */
    interface DeliveryError {
        code: number | null;
        message: string;
    }

    /** What Meta delivered, newest first. */
    interface DeliveryPage {
        next_cursor: string | null;
        deliveries: DeliverySummary[];
    }

    /** A delivery without its body: `size` in bytes; `quarantined`: so many of its events were set aside. */
    interface DeliverySummary {
        id: number;
        received_at: string;
        state: "applied" | "pending" | "quarantined";
        error: string | null;
        size: number;
        quarantined: number;
    }

    /** Our folder, the trouble it is in, and the room left. `used` and `limit` in bytes. */
    interface DriveStatus {
        folder_url: string | null;
        trouble: "away" | "quota" | "reconnect" | "config" | "folder" | null;
        reason: string | null;
        link: string | null;
        used: number | null;
        limit: number | null;
        level: "nearly_full" | "almost_full" | null;
        checked_at: string | null;
    }

    /** Any answer from 400 on. */
    interface Error {
        error: Problem;
    }

    /** The headings of the columns that would be used. */
    interface FoundColumns {
        phone: string | null;
        names: string[];
    }

    /** Messages with files or links, newest first. `prev_cursor` asks for newer ones (`after`). */
    interface GalleryPage {
        next_cursor: string | null;
        messages: Message[];
        prev_cursor: string | null;
    }

    /** The OAuth client: its id, and whether the environment of the server sets it. */
    interface GoogleClientState {
        id: string | null;
        from_environment: boolean;
    }

    /** How many names, when they were last read, and what was wrong at the last try. */
    interface GoogleContacts {
        count: number;
        read_at: string | null;
        problem: string | null;
    }

    /** What the owner has to do about Google, and at which address. */
    interface GoogleNotice {
        state: "needs_reconnect" | "quota" | "config" | "folder" | "reconnect" | "almost_full";
        message: string;
        url: string;
    }

    /** A permission: whether something that is switched on needs it, and whether Google gave it. */
    interface GooglePermission {
        wanted: boolean;
        granted: boolean;
    }

    /** By what they are for. */
    interface GooglePermissions {
        drive: GooglePermission;
        sheet: GooglePermission;
        sheet_write: GooglePermission;
        contacts: GooglePermission;
    }

    /**
     * The Google account: who, which permissions, what is switched on, and how our Drive is.
     *
     * `redirect_uri`: what to enter at Google; null when Google would accept no address of ours.
     */
    interface GoogleStatus {
        kind: "service_account" | "user";
        state: "not_connected" | "connected" | "broken" | "needs_reconnect";
        message: string | null;
        email: string | null;
        connected_at: string | null;
        client: GoogleClientState;
        redirect_uri: string | null;
        switches: GoogleSwitchStates;
        parts: GooglePermissions;
        drive: DriveStatus;
        last_backup_at: string | null;
    }

    /** What is switched on. `prune_days` 0: never; `links_for`: the lowest role that sees links into Drive. */
    interface GoogleSwitchStates {
        archive: boolean;
        sheet: boolean;
        sheet_write: boolean;
        backups: boolean;
        contacts: boolean;
        public_links: boolean;
        prune_days: number;
        links_for: "owner" | "admin" | "agent";
    }

    /** Whether the process is sound, and what of it fails. */
    interface Health {
        status: "ok" | "failing";
        failing?: string[];
    }

    /** Headings. "" and none: found by their words. */
    interface ListColumns {
        phone: string;
        names: string[];
    }

    /** A row as it stands in the list. */
    interface ListRow {
        number: number;
        values: string[];
    }

    /** What is wrong with a row; 0: with the list. */
    interface ListWarning {
        row: number;
        reason: string;
    }

    /** A customer, and the row. */
    interface ListedPerson {
        phone: string;
        name: string;
        row: number;
    }

    /**
     * Who I am, and what every page needs to know.
     *
     * `settings` are those of GET /api/settings; `seq`: the place in the live feed from which to listen.
     */
    interface Me {
        user: Account;
        preferences: Preferences;
        sandbox: boolean;
        settings: Record<string, any>;
        seq: number;
    }

    /**
     * A file of a message. `as_json` of actions.py makes it, held against this by tests.
     *
     * `inline`: it may be shown in the page. `opens`: the browser may show it in a tab of its own. Else offer a download.
     * `peaks`: 64 numbers from 0 to 255, null until a browser has computed them. `error`: why it is not here.
     * The links are null for whom they are not meant.
     */
    interface Media {
        id: number;
        url: string;
        thumbnail_url: string | null;
        mime_type: string;
        inline: boolean;
        opens: boolean;
        filename: string | null;
        size: number | null;
        state: "pending" | "stored" | "failed" | "expired" | "too_large";
        error: string | null;
        voice: boolean;
        animated: boolean;
        width: number | null;
        height: number | null;
        duration_ms: number | null;
        peaks: number[] | null;
        stored_in: "here" | "drive" | "both" | null;
        drive_url: string | null;
        public_url: string | null;
    }

    /**
     * What was said, and what became of it.
     *
     * `type` and `payload` are Meta's: text, image, location, ... and what such a message carries beside its text.
     * `forwarded`: 0 no, 1 yes, 2 many times. `revisions`: earlier texts, the oldest first.
     */
    interface Message {
        id: number;
        conversation_id: number;
        wamid: string | null;
        client_msg_id: string | null;
        direction: "in" | "out";
        type: string;
        text: string;
        media: Media | null;
        payload: any;
        context: MessageContext | null;
        quoted: QuotedMessage | null;
        forwarded: 0 | 1 | 2;
        reactions: Reaction[];
        timestamp: string;
        status: "queued" | "sending" | "unconfirmed" | "accepted" | "sent" | "delivered" | "read" | "played" | "failed" | "cancelled" | null;
        error: DeliveryError | null;
        edited_at: string | null;
        deleted_at: string | null;
        sender: User | null;
        contact: ContactName | null;
        origin: "live" | "echo" | "history" | "user";
        delivered_twice: boolean;
        times: MessageTimes;
        revisions: MessageRevision[];
    }

    /** The message that this one answers: `message_id` is null when it is not here. */
    interface MessageContext {
        wamid: string;
        message_id: number | null;
    }

    /** Messages of a chat by direction. */
    interface MessageCounts {
        in: number;
        out: number;
    }

    /** Messages of a chat, oldest first. `next_cursor` asks for older ones (`before`), `prev_cursor` for newer (`after`). */
    interface MessagePage {
        next_cursor: string | null;
        messages: Message[];
        prev_cursor: string | null;
        first_unread_id: number | null;
    }

    /** The newest message of a chat, in one line. `contact`: who wrote it, in a group. */
    interface MessagePreview {
        id: number;
        text: string;
        type: string;
        direction: "in" | "out";
        status: "queued" | "sending" | "unconfirmed" | "accepted" | "sent" | "delivered" | "read" | "played" | "failed" | "cancelled" | null;
        timestamp: string;
        sender: User | null;
        contact: ContactName | null;
        media: PreviewFile | null;
        deleted_at: string | null;
    }

    /** An earlier text of an edited message. */
    interface MessageRevision {
        text: string;
        timestamp: string;
    }

    /** A text that Meta has approved or not. `why_not`: why it cannot be sent from here, null when it can. */
    interface MessageTemplate {
        id: number;
        name: string;
        language: string;
        category: string;
        status: string;
        parameter_format: string;
        header: TemplateHeader | null;
        body: string;
        footer: string;
        buttons: TemplateButton[];
        variables: TemplateVariable[];
        sendable: boolean;
        why_not: string | null;
    }

    /** When a message of ours got how far. */
    interface MessageTimes {
        sent_at: string | null;
        delivered_at: string | null;
        read_at: string | null;
        played_at: string | null;
        failed_at: string | null;
    }

    /** An API token with its `secret`, which is shown this once. */
    interface NewApiToken {
        id: number;
        name: string;
        created_at: string;
        last_used_at: string | null;
        secret: string;
    }

    /** A line of the live test. `state`: bad does not work, warn works, but; open cannot be told yet. `advice`: what to do. */
    interface NumberCheck {
        name: string;
        state: "ok" | "bad" | "warn" | "open";
        words: string;
        advice: string;
    }

    /** The live test of a number, line by line. */
    interface NumberChecks {
        checks: NumberCheck[];
    }

    /** What the test said, and that the number is used from the next start on. */
    interface NumberConnected {
        restart: "now" | "by_hand";
        checks: NumberCheck[];
    }

    /** What to enter at Meta. The verify token is shown this once. */
    interface NumberDraftKept {
        verify_token: string;
        webhook_url: string;
    }

    /**
     * The connection to WhatsApp. `run` names the process: another one has started anew.
     *
     * `asked_at`: when Meta last asked for the verify token. `refused_webhooks`: so many came wrongly signed.
     */
    interface Numbers {
        mode: "sandbox" | "live" | "locked";
        run: string;
        source: "environment" | "stored" | null;
        numbers: WhatsAppNumber[];
        draft: VerifyTokenEnd | null;
        asked_at: string | null;
        refused_webhooks: number;
        webhook_url: string;
        has_public_url: boolean;
    }

    /** A chat. */
    interface OneChat {
        chat: Chat;
    }

    /** A run. */
    interface OneCustomerRun {
        run: CustomerRun | null;
    }

    /** A delivery, and what of it was set aside. */
    interface OneDelivery {
        delivery: Delivery;
        quarantined: QuarantinedEvent[];
    }

    /** A file. */
    interface OneMedia {
        media: Media;
    }

    /** A message. */
    interface OneMessage {
        message: Message;
    }

    /** A token made just now. */
    interface OneNewToken {
        token: NewApiToken;
    }

    /** A member of staff. */
    interface OneStaffMember {
        staff: StaffMember;
    }

    /** Base of a part of a list. `next_cursor` asks for the following part; null: this was the last. */
    interface Page {
        next_cursor: string | null;
    }

    /** How many, and the first hundred. */
    interface PeopleInDifference {
        count: number;
        first: ListedPerson[];
    }

    /** A number as it is called from anywhere, such as +85251234567. */
    interface PhoneNumber {
        phone: string;
    }

    /** What somebody has chosen for the pages. */
    interface Preferences {
        sound: boolean;
        notifications: boolean;
        enter_sends: boolean;
        theme: "system" | "light" | "dark";
        language: "en" | "zh-Hant" | "zh-Hans" | null;
    }

    /** What a list says of the file of a message. */
    interface PreviewFile {
        mime_type: string;
        filename: string | null;
        voice: boolean;
        duration_ms: number | null;
    }

    /** `code` is for programs, `message` for people. */
    interface Problem {
        code: string;
        message: string;
        details?: Record<string, any>;
    }

    /** A part of a delivery that could not be applied. */
    interface QuarantinedEvent {
        event: string;
        error: string;
        at: string;
    }

    /** The message that this one answers, in one line. `media_type`: the MIME type of its file. */
    interface QuotedMessage {
        message_id: number;
        wamid: string;
        direction: "in" | "out";
        type: string;
        text: string;
        name: string | null;
        media_type: string | null;
    }

    /** `from`: "us", or the phone or name of the customer. */
    interface Reaction {
        emoji: string;
        from: string;
        name: string | null;
    }

    /** Whether the process starts anew by itself, or a person has to do it. */
    interface Restart {
        restart: "now" | "by_hand";
    }

    /** Whom a sheet must be shared with, and what Google allows. */
    interface SheetAccess {
        connected: boolean;
        kind: "service_account" | "user" | null;
        email: string | null;
        may_read: boolean;
        may_write: boolean;
        problem: string | null;
    }

    /** A tab of a Google Sheet. */
    interface SheetTab {
        title: string;
        gid: number;
    }

    /** A Google Sheet. `gid`: the tab that the address names. */
    interface SheetTabs {
        sheet_id: string;
        title: string;
        gid: number | null;
        tabs: SheetTab[];
    }

    /** Who is signed in now. */
    interface SignedIn {
        user: Account;
    }

    /** Nobody is signed in now. */
    interface SignedOut {
        user: null;
    }

    /** Somebody who works here, as admins see them. */
    interface StaffMember {
        id: number;
        email: string;
        name: string;
        role: "owner" | "admin" | "agent";
        disabled: boolean;
        created_at: string;
        last_seen_at: string | null;
    }

    /** Members of staff, in the order in which they came. */
    interface StaffPage {
        next_cursor: string | null;
        staff: StaffMember[];
    }

    /** The banner of every page. `message` says what is wrong; `google` is for the owner alone. */
    interface Status {
        mode: "sandbox" | "live" | "locked";
        whatsapp: "ok" | "unreachable" | "token_dead" | "paused";
        message: string | null;
        last_webhook_at: string | null;
        storage: StorageStatus;
        google: GoogleNotice | null;
    }

    /** How the message store is. */
    interface StorageStatus {
        ok: boolean;
        journal_mode: string;
    }

    /** `type` in Meta's words. */
    interface TemplateButton {
        type: string;
        text: string;
        url: string | null;
        phone_number: string | null;
    }

    /** `format` in Meta's words: TEXT, IMAGE, ...; `text` is empty unless it is TEXT. */
    interface TemplateHeader {
        format: string;
        text: string;
    }

    /** Message templates, by name. */
    interface TemplatePage {
        next_cursor: string | null;
        templates: MessageTemplate[];
    }

    /** A place to fill in, sent under its `key`. `where`: "body", "header" or "button:<index>". */
    interface TemplateVariable {
        key: string;
        where: string;
        placeholder: string;
        example: string;
    }

    /** API tokens, in the order in which they were made. */
    interface TokenPage {
        next_cursor: string | null;
        tokens: ApiToken[];
    }

    /** The token opens nothing any more. */
    interface TokenRevoked {
        revoked: true;
    }

    /**
     * What has changed since a place in the feed; ask from `seq` next.
     *
     * What the changes touched comes along as it is now, also rows of other features under names of theirs; what did not is
     * fetched. `more`: there is more at once. `reset`: that place is too old or unknown here, load everything anew.
     */
    interface Updates {
        seq: number;
        changes: Change[];
        chats?: Chat[];
        messages?: Message[];
        counts?: ChatCounts;
        more?: boolean;
        reset?: boolean;
    }

    /** A member of staff, as others see them. */
    interface User {
        id: number;
        name: string;
    }

    /** The end of the verify token of a number that is being connected. */
    interface VerifyTokenEnd {
        verify_token: string;
    }

    /** A connected number. Of what is secret only the end is shown. What Meta says is missing until it was asked. */
    interface WhatsAppNumber {
        phone_number_id: string;
        business_account_id: string;
        access_token: string;
        app_secret: string;
        verify_token: string;
        templates: number;
        last_webhook_at: string | null;
        phone?: string | null;
        name?: string | null;
        quality?: string | null;
        connected_at?: string | null;
        token_expires_at?: string | null;
        token_never_expires?: boolean;
        checked_at?: string | null;
        checks?: NumberCheck[];
    }

    /** What may be written into the sheet: customers who write, and the headings of two columns ("" for none). */
    interface WriteBackColumns {
        append: boolean;
        last_contacted: string;
        status: string;
    }

    /** Cells that wait to be written into the sheet, and why they still do. */
    interface WriteBackWaiting {
        count: number;
        problem: string | null;
    }
}
