/**
 * @file The database's shape, one step a version. A step that has shipped is never changed; a new one is added below it.
 *
 * [Note: as with ten] A queue of 100,000 photos must answer like one of ten. Hence: what is asked often is a column with
 * a partial index holding only the rows that can be the answer; `sequence` is the rowid, so every index ends in it and is
 * ordered by it for free; and what would have to be counted is kept counted by triggers, which no code path can forget.
 */
import { diagnosisMigrations } from '../diagnostics/history-migrations.ts';
import type { Database } from './database.ts';
import { giveOwners } from './owner-migration.ts';

/** States in which an upload keeps its place in its patient's line. Must stay the same text in index and query to be of use. */
export const holdsItsPlace = `state_name IN ('queued', 'uploading', 'completing', 'waiting', 'blocked')`;

/** Something is still to be done for it, by us or by a person. The same holds for this text. */
export const unfinished = `state_name NOT IN ('completed', 'cancelled')`;

/** A step that only SQL cannot do is a function, run within the same transaction. */
export const migrations: readonly (string | ((database: Database) => void))[] = [
  `
  CREATE TABLE uploads (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL,
    patient_id TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    facts TEXT NOT NULL,
    priority INTEGER NOT NULL,
    state_name TEXT NOT NULL,
    state TEXT NOT NULL,
    retry_at INTEGER,
    completed_at INTEGER,
    -- Sent, or possibly so: what an older photo of the same patient must not replace.
    sent INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    failures_in_a_row INTEGER NOT NULL DEFAULT 0,
    confirmed_bytes INTEGER NOT NULL DEFAULT 0,
    remote TEXT,
    max_part_bytes INTEGER,
    remote_to_abort INTEGER NOT NULL DEFAULT 0,
    first_byte_at INTEGER,
    added_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    has_thumbnail INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX uploads_by_state ON uploads (account_id, state_name);
  CREATE INDEX uploads_by_bytes ON uploads (sha256, patient_id);
  CREATE INDEX uploads_queued ON uploads (account_id, priority) WHERE state_name = 'queued';
  CREATE INDEX uploads_waiting_by_time ON uploads (account_id, retry_at) WHERE state_name = 'waiting';
  CREATE INDEX uploads_waiting_in_order ON uploads (account_id, priority, sequence, retry_at) WHERE state_name = 'waiting';
  CREATE INDEX uploads_in_line ON uploads (account_id, patient_id, sequence) WHERE ${holdsItsPlace};
  CREATE INDEX uploads_unfinished ON uploads (patient_id) WHERE ${unfinished};
  CREATE INDEX uploads_sent ON uploads (account_id, patient_id) WHERE sent = 1;
  CREATE INDEX uploads_to_abort ON uploads (remote_to_abort) WHERE remote_to_abort = 1;
  CREATE INDEX uploads_completed ON uploads (account_id, completed_at, first_byte_at) WHERE state_name = 'completed';

  CREATE TABLE parts (
    upload INTEGER NOT NULL REFERENCES uploads (sequence),
    number INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL,
    etag TEXT NOT NULL,
    PRIMARY KEY (upload, number)
  ) STRICT, WITHOUT ROWID;

  -- A photo's lines lie together, so that adding one touches one page.
  CREATE TABLE story (
    upload INTEGER NOT NULL REFERENCES uploads (sequence),
    line INTEGER NOT NULL,
    at INTEGER NOT NULL,
    event TEXT NOT NULL,
    failed INTEGER NOT NULL,
    PRIMARY KEY (upload, line)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX story_failures ON story (at) WHERE failed = 1;

  CREATE TABLE thumbnails (
    upload INTEGER PRIMARY KEY REFERENCES uploads (sequence),
    bytes BLOB NOT NULL
  ) STRICT;

  CREATE TABLE tries (
    account_id TEXT NOT NULL,
    minute INTEGER NOT NULL,
    begun INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    PRIMARY KEY (account_id, minute)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE tallies (
    account_id TEXT NOT NULL,
    state_name TEXT NOT NULL,
    uploads INTEGER NOT NULL,
    unconfirmed_bytes INTEGER NOT NULL,
    PRIMARY KEY (account_id, state_name)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER tally_insert AFTER INSERT ON uploads BEGIN
    INSERT INTO tallies VALUES (NEW.account_id, NEW.state_name, 1, NEW.size_bytes - NEW.confirmed_bytes)
      ON CONFLICT DO UPDATE SET uploads = uploads + 1, unconfirmed_bytes = unconfirmed_bytes + excluded.unconfirmed_bytes;
  END;
  CREATE TRIGGER tally_update AFTER UPDATE OF state_name, confirmed_bytes ON uploads
  WHEN OLD.state_name <> NEW.state_name OR OLD.confirmed_bytes <> NEW.confirmed_bytes BEGIN
    UPDATE tallies SET uploads = uploads - 1, unconfirmed_bytes = unconfirmed_bytes - (OLD.size_bytes - OLD.confirmed_bytes)
      WHERE account_id = OLD.account_id AND state_name = OLD.state_name;
    INSERT INTO tallies VALUES (NEW.account_id, NEW.state_name, 1, NEW.size_bytes - NEW.confirmed_bytes)
      ON CONFLICT DO UPDATE SET uploads = uploads + 1, unconfirmed_bytes = unconfirmed_bytes + excluded.unconfirmed_bytes;
  END;

  CREATE TABLE key_values (
    key TEXT PRIMARY KEY,
    json TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- One row, written for no other reason than to make the journal reach the disk.
  CREATE TABLE durability (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), flushes INTEGER NOT NULL) STRICT;
  INSERT INTO durability VALUES (1, 0);
  `,
  ...diagnosisMigrations,
  giveOwners,
];
