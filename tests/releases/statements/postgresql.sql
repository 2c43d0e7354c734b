-- ==== a choice becomes several, back
-- type_changed: Changes Size of Deal from multi_choice to choice; 1 value is converted.
-- _dougong_converted_size (id, now) holds every value of size as choice;
ALTER TABLE crm__deal RENAME COLUMN size TO _old_3_size;
ALTER TABLE crm__deal ADD COLUMN size VARCHAR COLLATE "C";
UPDATE crm__deal SET size = _dougong_converted_size.now FROM _dougong_converted_size WHERE _dougong_converted_size.id = crm__deal.id;
ALTER TABLE crm__deal DROP COLUMN _old_3_size;

-- ==== a choice becomes several, forwards
-- type_changed: Changes Size of Deal from choice to multi_choice; 1 value is converted.
-- _dougong_converted_size (id, now) holds every value of size as multi_choice;
ALTER TABLE crm__deal RENAME COLUMN size TO _old_2_size;
ALTER TABLE crm__deal ADD COLUMN size VARCHAR;
UPDATE crm__deal SET size = _dougong_converted_size.now FROM _dougong_converted_size WHERE _dougong_converted_size.id = crm__deal.id;
ALTER TABLE crm__deal DROP COLUMN _old_2_size;

-- ==== a computed field is removed, back
-- field_added: Adds Size to Deal.
ALTER TABLE crm__deal ADD COLUMN size BIGINT;
-- recomputed: Recomputes Size of 1 record of Deal.
-- recomputes size

-- ==== a computed field is removed, forwards
-- field_removed: Removes Size of Deal, which was computed.
ALTER TABLE crm__deal DROP COLUMN size;

-- ==== a default fills what becomes required, back
-- field_optional: Lets Source of Deal be blank.
ALTER TABLE crm__deal ALTER COLUMN source DROP NOT NULL;
-- rules_changed: Changes the rules of Deal.

-- ==== a default fills what becomes required, forwards
-- field_required: Makes Source of Deal required: 2 deals have none and get “web”.
UPDATE crm__deal SET source='web' WHERE crm__deal.source IS NULL;
ALTER TABLE crm__deal ALTER COLUMN source SET NOT NULL;
-- rules_changed: Changes the rules of Deal.

-- ==== a field becomes computed, back
-- became_plain: What was computed for Size of Deal goes.
ALTER TABLE crm__deal DROP COLUMN size;
-- field_added: Brings back Size of Deal with 1 value that were kept.
ALTER TABLE crm__deal RENAME COLUMN _old_2_size TO size;
DELETE FROM dougong_retired WHERE dougong_retired.id = 1;
-- became_plain: Makes Size of Deal a field that people fill in.

-- ==== a field becomes computed, forwards
-- became_computed: Size of Deal is computed from now on; 1 value is kept in a column that you can look at until you purge it.
ALTER TABLE crm__deal RENAME COLUMN size TO _old_2_size;
INSERT INTO dougong_retired (release, entity, field, kind, table_name, column_name, type, options, label) VALUES (2, 'crm.deal', 'size', 'column', 'crm__deal', '_old_2_size', 'integer', '{}', '{"en":"Size"}') RETURNING dougong_retired.id;
-- field_added: Adds Size to Deal.
ALTER TABLE crm__deal ADD COLUMN size BIGINT;
-- recomputed: Recomputes Size of 2 deals.
-- recomputes size

-- ==== a field is removed, back
-- field_added: Brings back Code of Deal with 2 values that were kept.
ALTER TABLE crm__deal RENAME COLUMN _old_2_code TO code;
ALTER TABLE crm__deal ALTER COLUMN code SET NOT NULL;
DELETE FROM dougong_retired WHERE dougong_retired.id = 1;
-- field_added: Adds Code to Deal.
CREATE UNIQUE INDEX uq_crm__deal__code ON crm__deal (code);

-- ==== a field is removed, forwards
-- field_removed: Removes Code of Deal; 2 values are kept in a column that you can look at until you purge it.
DROP INDEX uq_crm__deal__code;
ALTER TABLE crm__deal RENAME COLUMN code TO _old_2_code;
ALTER TABLE crm__deal ALTER COLUMN _old_2_code DROP NOT NULL;
INSERT INTO dougong_retired (release, entity, field, kind, table_name, column_name, type, options, label) VALUES (2, 'crm.deal', 'code', 'column', 'crm__deal', '_old_2_code', 'text', '{}', '{"en":"Code"}') RETURNING dougong_retired.id;
-- indexed: Indexes 2 deals anew for the search.

-- ==== a field is renamed, back
-- field_renamed: Renames Amount of Deal to Value; 2 values stay.
ALTER TABLE crm__deal RENAME COLUMN amount TO value;
ALTER TABLE crm__deal RENAME CONSTRAINT ck_crm__deal__amount_18a3fcec TO ck_crm__deal__value_18a3fcec;
UPDATE dougong_file SET field='value' WHERE dougong_file.entity = 'crm.deal' AND dougong_file.field = 'amount';
UPDATE dougong_retired SET field='value' WHERE dougong_retired.entity = 'crm.deal' AND dougong_retired.field = 'amount';
UPDATE dougong_sequence SET field='value' WHERE dougong_sequence.entity = 'crm.deal' AND dougong_sequence.field = 'amount';
INSERT INTO dougong_rename (release, entity, kind, was, now) VALUES (3, 'crm.deal', 'field', 'amount', 'value');

-- ==== a field is renamed, forwards
-- field_renamed: Renames Value of Deal to Amount; 2 values stay.
ALTER TABLE crm__deal RENAME COLUMN value TO amount;
ALTER TABLE crm__deal RENAME CONSTRAINT ck_crm__deal__value_18a3fcec TO ck_crm__deal__amount_18a3fcec;
UPDATE dougong_file SET field='amount' WHERE dougong_file.entity = 'crm.deal' AND dougong_file.field = 'value';
UPDATE dougong_retired SET field='amount' WHERE dougong_retired.entity = 'crm.deal' AND dougong_retired.field = 'value';
UPDATE dougong_sequence SET field='amount' WHERE dougong_sequence.entity = 'crm.deal' AND dougong_sequence.field = 'value';
INSERT INTO dougong_rename (release, entity, kind, was, now) VALUES (2, 'crm.deal', 'field', 'value', 'amount');

-- ==== a field that is not always filled becomes required, back
-- field_optional: Lets Source of Deal be blank.

-- ==== a field that is not always filled becomes required, forwards
-- field_required: Makes Source of Deal required: 2 deals have none, and can be left so until somebody edits them.

-- ==== a field with indexes is renamed, back
-- field_renamed: Renames Key of Deal to Code; 1 value stays.
ALTER TABLE crm__deal RENAME COLUMN key TO code;
UPDATE dougong_file SET field='code' WHERE dougong_file.entity = 'crm.deal' AND dougong_file.field = 'key';
UPDATE dougong_retired SET field='code' WHERE dougong_retired.entity = 'crm.deal' AND dougong_retired.field = 'key';
UPDATE dougong_sequence SET field='code' WHERE dougong_sequence.entity = 'crm.deal' AND dougong_sequence.field = 'key';
INSERT INTO dougong_rename (release, entity, kind, was, now) VALUES (3, 'crm.deal', 'field', 'key', 'code');
ALTER INDEX ix_crm__deal__key_name RENAME TO ix_crm__deal__code_name;
ALTER INDEX uq_crm__deal__key RENAME TO uq_crm__deal__code;

-- ==== a field with indexes is renamed, forwards
-- field_renamed: Renames Code of Deal to Key; 1 value stays.
ALTER TABLE crm__deal RENAME COLUMN code TO key;
UPDATE dougong_file SET field='key' WHERE dougong_file.entity = 'crm.deal' AND dougong_file.field = 'code';
UPDATE dougong_retired SET field='key' WHERE dougong_retired.entity = 'crm.deal' AND dougong_retired.field = 'code';
UPDATE dougong_sequence SET field='key' WHERE dougong_sequence.entity = 'crm.deal' AND dougong_sequence.field = 'code';
INSERT INTO dougong_rename (release, entity, kind, was, now) VALUES (2, 'crm.deal', 'field', 'code', 'key');
ALTER INDEX ix_crm__deal__code_name RENAME TO ix_crm__deal__key_name;
ALTER INDEX uq_crm__deal__code RENAME TO uq_crm__deal__key;

