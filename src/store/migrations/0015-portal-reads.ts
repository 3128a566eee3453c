/** Reads of the portal's pages: what was decided about values and exclusions, newest first, and what left lately. */
export const sql = `
create index evidence_leaf_care on evidence_leaf (n desc) where kind = 'policy' and (data ->> 'act') in ('judge indicator', 'exclude', 'include');
create index finding_source_excluded on finding_source (finding) where retracted = 'excluded';
create index webhook_message_webhook on webhook_message (webhook, n desc);
create index release_ledger_at on release_ledger (at);
`;
