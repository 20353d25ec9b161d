import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { writePlot } from '../../../bench/plot.ts';

test('a chart becomes an SVG file with a mark per value', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tillcast-plot-'));
  try {
    const path = join(folder, 'plot.svg');
    await writePlot(path, {
      data: { values: [12, 34, 56].map((rows) => ({ rows })) },
      mark: { type: 'point', shape: 'circle' },
      encoding: { x: { field: 'rows', type: 'quantitative', title: 'rows a batch' } },
    });
    const svg = readFileSync(path, 'utf8');
    expect(svg).toMatch(/^<svg /);
    expect(svg).toContain('rows a batch');
    expect(svg.match(/aria-roledescription="point"/g)).toHaveLength(3);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