-- ==== a field without values is removed, back
-- field_added: Adds Code to Deal.
ALTER TABLE crm__deal ADD COLUMN code VARCHAR COLLATE "C";
CREATE INDEX ix_crm__deal__code ON crm__deal (code);

-- ==== a field without values is removed, forwards
-- field_removed: Removes Code of Deal; no record has a value.
ALTER TABLE crm__deal DROP COLUMN code;
-- indexed: Indexes 1 record of Deal anew for the search.

-- ==== a limited number becomes a required text, back
-- type_changed: Changes Code of Deal from text to integer: 1 of 2 values cannot be converted; they are kept in a column that you can look at until you purge it.
-- _dougong_converted_code (id, now) holds every value of code as integer;
ALTER TABLE crm__deal RENAME COLUMN code TO _old_3_code;
ALTER TABLE crm__deal ALTER COLUMN _old_3_code DROP NOT NULL;
INSERT INTO dougong_retired (release, entity, field, kind, table_name, column_name, type, options, label) VALUES (3, 'crm.deal', 'code', 'column', 'crm__deal', '_old_3_code', 'text', '{}', '{"en":"Code"}') RETURNING dougong_retired.id;
ALTER TABLE crm__deal ADD COLUMN code BIGINT CONSTRAINT ck_crm__deal__code_94dc2e38 CHECK (code >= 0);
UPDATE crm__deal SET code = _dougong_converted_code.now FROM _dougong_converted_code WHERE _dougong_converted_code.id = crm__deal.id;
-- field_optional: Lets Code of Deal be blank.
-- rules_changed: Changes the rules of Deal.
-- indexed: Indexes 2 deals anew for the search.

-- ==== a limited number becomes a required text, forwards
-- type_changed: Changes Code of Deal from integer to text; 1 value is converted.
-- _dougong_converted_code (id, now) holds every value of code as text;
ALTER TABLE crm__deal RENAME COLUMN code TO _old_2_code;
ALTER TABLE crm__deal DROP CONSTRAINT ck_crm__deal__code_94dc2e38;
ALTER TABLE crm__deal ADD COLUMN code VARCHAR COLLATE "C";
UPDATE crm__deal SET code = _dougong_converted_code.now FROM _dougong_converted_code WHERE _dougong_converted_code.id = crm__deal.id;
ALTER TABLE crm__deal DROP COLUMN _old_2_code;
-- field_required: Makes Code of Deal required: 1 record of Deal has none and gets “x”.
UPDATE crm__deal SET code='x' WHERE crm__deal.code IS NULL;
ALTER TABLE crm__deal ALTER COLUMN code SET NOT NULL;
-- rules_changed: Changes the rules of Deal.
-- indexed: Indexes 2 deals anew for the search.

-- ==== a link becomes several, back
-- type_changed: Changes Account of Deal from links to link; 1 value is converted.
ALTER TABLE crm__deal ADD COLUMN account BIGINT CONSTRAINT fk_crm__deal__account REFERENCES crm__account (id) ON DELETE RESTRICT;
UPDATE crm__deal SET account=(SELECT min(crm__deal__account.target_id) AS min_1 
FROM crm__deal__account 
WHERE crm__deal__account.record_id = crm__deal.id 
HAVING count(*) = 1);
DROP TABLE crm__deal__account;
-- entity_shown: Changes how Deal is shown.
CREATE INDEX ix_crm__deal__account ON crm__deal (account);

-- ==== a link becomes several, forwards
-- type_changed: Changes Account of Deal from link to links; 1 value is converted.
CREATE TABLE crm__deal__account (
	record_id BIGINT NOT NULL, 
	target_id BIGINT NOT NULL, 
	CONSTRAINT pk_crm__deal__account PRIMARY KEY (record_id, target_id), 
	CONSTRAINT fk_crm__deal__account__record_id FOREIGN KEY(record_id) REFERENCES crm__deal (id) ON DELETE CASCADE, 
	CONSTRAINT fk_crm__deal__account__target_id FOREIGN KEY(target_id) REFERENCES crm__account (id) ON DELETE CASCADE
);
CREATE INDEX ix_crm__deal__account__target_id ON crm__deal__account (target_id);
INSERT INTO crm__deal__account (record_id, target_id) SELECT crm__deal.id, crm__deal.account 
FROM crm__deal 
WHERE crm__deal.account IS NOT NULL;
ALTER TABLE crm__deal DROP COLUMN account;
-- entity_shown: Changes how Deal is shown.

-- ==== a link is removed, back
-- field_added: Brings back Account of Deal with 1 value that were kept.
ALTER TABLE crm__deal RENAME COLUMN _old_2_account TO account;
UPDATE crm__deal SET account=NULL WHERE crm__deal.account IS NOT NULL AND NOT (EXISTS (SELECT * 
FROM crm__account AS linked 
WHERE linked.id = crm__deal.account));
ALTER TABLE crm__deal ADD CONSTRAINT fk_crm__deal__account FOREIGN KEY(account) REFERENCES crm__account (id) ON DELETE RESTRICT;
ALTER TABLE crm__deal ALTER COLUMN account SET NOT NULL;
DELETE FROM dougong_retired WHERE dougong_retired.id = 1;
-- field_added: Adds Account to Deal.
CREATE INDEX ix_crm__deal__account ON crm__deal (account);

-- ==== a link is removed, forwards
-- field_removed: Removes Account of Deal; 1 value is kept in a column that you can look at until you purge it.
DROP INDEX ix_crm__deal__account;
ALTER TABLE crm__deal RENAME COLUMN account TO _old_2_account;
ALTER TABLE crm__deal ALTER COLUMN _old_2_account DROP NOT NULL;
ALTER TABLE crm__deal DROP CONSTRAINT fk_crm__deal__account;
INSERT INTO dougong_retired (release, entity, field, kind, table_name, column_name, type, options, label) VALUES (2, 'crm.deal', 'account', 'column', 'crm__deal', '_old_2_account', 'link', '{"to":"crm.account"}', '{"en":"Account"}') RETURNING dougong_retired.id;

-- ==== a link is renamed, back
-- field_renamed: Renames Customer of Deal to Account; 1 value stays.
ALTER TABLE crm__deal RENAME COLUMN customer TO account;
ALTER TABLE crm__deal RENAME CONSTRAINT fk_crm__deal__customer TO fk_crm__deal__account;
UPDATE dougong_file SET field='account' WHERE dougong_file.entity = 'crm.deal' AND dougong_file.field = 'customer';
UPDATE dougong_retired SET field='account' WHERE dougong_retired.entity = 'crm.deal' AND dougong_retired.field = 'customer';
UPDATE dougong_sequence SET field='account' WHERE dougong_sequence.entity = 'crm.deal' AND dougong_sequence.field = 'customer';
INSERT INTO dougong_rename (release, entity, kind, was, now) VALUES (3, 'crm.deal', 'field', 'customer', 'account');
ALTER INDEX ix_crm__deal__customer RENAME TO ix_crm__deal__account;

-- ==== a link is renamed, forwards
-- field_renamed: Renames Account of Deal to Customer; 1 value stays.
ALTER TABLE crm__deal RENAME COLUMN account TO customer;
ALTER TABLE crm__deal RENAME CONSTRAINT fk_crm__deal__account TO fk_crm__deal__customer;
UPDATE dougong_file SET field='customer' WHERE dougong_file.entity = 'crm.deal' AND dougong_file.field = 'account';
UPDATE dougong_retired SET field='customer' WHERE dougong_retired.entity = 'crm.deal' AND dougong_retired.field = 'account';
UPDATE dougong_sequence SET field='customer' WHERE dougong_sequence.entity = 'crm.deal' AND dougong_sequence.field = 'account';
INSERT INTO dougong_rename (release, entity, kind, was, now) VALUES (2, 'crm.deal', 'field', 'account', 'customer');
ALTER INDEX ix_crm__deal__account RENAME TO ix_crm__deal__customer;

