CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

CREATE TABLE customer (
	id VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	domain VARCHAR NOT NULL, 
	tenant_id VARCHAR NOT NULL, 
	relationship VARCHAR NOT NULL, 
	folded VARCHAR NOT NULL, 
	revision INTEGER NOT NULL, 
	PRIMARY KEY (id)
);

CREATE UNIQUE INDEX customer_by_tenant ON customer (tenant_id) WHERE tenant_id <> '';

CREATE INDEX customer_by_revision ON customer (revision);

CREATE TABLE escalation (
	kind VARCHAR(20) NOT NULL, 
	customer_id VARCHAR, 
	customer_name VARCHAR NOT NULL, 
	tenant_id VARCHAR NOT NULL, 
	domain VARCHAR NOT NULL, 
	service VARCHAR NOT NULL, 
	severity VARCHAR(1) NOT NULL, 
	title VARCHAR NOT NULL, 
	details VARCHAR NOT NULL, 
	answers JSON NOT NULL, 
	number INTEGER NOT NULL, 
	team_id VARCHAR NOT NULL, 
	channel VARCHAR NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	version INTEGER NOT NULL, 
	raised_by VARCHAR NOT NULL, 
	raised_at DATETIME NOT NULL, 
	changed_at DATETIME NOT NULL, 
	owner VARCHAR, 
	acknowledged_at DATETIME, 
	request_number VARCHAR, 
	told_by VARCHAR, 
	told_at DATETIME, 
	fix VARCHAR, 
	closed_by VARCHAR, 
	closed_at DATETIME, 
	reopened INTEGER NOT NULL, waiting_since DATETIME, active_at DATETIME, snoozed_until DATETIME, withdrawn_at DATETIME, snoozed_by VARCHAR, snooze_reason VARCHAR, withdrawn_by VARCHAR, status_reason VARCHAR, turn VARCHAR(10) DEFAULT 'ours' NOT NULL, severity_given VARCHAR(1), told_through VARCHAR(10), first_contact_at DATETIME, promised_at DATETIME, policy_version INTEGER DEFAULT '0' NOT NULL, duplicate_of INTEGER, returned_on DATE, returned_number VARCHAR, returned_words VARCHAR, solved_from INTEGER, solved_by_article INTEGER, review VARCHAR(10), review_until DATETIME, reviewed_by VARCHAR, reviewed_at DATETIME, parent INTEGER, parent_bond VARCHAR(12), 
	PRIMARY KEY (number), 
	CONSTRAINT escalation_status CHECK (status IN ('open', 'acknowledged', 'submitted', 'resolved', 'closed', 'reopened', 'withdrawn'))
);

CREATE INDEX escalation_open ON escalation (severity, number) WHERE status NOT IN ('closed', 'withdrawn');

CREATE INDEX escalation_by_owner ON escalation (owner) WHERE status NOT IN ('closed', 'withdrawn');

CREATE INDEX escalation_by_raiser ON escalation (raised_by) WHERE status NOT IN ('closed', 'withdrawn');

CREATE TABLE inbox (
	"key" VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY ("key")
);

CREATE TABLE outbox (
	position INTEGER NOT NULL, 
	id VARCHAR NOT NULL, 
	dedupe_key VARCHAR NOT NULL, 
	what VARCHAR(20) NOT NULL, 
	number INTEGER, 
	seq INTEGER, 
	user VARCHAR, 
	channel VARCHAR, 
	note VARCHAR NOT NULL, 
	lane VARCHAR NOT NULL, 
	scope VARCHAR NOT NULL, 
	priority INTEGER NOT NULL, 
	state VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	due_at DATETIME NOT NULL, 
	owner VARCHAR NOT NULL, 
	generation INTEGER NOT NULL, 
	lease_until DATETIME, 
	claims INTEGER NOT NULL, 
	tries INTEGER NOT NULL, 
	looks INTEGER NOT NULL, 
	plain BOOLEAN NOT NULL, 
	doubtful BOOLEAN NOT NULL, 
	first_tried_at DATETIME, 
	sweep_at DATETIME, 
	sweeps INTEGER NOT NULL, 
	slack_channel VARCHAR, 
	slack_ts VARCHAR, 
	last_error VARCHAR NOT NULL, 
	settled_at DATETIME, subject VARCHAR, slack_thread VARCHAR, look_from VARCHAR, redraws VARCHAR, listed_in VARCHAR, reminder VARCHAR, step VARCHAR, counted_from DATETIME, reminder_due_at DATETIME, audience JSON, discarded_at DATETIME, discarded_by VARCHAR, discarded_why VARCHAR, in_doubt_since DATETIME, 
	PRIMARY KEY (position), 
	UNIQUE (dedupe_key), 
	UNIQUE (id)
);

