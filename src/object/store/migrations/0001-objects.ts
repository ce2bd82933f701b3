// Everything of object storage. Names sort by their bytes: SQLite does so by itself, PostgreSQL with collation "C". On SQLite the tables
// that are listed lie in the order of their keys (`without rowid`), so that a page of a listing is a few pages of the file.
import { sql, type Kysely } from 'kysely'
import type { DialectName } from '../../../platform/store/store.ts'

const counters = `object_count bigint not null, bytes_used bigint not null, version_count bigint not null,
  version_bytes bigint not null, part_bytes bigint not null`

const objectColumns = `version_us bigint not null, modified_us bigint not null, etag text not null, md5 text, bytes bigint not null,
  counted bigint not null, content_type text not null, kind text not null, blob_id text, metadata text not null, system text not null,
  expires_us bigint, is_null integer not null`

function tables(dialect: DialectName): string[] {
  const postgres = dialect === 'postgres'
  const name = postgres ? 'text collate "C" not null' : 'text not null'
  const bytes = postgres ? 'bytea' : 'blob'
  const lies = postgres ? '' : ' without rowid'
  return [
    `create table accounts (account ${name}, created_us bigint not null, metadata text not null, settings text not null,
      container_count bigint not null, ${counters}, deleted_us bigint, primary key (account))`,
    `create table containers (id text primary key, account ${name}, name ${name}, created_us bigint not null, modified_us bigint not null,
      metadata text not null, versioning text not null, settings text not null, ${counters})`,
    'create unique index containers_name on containers (account, name)',
    `create table objects (container_id text not null, name ${name}, ${objectColumns}, primary key (container_id, name))${lies}`,
    'create index objects_expires on objects (expires_us) where expires_us is not null',
    // newest first within a name; a primary key of PostgreSQL knows no direction
    postgres
      ? `create table versions (container_id text not null, name ${name}, ${objectColumns}, is_marker integer not null)`
      : `create table versions (container_id text not null, name ${name}, ${objectColumns}, is_marker integer not null,
          primary key (container_id, name, version_us desc)) without rowid`,
    ...(postgres ? ['create unique index versions_key on versions (container_id, name, version_us desc)'] : []),
    'create unique index versions_null on versions (container_id, name) where is_null = 1',
    'create index versions_expires on versions (expires_us) where expires_us is not null',
    `create table segments (container_id text not null, name ${name}, version_us bigint not null, number integer not null, blob_id text,
      path text, etag text not null, bytes bigint not null, first bigint, last bigint, sub_slo integer not null,
      content_type text not null, last_modified_us bigint not null, checksum text,
      primary key (container_id, name, version_us, number))${lies}`,
    `create table uploads (id text primary key, container_id text not null, name ${name}, created_us bigint not null, owner text not null,
      content_type text not null, metadata text not null, system text not null, expires_us bigint)`,
    'create index uploads_name on uploads (container_id, name, id)',
    'create index uploads_created on uploads (created_us)',
    `create table parts (upload_id text not null, number integer not null, blob_id text, bytes bigint not null, etag text not null,
      checksum text, modified_us bigint not null, primary key (upload_id, number))${lies}`,
    `create table blobs (id text primary key, bytes bigint not null, md5 text not null, crcs ${bytes} not null, refs integer not null,
      place text not null, directory text not null, state text not null, key text, created_us bigint not null, garbage_us bigint)`,
    `create index blobs_state on blobs (state, id) where state <> 'kept'`,
    `create index blobs_directory on blobs (directory, id) where directory <> ''`,
    `create table small (blob_id text primary key, bytes ${bytes} not null)`,
    `create table claims (bucket text primary key, account text not null)`,
    `create table transfers (account text not null, hour text not null, bytes_in bigint not null, bytes_out bigint not null,
      requests bigint not null, primary key (account, hour))${lies}`,
    'create table marks (name text primary key, value text not null)',
  ]
}

export async function objects(db: Kysely<never>, dialect: DialectName): Promise<void> {
  for (const text of tables(dialect)) await sql.raw(text).execute(db)
}
