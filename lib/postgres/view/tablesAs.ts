/**
 * SQL that names what the tables are stored as now, whatever a snapshot sees: the catalogue is not of a snapshot. Another
 * name means that a replay put other tables in their place, or that a rebuild emptied them for all.
 */
export const tablesAs = `concat_ws('/', to_regclass('inventory_event')::oid, pg_relation_filenode(to_regclass('store_item')))`;