CREATE INDEX outbox_due ON outbox (due_at, position) WHERE state IN ('pending', 'sending', 'unknown');

CREATE INDEX outbox_lane ON outbox (lane, position) WHERE state IN ('pending', 'sending', 'unknown');

CREATE INDEX outbox_subject ON outbox (number, what);

CREATE INDEX outbox_sweep ON outbox (sweep_at) WHERE sweep_at IS NOT NULL;

CREATE TABLE pace (
	scope VARCHAR NOT NULL, 
	free_at DATETIME NOT NULL, set_at DATETIME, 
	PRIMARY KEY (scope)
);

CREATE TABLE person (
	id VARCHAR NOT NULL, 
	team_id VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	locale VARCHAR NOT NULL, 
	tz VARCHAR NOT NULL, 
	is_guest BOOLEAN NOT NULL, 
	is_bot BOOLEAN NOT NULL, 
	is_deleted BOOLEAN NOT NULL, 
	seen_at DATETIME NOT NULL, 
	PRIMARY KEY (id)
);

CREATE TABLE history (
	seq INTEGER NOT NULL, 
	move VARCHAR(20) NOT NULL, 
	"by" VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	status_from VARCHAR(20), 
	status_to VARCHAR(20) NOT NULL, 
	text VARCHAR NOT NULL, 
	changes JSON NOT NULL, 
	id INTEGER NOT NULL, 
	number INTEGER NOT NULL, text_hash VARCHAR, replaced_hash VARCHAR, 
	PRIMARY KEY (id), 
	FOREIGN KEY(number) REFERENCES escalation (number), 
	CONSTRAINT history_once UNIQUE (number, seq)
);

CREATE TRIGGER history_no_delete BEFORE DELETE ON history
       BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;

CREATE TRIGGER history_no_replace BEFORE INSERT ON history
       WHEN EXISTS (SELECT 1 FROM history WHERE id = NEW.id OR (number = NEW.number AND seq = NEW.seq))
       BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;

CREATE TRIGGER escalation_no_delete BEFORE DELETE ON escalation
       BEGIN SELECT RAISE(ABORT, 'escalations are never deleted'); END;

CREATE VIRTUAL TABLE escalation_words USING fts5(words, tokenize = 'unicode61 remove_diacritics 0');

CREATE TABLE rota_plan (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	"by" VARCHAR NOT NULL, 
	text VARCHAR NOT NULL, quiet VARCHAR, 
	PRIMARY KEY (id)
);

CREATE TRIGGER rota_plan_no_update BEFORE UPDATE ON rota_plan
       BEGIN SELECT RAISE(ABORT, 'rota_plan is append-only'); END;

CREATE TRIGGER rota_plan_no_delete BEFORE DELETE ON rota_plan
       BEGIN SELECT RAISE(ABORT, 'rota_plan is append-only'); END;

CREATE TRIGGER rota_plan_no_replace BEFORE INSERT ON rota_plan
       WHEN EXISTS (SELECT 1 FROM rota_plan WHERE id = NEW.id)
       BEGIN SELECT RAISE(ABORT, 'rota_plan is append-only'); END;

CREATE TABLE rota_change (
	id INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	batch VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	"by" VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	start DATETIME NOT NULL, 
	"end" DATETIME NOT NULL, 
	member VARCHAR NOT NULL, 
	seat VARCHAR NOT NULL, 
	instead_of VARCHAR NOT NULL, 
	"of" INTEGER, 
	why VARCHAR NOT NULL, came_by VARCHAR, 
	PRIMARY KEY (id), 
	UNIQUE ("key")
);

CREATE TABLE rota_offer (
	id INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	"by" VARCHAR NOT NULL, 
	member VARCHAR NOT NULL, 
	seat VARCHAR NOT NULL, 
	start DATETIME NOT NULL, 
	"end" DATETIME NOT NULL, 
	asked JSON NOT NULL, 
	back_member VARCHAR NOT NULL, 
	back_seat VARCHAR NOT NULL, 
	back_start DATETIME, 
	back_end DATETIME, 
	why VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE ("key")
);

CREATE TABLE rota_answer (
	id INTEGER NOT NULL, 
	offer INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	"by" VARCHAR NOT NULL, 
	kind VARCHAR(10) NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(offer) REFERENCES rota_offer (id)
);

