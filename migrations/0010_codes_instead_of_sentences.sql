-- What is shown in words is kept as a code with its values (core/reason.py) and worded for whoever reads it. What was kept as a
-- finished English sentence becomes its code where the sentence is one of ours; any other stays, word for word, as the code `text`.

CREATE TABLE known_sentences (
    sentence TEXT PRIMARY KEY,
    reason   TEXT NOT NULL                                -- JSON: {"code", "values"}
) STRICT, WITHOUT ROWID;
INSERT INTO known_sentences (sentence, reason) VALUES
('Google is not connected.', '{"code":"google.not_connected"}'),
('Google asks you to connect again.', '{"code":"google.reconnect"}'),
('Google cannot be reached.', '{"code":"google.unreachable"}'),
('Something went wrong with Google. It has been logged.', '{"code":"google.bug"}'),
('Google is busy.', '{"code":"google.busy"}'),
('Google allows no more calls today.', '{"code":"google.daily_limit"}'),
('The Google storage is full.', '{"code":"google.full"}'),
('An API is switched off in your Google Cloud project: switch it on there.', '{"code":"google.api_off"}'),
('A permission was not ticked on Google''s consent page: connect again and tick it.', '{"code":"google.not_ticked"}'),
('This is not there any more at Google, or not shared with this account.', '{"code":"google.missing"}'),
('This is at Google already.', '{"code":"google.already"}'),
('Google''s answer could not be understood.', '{"code":"google.unreadable"}'),
('Google asks us to wait (too many requests).', '{"code":"google.wait"}'),
('Google refuses the service account: look whether its key was deleted and whether this machine''s clock is right.', '{"code":"google.robot_refused"}'),
('Google does not know our client ID any more: check it and its secret, then connect again.', '{"code":"google.client_unknown"}'),
('The key that opens the stored Google token is gone: connect again.', '{"code":"google.key_gone"}'),
('The permission for Google Drive is missing: connect again and tick it on Google''s page.', '{"code":"drive.no_permission"}'),
('Our folder is in the bin of Google Drive: take it out, or make a new one.', '{"code":"drive.binned"}'),
('A service account has no storage and cannot own files in My Drive. Connect your own Google account instead, or set DRIVE_FOLDER_ID to a folder on a shared drive of which the service account is a content manager.', '{"code":"drive.no_my_drive"}'),
('We may only see folders that we made ourselves, so DRIVE_FOLDER_ID cannot be used: make a folder here.', '{"code":"drive.foreign_folder"}'),
('Our folder in Google Drive was deleted: make a new one.', '{"code":"drive.folder_deleted"}'),
('This file is still being fetched from WhatsApp.', '{"code":"media.pending"}'),
('This file could not be fetched from WhatsApp.', '{"code":"media.failed"}'),
('WhatsApp keeps files for 7 days; this one is gone.', '{"code":"media.expired"}'),
('This file is too large.', '{"code":"media.too_large"}'),
('WhatsApp no longer accepts our access token. An administrator must enter a new one.', '{"code":"meta.0"}'),
('WhatsApp could not handle this message.', '{"code":"meta.1"}'),
('WhatsApp is overloaded at the moment.', '{"code":"meta.2"}'),
('Our access to WhatsApp lacks a permission. An administrator must fix it.', '{"code":"meta.3"}'),
('WhatsApp limits how much we may do at the moment. Sending goes on by itself.', '{"code":"meta.4"}'),
('Our number was deleted at WhatsApp, or we have lost access to it.', '{"code":"meta.33"}'),
('WhatsApp refused this message: a value is wrong or a file has expired.', '{"code":"meta.100"}'),
('WhatsApp has locked this account or found a policy violation. See the Business Manager.', '{"code":"meta.368"}'),
('Too many calls at the moment.', '{"code":"meta.613"}'),
('We have blocked this person.', '{"code":"meta.130403"}'),
('We send faster than WhatsApp allows. Sending goes on by itself.', '{"code":"meta.130429"}'),
('WhatsApp chose not to deliver this message (an experiment of Meta''s).', '{"code":"meta.130472"}'),
('WhatsApp does not let this account write to that country.', '{"code":"meta.130497"}'),
('Something went wrong at WhatsApp.', '{"code":"meta.131000"}'),
('WhatsApp refused this message because a value is missing or wrong.', '{"code":"meta.131008"}'),
('WhatsApp does not allow this in the group.', '{"code":"meta.131020"}'),
('This is our own number.', '{"code":"meta.131021"}'),
('Cannot be delivered: this person is not on WhatsApp, uses an old version, or has not accepted the terms.', '{"code":"meta.131026"}'),
('This is a test number, and the recipient is not in its list of allowed numbers.', '{"code":"meta.131030"}'),
('The display name of our number is not approved yet.', '{"code":"meta.131037"}'),
('WhatsApp reports a problem with the payment method of this account.', '{"code":"meta.131042"}'),
('Our number is not registered with WhatsApp.', '{"code":"meta.131045"}'),
('More than 24 hours have passed since the customer''s last message. Send a template instead.', '{"code":"meta.131047"}'),
('WhatsApp restricts our number because people reported it as spam. Try again later.', '{"code":"meta.131048"}'),
('WhatsApp did not deliver this message, to limit business messages. Try again after 24 hours at the earliest.', '{"code":"meta.131049"}'),
('This person does not want marketing messages.', '{"code":"meta.131050"}'),
('WhatsApp does not support this kind of message.', '{"code":"meta.131051"}'),
('The file could not be fetched or is too large. Ask the customer to send it again.', '{"code":"meta.131052"}'),
('WhatsApp refused our file (type, size or encoding).', '{"code":"meta.131053"}'),
('This message needs the Marketing Messages API, which is not set up.', '{"code":"meta.131055"}'),
('Too many messages to this person in a short time. Sending goes on by itself.', '{"code":"meta.131056"}'),
('WhatsApp is doing maintenance on our account. Sending goes on by itself.', '{"code":"meta.131057"}'),
('This message is not available here yet. Look at the phone.', '{"code":"meta.131060"}'),
('This message can only be sent to a phone number, and this person''s is not known.', '{"code":"meta.131062"}'),
('Marketing messages are switched off for this account.', '{"code":"meta.131063"}'),
('WhatsApp limits our templates because they were put in a wrong category.', '{"code":"meta.131064"}'),
('The number of values does not match the template.', '{"code":"meta.132000"}'),
('This template does not exist or is not approved in this language.', '{"code":"meta.132001"}'),
('WhatsApp refused the template or the values filled into it.', '{"code":"meta.132005"}'),
('This template is paused because of low quality.', '{"code":"meta.132015"}'),
('This template is disabled for good because of low quality.', '{"code":"meta.132016"}'),
('The form in this template is blocked.', '{"code":"meta.132068"}'),
('The form in this template is limited at the moment.', '{"code":"meta.132069"}'),
('The terms of WhatsApp payments have not been accepted.', '{"code":"meta.134011"}'),
('The customer''s security code has changed. Check that it is the same person, then send again.', '{"code":"meta.137000"}'),
('The phone app''s history or contacts cannot be shared (any more).', '{"code":"meta.2593107"}'),
('The registration of our number with WhatsApp has a problem.', '{"code":"meta.133000"}'),
('WhatsApp refused this call.', '{"code":"meta.138000"}'),
('WhatsApp could not change the list of blocked people.', '{"code":"meta.139100"}'),
('WhatsApp refused to create the template or to move the number.', '{"code":"meta.2388000"}'),
('WhatsApp refused this message.', '{"code":"meta.unknown"}'),
('WhatsApp does not have this file any more.', '{"code":"whatsapp.file_gone"}'),
('The link to this file has run out.', '{"code":"whatsapp.link_old"}'),
('The link to this file leads in circles.', '{"code":"whatsapp.circle"}'),
('WhatsApp pointed to a file outside the hosts that are allowed.', '{"code":"whatsapp.blocked_host"}'),
('WhatsApp''s list of templates does not end.', '{"code":"whatsapp.endless"}'),
('No column of phone numbers was found. Give it a heading such as “Phone” or “電話”.', '{"code":"list.no_phones"}'),
('Google does not let us in any more. Connect Google again under Settings.', '{"code":"sheets.reconnect"}'),
('This is an Excel file. Open it in Google Sheets and choose File, Save as Google Sheets.', '{"code":"sheets.excel"}'),
('Some letters are damaged.', '{"code":"list.damaged_letters"}'),
('UTF-8 with damaged letters', '{"code":"list.damaged_utf8"}'),
('Some quotation marks stand in wrong places; please look at the result.', '{"code":"list.sloppy_quotes"}'),
('A quotation mark is opened and never closed, so rows would be lost.', '{"code":"list.open_quote"}'),
('Google is not connected. Connect it under Settings, Google.', '{"code":"list.no_google"}'),
('Google was not asked for Google Sheets. Connect Google again and allow it.', '{"code":"list.no_permission"}'),
('the formula in the phone column gives an error', '{"code":"list.phone_formula"}'),
('no phone number', '{"code":"list.no_phone"}'),
('a formula gives an error; the cell counts as blank', '{"code":"list.formula_error"}'),
('Interrupted; a newer list was read.', '{"code":"list.interrupted"}'),
('Choose two different columns.', '{"code":"list.same_column"}'),
('There are too many Google contacts to be read.', '{"code":"people.too_many"}'),
('Google does not let us read your contacts. Connect Google again and allow it.', '{"code":"people.reconnect"}'),
('Google lists no contacts any more, so the names stay. If that is right, switch this off and on again.', '{"code":"people.emptied"}'),
('The file is not on this machine any more.', '{"code":"archive.not_here"}'),
('The file on this machine is damaged.', '{"code":"archive.damaged_here"}'),
('The copy in Google Drive was not the same as the file here.', '{"code":"archive.differs"}'),
('The copy in Google Drive was gone or changed: it is made again.', '{"code":"archive.again"}'),
('The disk is almost full: files wait until there is room again.', '{"code":"media.disk_low"}'),
('The file came damaged.', '{"code":"media.damaged"}'),
('The file could not be written to the disk.', '{"code":"media.not_written"}'),
('WhatsApp did not find this file.', '{"code":"media.not_found"}'),
('WhatsApp is too busy to hand over this file.', '{"code":"media.busy"}'),
('Something went wrong on our side. It has been logged.', '{"code":"media.our_fault"}'),
('Meta does not tell how long the access token lasts.', '{"code":"check.token_unknown"}'),
('Generate a new token for the system user and tick both WhatsApp permissions.', '{"code":"check.tick_both"}'),
('Generate one for a system user with “Never” as its expiry; a token of the API Setup page ends after a day.', '{"code":"check.make_lasting"}'),
('The access token is accepted.', '{"code":"check.token_ok"}'),
('There is no number with this phone number ID, or the token may not see it.', '{"code":"check.number_absent"}'),
('There is no WhatsApp Business Account with this ID, or the token may not see it.', '{"code":"check.account_absent"}'),
('The number belongs to this account.', '{"code":"check.account_ok"}'),
('This account does not own the number.', '{"code":"check.account_other"}'),
('Copy both IDs from the same page: WhatsApp → API Setup, with your number chosen in “From”.', '{"code":"check.copy_both"}'),
('The message templates of this account cannot be read.', '{"code":"check.templates_unreadable"}'),
('Whether the app secret is right shows when the first webhook comes.', '{"code":"check.secret_open"}'),
('The app secret belongs to the app of the token.', '{"code":"check.secret_ok"}'),
('The app secret does not belong to the app that the access token was made for.', '{"code":"check.secret_other"}'),
('Copy it from App settings → Basic of that very app. With a wrong one every webhook would be refused.', '{"code":"check.copy_secret"}'),
('The app is subscribed to the account.', '{"code":"check.subscribed"}'),
('Give the system user full control of the app and of the WhatsApp account, then generate a new token.', '{"code":"check.give_control"}'),
('The app was not subscribed to the account. Now it is.', '{"code":"check.now_subscribed"}'),
('Compare it with WhatsApp → API Setup, and check that the system user has full control of the account.', '{"code":"check.compare"}'),
('Check this machine''s way to graph.facebook.com, then try again.', '{"code":"check.check_way"}'),
('Assign the app and the WhatsApp account to the system user with full control, and generate a new token.', '{"code":"check.assign"}'),
('Meta does not accept the access token: it is wrong, cut short, withdrawn or has ended.', '{"code":"check.token_dead"}'),
('Generate a new one for the system user and paste all of it.', '{"code":"check.paste_new"}'),
('PUBLIC_URL is not set, so the public address cannot be tried.', '{"code":"check.no_public_url"}'),
('Set it in .env (for example https://inbox.example.com) and restart. Meta needs a public https address.', '{"code":"check.set_public_url"}'),
('Look into the proxy: it must pass POST to /webhook/whatsapp on unchanged, up to 4 MB.', '{"code":"check.look_at_proxy"}'),
('Meta calls https addresses only, and PUBLIC_URL is not one.', '{"code":"check.no_https"}'),
('Put a proxy with a certificate in front; deploy/README.md shows how.', '{"code":"check.add_https"}'),
('Check the domain name, the certificate (Meta takes no self-signed one), the proxy and the firewall.', '{"code":"check.check_domain"}'),
('The proxy took the call and gave no answer: check that it passes on to this program.', '{"code":"check.proxy_silent"}'),
('Another site or another installation seems to answer there. Check PUBLIC_URL, the domain name and the proxy.', '{"code":"check.other_site"}'),
('WhatsApp is not answering. Messages wait here and leave by themselves.', '{"code":"line.unreachable"}'),
('The key that opens the access token is lost. An owner must connect the number again.', '{"code":"line.key_lost"}'),
('The 24-hour window closed before this could be sent. Send a template instead.', '{"code":"outbox.window_closed"}'),
('The file of this message is no longer here.', '{"code":"outbox.file_gone"}'),
('The answer of WhatsApp could not be kept.', '{"code":"outbox.answer_lost"}'),
('The message store cannot be written right now.', '{"code":"outbox.storage"}'),
('The number that this chat belongs to is not connected any more.', '{"code":"outbox.number_gone"}'),
('There is no address to send this to.', '{"code":"outbox.no_address"}'),
('The address of graph.facebook.com could not be found.', '{"code":"http.not_resolved","values":{"host":"graph.facebook.com"}}'),
('The address of lookaside.fbsbx.com could not be found.', '{"code":"http.not_resolved","values":{"host":"lookaside.fbsbx.com"}}'),
('No connection to graph.facebook.com.', '{"code":"http.no_connection","values":{"host":"graph.facebook.com"}}'),
('No connection to lookaside.fbsbx.com.', '{"code":"http.no_connection","values":{"host":"lookaside.fbsbx.com"}}'),
('graph.facebook.com did not accept a connection in time.', '{"code":"http.connect_timeout","values":{"host":"graph.facebook.com"}}'),
('lookaside.fbsbx.com did not accept a connection in time.', '{"code":"http.connect_timeout","values":{"host":"lookaside.fbsbx.com"}}'),
('No secure connection to graph.facebook.com.', '{"code":"http.tls","values":{"host":"graph.facebook.com"}}'),
('No secure connection to lookaside.fbsbx.com.', '{"code":"http.tls","values":{"host":"lookaside.fbsbx.com"}}'),
('graph.facebook.com leads to an address that may not be called.', '{"code":"http.refused_address","values":{"host":"graph.facebook.com"}}'),
('lookaside.fbsbx.com leads to an address that may not be called.', '{"code":"http.refused_address","values":{"host":"lookaside.fbsbx.com"}}'),
('This call to graph.facebook.com cannot be made.', '{"code":"http.bad_request","values":{"host":"graph.facebook.com"}}'),
('This call to lookaside.fbsbx.com cannot be made.', '{"code":"http.bad_request","values":{"host":"lookaside.fbsbx.com"}}'),
('graph.facebook.com did not answer in time.', '{"code":"http.timeout","values":{"host":"graph.facebook.com"}}'),
('lookaside.fbsbx.com did not answer in time.', '{"code":"http.timeout","values":{"host":"lookaside.fbsbx.com"}}'),
('The connection to graph.facebook.com broke before the answer was complete.', '{"code":"http.cut","values":{"host":"graph.facebook.com"}}'),
('The connection to lookaside.fbsbx.com broke before the answer was complete.', '{"code":"http.cut","values":{"host":"lookaside.fbsbx.com"}}'),
('The answer of graph.facebook.com is too large.', '{"code":"http.too_large","values":{"host":"graph.facebook.com"}}'),
('The answer of lookaside.fbsbx.com is too large.', '{"code":"http.too_large","values":{"host":"lookaside.fbsbx.com"}}'),
('This file is larger than 100 MB, the most that is taken.', '{"code":"media.over_limit","values":{"limit":100}}'),
('Google asks you to connect again. If this happens every week: publish the app on Google''s consent screen ("In production").', '{"code":"google.every_week","values":{"why":{"code":"google.reconnect"}}}'),
('Google does not know our client ID any more: check it and its secret, then connect again. If this happens every week: publish the app on Google''s consent screen ("In production").', '{"code":"google.every_week","values":{"why":{"code":"google.client_unknown"}}}');

