// What a database is beside its rows, kind by kind. Names instead of OIDs everywhere, so that a dump that was loaded
// elsewhere compares equal; lists are sorted; definitions become MD5 sums on the server. All statements run on
// PostgreSQL 11 and later: columns that came later are taken from to_jsonb(row), which has none of them before.
#include "postgres/inventory_queries.h"

namespace tfseal::postgres {
namespace {

// An access list as sorted text; one that was never touched reads like the default it stands for.
#define TFSEAL_ACL(acl)                                                                                              \
  "(SELECT string_agg(concat_ws('/', coalesce(nullif(x.grantee, 0)::regrole::text, 'public'), x.privilege_type, "    \
  "x.is_grantable, x.grantor::regrole::text), ',' ORDER BY coalesce(nullif(x.grantee, 0)::regrole::text, 'public') " \
  "COLLATE \"C\", x.privilege_type, x.grantor::regrole::text COLLATE \"C\") FROM aclexplode(" acl ") x)"
#define TFSEAL_OURS(schema) schema " !~ '^pg_' AND " schema " <> 'information_schema'"

constexpr InventoryQuery kQueries[] = {
    {"database",
     "SELECT 'this database', pg_encoding_to_char(d.encoding), d.datcollate, d.datctype,"
     " coalesce(to_jsonb(d)->>'datlocprovider', 'c'), coalesce(to_jsonb(d)->>'daticulocale', "
     "to_jsonb(d)->>'datlocale'),"
     " pg_get_userbyid(d.datdba), d.datconnlimit::text, " TFSEAL_ACL(
         "coalesce(d.datacl, acldefault('d', d.datdba))") " FROM pg_database d WHERE d.datname = "
                                                          "current_database()",
     {"=encoding", "=collation", "=character type", "=locale provider", "=ICU locale", "=owner", "=connection limit",
      "privileges"}},
    // With another version of the library texts may sort differently, and indexes on them are then wrong.
    {"collation library",
     "SELECT p.name, (SELECT pg_collation_actual_version(c.oid) FROM pg_collation c WHERE c.collprovider = p.provider "
     "AND"
     " c.oid < 16384 AND c.collname NOT IN ('C', 'POSIX', 'C.utf8', 'C.UTF-8', 'ucs_basic', 'unicode') ORDER BY"
     " c.collname LIMIT 1) FROM (VALUES ('libc', 'c'::\"char\"), ('ICU', 'i')) p(name, provider)",
     {"=version"}},
    {"schema",
     "SELECT n.nspname, pg_get_userbyid(n.nspowner), " TFSEAL_ACL(
         "coalesce(n.nspacl, acldefault('n', n.nspowner))") " FROM pg_namespace n WHERE " TFSEAL_OURS("n."
                                                                                                      "nspnam"
                                                                                                      "e"),
     {"=owner", "privileges"}},
    {"relation",
     "SELECT n.nspname || '.' || c.relname, c.relkind, c.relpersistence, pg_get_userbyid(c.relowner), "
     "c.relreplident,"
     " c.relrowsecurity::text, c.relforcerowsecurity::text, c.relispopulated::text, a.amname,"
     " md5(coalesce(array_to_string(c.reloptions, ','), '')), md5(coalesce(pg_get_expr(c.relpartbound, c.oid), "
     "'')),"
     " CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,"
     " (SELECT string_agg(i.inhparent::regclass::text, ',' ORDER BY i.inhseqno) FROM pg_inherits i WHERE "
     "i.inhrelid ="
     " c.oid), coalesce(ts.spcname, 'default'), " TFSEAL_ACL("coalesce(c.relacl, acldefault(CASE c.relkind "
                                                             "WHEN 'S' THEN 's' ELSE 'r' END::\"char\", "
                                                             "c.relowner))") " FROM pg_class c JOIN "
                                                                             "pg_namespace n ON n.oid = "
                                                                             "c.relnamespace LEFT JOIN pg_am a "
                                                                             "ON a.oid = c.relam"
                                                                             " LEFT JOIN pg_tablespace ts ON "
                                                                             "ts.oid = c.reltablespace"
                                                                             " WHERE c.relkind IN ('r', 'p', "
                                                                             "'v', 'm', 'S', 'f', 'c') AND "
                                                                             "c.relpersistence <> 't' "
                                                                             "AND " TFSEAL_OURS("n.nspname"),
     {"=kind", "=persistence", "=owner", "=replica identity", "=row level security", "=forced row level security",
      "=populated", "=access method", "options", "partition bound", "partition key", "parents", "=tablespace",
      "privileges"}},
    {"column",
     "SELECT n.nspname || '.' || c.relname || '.' || a.attname, row_number() OVER (PARTITION BY c.oid ORDER BY"
     " a.attnum)::text, format_type(a.atttypid, a.atttypmod), a.attnotnull::text,"
     " md5(coalesce(pg_get_expr(d.adbin, d.adrelid), '')), a.attidentity, "
     "coalesce(to_jsonb(a)->>'attgenerated', ''),"
     " a.attcollation::regcollation::text, a.attstorage, coalesce(to_jsonb(a)->>'attcompression', ''),"
     " coalesce(nullif(to_jsonb(a)->>'attstattarget', '-1'), 'default'),"
     // Servers since November 2026 (15.20 and its sisters) note a version of their own among the options, another in
     // every database; pg_dump leaves it out too.
     " md5(coalesce((SELECT string_agg(o, ',' ORDER BY o) FROM unnest(a.attoptions) o WHERE left(o, 10) <> "
     "'pg_attver='), '')), " TFSEAL_ACL(
         "a.attacl") " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid "
                     "= c.relnamespace"
                     " LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
                     " WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f', "
                     "'c')"
                     " AND c.relpersistence <> 't' AND " TFSEAL_OURS("n.nspname"),
     {"=position", "=type", "=not null", "default", "=identity", "=generated", "=collation", "=storage", "=compression",
      "=statistics target", "options", "privileges"}},
    {"constraint",
     "SELECT concat_ws('.', n.nspname, nullif(c.conrelid, 0)::regclass::text, nullif(c.contypid, "
     "0)::regtype::text,"
     " c.conname), c.contype, c.convalidated::text, c.condeferrable::text, c.condeferred::text, "
     "c.conislocal::text,"
     " md5(pg_get_constraintdef(c.oid)) FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace "
     "WHERE " TFSEAL_OURS("n.nspname"),
     {"=type", "=validated", "=deferrable", "=deferred", "=local", "definition"}},
    {"index",
     "SELECT n.nspname || '.' || c.relname, i.indisvalid::text, i.indisready::text, i.indisunique::text,"
     " i.indisprimary::text, i.indisclustered::text, i.indisreplident::text, md5(pg_get_indexdef(i.indexrelid))"
     " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
     " WHERE c.relpersistence <> 't' AND " TFSEAL_OURS("n.nspname"),
     {"=valid", "=ready", "=unique", "=primary", "=clustered", "=replica identity", "definition"}},
    {"view",
     "SELECT n.nspname || '.' || c.relname, md5(pg_get_viewdef(c.oid)) FROM pg_class c"
     " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('v', 'm') AND c.relpersistence <> 't' "
     "AND " TFSEAL_OURS("n.nspname"),
     {"definition"}},
    {"rule",
     "SELECT r.ev_class::regclass::text || '.' || r.rulename, r.ev_enabled, md5(pg_get_ruledef(r.oid)) FROM "
     "pg_rewrite r"
     " WHERE r.oid >= 16384 AND r.rulename <> '_RETURN'",
     {"=enabled", "definition"}},
    {"function",
     "SELECT p.oid::regprocedure::text, p.prokind, pg_get_userbyid(p.proowner), p.prosecdef::text,"
     " CASE WHEN p.prokind = 'a' THEN (SELECT md5(concat_ws(',', a.aggtransfn::regprocedure, "
     "a.aggfinalfn::regproc,"
     " a.aggcombinefn::regproc, a.aggtranstype::regtype, a.agginitval, a.aggkind)) FROM pg_aggregate a"
     " WHERE a.aggfnoid = p.oid) ELSE md5(pg_get_functiondef(p.oid)) END, " TFSEAL_ACL(
         "coalesce(p.proacl, acldefault('f', p.proowner))") " FROM pg_proc p JOIN pg_namespace n ON n.oid = "
                                                            "p.pronamespace WHERE " TFSEAL_OURS("n.nspname"),
     {"=kind", "=owner", "=security definer", "definition", "privileges"}},
    {"trigger",
     "SELECT t.tgrelid::regclass::text || '.' || t.tgname, t.tgenabled, md5(pg_get_triggerdef(t.oid)) FROM "
     "pg_trigger t"
     " JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
     " WHERE NOT t.tgisinternal AND " TFSEAL_OURS("n.nspname"),
     {"=enabled", "definition"}},
    // What DISABLE TRIGGER ALL switches off: the triggers that keep foreign keys. Their names hold OIDs.
    {"foreign key trigger",
     "SELECT concat_ws('.', t.tgrelid::regclass, k.conname, t.tgfoid::regproc),"
     " string_agg(t.tgenabled::text, ',' ORDER BY t.tgenabled) FROM pg_trigger t JOIN pg_constraint k ON k.oid "
     "="
     " t.tgconstraint JOIN pg_namespace n ON n.oid = k.connamespace WHERE t.tgisinternal AND " TFSEAL_OURS(
         "n.nspname") " GROUP BY 1",
     {"=enabled"}},
    {"event trigger",
     "SELECT e.evtname, e.evtenabled, e.evtevent, e.evtfoid::regproc::text, array_to_string(e.evttags, ','),"
     " pg_get_userbyid(e.evtowner) FROM pg_event_trigger e",
     {"=enabled", "=event", "=function", "=tags", "=owner"}},
    {"sequence",
     "SELECT n.nspname || '.' || c.relname, s.seqtypid::regtype::text, s.seqstart::text, s.seqincrement::text,"
     " s.seqmin::text, s.seqmax::text, s.seqcache::text, s.seqcycle::text,"
     " (SELECT string_agg(d.refobjid::regclass::text || '.' || a.attname, ',') FROM pg_depend d JOIN "
     "pg_attribute a ON"
     " a.attrelid = d.refobjid AND a.attnum = d.refobjsubid WHERE d.classid = 'pg_class'::regclass AND d.objid "
     "= c.oid"
     " AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i'))"
     " FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
     " WHERE c.relpersistence <> 't' AND " TFSEAL_OURS("n.nspname"),
     {"=type", "=start", "=increment", "=minimum", "=maximum", "=cache", "=cycle", "=owning column"}},
    {"extension",
     "SELECT e.extname, e.extversion, n.nspname, pg_get_userbyid(e.extowner) FROM pg_extension e"
     " JOIN pg_namespace n ON n.oid = e.extnamespace",
     {"=version", "=schema", "=owner"}},
    {"type",
     "SELECT t.oid::regtype::text, t.typtype, pg_get_userbyid(t.typowner), format_type(t.typbasetype, "
     "t.typtypmod),"
     " t.typnotnull::text, md5(coalesce(t.typdefault, '')), t.typcollation::regcollation::text,"
     " md5(coalesce((SELECT string_agg(quote_literal(e.enumlabel), ',' ORDER BY e.enumsortorder) FROM pg_enum e"
     " WHERE e.enumtypid = t.oid), '')),"
     " (SELECT r.rngsubtype::regtype::text FROM pg_range r WHERE r.rngtypid = t.oid), " TFSEAL_ACL(
         "coalesce(t.typacl, acldefault('T', t.typowner))") " FROM pg_type t JOIN pg_namespace n ON n.oid = "
                                                            "t.typnamespace WHERE t.typtype IN ('e', 'd', 'r', "
                                                            "'b', 'c')"
                                                            " AND t.typcategory <> 'A' AND (t.typrelid = 0 OR "
                                                            "EXISTS (SELECT FROM pg_class c WHERE c.oid = "
                                                            "t.typrelid AND"
                                                            " c.relkind = 'c')) AND " TFSEAL_OURS("n.nspname"),
     {"=kind", "=owner", "=base type", "=not null", "default", "=collation", "enum labels", "=range of", "privileges"}},
    {"row security policy",
     "SELECT p.polrelid::regclass::text || '.' || p.polname, p.polcmd, p.polpermissive::text,"
     " (SELECT string_agg(CASE WHEN r = 0 THEN 'public' ELSE pg_get_userbyid(r)::text END, ',' ORDER BY"
     " pg_get_userbyid(r) COLLATE \"C\") FROM unnest(p.polroles) r),"
     " md5(coalesce(pg_get_expr(p.polqual, p.polrelid), '')), md5(coalesce(pg_get_expr(p.polwithcheck, "
     "p.polrelid), ''))"
     " FROM pg_policy p",
     {"=command", "=permissive", "=roles", "condition", "check"}},
    {"role",
     "SELECT r.rolname, r.rolsuper::text, r.rolinherit::text, r.rolcreaterole::text, r.rolcreatedb::text,"
     " r.rolcanlogin::text, r.rolreplication::text, r.rolbypassrls::text, r.rolconnlimit::text, "
     "r.rolvaliduntil::text"
     " FROM pg_roles r WHERE r.rolname !~ '^pg_'",
     {"=superuser", "=inherits", "=may create roles", "=may create databases", "=may log in", "=replication",
      "=bypasses row level security", "=connection limit", "=valid until"}},
    {"role membership",
     "SELECT pg_get_userbyid(m.member) || ' in ' || pg_get_userbyid(m.roleid), bool_or(m.admin_option)::text,"
     " coalesce(bool_or((to_jsonb(m)->>'inherit_option')::boolean)::text, 'role'),"
     " coalesce(bool_or((to_jsonb(m)->>'set_option')::boolean)::text, 'true') FROM pg_auth_members m"
     " WHERE pg_get_userbyid(m.member) !~ '^pg_' GROUP BY m.member, m.roleid",
     {"=admin option", "=inherits", "=may set"}},
    {"default privileges",
     "SELECT concat_ws('.', pg_get_userbyid(a.defaclrole), n.nspname, a.defaclobjtype), " TFSEAL_ACL(
         "a.defaclacl") " FROM pg_default_acl a LEFT JOIN pg_namespace n ON n.oid = a.defaclnamespace",
     {"privileges"}},
    {"setting",
     "SELECT concat_ws(' of ', split_part(c.line, '=', 1), CASE WHEN s.setrole <> 0 THEN 'role ' ||"
     " pg_get_userbyid(s.setrole) END, CASE WHEN s.setdatabase <> 0 THEN 'this database' END), md5(c.line)"
     " FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) AS c(line) WHERE s.setdatabase = 0 OR "
     "s.setdatabase ="
     " (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())",
     {"value"}},
    {"publication",
     "SELECT p.pubname, pg_get_userbyid(p.pubowner), (to_jsonb(p) - 'oid' - 'pubowner' - 'pubname')::text,"
     " (SELECT string_agg(concat_ws('.', t.schemaname, t.tablename), ',' ORDER BY t.schemaname COLLATE \"C\","
     " t.tablename COLLATE \"C\") FROM pg_publication_tables t WHERE t.pubname = p.pubname) FROM "
     "pg_publication p",
     {"=owner", "=what", "=tables"}},
    {"subscription",
     "SELECT s.subname, s.subenabled::text FROM pg_subscription s WHERE s.subdbid = (SELECT d.oid FROM "
     "pg_database d"
     " WHERE d.datname = current_database())",
     {"=enabled"}},
    {"extended statistics",
     "SELECT n.nspname || '.' || s.stxname, md5(pg_get_statisticsobjdef(s.oid)) FROM pg_statistic_ext s"
     " JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE " TFSEAL_OURS("n.nspname"),
     {"definition"}},
    // The rest by name: operators, casts, text search, foreign servers ...
    {"other object",
     "SELECT i.type || ' ' || i.identity FROM (SELECT 'pg_cast'::regclass AS class, oid FROM pg_cast"
     " UNION ALL SELECT 'pg_operator'::regclass, oid FROM pg_operator UNION ALL SELECT 'pg_opclass'::regclass, "
     "oid FROM"
     " pg_opclass UNION ALL SELECT 'pg_opfamily'::regclass, oid FROM pg_opfamily UNION ALL SELECT"
     " 'pg_ts_config'::regclass, oid FROM pg_ts_config UNION ALL SELECT 'pg_ts_dict'::regclass, oid FROM "
     "pg_ts_dict"
     " UNION ALL SELECT 'pg_ts_parser'::regclass, oid FROM pg_ts_parser UNION ALL SELECT "
     "'pg_collation'::regclass, oid"
     " FROM pg_collation UNION ALL SELECT 'pg_conversion'::regclass, oid FROM pg_conversion UNION ALL SELECT"
     " 'pg_language'::regclass, oid FROM pg_language UNION ALL SELECT 'pg_foreign_data_wrapper'::regclass, oid "
     "FROM"
     " pg_foreign_data_wrapper UNION ALL SELECT 'pg_foreign_server'::regclass, oid FROM pg_foreign_server "
     "UNION ALL"
     " SELECT 'pg_transform'::regclass, oid FROM pg_transform UNION ALL SELECT 'pg_am'::regclass, oid FROM "
     "pg_am) o,"
     " pg_identify_object(o.class, o.oid, 0) i WHERE o.oid >= 16384",
     {}},
    {"comment",
     "SELECT i.type || ' ' || i.identity, md5(d.description) FROM pg_description d,"
     " pg_identify_object(d.classoid, d.objoid, d.objsubid) i WHERE d.objoid >= 16384",
     {"text"}},
    {"large object access",
     "SELECT 'all', count(*)::text, md5(coalesce(string_agg(concat_ws(':', m.oid, "
     "pg_get_userbyid(m.lomowner), " TFSEAL_ACL(
         "coalesce(m.lomacl, acldefault('L', m.lomowner))") "), ',' ORDER BY m.oid), ''))"
                                                            " FROM pg_largeobject_metadata m",
     {"=count", "owners and privileges"}},
};

#undef TFSEAL_ACL
#undef TFSEAL_OURS

}  // namespace

std::span<const InventoryQuery> InventoryQueries() {
  return kQueries;
}

}  // namespace tfseal::postgres