CREATE TABLE watch (
	id INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	"by" VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	seat VARCHAR NOT NULL, 
	place INTEGER NOT NULL, 
	shift_start DATETIME NOT NULL, 
	person VARCHAR NOT NULL, 
	text VARCHAR NOT NULL, came_by VARCHAR, 
	PRIMARY KEY (id), 
	UNIQUE ("key")
);

CREATE TABLE ledger (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	"by" VARCHAR NOT NULL, 
	seat VARCHAR NOT NULL, 
	place INTEGER NOT NULL, 
	start DATETIME NOT NULL, 
	"end" DATETIME NOT NULL, 
	verdict VARCHAR NOT NULL, 
	person VARCHAR NOT NULL, 
	evidence VARCHAR NOT NULL, 
	corrects BOOLEAN NOT NULL, 
	why VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);

CREATE TABLE downtime (
	id INTEGER NOT NULL, 
	start DATETIME NOT NULL, 
	"end" DATETIME NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (start)
);

CREATE TABLE pulse (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (id)
);

CREATE TABLE reminder (
	"key" VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	step VARCHAR NOT NULL, 
	due_at DATETIME NOT NULL, 
	made_at DATETIME NOT NULL, 
	merged_into VARCHAR NOT NULL, 
	PRIMARY KEY ("key")
);

CREATE TABLE agenda (
	subject VARCHAR NOT NULL, 
	due_at DATETIME NOT NULL, 
	PRIMARY KEY (subject)
);

CREATE TABLE gap (
	number INTEGER NOT NULL, 
	seat VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	start DATETIME NOT NULL, 
	"end" DATETIME NOT NULL, 
	who JSON NOT NULL, 
	what JSON NOT NULL, 
	found_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	ended_how VARCHAR NOT NULL, 
	ended_by VARCHAR NOT NULL, 
	version INTEGER NOT NULL, 
	PRIMARY KEY (number), 
	CONSTRAINT gap_once UNIQUE (seat, reason, start, found_at)
);

CREATE TABLE preference (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	user VARCHAR NOT NULL, 
	reminders JSON NOT NULL, 
	PRIMARY KEY (id)
);

CREATE TABLE feed (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	"by" VARCHAR NOT NULL, 
	secret_hash VARCHAR NOT NULL, 
	member VARCHAR NOT NULL, 
	revokes INTEGER, 
	PRIMARY KEY (id), 
	UNIQUE (secret_hash)
);

CREATE UNIQUE INDEX rota_answer_first ON rota_answer (offer) WHERE kind <> 'decline';

CREATE UNIQUE INDEX ledger_once ON ledger (seat, place, start) WHERE NOT corrects;

CREATE INDEX gap_open ON gap (start) WHERE ended_at IS NULL;

CREATE INDEX watch_by_shift ON watch (shift_start, seat, place);

CREATE INDEX ledger_by_end ON ledger ("end");

CREATE INDEX reminder_by_subject ON reminder (subject, due_at);

CREATE INDEX ix_agenda_due_at ON agenda (due_at);

CREATE INDEX ix_preference_user ON preference (user);

CREATE INDEX outbox_about ON outbox (subject, what);

CREATE TRIGGER rota_change_no_delete BEFORE DELETE ON rota_change BEGIN SELECT RAISE(ABORT, 'rota_change is append-only'); END;

CREATE TRIGGER rota_change_no_replace BEFORE INSERT ON rota_change WHEN EXISTS (SELECT 1 FROM rota_change WHERE "id" = NEW."id" OR "key" = NEW."key" ) BEGIN SELECT RAISE(ABORT, 'rota_change is append-only'); END;

CREATE TRIGGER rota_offer_no_delete BEFORE DELETE ON rota_offer BEGIN SELECT RAISE(ABORT, 'rota_offer is append-only'); END;

CREATE TRIGGER rota_offer_no_replace BEFORE INSERT ON rota_offer WHEN EXISTS (SELECT 1 FROM rota_offer WHERE "id" = NEW."id" OR "key" = NEW."key" ) BEGIN SELECT RAISE(ABORT, 'rota_offer is append-only'); END;

CREATE TRIGGER rota_answer_no_update BEFORE UPDATE ON rota_answer BEGIN SELECT RAISE(ABORT, 'rota_answer is append-only'); END;