-- ---------------------------------------------------------------- messages that failed

-- Meta's own: the sentence of the error table and Meta's code.
UPDATE messages SET error_message = json_object('code', 'meta.numbered', 'values', json_object(
    'why', json((SELECT reason FROM known_sentences WHERE sentence || ' (' || messages.error_code || ')' = messages.error_message)),
    'number', error_code))
WHERE error_code IS NOT NULL AND EXISTS (
    SELECT 1 FROM known_sentences WHERE sentence || ' (' || messages.error_code || ')' = messages.error_message);
UPDATE messages SET error_message = json_object('code', 'meta.numbered', 'values', json_object(
    'why', json_object('code', 'meta.unknown_said', 'values', json_object(
        'said', substr(error_message, 32, length(error_message) - 31 - length(' (' || error_code || ')')))),
    'number', error_code))
WHERE error_code IS NOT NULL AND error_message LIKE 'WhatsApp refused this message. % (' || error_code || ')';

-- Meta's own: the sentence of the error table and Meta's code.
UPDATE pending_statuses SET error_message = json_object('code', 'meta.numbered', 'values', json_object(
    'why', json((SELECT reason FROM known_sentences WHERE sentence || ' (' || pending_statuses.error_code || ')' = pending_statuses.error_message)),
    'number', error_code))
