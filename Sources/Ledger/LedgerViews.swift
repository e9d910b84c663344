extension LedgerSchema {
    /// For people who query the file. Nothing of the program reads them.
    static let views = """
        CREATE VIEW group_states AS
        SELECT g.number, g.ordinal, g.pass, g.prompt_index, g.attempt, g.version, g.worker,
            CASE WHEN g.step IS NOT NULL THEN 'consumed'
                WHEN g.dropped IS NOT NULL THEN 'dropped' ELSE 'journaled' END AS state,
            g.step, d.cause
        FROM groups g LEFT JOIN drops d ON d.number = g.dropped;

        CREATE VIEW completions AS
        SELECT number AS "group", sample, ordinal, pass, prompt_index, attempt, step,
            json_array(json_array(0, token_count, version, version_incarnation)) AS policy_versions,
            token_count, substr(payload, start, 4 * token_count) AS tokens,
            substr(payload, start + 4 * completion_tokens, 4 * token_count) AS behavior_logprobs,
            reward, rewards, finish_reason, completion_digest AS digest
        FROM (
            SELECT g.*, p.payload, c.key AS sample,
                g.tokens_offset + 1 + 4 * json_extract(c.value, '$.first') AS start,
                json_extract(c.value, '$.tokens') AS token_count,
                json_extract(c.value, '$.reward') AS reward,
                json_extract(c.value, '$.rewards') AS rewards,
                json_extract(c.value, '$.finish_reason') AS finish_reason,
                lower(hex(substr(g.completion_digests, 1 + 32 * c.key, 32))) AS completion_digest
            FROM groups g JOIN json_each(g.completions) c LEFT JOIN payloads p ON p.number = g.number
        );

        CREATE VIEW prompts AS
        SELECT s.prompt_index, s.groups, s.consumed, s.dropped, s.last_pass, g.prompt_tokens AS token_count,
            substr(p.payload, g.tokens_offset + 1 - 4 * (g.prompt_tokens + json_array_length(g.completions)),
                4 * g.prompt_tokens) AS tokens
        FROM (
            SELECT prompt_index, count(*) AS groups, count(step) AS consumed, count(dropped) AS dropped,
                max(pass) AS last_pass, max(number) AS last
            FROM groups GROUP BY prompt_index
        ) s JOIN groups g ON g.number = s.last LEFT JOIN payloads p ON p.number = g.number;

        CREATE VIEW steps AS
        SELECT b.step, v.version, v.incarnation, json_array_length(b.members) AS groups,
            lower(hex(v.digest)) AS digest, v.optimizer_steps, v.tokens, b.at AS assembled_at,
            v.at AS published_at
        FROM batches b LEFT JOIN versions v ON v.number =
            (SELECT max(number) FROM versions WHERE version = b.step + 1);

        CREATE VIEW metrics AS
        SELECT v.version AS step, m.key AS name, m.value AS value
        FROM versions v JOIN json_each(iif(v.metrics = '', '{}', v.metrics)) m
        WHERE m.type IN ('integer', 'real', 'null') AND m.key <> 'step'
            AND v.number = (SELECT max(number) FROM versions WHERE version = v.version);

        CREATE VIEW leases AS
        SELECT number, version, incarnation, json_extract(accounting, '$.issued') AS issued,
            json_extract(accounting, '$.leased') AS leased,
            json_extract(accounting, '$.received') AS received,
            json_extract(accounting, '$.reissued') AS reissued,
            json_extract(accounting, '$.duplicate_copies') AS duplicate_copies,
            json_extract(accounting, '$.malformed_copies') AS malformed_copies,
            json_extract(accounting, '$.unknown_copies') AS unknown_copies
        FROM versions;

        CREATE VIEW balance AS
        SELECT l.issued, l.leased, l.received,
            (SELECT count(*) FROM groups WHERE step IS NULL AND dropped IS NULL) AS journaled,
            (SELECT count(*) FROM groups WHERE step IS NOT NULL) AS consumed,
            (SELECT count(*) FROM drops) AS dropped
        FROM (SELECT max(number) AS last FROM versions) LEFT JOIN leases l ON l.number = last;

        """
}
