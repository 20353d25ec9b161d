import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

type Operation = Readonly<{
  responses: Readonly<Record<string, { content?: Readonly<Record<string, { schema: object }>>; $ref?: string }>>;
  'x-example'?: string;
}>;

export const openApi = JSON.parse(
  readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8'),
) as Readonly<{ paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> }>;

const ajv = new Ajv2020({ strict: false, allErrors: true });
(addFormats as unknown as (ajv: Ajv2020) => void)(ajv);
ajv.addSchema(openApi, 'api');

const pointer = (...steps: string[]) =>
  `api#/${steps.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;

/** What is wrong with an answer, by docs/openapi.json; undefined where nothing is. */
export function differences(
  path: string,
  status: number,
  contentType: string,
  body: unknown,
  method: 'get' | 'post' = 'get',
): string | undefined {
  const operation = openApi.paths[path]?.[method];
  const response = operation?.responses[String(status)];
  if (response === undefined) return `${path} does not document ${status}`;
  const type = contentType.split(';')[0] ?? '';
  const steps = response.$ref?.slice(2).split('/') ?? ['paths', path, method, 'responses', String(status)];
  const validate = ajv.getSchema(pointer(...steps, 'content', type, 'schema'));
  if (validate === undefined) return `${path} does not document ${status} as ${type}`;
  return validate(body) ? undefined : ajv.errorsText(validate.errors, { dataVar: path });
}