WHERE error_code IS NOT NULL AND EXISTS (
    SELECT 1 FROM known_sentences WHERE sentence || ' (' || pending_statuses.error_code || ')' = pending_statuses.error_message);
UPDATE pending_statuses SET error_message = json_object('code', 'meta.numbered', 'values', json_object(
    'why', json_object('code', 'meta.unknown_said', 'values', json_object(
        'said', substr(error_message, 32, length(error_message) - 31 - length(' (' || error_code || ')')))),
    'number', error_code))
WHERE error_code IS NOT NULL AND error_message LIKE 'WhatsApp refused this message. % (' || error_code || ')';

-- ---------------------------------------------------------------- every other reason

UPDATE media SET last_error = json_object('code', 'media.refused', 'values', json_object('number',
    substr(last_error, 39, length(last_error) - 40)))
WHERE last_error LIKE 'WhatsApp did not hand over this file (%).';
UPDATE customer_sync_runs SET error = json_object('code', 'list.many_gone', 'values', json_object(
    'absent', CAST(error AS INTEGER), 'active', CAST(substr(error, instr(error, ' of ') + 4) AS INTEGER)))
WHERE error LIKE '% of % customers are not in the list any more.';
UPDATE messages SET error_message = coalesce((SELECT reason FROM known_sentences WHERE sentence = messages.error_message),
    json_object('code', 'text', 'values', json_object('text', messages.error_message)))