-- ==== a number becomes wider, back
-- type_changed: Changes Count of Deal from decimal to integer; 2 values are converted.
-- _dougong_converted_count (id, now) holds every value of count as integer;
ALTER TABLE crm__deal RENAME COLUMN count TO _old_3_count;
ALTER TABLE crm__deal ALTER COLUMN _old_3_count DROP NOT NULL;
ALTER TABLE crm__deal DROP CONSTRAINT ck_crm__deal__count_71e238d1;
ALTER TABLE crm__deal ADD COLUMN count BIGINT;
UPDATE crm__deal SET count = _dougong_converted_count.now FROM _dougong_converted_count WHERE _dougong_converted_count.id = crm__deal.id;
ALTER TABLE crm__deal DROP COLUMN _old_3_count;
ALTER TABLE crm__deal ALTER COLUMN count SET NOT NULL;

-- ==== a number becomes wider, forwards
-- type_changed: Changes Count of Deal from integer to decimal; 2 values are converted.
ALTER TABLE crm__deal ALTER COLUMN count TYPE NUMERIC(18, 3) USING CAST(count AS NUMERIC(18, 3));
ALTER TABLE crm__deal ADD CONSTRAINT ck_crm__deal__count_71e238d1 CHECK (count <= 1000.000);

-- ==== a stage is removed, back
-- stage_added: Adds the stage Proposal to Deal.
-- rules_changed: Changes the rules of Deal.

-- ==== a stage is removed, forwards
-- stage_removed: Removes the stage Proposal of Deal. To Lead go: 1 record of Deal.
UPDATE dougong_workflow_timer SET fired_at='now', outcome='stale' WHERE dougong_workflow_timer.fired_at IS NULL AND dougong_workflow_timer.entity = 'crm.deal' AND dougong_workflow_timer.kind IN ('stage', 'transition') AND dougong_workflow_timer.record_id IN (SELECT crm__deal.id 
FROM crm__deal 
WHERE crm__deal.stage = 'proposal');
UPDATE crm__deal SET stage='lead' WHERE crm__deal.stage = 'proposal';
UPDATE dougong_workflow_instance SET source='lead' WHERE dougong_workflow_instance.entity = 'crm.deal' AND dougong_workflow_instance.source = 'proposal';
-- rules_changed: Changes the rules of Deal.

-- ==== a stage is renamed, back
-- stage_renamed: Renames the stage Offer of Deal to Proposal, with 1 record of Deal in it.
UPDATE crm__deal SET stage='proposal' WHERE crm__deal.stage = 'offer';
UPDATE dougong_explanation SET stage='proposal' WHERE dougong_explanation.entity = 'crm.deal' AND dougong_explanation.stage = 'offer';
UPDATE dougong_workflow_instance SET source='proposal' WHERE dougong_workflow_instance.entity = 'crm.deal' AND dougong_workflow_instance.source = 'offer';
UPDATE dougong_workflow_timer SET name='proposal' WHERE dougong_workflow_timer.entity = 'crm.deal' AND dougong_workflow_timer.kind = 'stage' AND dougong_workflow_timer.name = 'offer';
INSERT INTO dougong_rename (release, entity, kind, was, now) VALUES (3, 'crm.deal', 'stage', 'offer', 'proposal');
-- rules_changed: Changes the rules of Deal.

-- ==== a stage is renamed, forwards
-- stage_renamed: Renames the stage Proposal of Deal to Offer, with 1 record of Deal in it.
UPDATE crm__deal SET stage='offer' WHERE crm__deal.stage = 'proposal';
UPDATE dougong_explanation SET stage='offer' WHERE dougong_explanation.entity = 'crm.deal' AND dougong_explanation.stage = 'proposal';
UPDATE dougong_workflow_instance SET source='offer' WHERE dougong_workflow_instance.entity = 'crm.deal' AND dougong_workflow_instance.source = 'proposal';
UPDATE dougong_workflow_timer SET name='offer' WHERE dougong_workflow_timer.entity = 'crm.deal' AND dougong_workflow_timer.kind = 'stage' AND dougong_workflow_timer.name = 'proposal';
INSERT INTO dougong_rename (release, entity, kind, was, now) VALUES (2, 'crm.deal', 'stage', 'proposal', 'offer');
-- rules_changed: Changes the rules of Deal.

-- ==== an entity is removed, back
-- entity_added: Creates Account with 1 field.
CREATE TABLE crm__account (
	id BIGINT GENERATED BY DEFAULT AS IDENTITY, 
	name VARCHAR COLLATE "C", 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	created_by BIGINT, 
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	updated_by BIGINT, 
	revision BIGINT NOT NULL, 
	CONSTRAINT pk_crm__account PRIMARY KEY (id), 
	CONSTRAINT fk_crm__account__created_by FOREIGN KEY(created_by) REFERENCES system__user (id) ON DELETE RESTRICT, 
	CONSTRAINT fk_crm__account__updated_by FOREIGN KEY(updated_by) REFERENCES system__user (id) ON DELETE RESTRICT
);
CREATE INDEX ix_crm__account__created_by ON crm__account (created_by);

-- ==== an entity is removed, forwards
-- entity_removed: Removes Account. What it held is kept in a table until you purge it: 1 record of Account.
DROP INDEX ix_crm__account__created_by;
ALTER TABLE crm__account RENAME TO _old_2_crm__account;
ALTER TABLE _old_2_crm__account DROP CONSTRAINT fk_crm__account__created_by;
ALTER TABLE _old_2_crm__account DROP CONSTRAINT fk_crm__account__updated_by;
ALTER TABLE _old_2_crm__account RENAME CONSTRAINT pk_crm__account TO pk__old_2_crm__account;
UPDATE dougong_workflow_timer SET key=('_old_2_crm__account:' || dougong_workflow_timer.key) WHERE dougong_workflow_timer.entity = 'crm.account';
UPDATE dougong_explanation SET entity='crm._old_2_crm__account' WHERE dougong_explanation.entity = 'crm.account';
UPDATE dougong_file SET entity='crm._old_2_crm__account' WHERE dougong_file.entity = 'crm.account';
UPDATE dougong_follow SET entity='crm._old_2_crm__account' WHERE dougong_follow.entity = 'crm.account';
UPDATE dougong_history SET entity='crm._old_2_crm__account' WHERE dougong_history.entity = 'crm.account';
UPDATE dougong_import SET entity='crm._old_2_crm__account' WHERE dougong_import.entity = 'crm.account';
UPDATE dougong_notification SET entity='crm._old_2_crm__account' WHERE dougong_notification.entity = 'crm.account';
UPDATE dougong_public_form SET entity='crm._old_2_crm__account' WHERE dougong_public_form.entity = 'crm.account';
UPDATE dougong_rename SET entity='crm._old_2_crm__account' WHERE dougong_rename.entity = 'crm.account';
UPDATE dougong_searched SET entity='crm._old_2_crm__account' WHERE dougong_searched.entity = 'crm.account';
UPDATE dougong_sequence SET entity='crm._old_2_crm__account' WHERE dougong_sequence.entity = 'crm.account';
UPDATE dougong_view SET entity='crm._old_2_crm__account' WHERE dougong_view.entity = 'crm.account';
UPDATE dougong_view_choice SET entity='crm._old_2_crm__account' WHERE dougong_view_choice.entity = 'crm.account';
UPDATE dougong_workflow_event SET entity='crm._old_2_crm__account' WHERE dougong_workflow_event.entity = 'crm.account';
UPDATE dougong_workflow_instance SET entity='crm._old_2_crm__account' WHERE dougong_workflow_instance.entity = 'crm.account';
UPDATE dougong_workflow_task SET entity='crm._old_2_crm__account' WHERE dougong_workflow_task.entity = 'crm.account';
UPDATE dougong_workflow_timer SET entity='crm._old_2_crm__account' WHERE dougong_workflow_timer.entity = 'crm.account';
UPDATE dougong_retired SET entity='crm._old_2_crm__account' WHERE dougong_retired.entity = 'crm.account' AND dougong_retired.kind != 'table';
UPDATE dougong_retired SET table_name='_old_2_crm__account' WHERE dougong_retired.table_name = 'crm__account';
INSERT INTO dougong_retired (release, entity, field, kind, table_name, column_name, type, options, label) VALUES (2, 'crm.account', NULL, 'table', '_old_2_crm__account', NULL, NULL, NULL, '{"en":"Account"}') RETURNING dougong_retired.id;

