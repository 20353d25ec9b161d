import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import express from 'express';
import { vendorFiles } from '../../../web/vendorFiles.ts';

test('the charts libraries are served packed, named by a tag, and import nothing from elsewhere', async () => {
  const server = createServer(express().use(vendorFiles()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    for (const name of ['vega.js', 'vega-lite.js', 'vega-interpreter.js']) {
      const url = `http://127.0.0.1:${port}/${name}`;
      const packed = await fetch(url);
      const plain = await fetch(url, { headers: { 'Accept-Encoding': 'identity' } });
      const [text, same] = [await packed.text(), await plain.text()];
      const said = [packed, plain].map(({ headers }) => [headers.get('content-encoding'), headers.get('etag')?.length]);
      expect([name, said, text === same]).toEqual([
        name,
        [
          ['gzip', 20],
          [null, 20],
        ],
        true,
      ]);
      expect([name, /^import /m.test(text)]).toEqual([name, false]);
    }
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