WHERE error_message <> '' AND NOT (json_valid(error_message) AND error_message LIKE '{"code":%');
UPDATE pending_statuses SET error_message = coalesce((SELECT reason FROM known_sentences WHERE sentence = pending_statuses.error_message),
    json_object('code', 'text', 'values', json_object('text', pending_statuses.error_message)))
WHERE error_message <> '' AND NOT (json_valid(error_message) AND error_message LIKE '{"code":%');
UPDATE send_attempts SET error = coalesce((SELECT reason FROM known_sentences WHERE sentence = send_attempts.error),
    json_object('code', 'text', 'values', json_object('text', send_attempts.error)))
WHERE error <> '' AND NOT (json_valid(error) AND error LIKE '{"code":%');
UPDATE media SET last_error = coalesce((SELECT reason FROM known_sentences WHERE sentence = media.last_error),
    json_object('code', 'text', 'values', json_object('text', media.last_error)))
WHERE last_error <> '' AND NOT (json_valid(last_error) AND last_error LIKE '{"code":%');
UPDATE media_archive SET reason = coalesce((SELECT reason FROM known_sentences WHERE sentence = media_archive.reason),
    json_object('code', 'text', 'values', json_object('text', media_archive.reason)))
WHERE reason <> '' AND NOT (json_valid(reason) AND reason LIKE '{"code":%');
UPDATE drive_state SET reason = coalesce((SELECT reason FROM known_sentences WHERE sentence = drive_state.reason),
    json_object('code', 'text', 'values', json_object('text', drive_state.reason)))
