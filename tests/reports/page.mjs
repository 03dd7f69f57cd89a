// page.mjs FILE..: html-validate's verdict on each.
import {readFileSync} from 'node:fs';
import {HtmlValidate} from 'html-validate';

const judge = new HtmlValidate({
  root: true,
  extends: ['html-validate:recommended', 'html-validate:a11y'],
  // Titles of documents that others named may be long.
  rules: {'long-title': 'off', 'no-trailing-whitespace': 'off'},
});
let wrong = 0;
const files = process.argv.slice(2);
for (const file of files) {
  const report = await judge.validateString(readFileSync(file, 'utf8'), file);
  for (const result of report.results) {
    for (const message of result.messages) {
      wrong += 1;
      if (wrong <= 20) console.log('WRONG', file, message.line, message.ruleId, message.message);
    }
  }
}
if ((await judge.validateString('<p><div></p>')).valid || files.length === 0) wrong += 1;
console.log(`${files.length} judged, ${wrong} wrong`);
process.exit(wrong === 0 ? 0 : 1);
