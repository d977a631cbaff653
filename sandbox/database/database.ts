import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

export type SandboxDatabase = Database.Database;

const schema = `
  CREATE TABLE IF NOT EXISTS settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS organizations (id TEXT PRIMARY KEY, code TEXT NOT NULL, name TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS accounts (
    id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE COLLATE NOCASE, name TEXT NOT NULL, system_role TEXT NOT NULL, password_hash TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS memberships (
    account_id TEXT NOT NULL REFERENCES accounts, org_id TEXT NOT NULL REFERENCES organizations,
    role_code TEXT NOT NULL, role_label TEXT NOT NULL, joined_at TEXT NOT NULL, PRIMARY KEY (account_id, org_id)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS patients (
    id TEXT PRIMARY KEY, org_id TEXT NOT NULL REFERENCES organizations, name TEXT NOT NULL, email TEXT NOT NULL,
    risk_code TEXT NOT NULL, risk_label TEXT NOT NULL, profile_photo_url TEXT, profile_photo_key TEXT
  ) STRICT;
  CREATE TABLE IF NOT EXISTS care_teams (id TEXT PRIMARY KEY, org_id TEXT NOT NULL REFERENCES organizations, name TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS care_team_members (
    team_id TEXT NOT NULL REFERENCES care_teams, account_id TEXT NOT NULL REFERENCES accounts, PRIMARY KEY (team_id, account_id)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS care_team_patients (
    team_id TEXT NOT NULL REFERENCES care_teams, patient_id TEXT NOT NULL REFERENCES patients, PRIMARY KEY (team_id, patient_id)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS caregivers (
    account_id TEXT NOT NULL REFERENCES accounts, patient_id TEXT NOT NULL REFERENCES patients, PRIMARY KEY (account_id, patient_id)
  ) STRICT;
  -- Contract A: every photo a patient ever had; the patient's row points at the present one.
  CREATE TABLE IF NOT EXISTS profile_photos (
    object_key TEXT PRIMARY KEY, patient_id TEXT NOT NULL REFERENCES patients, url TEXT NOT NULL, content_type TEXT NOT NULL,
    size_bytes INTEGER NOT NULL, etag TEXT NOT NULL, uploaded_at TEXT NOT NULL
  ) STRICT;
  -- Contract B.
  CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts, client_upload_id TEXT NOT NULL,
    patient_id TEXT NOT NULL REFERENCES patients, file_name TEXT NOT NULL, content_type TEXT NOT NULL, size_bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL, captured_at TEXT, note TEXT, tags TEXT NOT NULL DEFAULT '[]',
    state TEXT NOT NULL CHECK (state IN ('open', 'completed', 'aborted', 'expired')),
    object_key TEXT NOT NULL, part_bytes INTEGER NOT NULL, part_count INTEGER NOT NULL,
    -- The multipart upload at Spaces, made with the first part's URL.
    store_upload_id TEXT,
    photo_id TEXT REFERENCES photos, duplicate_of TEXT REFERENCES photos,
    created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
    UNIQUE (account_id, client_upload_id)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS photos (
    id TEXT PRIMARY KEY, patient_id TEXT NOT NULL REFERENCES patients, upload_id TEXT NOT NULL UNIQUE, object_key TEXT NOT NULL UNIQUE,
    size_bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, content_type TEXT NOT NULL, etag TEXT NOT NULL, uploaded_at TEXT NOT NULL,
    UNIQUE (patient_id, sha256)
  ) STRICT;
`;

/** Opens (or makes) the one database that the services share, in `dataDir`. */
export function openDatabase(dataDir: string): SandboxDatabase {
  mkdirSync(dataDir, { recursive: true });
  const database = new Database(join(dataDir, 'backend.sqlite'));
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = NORMAL');
  database.pragma('foreign_keys = ON');
  database.exec(schema);
  return database;
}

export function readSetting(database: SandboxDatabase, key: string): string | undefined {
  return (database.prepare('SELECT value FROM settings WHERE key = ?').get(key) as { value: string } | undefined)?.value;
}

export function writeSetting(database: SandboxDatabase, key: string, value: string): void {
  database.prepare('INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value').run(key, value);
}

/** Reads a secret that is made once and kept, so that tokens and the demo password outlive a restart. */
export function keptSecret(database: SandboxDatabase, key: string, bytes: number): string {
  const kept = readSetting(database, key);
  if (kept !== undefined) return kept;
  const made = randomBytes(bytes).toString('base64url');
  writeSetting(database, key, made);
  return made;
}