-- ==== an entity is renamed, back
-- entity_renamed: Renames crm.bargain to crm.deal, with 1 record of Deal.
ALTER TABLE crm__bargain RENAME TO crm__deal;
ALTER TABLE crm__deal RENAME CONSTRAINT pk_crm__bargain TO pk_crm__deal;
ALTER TABLE crm__deal RENAME CONSTRAINT fk_crm__bargain__created_by TO fk_crm__deal__created_by;
ALTER TABLE crm__deal RENAME CONSTRAINT fk_crm__bargain__updated_by TO fk_crm__deal__updated_by;
ALTER INDEX ix_crm__bargain__created_by RENAME TO ix_crm__deal__created_by;
ALTER INDEX ix_crm__bargain__stage RENAME TO ix_crm__deal__stage;
ALTER TABLE crm__deal RENAME CONSTRAINT ck_crm__bargain__amount_18a3fcec TO ck_crm__deal__amount_18a3fcec;
UPDATE dougong_workflow_timer SET key=replace(dougong_workflow_timer.key, ':crm.bargain:', ':crm.deal:') WHERE dougong_workflow_timer.entity = 'crm.bargain';
UPDATE dougong_explanation SET entity='crm.deal' WHERE dougong_explanation.entity = 'crm.bargain';
UPDATE dougong_file SET entity='crm.deal' WHERE dougong_file.entity = 'crm.bargain';
UPDATE dougong_follow SET entity='crm.deal' WHERE dougong_follow.entity = 'crm.bargain';
UPDATE dougong_history SET entity='crm.deal' WHERE dougong_history.entity = 'crm.bargain';
UPDATE dougong_import SET entity='crm.deal' WHERE dougong_import.entity = 'crm.bargain';
UPDATE dougong_notification SET entity='crm.deal' WHERE dougong_notification.entity = 'crm.bargain';
UPDATE dougong_public_form SET entity='crm.deal' WHERE dougong_public_form.entity = 'crm.bargain';
UPDATE dougong_rename SET entity='crm.deal' WHERE dougong_rename.entity = 'crm.bargain';
UPDATE dougong_searched SET entity='crm.deal' WHERE dougong_searched.entity = 'crm.bargain';
UPDATE dougong_sequence SET entity='crm.deal' WHERE dougong_sequence.entity = 'crm.bargain';
UPDATE dougong_view SET entity='crm.deal' WHERE dougong_view.entity = 'crm.bargain';
UPDATE dougong_view_choice SET entity='crm.deal' WHERE dougong_view_choice.entity = 'crm.bargain';
UPDATE dougong_workflow_event SET entity='crm.deal' WHERE dougong_workflow_event.entity = 'crm.bargain';
UPDATE dougong_workflow_instance SET entity='crm.deal' WHERE dougong_workflow_instance.entity = 'crm.bargain';
UPDATE dougong_workflow_task SET entity='crm.deal' WHERE dougong_workflow_task.entity = 'crm.bargain';
UPDATE dougong_workflow_timer SET entity='crm.deal' WHERE dougong_workflow_timer.entity = 'crm.bargain';
UPDATE dougong_retired SET entity='crm.deal' WHERE dougong_retired.entity = 'crm.bargain' AND dougong_retired.kind != 'table';
UPDATE dougong_retired SET table_name='crm__deal' WHERE dougong_retired.table_name = 'crm__bargain';
INSERT INTO dougong_rename (release, entity, kind, was, now) VALUES (3, 'crm.deal', 'entity', 'crm.bargain', 'crm.deal');
-- field_renamed: Rivals of Deal goes with it.
ALTER TABLE crm__bargain__rivals RENAME TO crm__deal__rivals;
ALTER TABLE crm__deal__rivals RENAME CONSTRAINT pk_crm__bargain__rivals TO pk_crm__deal__rivals;
ALTER TABLE crm__deal__rivals RENAME CONSTRAINT fk_crm__bargain__rivals__record_id TO fk_crm__deal__rivals__record_id;
ALTER TABLE crm__deal__rivals RENAME CONSTRAINT fk_crm__bargain__rivals__target_id TO fk_crm__deal__rivals__target_id;
ALTER INDEX ix_crm__bargain__rivals__target_id RENAME TO ix_crm__deal__rivals__target_id;

-- ==== an entity is renamed, forwards
-- entity_renamed: Renames crm.deal to crm.bargain, with 1 record of Deal.
ALTER TABLE crm__deal RENAME TO crm__bargain;
ALTER TABLE crm__bargain RENAME CONSTRAINT pk_crm__deal TO pk_crm__bargain;
ALTER TABLE crm__bargain RENAME CONSTRAINT fk_crm__deal__created_by TO fk_crm__bargain__created_by;
ALTER TABLE crm__bargain RENAME CONSTRAINT fk_crm__deal__updated_by TO fk_crm__bargain__updated_by;
ALTER INDEX ix_crm__deal__created_by RENAME TO ix_crm__bargain__created_by;
ALTER INDEX ix_crm__deal__stage RENAME TO ix_crm__bargain__stage;
ALTER TABLE crm__bargain RENAME CONSTRAINT ck_crm__deal__amount_18a3fcec TO ck_crm__bargain__amount_18a3fcec;
UPDATE dougong_workflow_timer SET key=replace(dougong_workflow_timer.key, ':crm.deal:', ':crm.bargain:') WHERE dougong_workflow_timer.entity = 'crm.deal';
UPDATE dougong_explanation SET entity='crm.bargain' WHERE dougong_explanation.entity = 'crm.deal';
UPDATE dougong_file SET entity='crm.bargain' WHERE dougong_file.entity = 'crm.deal';
UPDATE dougong_follow SET entity='crm.bargain' WHERE dougong_follow.entity = 'crm.deal';
UPDATE dougong_history SET entity='crm.bargain' WHERE dougong_history.entity = 'crm.deal';
UPDATE dougong_import SET entity='crm.bargain' WHERE dougong_import.entity = 'crm.deal';
UPDATE dougong_notification SET entity='crm.bargain' WHERE dougong_notification.entity = 'crm.deal';
UPDATE dougong_public_form SET entity='crm.bargain' WHERE dougong_public_form.entity = 'crm.deal';
UPDATE dougong_rename SET entity='crm.bargain' WHERE dougong_rename.entity = 'crm.deal';
UPDATE dougong_searched SET entity='crm.bargain' WHERE dougong_searched.entity = 'crm.deal';
UPDATE dougong_sequence SET entity='crm.bargain' WHERE dougong_sequence.entity = 'crm.deal';
UPDATE dougong_view SET entity='crm.bargain' WHERE dougong_view.entity = 'crm.deal';
UPDATE dougong_view_choice SET entity='crm.bargain' WHERE dougong_view_choice.entity = 'crm.deal';
UPDATE dougong_workflow_event SET entity='crm.bargain' WHERE dougong_workflow_event.entity = 'crm.deal';
UPDATE dougong_workflow_instance SET entity='crm.bargain' WHERE dougong_workflow_instance.entity = 'crm.deal';
UPDATE dougong_workflow_task SET entity='crm.bargain' WHERE dougong_workflow_task.entity = 'crm.deal';
UPDATE dougong_workflow_timer SET entity='crm.bargain' WHERE dougong_workflow_timer.entity = 'crm.deal';
UPDATE dougong_retired SET entity='crm.bargain' WHERE dougong_retired.entity = 'crm.deal' AND dougong_retired.kind != 'table';
UPDATE dougong_retired SET table_name='crm__bargain' WHERE dougong_retired.table_name = 'crm__deal';
INSERT INTO dougong_rename (release, entity, kind, was, now) VALUES (2, 'crm.bargain', 'entity', 'crm.deal', 'crm.bargain');
-- field_renamed: Rivals of Deal goes with it.
ALTER TABLE crm__deal__rivals RENAME TO crm__bargain__rivals;
ALTER TABLE crm__bargain__rivals RENAME CONSTRAINT pk_crm__deal__rivals TO pk_crm__bargain__rivals;
ALTER TABLE crm__bargain__rivals RENAME CONSTRAINT fk_crm__deal__rivals__record_id TO fk_crm__bargain__rivals__record_id;
ALTER TABLE crm__bargain__rivals RENAME CONSTRAINT fk_crm__deal__rivals__target_id TO fk_crm__bargain__rivals__target_id;
ALTER INDEX ix_crm__deal__rivals__target_id RENAME TO ix_crm__bargain__rivals__target_id;