CREATE TRIGGER rota_answer_no_delete BEFORE DELETE ON rota_answer BEGIN SELECT RAISE(ABORT, 'rota_answer is append-only'); END;

CREATE TRIGGER rota_answer_no_replace BEFORE INSERT ON rota_answer WHEN EXISTS (SELECT 1 FROM rota_answer WHERE "id" = NEW."id" OR (offer = NEW.offer AND kind <> 'decline' AND NEW.kind <> 'decline')) BEGIN SELECT RAISE(ABORT, 'rota_answer is append-only'); END;

CREATE TRIGGER watch_no_delete BEFORE DELETE ON watch BEGIN SELECT RAISE(ABORT, 'watch is append-only'); END;

CREATE TRIGGER watch_no_replace BEFORE INSERT ON watch WHEN EXISTS (SELECT 1 FROM watch WHERE "id" = NEW."id" OR "key" = NEW."key" ) BEGIN SELECT RAISE(ABORT, 'watch is append-only'); END;

CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'ledger is append-only'); END;

CREATE TRIGGER ledger_no_replace BEFORE INSERT ON ledger WHEN EXISTS (SELECT 1 FROM ledger WHERE "id" = NEW."id" OR (seat = NEW.seat AND place = NEW.place AND "start" = NEW."start" AND NOT corrects AND NOT NEW.corrects)) BEGIN SELECT RAISE(ABORT, 'ledger is append-only'); END;

CREATE TRIGGER downtime_no_update BEFORE UPDATE ON downtime BEGIN SELECT RAISE(ABORT, 'downtime is append-only'); END;

CREATE TRIGGER downtime_no_delete BEFORE DELETE ON downtime BEGIN SELECT RAISE(ABORT, 'downtime is append-only'); END;

CREATE TRIGGER downtime_no_replace BEFORE INSERT ON downtime WHEN EXISTS (SELECT 1 FROM downtime WHERE "id" = NEW."id" OR "start" = NEW."start" ) BEGIN SELECT RAISE(ABORT, 'downtime is append-only'); END;

CREATE TRIGGER reminder_no_update BEFORE UPDATE ON reminder BEGIN SELECT RAISE(ABORT, 'reminder is append-only'); END;

CREATE TRIGGER reminder_no_delete BEFORE DELETE ON reminder BEGIN SELECT RAISE(ABORT, 'reminder is append-only'); END;

CREATE TRIGGER reminder_no_replace BEFORE INSERT ON reminder WHEN EXISTS (SELECT 1 FROM reminder WHERE "key" = NEW."key" ) BEGIN SELECT RAISE(ABORT, 'reminder is append-only'); END;

CREATE TRIGGER preference_no_update BEFORE UPDATE ON preference BEGIN SELECT RAISE(ABORT, 'preference is append-only'); END;

CREATE TRIGGER preference_no_delete BEFORE DELETE ON preference BEGIN SELECT RAISE(ABORT, 'preference is append-only'); END;

CREATE TRIGGER preference_no_replace BEFORE INSERT ON preference WHEN EXISTS (SELECT 1 FROM preference WHERE "id" = NEW."id" ) BEGIN SELECT RAISE(ABORT, 'preference is append-only'); END;

CREATE TRIGGER feed_no_update BEFORE UPDATE ON feed BEGIN SELECT RAISE(ABORT, 'feed is append-only'); END;

CREATE TRIGGER feed_no_delete BEFORE DELETE ON feed BEGIN SELECT RAISE(ABORT, 'feed is append-only'); END;

CREATE TRIGGER feed_no_replace BEFORE INSERT ON feed WHEN EXISTS (SELECT 1 FROM feed WHERE "id" = NEW."id" OR "secret_hash" = NEW."secret_hash" ) BEGIN SELECT RAISE(ABORT, 'feed is append-only'); END;

CREATE TABLE volunteer (
	id INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	"by" VARCHAR NOT NULL, 
	week VARCHAR NOT NULL, 
	can BOOLEAN NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE ("key")
);

CREATE INDEX ix_volunteer_week ON volunteer (week);

CREATE TRIGGER volunteer_no_update BEFORE UPDATE ON volunteer BEGIN SELECT RAISE(ABORT, 'volunteer is append-only'); END;

CREATE TRIGGER volunteer_no_delete BEFORE DELETE ON volunteer BEGIN SELECT RAISE(ABORT, 'volunteer is append-only'); END;