WHERE reason <> '' AND NOT (json_valid(reason) AND reason LIKE '{"code":%');
UPDATE google_account SET dead_reason = coalesce((SELECT reason FROM known_sentences WHERE sentence = google_account.dead_reason),
    json_object('code', 'text', 'values', json_object('text', google_account.dead_reason)))
WHERE dead_reason <> '' AND NOT (json_valid(dead_reason) AND dead_reason LIKE '{"code":%');
UPDATE customer_sync_runs SET error = coalesce((SELECT reason FROM known_sentences WHERE sentence = customer_sync_runs.error),
    json_object('code', 'text', 'values', json_object('text', customer_sync_runs.error)))
WHERE error <> '' AND NOT (json_valid(error) AND error LIKE '{"code":%');
UPDATE customer_writes SET error = coalesce((SELECT reason FROM known_sentences WHERE sentence = customer_writes.error),
    json_object('code', 'text', 'values', json_object('text', customer_writes.error)))
WHERE error <> '' AND NOT (json_valid(error) AND error LIKE '{"code":%');

-- ---------------------------------------------------------------- reasons inside JSON

UPDATE customer_sync_runs SET warnings = (
    SELECT json_group_array(json_object('row', value ->> '$.row', 'reason', json(coalesce(
        (SELECT reason FROM known_sentences WHERE sentence = value ->> '$.reason'),
        json_object('code', 'text', 'values', json_object('text', value ->> '$.reason'))))))
    FROM json_each(customer_sync_runs.warnings))
