import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { failPoints } from '../../config/failPoints.ts';

const page = readFileSync('docs/guarantees.md', 'utf8');

test('each test that docs/guarantees.md names stands in the file that it names', () => {
  const named = [...page.matchAll(/^- \*\*(.+?)\*\* — .*\(`(test\/[^`]+)`\)$/gm)];
  expect(named.length).toBeGreaterThan(60);
  const missing = named.filter(([, title = '', file = '']) => {
    return !existsSync(file) || !readFileSync(file, 'utf8').replaceAll("\\'", "'").includes(title);
  });
  expect(missing.map(([line]) => line)).toEqual([]);
});

test('docs/guarantees.md names each fail point', () => {
  expect(failPoints.filter((point) => !page.includes(`\`${point}\``))).toEqual([]);
});
