import { readFileSync } from 'node:fs';
import { validateXML } from 'xmllint-wasm';

const folder = new URL('./schema/tableau/', import.meta.url);
const userSpace = 'http://www.tableausoftware.com/xml/user';
const xmlSpace = 'http://www.w3.org/XML/1998/namespace';

/** The official schema names two namespaces without saying where they are told; they are left open here. */
const schema = readFileSync(new URL('twb_2026.1.0.xsd', folder), 'utf8')
  .replace(`<xs:import namespace="${userSpace}"/>`, `<xs:import namespace="${userSpace}" schemaLocation="user.xsd"/>`)
  .replace(`<xs:import namespace="${xmlSpace}"/>`, `<xs:import namespace="${xmlSpace}" schemaLocation="xml.xsd"/>`);
const open = (space: string, body: string) =>
  `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="${space}">${body}</xs:schema>`;
const preload = [
  {
    fileName: 'user.xsd',
    contents: open(
      userSpace,
      `<xs:attributeGroup name="UserAttributes-AG"><xs:anyAttribute namespace="${userSpace}" processContents="skip"/></xs:attributeGroup>`,
    ),
  },
  { fileName: 'xml.xsd', contents: open(xmlSpace, '<xs:attribute name="base" type="xs:string"/>') },
];

/** Asked for by the schema, unknown to the 18.1 format and left out by Tableau's own validator. */
const explainData =
  "<explain-data enabled-for-viewer='false' extreme-values-enabled-for-all='false'><explanation-types/></explain-data>";

/** What Tableau's schema of 2026.1 has against a workbook; nothing where it is valid. */
export async function schemaErrors(workbook: string): Promise<string[]> {
  const contents = workbook.replace('</workbook>', `${explainData}</workbook>`);
  const { errors } = await validateXML({
    xml: [{ fileName: 'workbook.twb', contents }],
    schema: [{ fileName: 'twb.xsd', contents: schema }],
    preload,
    initialMemoryPages: 512,
    maxMemoryPages: 4096,
  });
  return errors.map(({ rawMessage }) => rawMessage);
}