WHERE warnings <> '[]';
UPDATE numbers SET checks = (
    SELECT json_group_array(json_object('name', value ->> '$.name', 'state', value ->> '$.state',
        'words', json(coalesce(
            (SELECT reason FROM known_sentences WHERE sentence = value ->> '$.words'),
            json_object('code', 'text', 'values', json_object('text', value ->> '$.words')))),
        'advice', json(CASE WHEN coalesce(value ->> '$.advice', '') = '' THEN 'null' ELSE coalesce(
            (SELECT reason FROM known_sentences WHERE sentence = value ->> '$.advice'),
            json_object('code', 'text', 'values', json_object('text', value ->> '$.advice'))) END)))
    FROM json_each(numbers.checks))
WHERE checks <> '[]';
UPDATE settings SET value = json_set(value, '$.message', json(coalesce(
    (SELECT reason FROM known_sentences WHERE sentence = value ->> '$.message'),
    json_object('code', 'text', 'values', json_object('text', value ->> '$.message')))))
WHERE key = 'whatsapp_line' AND json_type(value, '$.message') = 'text';
UPDATE settings SET value = json_set(value, '$.error', json(coalesce(
    (SELECT reason FROM known_sentences WHERE sentence = value ->> '$.error'),
    json_object('code', 'text', 'values', json_object('text', value ->> '$.error')))))