-- ==== an option is removed, back
-- option_added: Adds the option Small to Size of Deal.
-- option_added: Adds the option Middle to Size of Deal.

-- ==== an option is removed, forwards
-- option_removed: Removes the option Small of Size of Deal. Left with it until somebody edits them: 1 record of Deal.
-- option_removed: Removes the option Middle of Size of Deal; no record has it.

-- ==== an option is renamed, back
-- option_renamed: Renames the option tiny of Size of Deal to small, in 1 record of Deal.
UPDATE crm__deal SET size='small' WHERE size = 'tiny';
-- option_renamed: Renames the option d of Many of Deal to b, in 1 record of Deal.
UPDATE crm__deal SET many=replace(many, ',d,', ',b,') WHERE (many LIKE '%' || ',d,' || '%' ESCAPE '/');

-- ==== an option is renamed, forwards
-- option_renamed: Renames the option small of Size of Deal to tiny, in 1 record of Deal.
UPDATE crm__deal SET size='tiny' WHERE size = 'small';
-- option_renamed: Renames the option b of Many of Deal to d, in 1 record of Deal.
UPDATE crm__deal SET many=replace(many, ',b,', ',d,') WHERE (many LIKE '%' || ',b,' || '%' ESCAPE '/');

-- ==== another target, back
-- target_changed: Other of Deal links to other records from now on.
ALTER TABLE crm__deal DROP COLUMN other;
-- field_added: Brings back Other of Deal with 1 value that were kept.
ALTER TABLE crm__deal RENAME COLUMN _old_2_other TO other;
UPDATE crm__deal SET other=NULL WHERE crm__deal.other IS NOT NULL AND NOT (EXISTS (SELECT * 
FROM crm__account AS linked 
WHERE linked.id = crm__deal.other));
ALTER TABLE crm__deal ADD CONSTRAINT fk_crm__deal__other FOREIGN KEY(other) REFERENCES crm__account (id) ON DELETE RESTRICT;
DELETE FROM dougong_retired WHERE dougong_retired.id = 1;
CREATE INDEX ix_crm__deal__other ON crm__deal (other);

-- ==== another target, forwards
-- target_changed: Other of Deal links to other records from now on; 1 value is kept in a column that you can look at until you purge it.
DROP INDEX ix_crm__deal__other;
ALTER TABLE crm__deal RENAME COLUMN other TO _old_2_other;
ALTER TABLE crm__deal DROP CONSTRAINT fk_crm__deal__other;
INSERT INTO dougong_retired (release, entity, field, kind, table_name, column_name, type, options, label) VALUES (2, 'crm.deal', 'other', 'column', 'crm__deal', '_old_2_other', 'link', '{"to":"crm.account"}', '{"en":"Other"}') RETURNING dougong_retired.id;
-- field_added: Adds Other to Deal.
ALTER TABLE crm__deal ADD COLUMN other BIGINT CONSTRAINT fk_crm__deal__other REFERENCES crm__deal (id) ON DELETE RESTRICT;
CREATE INDEX ix_crm__deal__other ON crm__deal (other);

-- ==== fewer decimals, back
-- type_changed: Changes Rate of Deal from 2 to 4 decimals; 2 values are converted.
-- _dougong_converted_rate (id, now) holds every value of rate as decimal;
ALTER TABLE crm__deal RENAME COLUMN rate TO _old_3_rate;
ALTER TABLE crm__deal ADD COLUMN rate NUMERIC(18, 4);
UPDATE crm__deal SET rate = _dougong_converted_rate.now FROM _dougong_converted_rate WHERE _dougong_converted_rate.id = crm__deal.id;
ALTER TABLE crm__deal DROP COLUMN _old_3_rate;

-- ==== fewer decimals, forwards
-- type_changed: Changes Rate of Deal from 4 to 2 decimals: 1 of 2 values are rounded; the exact ones are kept in a column that you can look at until you purge it.
-- _dougong_converted_rate (id, now) holds every value of rate as decimal;
ALTER TABLE crm__deal RENAME COLUMN rate TO _old_2_rate;
INSERT INTO dougong_retired (release, entity, field, kind, table_name, column_name, type, options, label) VALUES (2, 'crm.deal', 'rate', 'column', 'crm__deal', '_old_2_rate', 'decimal', '{"decimals":4}', '{"en":"Rate"}') RETURNING dougong_retired.id;
ALTER TABLE crm__deal ADD COLUMN rate NUMERIC(18, 2);
UPDATE crm__deal SET rate = _dougong_converted_rate.now FROM _dougong_converted_rate WHERE _dougong_converted_rate.id = crm__deal.id;

-- ==== links are removed, back
-- field_added: Brings back Rivals of Deal with 1 value that were kept.
CREATE TABLE crm__deal__rivals (
	record_id BIGINT NOT NULL, 
	target_id BIGINT NOT NULL, 
	CONSTRAINT pk_crm__deal__rivals PRIMARY KEY (record_id, target_id), 
	CONSTRAINT fk_crm__deal__rivals__record_id FOREIGN KEY(record_id) REFERENCES crm__deal (id) ON DELETE CASCADE, 
	CONSTRAINT fk_crm__deal__rivals__target_id FOREIGN KEY(target_id) REFERENCES crm__account (id) ON DELETE CASCADE
);
CREATE INDEX ix_crm__deal__rivals__target_id ON crm__deal__rivals (target_id);
INSERT INTO crm__deal__rivals (record_id, target_id) SELECT _old_2_crm__deal__rivals.record_id, _old_2_crm__deal__rivals.target_id 
FROM _old_2_crm__deal__rivals 
WHERE (EXISTS (SELECT * 
FROM crm__deal 
WHERE crm__deal.id = _old_2_crm__deal__rivals.record_id)) AND (EXISTS (SELECT * 
FROM crm__account 
WHERE crm__account.id = _old_2_crm__deal__rivals.target_id));
DROP TABLE _old_2_crm__deal__rivals;
DELETE FROM dougong_retired WHERE dougong_retired.id = 1;

-- ==== links are removed, forwards
-- field_removed: Removes Rivals of Deal; 1 value is kept in a column that you can look at until you purge it.
DROP INDEX ix_crm__deal__rivals__target_id;
ALTER TABLE crm__deal__rivals RENAME TO _old_2_crm__deal__rivals;
ALTER TABLE _old_2_crm__deal__rivals DROP CONSTRAINT fk_crm__deal__rivals__record_id;
ALTER TABLE _old_2_crm__deal__rivals DROP CONSTRAINT fk_crm__deal__rivals__target_id;
ALTER TABLE _old_2_crm__deal__rivals RENAME CONSTRAINT pk_crm__deal__rivals TO pk__old_2_crm__deal__rivals;
INSERT INTO dougong_retired (release, entity, field, kind, table_name, column_name, type, options, label) VALUES (2, 'crm.deal', 'rivals', 'pairs', '_old_2_crm__deal__rivals', NULL, 'links', '{"to":"crm.account"}', '{"en":"Rivals"}') RETURNING dougong_retired.id;

-- ==== links are renamed, back
-- field_renamed: Renames Others of Deal to Rivals; 1 value stays.
ALTER TABLE crm__deal__others RENAME TO crm__deal__rivals;
ALTER TABLE crm__deal__rivals RENAME CONSTRAINT pk_crm__deal__others TO pk_crm__deal__rivals;
ALTER TABLE crm__deal__rivals RENAME CONSTRAINT fk_crm__deal__others__record_id TO fk_crm__deal__rivals__record_id;
ALTER TABLE crm__deal__rivals RENAME CONSTRAINT fk_crm__deal__others__target_id TO fk_crm__deal__rivals__target_id;
ALTER INDEX ix_crm__deal__others__target_id RENAME TO ix_crm__deal__rivals__target_id;
UPDATE dougong_file SET field='rivals' WHERE dougong_file.entity = 'crm.deal' AND dougong_file.field = 'others';
UPDATE dougong_retired SET field='rivals' WHERE dougong_retired.entity = 'crm.deal' AND dougong_retired.field = 'others';
UPDATE dougong_sequence SET field='rivals' WHERE dougong_sequence.entity = 'crm.deal' AND dougong_sequence.field = 'others';
INSERT INTO dougong_rename (release, entity, kind, was, now) VALUES (3, 'crm.deal', 'field', 'others', 'rivals');

