// Our published profiles, with the snapshot the checkers need: the differential laid over HL7's base definition.
import fs from 'node:fs';
import path from 'node:path';
import { definitionOf, readJson } from './definitions.js';

const ADDED = ['constraint', 'condition', 'alias', 'mapping'];

function merged(element, change) {
  const result = { ...element, ...change };
  for (const key of ADDED) {
    if (element[key] && change[key]) result[key] = [...element[key], ...change[key]];
  }
  return result;
}

const inside = (id) => (one) => one.id.startsWith(`${id}.`) || one.id.startsWith(`${id}:`);

// Makes the element with this id exist: a slice after its element, a child by unfolding the datatype of its parent.
function place(elements, id, url) {
  if (elements.some((one) => one.id === id)) return;
  const colon = id.lastIndexOf(':');
  const dot = id.lastIndexOf('.');
  if (Math.max(colon, dot) < 0) throw new Error(`${url}: ${id} is not in its base`);
  const parentId = id.slice(0, Math.max(colon, dot));
  place(elements, parentId, url);
  const index = elements.findIndex((one) => one.id === parentId);
  const parent = elements[index];
  if (colon > dot) {
    const { slicing, ...copy } = structuredClone(parent);
    const after = elements.findLastIndex(inside(parentId));
    elements.splice(Math.max(after, index) + 1, 0, { ...copy, id, min: 0 });
    return;
  }
  const datatype = definitionOf.get(parent.type?.[0]?.code);
  const children = (datatype?.snapshot.element ?? []).slice(1).map((one) => ({
    ...structuredClone(one),
    id: parentId + one.id.slice(datatype.type.length),
    path: parent.path + one.path.slice(datatype.type.length),
  }));
  if (!children.some((one) => one.id === id)) throw new Error(`${url}: ${id} is not in its base`);
  elements.splice(index + 1, 0, ...children);
}

export function withSnapshot(profile) {
  if (profile.snapshot) return profile;
  const base = definitionOf.get(profile.type);
  if (base?.url !== profile.baseDefinition) throw new Error(`${profile.url}: its base is not in R4 itself`);
  const element = structuredClone(base.snapshot.element);
  for (const change of profile.differential.element) {
    place(element, change.id, profile.url);
    const index = element.findIndex((one) => one.id === change.id);
    element[index] = merged(element[index], change);
  }
  return { ...profile, snapshot: { element } };
}

const definitionsIn = (folder) =>
  fs
    .readdirSync(folder)
    .filter((name) => /^StructureDefinition-.*\.json$/.test(name))
    .sort()
    .map((name) => readJson(path.join(folder, name)));

// Profiles on resources by canonical address; extensions are left to the base definitions.
export function readProfiles(folder) {
  const profiles = definitionsIn(folder).filter((one) => one.derivation === 'constraint' && one.kind === 'resource');
  return new Map(profiles.map((one) => [one.url, withSnapshot(one)]));
}

export const readPublished = (folder) => new Set(definitionsIn(folder).map((one) => one.url));