WHERE key = 'google.contacts' AND json_type(value, '$.error') = 'text';
DROP TABLE known_sentences;

-- ---------------------------------------------------------------- messages keep what a person wrote

-- Only where type and payload say the rest. Meta's own sentences (system, some unsupported) stay as they are.
UPDATE messages SET text = ''
WHERE (type = 'text' AND text = '(empty message)')
   OR (type = 'location' AND json_valid(payload) AND text LIKE 'Location%')
   OR (type = 'contacts' AND json_type(payload, '$.contacts') = 'array' AND text LIKE 'Contact%')
   OR (type = 'button' AND text = 'A button was pressed')
   OR (type = 'media_placeholder' AND text = 'A file from before this inbox was connected')
   OR (type = 'unknown' AND json_valid(payload) AND text LIKE 'A kind of message that this inbox does not know yet%')
   OR (type = 'unsupported' AND json_valid(payload) AND (
        (text = 'This message is not available here yet. Look at the phone.' AND payload ->> '$.code' = 131060)
        OR (text LIKE 'The file could not be fetched or is too large.%' AND payload ->> '$.code' = 131052)
        OR (text = 'This message cannot be shown here. Look at the phone.' AND payload ->> '$.kind' IS NULL)
        OR text = 'This message (' || replace(payload ->> '$.kind', '_', ' ') || ') cannot be shown here. Look at the phone.'))
   OR (type = 'system' AND (
        (text = 'WhatsApp has a notice about this chat' AND coalesce(payload ->> '$.kind', '') NOT IN (
            'identity_changed', 'number_changed', 'user_id_changed'))
        OR (text = 'The security code of this customer has changed' AND payload ->> '$.kind' = 'identity_changed')))
   OR (type = 'interactive' AND (
        (payload ->> '$.kind' = 'button_reply' AND text = 'A button was pressed')
        OR (payload ->> '$.kind' = 'list_reply' AND text = 'An entry of a list was chosen')
        OR (payload ->> '$.kind' = 'call_permission_reply' AND text IN (
            'Allows us to call', 'Does not allow us to call', 'Answered our request to call'))
        OR text = 'An interactive message that cannot be shown here (' || coalesce(payload ->> '$.kind', 'interactive') || ')'));
-- What was written into a form stays searchable.
UPDATE messages SET text = CASE
    WHEN text LIKE 'Form answered: %' THEN substr(text, 16) WHEN text LIKE 'Address: %' THEN substr(text, 10) ELSE '' END
WHERE type = 'interactive' AND payload ->> '$.kind' = 'nfm_reply';
UPDATE messages SET text = coalesce(payload ->> '$.text', '') WHERE type = 'order' AND json_valid(payload);
UPDATE messages SET payload = json_set(payload, '$.file', 'missing'), text = coalesce(payload ->> '$.caption', '')
WHERE type = 'unsupported' AND payload ->> '$.kind' IN ('image', 'video', 'audio', 'document', 'sticker')
  AND text LIKE CASE payload ->> '$.kind' WHEN 'image' THEN 'Photo' ELSE payload ->> '$.kind' END || ': %';
UPDATE messages SET text = '', payload = json_set(payload,
    '$.name', CASE WHEN text LIKE 'The customer changed %' THEN NULL
              ELSE substr(text, 1, instr(text, ' changed the phone number to +') - 1) END,
    '$.phone', substr(text, instr(text, ' changed the phone number to +') + 29))
WHERE type = 'system' AND payload ->> '$.kind' = 'number_changed' AND text LIKE '% changed the phone number to +%';
UPDATE messages SET text = '', payload = json_set(payload,
    '$.name', CASE WHEN text LIKE 'The customer changed %' THEN NULL
              ELSE substr(text, 1, instr(text, ' changed the WhatsApp account') - 1) END)
WHERE type = 'system' AND payload ->> '$.kind' = 'user_id_changed' AND text LIKE '% changed the WhatsApp account';
-- An emptied text, edited.
UPDATE message_revisions SET text = '' WHERE text = '(empty message)';
