// Our published profiles, with the snapshot the checkers need. A differential that only narrows elements of its base
// is merged here; one that slices or reaches into datatypes needs a published snapshot.
import fs from 'node:fs';
import path from 'node:path';
import { definitionOf, readJson } from './definitions.js';

const ADDED = new Set(['constraint', 'condition', 'alias', 'mapping']);

function merged(element, change) {
  const result = { ...element, ...change };
  for (const key of ADDED) {
    if (element[key] && change[key]) result[key] = [...element[key], ...change[key]];
  }
  return result;
}

function withSnapshot(profile) {
  if (profile.snapshot) return profile;
  const base = definitionOf.get(profile.type);
  if (!base || base.url !== profile.baseDefinition) throw new Error(`${profile.url}: base is not of R4 itself`);
  const element = base.snapshot.element.map((one) => structuredClone(one));
  for (const change of profile.differential.element) {
    const index = element.findIndex((one) => one.path === change.path);
    if (index < 0 || change.sliceName || change.slicing) {
      throw new Error(`${profile.url}: ${change.id ?? change.path} slices or is not in its base; publish a snapshot`);
    }
    element[index] = merged(element[index], change);
  }
  return { ...profile, snapshot: { element } };
}

// Profiles on resources by canonical address; extensions are left to the base definitions.
export function readProfiles(folder) {
  const profiles = new Map();
  for (const name of fs.readdirSync(folder).filter((one) => /^StructureDefinition-.*\.json$/.test(one)).sort()) {
    const one = readJson(path.join(folder, name));
    if (one.derivation === 'constraint' && one.kind === 'resource') profiles.set(one.url, withSnapshot(one));
  }
  return profiles;
}

export function readPublished(folder) {
  return new Set(
    fs
      .readdirSync(folder)
      .filter((one) => /^StructureDefinition-.*\.json$/.test(one))
      .map((one) => readJson(path.join(folder, one)).url),
  );
}
