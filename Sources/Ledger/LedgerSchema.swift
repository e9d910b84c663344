/// The tables and views of a ledger, as `protocols/3-LEDGER.md` documents them.
enum LedgerSchema {
    static let tables = """
        CREATE TABLE run (
            id TEXT NOT NULL,
            configuration TEXT NOT NULL,
            created_at INTEGER NOT NULL
        );
        CREATE TABLE entries (
            number INTEGER PRIMARY KEY,
            kind TEXT NOT NULL,
            chain BLOB NOT NULL
        );
        CREATE TABLE starts (
            number INTEGER PRIMARY KEY,
            incarnation INTEGER NOT NULL,
            at INTEGER NOT NULL
        );
        CREATE TABLE groups (
            number INTEGER PRIMARY KEY,
            ordinal INTEGER NOT NULL,
            pass INTEGER NOT NULL,
            prompt_index INTEGER NOT NULL,
            attempt INTEGER NOT NULL,
            version INTEGER NOT NULL,
            version_incarnation INTEGER NOT NULL,
            worker TEXT NOT NULL,
            worker_incarnation INTEGER NOT NULL,
            at INTEGER NOT NULL,
            prompt_tokens INTEGER NOT NULL,
            completion_tokens INTEGER NOT NULL,
            payload_bytes INTEGER NOT NULL,
            digest BLOB NOT NULL,
            tokens_offset INTEGER NOT NULL,
            completions TEXT NOT NULL,
            completion_digests BLOB NOT NULL,
            step INTEGER,
            dropped INTEGER
        );
        CREATE UNIQUE INDEX groups_by_place ON groups (ordinal, attempt, pass, prompt_index);
        CREATE TABLE payloads (
            number INTEGER PRIMARY KEY,
            payload BLOB NOT NULL
        );
        CREATE TABLE drops (
            number INTEGER PRIMARY KEY,
            ordinal INTEGER NOT NULL,
            pass INTEGER NOT NULL,
            prompt_index INTEGER NOT NULL,
            attempt INTEGER NOT NULL,
            cause TEXT NOT NULL,
            detail TEXT NOT NULL,
            at INTEGER NOT NULL
        );
        CREATE TABLE batches (
            number INTEGER PRIMARY KEY,
            step INTEGER NOT NULL UNIQUE,
            members TEXT NOT NULL,
            at INTEGER NOT NULL
        );
        CREATE TABLE versions (
            number INTEGER PRIMARY KEY,
            version INTEGER NOT NULL,
            incarnation INTEGER NOT NULL,
            digest BLOB NOT NULL,
            optimizer_steps INTEGER NOT NULL,
            tokens INTEGER NOT NULL,
            accounting TEXT NOT NULL,
            metrics TEXT NOT NULL,
            at INTEGER NOT NULL
        );
        CREATE INDEX versions_by_version ON versions (version);
        CREATE TABLE checkpoints (
            number INTEGER PRIMARY KEY,
            step INTEGER NOT NULL,
            position INTEGER NOT NULL,
            position_chain BLOB NOT NULL,
            at INTEGER NOT NULL
        );

        """
}
