// Our published profiles; their snapshots are made by HL7's own generator (conformance/java, make snapshots).
import fs from 'node:fs';
import path from 'node:path';
import { readJson } from './definitions.js';

const definitionsIn = (folder) =>
  fs
    .readdirSync(folder)
    .filter((name) => /^StructureDefinition-.*\.json$/.test(name))
    .sort()
    .map((name) => readJson(path.join(folder, name)));

// Profiles on resources by canonical address; extensions are left to the base definitions.
export function readProfiles(folder) {
  const profiles = definitionsIn(folder).filter((one) => one.derivation === 'constraint' && one.kind === 'resource');
  return new Map(profiles.map((one) => [one.url, one]));
}

export const readPublished = (folder) => new Set(definitionsIn(folder).map((one) => one.url));