CREATE TRIGGER volunteer_no_replace BEFORE INSERT ON volunteer WHEN EXISTS (SELECT 1 FROM volunteer WHERE "id" = NEW."id" OR "key" = NEW."key") BEGIN SELECT RAISE(ABORT, 'volunteer is append-only'); END;

CREATE INDEX reminder_merged ON reminder (merged_into) WHERE merged_into <> '';

CREATE TABLE record (
	id INTEGER NOT NULL, 
	epoch VARCHAR NOT NULL, 
	takes_unmarked BOOLEAN NOT NULL, 
	last_number INTEGER NOT NULL, 
	last_gap INTEGER NOT NULL, has_webhook BOOLEAN, 
	PRIMARY KEY (id)
);

CREATE TABLE departure (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	user VARCHAR NOT NULL, 
	gone BOOLEAN NOT NULL, 
	why VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);

CREATE TRIGGER departure_no_update BEFORE UPDATE ON departure BEGIN SELECT RAISE(ABORT, 'departure is append-only'); END;

CREATE TRIGGER departure_no_delete BEFORE DELETE ON departure BEGIN SELECT RAISE(ABORT, 'departure is append-only'); END;

CREATE TRIGGER departure_no_replace BEFORE INSERT ON departure WHEN EXISTS (SELECT 1 FROM departure WHERE "id" = NEW."id") BEGIN SELECT RAISE(ABORT, 'departure is append-only'); END;

CREATE TRIGGER escalation_no_replace BEFORE INSERT ON escalation
       WHEN EXISTS (SELECT 1 FROM escalation WHERE number = NEW.number)
       BEGIN SELECT RAISE(ABORT, 'escalations are never replaced'); END;

CREATE TRIGGER history_in_sequence BEFORE INSERT ON history
       WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM history WHERE number = NEW.number)
       BEGIN SELECT RAISE(ABORT, 'history is append-only: an entry follows the last one'); END;

CREATE INDEX escalation_by_status ON escalation (team_id, status, number);

CREATE INDEX escalation_by_any_owner ON escalation (team_id, owner, number);

CREATE INDEX escalation_by_day ON escalation (team_id, raised_at, number);

CREATE TABLE policy_version (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	"by" VARCHAR NOT NULL, 
	text VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);

CREATE TRIGGER policy_version_no_update BEFORE UPDATE ON policy_version
       BEGIN SELECT RAISE(ABORT, 'policy_version is append-only'); END;

CREATE TRIGGER policy_version_no_delete BEFORE DELETE ON policy_version
       BEGIN SELECT RAISE(ABORT, 'policy_version is append-only'); END;

CREATE TRIGGER policy_version_no_replace BEFORE INSERT ON policy_version
       WHEN EXISTS (SELECT 1 FROM policy_version WHERE id = NEW.id)
       BEGIN SELECT RAISE(ABORT, 'policy_version is append-only'); END;

CREATE INDEX escalation_by_original ON escalation (duplicate_of) WHERE duplicate_of IS NOT NULL;

CREATE TABLE draft (
	team_id VARCHAR NOT NULL, 
	user VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	text VARCHAR NOT NULL, 
	saved_at DATETIME NOT NULL, 
	PRIMARY KEY (team_id, user, "key")
);

CREATE INDEX draft_by_age ON draft (saved_at);

CREATE INDEX escalation_filters ON escalation (team_id, number, status, turn, severity, severity_given, service, owner, raised_at, customer_name, request_number);

CREATE INDEX outbox_direct ON outbox (slack_ts) WHERE "user" IS NOT NULL;

CREATE TABLE customer_import (
	revision INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (revision)
);

CREATE TABLE customer_record (
	customer_id VARCHAR NOT NULL, 
	services VARCHAR NOT NULL, 
	agreement VARCHAR NOT NULL, 
	delegated VARCHAR NOT NULL, 
	entitled_to_a VARCHAR NOT NULL, 
	language VARCHAR NOT NULL, 
	services_revision INTEGER, 
	PRIMARY KEY (customer_id)
);

CREATE TABLE customer_contact (
	id INTEGER NOT NULL, 
	customer_id VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	phone VARCHAR NOT NULL, 
	email VARCHAR NOT NULL, 
	wecom VARCHAR NOT NULL, 
	hours VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);

CREATE INDEX customer_contact_by_customer ON customer_contact (customer_id);

CREATE TRIGGER customer_import_no_update BEFORE UPDATE ON customer_import
       BEGIN SELECT RAISE(ABORT, 'customer_import is append-only'); END;

