// schemas.mjs SCHEMA whole|items FILE..: ajv's verdict on each file, or on each entry of the array in it.
import {readFileSync} from 'node:fs';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';

const [schema, what, ...files] = process.argv.slice(2);
const ajv = new Ajv({strict: false, allErrors: true, unicodeRegExp: true});
addFormats(ajv);
const validate = ajv.compile(JSON.parse(readFileSync(schema, 'utf8')));
let judged = 0;
let wrong = 0;
for (const file of files) {
  const document = JSON.parse(readFileSync(file, 'utf8'));
  for (const value of what === 'items' ? document : [document]) {
    judged += 1;
    if (validate(value)) continue;
    wrong += 1;
    if (wrong <= 10) console.log('WRONG', file, JSON.stringify(validate.errors.slice(0, 3)));
  }
}
// A schema that takes everything judges nothing.
if (validate({}) || judged === 0) wrong += 1;
console.log(`${judged} judged, ${wrong} wrong`);
process.exit(wrong === 0 ? 0 : 1);
