// Opens what write_rows wrote with Node's crypto, by the layouts of docs/row-formats.md.
// usage: node foreign_reader.mjs WRITE_ROWS
import { execFileSync } from 'node:child_process';
import { createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';

function unwrap(kek, wrapped) {
  const cipher = createDecipheriv('id-aes256-wrap-pad', kek, Buffer.from('A65959A6', 'hex'));
  return Buffer.concat([cipher.update(wrapped), cipher.final()]);
}

function open(key, iv, ciphertext, tag, aad) {
  const cipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: 16 });
  if (aad) cipher.setAAD(aad);
  cipher.setAuthTag(tag);
  return Buffer.concat([cipher.update(ciphertext), cipher.final()]);
}

function split(sealed) {
  return [sealed.subarray(0, 12), sealed.subarray(12, sealed.length - 16), sealed.subarray(sealed.length - 16)];
}

function withLength(text) {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([length, Buffer.from(text)]);
}

function readTfseal(data, kek) {
  let at = 5;
  const take = (count) => data.subarray(at, (at += count));
  const field = (size) => take(take(size).readUIntBE(0, size));
  if (data.subarray(0, 5).toString('latin1') !== 'tfs\x01\x01') throw new Error('tfseal: head');
  field(2);
  const key = unwrap(kek, field(2));
  field(1);
  const commitment = take(32);
  if (!timingSafeEqual(commitment, createHmac('sha256', key).update('tfseal:key-commitment:v1').digest())) {
    throw new Error('tfseal: commitment');
  }
  const iv = take(12);
  const ciphertext = field(4);
  const aad = Buffer.concat([Buffer.from('tfsealAD\x01\x01', 'latin1'),
    ...['connections', 'payload', '42', 'acme'].map(withLength)]);
  return open(key, iv, ciphertext, take(16), aad);
}

const readers = {
  columns: ([sealed, iv, wrapped], kek) =>
    open(unwrap(kek, wrapped), iv, sealed.subarray(0, sealed.length - 16), sealed.subarray(sealed.length - 16)),
  'version-prefix': ([value], _, key) => open(key, ...split(value.subarray(3))),
  tfseal: ([value], kek) => readTfseal(value, kek),
  rails: ([value], _, key) => {
    const { p, h } = JSON.parse(value);
    return open(key, ...[h.iv, p, h.at].map((text) => Buffer.from(text, 'base64')));
  },
  lockbox: ([sealed, key], kek) =>
    open(unwrap(kek, Buffer.from(key.toString().split(':')[1], 'base64')),
         ...split(Buffer.from(sealed.toString(), 'base64'))),
};

const lines = execFileSync(process.argv[2], { maxBuffer: 1 << 28 }).toString().trim().split('\n');
const layouts = new Set();
for (const line of lines) {
  const row = JSON.parse(line);
  layouts.add(row.layout);
  const bytes = (hex) => Buffer.from(hex, 'hex');
  const plaintext = readers[row.layout](row.values.map(bytes), bytes(row.kek), bytes(row.key));
  if (plaintext.toString('hex') !== row.plaintext) throw new Error(`${row.layout}: another plaintext`);
}
if (lines.length !== 25 || layouts.size !== 5) throw new Error(`${lines.length} values, not 25`);
console.log(`${lines.length} values opened`);