-- ==== links are renamed, forwards
-- field_renamed: Renames Rivals of Deal to Others; 1 value stays.
ALTER TABLE crm__deal__rivals RENAME TO crm__deal__others;
ALTER TABLE crm__deal__others RENAME CONSTRAINT pk_crm__deal__rivals TO pk_crm__deal__others;
ALTER TABLE crm__deal__others RENAME CONSTRAINT fk_crm__deal__rivals__record_id TO fk_crm__deal__others__record_id;
ALTER TABLE crm__deal__others RENAME CONSTRAINT fk_crm__deal__rivals__target_id TO fk_crm__deal__others__target_id;
ALTER INDEX ix_crm__deal__rivals__target_id RENAME TO ix_crm__deal__others__target_id;
UPDATE dougong_file SET field='others' WHERE dougong_file.entity = 'crm.deal' AND dougong_file.field = 'rivals';
UPDATE dougong_retired SET field='others' WHERE dougong_retired.entity = 'crm.deal' AND dougong_retired.field = 'rivals';
UPDATE dougong_sequence SET field='others' WHERE dougong_sequence.entity = 'crm.deal' AND dougong_sequence.field = 'rivals';
INSERT INTO dougong_rename (release, entity, kind, was, now) VALUES (2, 'crm.deal', 'field', 'rivals', 'others');

-- ==== more decimals, back
-- type_changed: Changes Rate of Deal from 4 to 2 decimals; 2 values are converted.
-- _dougong_converted_rate (id, now) holds every value of rate as decimal;
ALTER TABLE crm__deal RENAME COLUMN rate TO _old_3_rate;
ALTER TABLE crm__deal DROP CONSTRAINT ck_crm__deal__rate_82950579;
ALTER TABLE crm__deal ADD COLUMN rate NUMERIC(18, 2) CONSTRAINT ck_crm__deal__rate_18a3fcec CHECK (rate >= 0.00);
UPDATE crm__deal SET rate = _dougong_converted_rate.now FROM _dougong_converted_rate WHERE _dougong_converted_rate.id = crm__deal.id;
ALTER TABLE crm__deal DROP COLUMN _old_3_rate;

-- ==== more decimals, forwards
-- type_changed: Changes Rate of Deal from 2 to 4 decimals; 2 values are converted.
ALTER TABLE crm__deal DROP CONSTRAINT ck_crm__deal__rate_18a3fcec;
ALTER TABLE crm__deal ALTER COLUMN rate TYPE NUMERIC(18, 4) USING CAST(rate AS NUMERIC(18, 4));
ALTER TABLE crm__deal ADD CONSTRAINT ck_crm__deal__rate_82950579 CHECK (rate >= 0.0000);

-- ==== no workflow any more, back
-- field_added: Brings back Stage of Deal with 1 value that were kept.
ALTER TABLE crm__deal RENAME COLUMN _old_2_stage TO stage;
UPDATE crm__deal SET stage='lead' WHERE crm__deal.stage IS NULL OR (crm__deal.stage NOT IN ('lead', 'proposal', 'won'));
ALTER TABLE crm__deal ALTER COLUMN stage SET NOT NULL;
DELETE FROM dougong_retired WHERE dougong_retired.id = 1;
-- field_added: Adds Stage to Deal.
CREATE INDEX ix_crm__deal__stage ON crm__deal (stage);

-- ==== no workflow any more, forwards
-- workflow_removed: Removes the stages of Deal; 1 value is kept in a column that you can look at until you purge it.
DROP INDEX ix_crm__deal__stage;
ALTER TABLE crm__deal RENAME COLUMN stage TO _old_2_stage;
ALTER TABLE crm__deal ALTER COLUMN _old_2_stage DROP NOT NULL;
INSERT INTO dougong_retired (release, entity, field, kind, table_name, column_name, type, options, label) VALUES (2, 'crm.deal', 'stage', 'column', 'crm__deal', '_old_2_stage', 'choice', '{}', '{"en":"Stage","zh":"阶段"}') RETURNING dougong_retired.id;

-- ==== required text becomes a number, back
-- type_changed: Changes Code of Deal from integer to text; 2 values are converted.
-- _dougong_converted_code (id, now) holds every value of code as text;
DROP INDEX uq_crm__deal__code;
ALTER TABLE crm__deal RENAME COLUMN code TO _old_3_code;
ALTER TABLE crm__deal ALTER COLUMN _old_3_code DROP NOT NULL;
ALTER TABLE crm__deal DROP CONSTRAINT ck_crm__deal__code_d4003d86;
ALTER TABLE crm__deal ADD COLUMN code VARCHAR COLLATE "C";
UPDATE crm__deal SET code = _dougong_converted_code.now FROM _dougong_converted_code WHERE _dougong_converted_code.id = crm__deal.id;
ALTER TABLE crm__deal DROP COLUMN _old_3_code;
ALTER TABLE crm__deal ALTER COLUMN code SET NOT NULL;
CREATE UNIQUE INDEX uq_crm__deal__code ON crm__deal (code);
-- indexed: Indexes 2 deals anew for the search.

-- ==== required text becomes a number, forwards
-- type_changed: Changes Code of Deal from text to integer; 2 values are converted.
-- _dougong_converted_code (id, now) holds every value of code as integer;
DROP INDEX uq_crm__deal__code;
ALTER TABLE crm__deal RENAME COLUMN code TO _old_2_code;
ALTER TABLE crm__deal ALTER COLUMN _old_2_code DROP NOT NULL;
ALTER TABLE crm__deal ADD COLUMN code BIGINT CONSTRAINT ck_crm__deal__code_d4003d86 CHECK (code >= 1);
UPDATE crm__deal SET code = _dougong_converted_code.now FROM _dougong_converted_code WHERE _dougong_converted_code.id = crm__deal.id;
ALTER TABLE crm__deal DROP COLUMN _old_2_code;
ALTER TABLE crm__deal ALTER COLUMN code SET NOT NULL;
CREATE UNIQUE INDEX uq_crm__deal__code ON crm__deal (code);
-- indexed: Indexes 2 deals anew for the search.

-- ==== several links become one, back
-- type_changed: Changes Account of Deal from link to links; 1 value is converted.
CREATE TABLE crm__deal__account (
	record_id BIGINT NOT NULL, 
	target_id BIGINT NOT NULL, 
	CONSTRAINT pk_crm__deal__account PRIMARY KEY (record_id, target_id), 
	CONSTRAINT fk_crm__deal__account__record_id FOREIGN KEY(record_id) REFERENCES crm__deal (id) ON DELETE CASCADE, 
	CONSTRAINT fk_crm__deal__account__target_id FOREIGN KEY(target_id) REFERENCES crm__account (id) ON DELETE CASCADE
);
CREATE INDEX ix_crm__deal__account__target_id ON crm__deal__account (target_id);
INSERT INTO crm__deal__account (record_id, target_id) SELECT crm__deal.id, crm__deal.account 
FROM crm__deal 
WHERE crm__deal.account IS NOT NULL;
ALTER TABLE crm__deal DROP COLUMN account;
-- entity_shown: Changes how Deal is shown.

-- ==== several links become one, forwards
-- type_changed: Changes Account of Deal from links to link: 1 of 2 values cannot be converted; they are kept in a table that you can look at until you purge it.
ALTER TABLE crm__deal ADD COLUMN account BIGINT CONSTRAINT fk_crm__deal__account REFERENCES crm__account (id) ON DELETE RESTRICT;
UPDATE crm__deal SET account=(SELECT min(crm__deal__account.target_id) AS min_1 
FROM crm__deal__account 
WHERE crm__deal__account.record_id = crm__deal.id 
HAVING count(*) = 1);
DROP INDEX ix_crm__deal__account__target_id;
ALTER TABLE crm__deal__account RENAME TO _old_2_crm__deal__account;
ALTER TABLE _old_2_crm__deal__account DROP CONSTRAINT fk_crm__deal__account__record_id;
ALTER TABLE _old_2_crm__deal__account DROP CONSTRAINT fk_crm__deal__account__target_id;
ALTER TABLE _old_2_crm__deal__account RENAME CONSTRAINT pk_crm__deal__account TO pk__old_2_crm__deal__account;
INSERT INTO dougong_retired (release, entity, field, kind, table_name, column_name, type, options, label) VALUES (2, 'crm.deal', 'account', 'pairs', '_old_2_crm__deal__account', NULL, 'links', '{"to":"crm.account"}', '{"en":"Account"}') RETURNING dougong_retired.id;
-- entity_shown: Changes how Deal is shown.
CREATE INDEX ix_crm__deal__account ON crm__deal (account);