CREATE TRIGGER customer_import_no_delete BEFORE DELETE ON customer_import
       BEGIN SELECT RAISE(ABORT, 'customer_import is append-only'); END;

CREATE TRIGGER customer_import_no_replace BEFORE INSERT ON customer_import
       WHEN EXISTS (SELECT 1 FROM customer_import WHERE revision = NEW.revision)
       BEGIN SELECT RAISE(ABORT, 'customer_import is append-only'); END;

CREATE TRIGGER escalation_keeps_origin BEFORE UPDATE ON escalation
       WHEN NEW.number IS NOT OLD.number OR NEW.raised_by IS NOT OLD.raised_by OR NEW.raised_at IS NOT OLD.raised_at
       OR NEW.policy_version IS NOT OLD.policy_version
       BEGIN SELECT RAISE(ABORT, 'number, raised_by, raised_at and policy_version never change'); END;

CREATE INDEX escalation_by_customer ON escalation (customer_id, number) WHERE customer_id IS NOT NULL;

CREATE TABLE statement (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	"by" VARCHAR NOT NULL, 
	text VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);

CREATE TABLE statement_sent (
	id INTEGER NOT NULL, 
	customer_id VARCHAR NOT NULL, 
	statement INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	through VARCHAR NOT NULL, 
	"by" VARCHAR NOT NULL, 
	evidence VARCHAR NOT NULL, corrects INTEGER, 
	PRIMARY KEY (id)
);

CREATE INDEX statement_sent_by_customer ON statement_sent (customer_id);

CREATE TRIGGER statement_no_update BEFORE UPDATE ON statement
       BEGIN SELECT RAISE(ABORT, 'statement is append-only'); END;

CREATE TRIGGER statement_no_delete BEFORE DELETE ON statement
       BEGIN SELECT RAISE(ABORT, 'statement is append-only'); END;

CREATE TRIGGER statement_no_replace BEFORE INSERT ON statement
       WHEN EXISTS (SELECT 1 FROM statement WHERE id = NEW.id)
       BEGIN SELECT RAISE(ABORT, 'statement is append-only'); END;

CREATE TRIGGER statement_sent_no_delete BEFORE DELETE ON statement_sent
       BEGIN SELECT RAISE(ABORT, 'statement_sent is append-only'); END;

CREATE TRIGGER statement_sent_no_replace BEFORE INSERT ON statement_sent
       WHEN EXISTS (SELECT 1 FROM statement_sent WHERE id = NEW.id)
       BEGIN SELECT RAISE(ABORT, 'statement_sent is append-only'); END;

CREATE INDEX escalation_by_finding ON escalation (returned_on) WHERE returned_on IS NOT NULL;

CREATE INDEX escalation_by_solution ON escalation (solved_from) WHERE solved_from IS NOT NULL;

CREATE VIRTUAL TABLE solution_words USING fts5(words, tokenize = 'ascii', detail = 'none');

CREATE TABLE typed_text (
	hash VARCHAR NOT NULL, 
	salt VARCHAR, 
	body VARCHAR, 
	erased_at DATETIME, 
	erased_by VARCHAR, 
	erased_why VARCHAR, 
	PRIMARY KEY (hash)
);

CREATE TRIGGER history_no_update BEFORE UPDATE ON history
       BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;

CREATE TRIGGER typed_text_only_erased BEFORE UPDATE ON typed_text
       WHEN NOT (NEW.hash IS OLD.hash AND OLD.body IS NOT NULL AND NEW.body IS NULL AND NEW.salt IS NULL
                 AND NEW.erased_at IS NOT NULL AND NEW.erased_by IS NOT NULL AND NEW.erased_why IS NOT NULL)
       BEGIN SELECT RAISE(ABORT, 'typed_text is append-only: a text can only be erased'); END;

CREATE TRIGGER typed_text_no_delete BEFORE DELETE ON typed_text
       BEGIN SELECT RAISE(ABORT, 'typed_text is append-only'); END;

CREATE TRIGGER typed_text_no_replace BEFORE INSERT ON typed_text
       WHEN EXISTS (SELECT 1 FROM typed_text WHERE hash = NEW.hash)
       BEGIN SELECT RAISE(ABORT, 'typed_text is append-only'); END;

CREATE TABLE remediation (
	id INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	team_id VARCHAR NOT NULL, 
	move VARCHAR NOT NULL, 
	"by" VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	changes JSON NOT NULL, 
	action INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE ("key"), 
	CONSTRAINT remediation_once UNIQUE (number, seq)
);

