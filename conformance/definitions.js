// HL7's own R4 definitions (4.0.1), read once. Medplum's copies differ from the standard in several types.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);
const folder = path.dirname(require.resolve('hl7.fhir.r4.examples/package.json'));

export const readJson = (file) => JSON.parse(fs.readFileSync(file, 'utf8'));

export const structureDefinitions = fs
  .readdirSync(folder)
  .filter((name) => name.startsWith('StructureDefinition-'))
  .map((name) => readJson(path.join(folder, name)))
  .filter((one) => one.snapshot && one.kind !== 'logical' && one.derivation !== 'constraint');

export const definitionOf = new Map(structureDefinitions.map((one) => [one.type, one]));

// HL7's examples of one resource type: what a checker must not complain about.
export const examplesOf = (type) =>
  fs
    .readdirSync(folder)
    .filter((name) => name.startsWith(`${type}-`) && name.endsWith('.json'))
    .map((name) => [name, readJson(path.join(folder, name))])
    .filter(([, resource]) => resource.resourceType === type);