-- ==== text becomes a number, back
-- type_changed: Changes Phone of Deal from integer to text; 3 values are converted.
-- _dougong_converted_phone (id, now) holds every value of phone as text;
ALTER TABLE crm__deal RENAME COLUMN phone TO _old_3_phone;
ALTER TABLE crm__deal ADD COLUMN phone VARCHAR COLLATE "C";
UPDATE crm__deal SET phone = _dougong_converted_phone.now FROM _dougong_converted_phone WHERE _dougong_converted_phone.id = crm__deal.id;
ALTER TABLE crm__deal DROP COLUMN _old_3_phone;
-- indexed: Indexes 4 deals anew for the search.

-- ==== text becomes a number, forwards
-- type_changed: Changes Phone of Deal from text to integer: 1 of 3 values cannot be converted; they are kept in a column that you can look at until you purge it.
-- _dougong_converted_phone (id, now) holds every value of phone as integer;
ALTER TABLE crm__deal RENAME COLUMN phone TO _old_2_phone;
INSERT INTO dougong_retired (release, entity, field, kind, table_name, column_name, type, options, label) VALUES (2, 'crm.deal', 'phone', 'column', 'crm__deal', '_old_2_phone', 'text', '{}', '{"en":"Phone"}') RETURNING dougong_retired.id;
ALTER TABLE crm__deal ADD COLUMN phone BIGINT;
UPDATE crm__deal SET phone = _dougong_converted_phone.now FROM _dougong_converted_phone WHERE _dougong_converted_phone.id = crm__deal.id;
-- indexed: Indexes 4 deals anew for the search.

-- ==== text becomes long, back
-- type_changed: Changes Note of Deal from long_text to text; 1 value is converted.

-- ==== text becomes long, forwards
-- type_changed: Changes Note of Deal from text to long_text; 1 value is converted.

-- ==== the app is renamed, back
-- app_renamed: Renames the application sales to crm.
-- entity_renamed: Renames sales.deal to crm.deal, with 1 record of Deal.
ALTER TABLE sales__deal RENAME TO crm__deal;
ALTER TABLE crm__deal RENAME CONSTRAINT pk_sales__deal TO pk_crm__deal;
ALTER TABLE crm__deal RENAME CONSTRAINT fk_sales__deal__account TO fk_crm__deal__account;
ALTER TABLE crm__deal RENAME CONSTRAINT fk_sales__deal__created_by TO fk_crm__deal__created_by;
ALTER TABLE crm__deal RENAME CONSTRAINT fk_sales__deal__updated_by TO fk_crm__deal__updated_by;
ALTER INDEX ix_sales__deal__account RENAME TO ix_crm__deal__account;
ALTER INDEX ix_sales__deal__created_by RENAME TO ix_crm__deal__created_by;
UPDATE dougong_workflow_timer SET key=replace(dougong_workflow_timer.key, ':sales.deal:', ':crm.deal:') WHERE dougong_workflow_timer.entity = 'sales.deal';
UPDATE dougong_explanation SET entity='crm.deal' WHERE dougong_explanation.entity = 'sales.deal';
UPDATE dougong_file SET entity='crm.deal' WHERE dougong_file.entity = 'sales.deal';
UPDATE dougong_follow SET entity='crm.deal' WHERE dougong_follow.entity = 'sales.deal';
UPDATE dougong_history SET entity='crm.deal' WHERE dougong_history.entity = 'sales.deal';
UPDATE dougong_import SET entity='crm.deal' WHERE dougong_import.entity = 'sales.deal';
UPDATE dougong_notification SET entity='crm.deal' WHERE dougong_notification.entity = 'sales.deal';
UPDATE dougong_public_form SET entity='crm.deal' WHERE dougong_public_form.entity = 'sales.deal';
UPDATE dougong_rename SET entity='crm.deal' WHERE dougong_rename.entity = 'sales.deal';
UPDATE dougong_searched SET entity='crm.deal' WHERE dougong_searched.entity = 'sales.deal';
UPDATE dougong_sequence SET entity='crm.deal' WHERE dougong_sequence.entity = 'sales.deal';
UPDATE dougong_view SET entity='crm.deal' WHERE dougong_view.entity = 'sales.deal';
UPDATE dougong_view_choice SET entity='crm.deal' WHERE dougong_view_choice.entity = 'sales.deal';
UPDATE dougong_workflow_event SET entity='crm.deal' WHERE dougong_workflow_event.entity = 'sales.deal';
UPDATE dougong_workflow_instance SET entity='crm.deal' WHERE dougong_workflow_instance.entity = 'sales.deal';
UPDATE dougong_workflow_task SET entity='crm.deal' WHERE dougong_workflow_task.entity = 'sales.deal';
UPDATE dougong_workflow_timer SET entity='crm.deal' WHERE dougong_workflow_timer.entity = 'sales.deal';
UPDATE dougong_retired SET entity='crm.deal' WHERE dougong_retired.entity = 'sales.deal' AND dougong_retired.kind != 'table';
UPDATE dougong_retired SET table_name='crm__deal' WHERE dougong_retired.table_name = 'sales__deal';
INSERT INTO dougong_rename (release, entity, kind, was, now) VALUES (3, 'crm.deal', 'entity', 'sales.deal', 'crm.deal');
-- entity_renamed: Renames sales.account to crm.account, with 1 record of Account.
ALTER TABLE sales__account RENAME TO crm__account;
ALTER TABLE crm__account RENAME CONSTRAINT pk_sales__account TO pk_crm__account;
ALTER TABLE crm__account RENAME CONSTRAINT fk_sales__account__created_by TO fk_crm__account__created_by;
ALTER TABLE crm__account RENAME CONSTRAINT fk_sales__account__updated_by TO fk_crm__account__updated_by;
ALTER INDEX ix_sales__account__created_by RENAME TO ix_crm__account__created_by;
UPDATE dougong_workflow_timer SET key=replace(dougong_workflow_timer.key, ':sales.account:', ':crm.account:') WHERE dougong_workflow_timer.entity = 'sales.account';
UPDATE dougong_explanation SET entity='crm.account' WHERE dougong_explanation.entity = 'sales.account';
UPDATE dougong_file SET entity='crm.account' WHERE dougong_file.entity = 'sales.account';
UPDATE dougong_follow SET entity='crm.account' WHERE dougong_follow.entity = 'sales.account';
UPDATE dougong_history SET entity='crm.account' WHERE dougong_history.entity = 'sales.account';
UPDATE dougong_import SET entity='crm.account' WHERE dougong_import.entity = 'sales.account';
UPDATE dougong_notification SET entity='crm.account' WHERE dougong_notification.entity = 'sales.account';
UPDATE dougong_public_form SET entity='crm.account' WHERE dougong_public_form.entity = 'sales.account';
UPDATE dougong_rename SET entity='crm.account' WHERE dougong_rename.entity = 'sales.account';
UPDATE dougong_searched SET entity='crm.account' WHERE dougong_searched.entity = 'sales.account';
UPDATE dougong_sequence SET entity='crm.account' WHERE dougong_sequence.entity = 'sales.account';
UPDATE dougong_view SET entity='crm.account' WHERE dougong_view.entity = 'sales.account';
UPDATE dougong_view_choice SET entity='crm.account' WHERE dougong_view_choice.entity = 'sales.account';
UPDATE dougong_workflow_event SET entity='crm.account' WHERE dougong_workflow_event.entity = 'sales.account';
UPDATE dougong_workflow_instance SET entity='crm.account' WHERE dougong_workflow_instance.entity = 'sales.account';
UPDATE dougong_workflow_task SET entity='crm.account' WHERE dougong_workflow_task.entity = 'sales.account';
UPDATE dougong_workflow_timer SET entity='crm.account' WHERE dougong_workflow_timer.entity = 'sales.account';
UPDATE dougong_retired SET entity='crm.account' WHERE dougong_retired.entity = 'sales.account' AND dougong_retired.kind != 'table';
UPDATE dougong_retired SET table_name='crm__account' WHERE dougong_retired.table_name = 'sales__account';
INSERT INTO dougong_rename (release, entity, kind, was, now) VALUES (3, 'crm.account', 'entity', 'sales.account', 'crm.account');