CREATE TRIGGER remediation_no_delete BEFORE DELETE ON remediation BEGIN SELECT RAISE(ABORT, 'remediation is append-only'); END;

CREATE TRIGGER remediation_no_replace BEFORE INSERT ON remediation WHEN EXISTS (SELECT 1 FROM remediation
WHERE "id" = NEW."id" OR "key" = NEW."key" OR ("number" = NEW."number" AND "seq" = NEW."seq")) BEGIN SELECT RAISE(ABORT, 'remediation is append-only'); END;

CREATE INDEX outbox_unsettled ON outbox (state, created_at) WHERE state IN ('pending', 'sending', 'unknown', 'dead');

CREATE TABLE erasure (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	"by" VARCHAR NOT NULL, 
	why VARCHAR NOT NULL, 
	user VARCHAR NOT NULL, 
	cases JSON NOT NULL, 
	contacts JSON NOT NULL, 
	PRIMARY KEY (id)
);

CREATE TRIGGER erasure_no_update BEFORE UPDATE ON erasure
       BEGIN SELECT RAISE(ABORT, 'erasure is append-only'); END;

CREATE TRIGGER erasure_no_delete BEFORE DELETE ON erasure
       BEGIN SELECT RAISE(ABORT, 'erasure is append-only'); END;

CREATE TRIGGER erasure_no_replace BEFORE INSERT ON erasure
       WHEN EXISTS (SELECT 1 FROM erasure WHERE id = NEW.id)
       BEGIN SELECT RAISE(ABORT, 'erasure is append-only'); END;

CREATE TABLE article_version (
	id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	"case" INTEGER, 
	team_id VARCHAR NOT NULL, 
	change VARCHAR NOT NULL, 
	"by" VARCHAR NOT NULL, 
	title VARCHAR NOT NULL, 
	service VARCHAR NOT NULL, 
	codes VARCHAR NOT NULL, 
	steps VARCHAR NOT NULL, 
	link VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE ("key")
);

CREATE INDEX article_version_by_number ON article_version (number);

CREATE TRIGGER article_version_no_delete BEFORE DELETE ON article_version
       BEGIN SELECT RAISE(ABORT, 'article_version is append-only'); END;

CREATE TRIGGER article_version_no_replace BEFORE INSERT ON article_version
       WHEN EXISTS (SELECT 1 FROM article_version WHERE id = NEW.id)
       BEGIN SELECT RAISE(ABORT, 'article_version is append-only'); END;

CREATE INDEX escalation_by_article ON escalation (solved_by_article) WHERE solved_by_article IS NOT NULL;

CREATE INDEX escalation_by_turn ON escalation (turn, severity, severity_given) WHERE status NOT IN ('closed', 'withdrawn');

CREATE TABLE page_try (
	id INTEGER NOT NULL, 
	delivery VARCHAR NOT NULL, 
	person VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	address VARCHAR NOT NULL, 
	sender VARCHAR NOT NULL, 
	channel VARCHAR NOT NULL, 
	tried_at DATETIME NOT NULL, 
	again BOOLEAN NOT NULL, 
	outcome VARCHAR NOT NULL, 
	code VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);

CREATE INDEX page_try_by_sender ON page_try (sender, tried_at);

CREATE INDEX page_try_by_person ON page_try (person, tried_at);

CREATE INDEX page_try_by_delivery ON page_try (delivery);

CREATE TABLE page_link (
	hash VARCHAR NOT NULL, 
	delivery VARCHAR NOT NULL, 
	person VARCHAR NOT NULL, 
	team_id VARCHAR NOT NULL, 
	action VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	opened_at DATETIME, 
	wrong INTEGER NOT NULL, 
	used_at DATETIME, 
	revoked_at DATETIME, 
	PRIMARY KEY (hash)
);

CREATE INDEX page_link_by_delivery ON page_link (delivery);

CREATE INDEX page_link_by_person ON page_link (person, created_at);

CREATE TRIGGER rota_offer_no_update BEFORE UPDATE ON rota_offer
        WHEN NOT (NEW."why" = '（已删除 erased）' AND NEW."id" IS OLD."id" AND NEW."key" IS OLD."key" AND NEW."at" IS OLD."at" AND NEW."by" IS OLD."by" AND NEW."member" IS OLD."member" AND NEW."seat" IS OLD."seat" AND NEW."start" IS OLD."start" AND NEW."end" IS OLD."end" AND NEW."asked" IS OLD."asked" AND NEW."back_member" IS OLD."back_member" AND NEW."back_seat" IS OLD."back_seat" AND NEW."back_start" IS OLD."back_start" AND NEW."back_end" IS OLD."back_end")
        BEGIN SELECT RAISE(ABORT, 'rota_offer is append-only: its words can only be erased'); END;

CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger
        WHEN NOT (NEW."why" = '（已删除 erased）' AND NEW."id" IS OLD."id" AND NEW."at" IS OLD."at" AND NEW."by" IS OLD."by" AND NEW."seat" IS OLD."seat" AND NEW."place" IS OLD."place" AND NEW."start" IS OLD."start" AND NEW."end" IS OLD."end" AND NEW."verdict" IS OLD."verdict" AND NEW."person" IS OLD."person" AND NEW."evidence" IS OLD."evidence" AND NEW."corrects" IS OLD."corrects")
        BEGIN SELECT RAISE(ABORT, 'ledger is append-only: its words can only be erased'); END;

CREATE TRIGGER article_version_only_erased BEFORE UPDATE ON article_version
       WHEN NOT (NEW.title = '（已删除 erased）' AND NEW.steps = '（已删除 erased）' AND NEW.codes = '' AND NEW.link = '' AND NEW.id IS OLD.id AND NEW.number IS OLD.number AND NEW.key IS OLD.key AND NEW.at IS OLD.at AND NEW."case" IS OLD."case" AND NEW.team_id IS OLD.team_id AND NEW.change IS OLD.change AND NEW."by" IS OLD."by" AND NEW.service IS OLD.service)
       BEGIN SELECT RAISE(ABORT, 'article_version is append-only: its words can only be erased'); END;

CREATE INDEX escalation_by_parent ON escalation (parent) WHERE parent IS NOT NULL;

CREATE INDEX page_try_by_subject ON page_try (subject, tried_at);

CREATE TRIGGER remediation_no_update BEFORE UPDATE ON remediation
       BEGIN SELECT RAISE(ABORT, 'remediation is append-only'); END;

CREATE TRIGGER rota_change_no_update BEFORE UPDATE ON rota_change
        WHEN NOT (NEW."why" = '（已删除 erased）' AND NEW."id" IS OLD."id" AND NEW."key" IS OLD."key" AND NEW."batch" IS OLD."batch" AND NEW."at" IS OLD."at" AND NEW."by" IS OLD."by" AND NEW."kind" IS OLD."kind" AND NEW."start" IS OLD."start" AND NEW."end" IS OLD."end" AND NEW."member" IS OLD."member" AND NEW."seat" IS OLD."seat" AND NEW."instead_of" IS OLD."instead_of" AND NEW."of" IS OLD."of" AND NEW."came_by" IS OLD."came_by")
        BEGIN SELECT RAISE(ABORT, 'rota_change is append-only: its words can only be erased'); END;

CREATE TRIGGER watch_no_update BEFORE UPDATE ON watch
        WHEN NOT (NEW."text" = '（已删除 erased）' AND NEW."id" IS OLD."id" AND NEW."key" IS OLD."key" AND NEW."at" IS OLD."at" AND NEW."by" IS OLD."by" AND NEW."kind" IS OLD."kind" AND NEW."seat" IS OLD."seat" AND NEW."place" IS OLD."place" AND NEW."shift_start" IS OLD."shift_start" AND NEW."person" IS OLD."person" AND NEW."came_by" IS OLD."came_by")
        BEGIN SELECT RAISE(ABORT, 'watch is append-only: its words can only be erased'); END;

CREATE UNIQUE INDEX statement_sent_by_corrected ON statement_sent (corrects);

CREATE TRIGGER statement_sent_only_erased BEFORE UPDATE ON statement_sent
       WHEN NOT ((NEW."by" IS OLD."by" OR NEW."by" = '（已删除 erased）')
                 AND (NEW.evidence IS OLD.evidence OR NEW.evidence = '（已删除 erased）')
                 AND NEW.id IS OLD.id AND NEW.customer_id IS OLD.customer_id AND NEW.statement IS OLD.statement AND NEW.at IS OLD.at AND NEW.through IS OLD.through AND NEW.corrects IS OLD.corrects)
       BEGIN SELECT RAISE(ABORT, 'statement_sent is append-only: its words can only be erased'); END;

CREATE INDEX outbox_pages ON outbox (scope, priority, position) WHERE state IN ('pending', 'sending', 'unknown') AND what = 'page';

INSERT INTO alembic_version (version_num) VALUES ('0047');

