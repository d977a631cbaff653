/** To be appended to the queue's own steps: the same encrypted file, the same versions. */
export const diagnosisMigrations: readonly string[] = [
  `
  CREATE TABLE diagnosis_results (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, target TEXT NOT NULL, kind TEXT NOT NULL, result TEXT NOT NULL) STRICT;
  CREATE INDEX diagnosis_results_by_time ON diagnosis_results (kind, at);
  CREATE TABLE diagnosis_changes (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, change TEXT NOT NULL) STRICT;
  CREATE TABLE diagnosis_attempts (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, attempt TEXT NOT NULL) STRICT;
  CREATE TABLE diagnosis_drops (id INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT;
  CREATE TABLE diagnosis_baselines (
    target TEXT NOT NULL, phase TEXT NOT NULL, ms REAL NOT NULL, samples INTEGER NOT NULL, PRIMARY KEY (target, phase)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE diagnosis_last_ok (target TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  `,
];