-- ==== the app is renamed, forwards
-- app_renamed: Renames the application crm to sales.
-- entity_renamed: Renames crm.deal to sales.deal, with 1 record of Deal.
ALTER TABLE crm__deal RENAME TO sales__deal;
ALTER TABLE sales__deal RENAME CONSTRAINT pk_crm__deal TO pk_sales__deal;
ALTER TABLE sales__deal RENAME CONSTRAINT fk_crm__deal__account TO fk_sales__deal__account;
ALTER TABLE sales__deal RENAME CONSTRAINT fk_crm__deal__created_by TO fk_sales__deal__created_by;
ALTER TABLE sales__deal RENAME CONSTRAINT fk_crm__deal__updated_by TO fk_sales__deal__updated_by;
ALTER INDEX ix_crm__deal__account RENAME TO ix_sales__deal__account;
ALTER INDEX ix_crm__deal__created_by RENAME TO ix_sales__deal__created_by;
UPDATE dougong_workflow_timer SET key=replace(dougong_workflow_timer.key, ':crm.deal:', ':sales.deal:') WHERE dougong_workflow_timer.entity = 'crm.deal';
UPDATE dougong_explanation SET entity='sales.deal' WHERE dougong_explanation.entity = 'crm.deal';
UPDATE dougong_file SET entity='sales.deal' WHERE dougong_file.entity = 'crm.deal';
UPDATE dougong_follow SET entity='sales.deal' WHERE dougong_follow.entity = 'crm.deal';
UPDATE dougong_history SET entity='sales.deal' WHERE dougong_history.entity = 'crm.deal';
UPDATE dougong_import SET entity='sales.deal' WHERE dougong_import.entity = 'crm.deal';
UPDATE dougong_notification SET entity='sales.deal' WHERE dougong_notification.entity = 'crm.deal';
UPDATE dougong_public_form SET entity='sales.deal' WHERE dougong_public_form.entity = 'crm.deal';
UPDATE dougong_rename SET entity='sales.deal' WHERE dougong_rename.entity = 'crm.deal';
UPDATE dougong_searched SET entity='sales.deal' WHERE dougong_searched.entity = 'crm.deal';
UPDATE dougong_sequence SET entity='sales.deal' WHERE dougong_sequence.entity = 'crm.deal';
UPDATE dougong_view SET entity='sales.deal' WHERE dougong_view.entity = 'crm.deal';
UPDATE dougong_view_choice SET entity='sales.deal' WHERE dougong_view_choice.entity = 'crm.deal';
UPDATE dougong_workflow_event SET entity='sales.deal' WHERE dougong_workflow_event.entity = 'crm.deal';
UPDATE dougong_workflow_instance SET entity='sales.deal' WHERE dougong_workflow_instance.entity = 'crm.deal';
UPDATE dougong_workflow_task SET entity='sales.deal' WHERE dougong_workflow_task.entity = 'crm.deal';
UPDATE dougong_workflow_timer SET entity='sales.deal' WHERE dougong_workflow_timer.entity = 'crm.deal';
UPDATE dougong_retired SET entity='sales.deal' WHERE dougong_retired.entity = 'crm.deal' AND dougong_retired.kind != 'table';
UPDATE dougong_retired SET table_name='sales__deal' WHERE dougong_retired.table_name = 'crm__deal';
INSERT INTO dougong_rename (release, entity, kind, was, now) VALUES (2, 'sales.deal', 'entity', 'crm.deal', 'sales.deal');
-- entity_renamed: Renames crm.account to sales.account, with 1 record of Account.
ALTER TABLE crm__account RENAME TO sales__account;
ALTER TABLE sales__account RENAME CONSTRAINT pk_crm__account TO pk_sales__account;
ALTER TABLE sales__account RENAME CONSTRAINT fk_crm__account__created_by TO fk_sales__account__created_by;
ALTER TABLE sales__account RENAME CONSTRAINT fk_crm__account__updated_by TO fk_sales__account__updated_by;
ALTER INDEX ix_crm__account__created_by RENAME TO ix_sales__account__created_by;
UPDATE dougong_workflow_timer SET key=replace(dougong_workflow_timer.key, ':crm.account:', ':sales.account:') WHERE dougong_workflow_timer.entity = 'crm.account';
UPDATE dougong_explanation SET entity='sales.account' WHERE dougong_explanation.entity = 'crm.account';
UPDATE dougong_file SET entity='sales.account' WHERE dougong_file.entity = 'crm.account';
UPDATE dougong_follow SET entity='sales.account' WHERE dougong_follow.entity = 'crm.account';
UPDATE dougong_history SET entity='sales.account' WHERE dougong_history.entity = 'crm.account';
UPDATE dougong_import SET entity='sales.account' WHERE dougong_import.entity = 'crm.account';
UPDATE dougong_notification SET entity='sales.account' WHERE dougong_notification.entity = 'crm.account';
UPDATE dougong_public_form SET entity='sales.account' WHERE dougong_public_form.entity = 'crm.account';
UPDATE dougong_rename SET entity='sales.account' WHERE dougong_rename.entity = 'crm.account';
UPDATE dougong_searched SET entity='sales.account' WHERE dougong_searched.entity = 'crm.account';
UPDATE dougong_sequence SET entity='sales.account' WHERE dougong_sequence.entity = 'crm.account';
UPDATE dougong_view SET entity='sales.account' WHERE dougong_view.entity = 'crm.account';
UPDATE dougong_view_choice SET entity='sales.account' WHERE dougong_view_choice.entity = 'crm.account';
UPDATE dougong_workflow_event SET entity='sales.account' WHERE dougong_workflow_event.entity = 'crm.account';
UPDATE dougong_workflow_instance SET entity='sales.account' WHERE dougong_workflow_instance.entity = 'crm.account';
UPDATE dougong_workflow_task SET entity='sales.account' WHERE dougong_workflow_task.entity = 'crm.account';
UPDATE dougong_workflow_timer SET entity='sales.account' WHERE dougong_workflow_timer.entity = 'crm.account';
UPDATE dougong_retired SET entity='sales.account' WHERE dougong_retired.entity = 'crm.account' AND dougong_retired.kind != 'table';
UPDATE dougong_retired SET table_name='sales__account' WHERE dougong_retired.table_name = 'crm__account';
INSERT INTO dougong_rename (release, entity, kind, was, now) VALUES (2, 'sales.account', 'entity', 'crm.account', 'sales.account');

-- ==== what was limited is filled with a default, back
-- field_optional: Lets Code of Deal be blank.
ALTER TABLE crm__deal ALTER COLUMN code DROP NOT NULL;
-- rules_changed: Changes the rules of Deal.

-- ==== what was limited is filled with a default, forwards
-- limits_changed: Changes the limits of Code of Deal.
ALTER TABLE crm__deal DROP CONSTRAINT ck_crm__deal__code_94dc2e38;
ALTER TABLE crm__deal ADD CONSTRAINT ck_crm__deal__code_14cf1043 CHECK (code >= -5);
-- field_required: Makes Code of Deal required: 1 record of Deal has none and gets “-3”.
UPDATE crm__deal SET code=-3 WHERE crm__deal.code IS NULL;
ALTER TABLE crm__deal ALTER COLUMN code SET NOT NULL;
-- rules_changed: Changes the rules of Deal.

-- ==== what was unique is filled with a default, back
-- field_optional: Lets Code of Deal be blank.
ALTER TABLE crm__deal ALTER COLUMN code DROP NOT NULL;
-- rules_changed: Changes the rules of Deal.

-- ==== what was unique is filled with a default, forwards
-- unique_removed: Code of Deal may be the same in several records from now on.
DROP INDEX uq_crm__deal__code;
-- field_required: Makes Code of Deal required: 2 deals have none and get “x”.
UPDATE crm__deal SET code='x' WHERE crm__deal.code IS NULL;
ALTER TABLE crm__deal ALTER COLUMN code SET NOT NULL;
-- rules_changed: Changes the rules of Deal.
