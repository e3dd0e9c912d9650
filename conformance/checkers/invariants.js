// The invariants of the R4 definitions, evaluated with fhirpath.js on every element.
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4/index.js';
import { definitionOf } from '../definitions.js';

// ele-1 is held by the shape checkers; the others fhirpath.js cannot evaluate (dom-3 is checked in house.js).
const LEFT_OUT = new Set(['ele-1', 'dom-3', 'eld-16', 'eld-19']);

const compiled = new Map();
const elementsOf = new Map();

function expressionOf(path, text) {
  const key = `${path}|${text}`;
  if (!compiled.has(key)) {
    const expression = text.replaceAll(/\.trace\('[^']*'\)/g, '');
    compiled.set(key, fhirpath.compile(definitionOf.get(path)?.kind === 'resource' ? expression : { base: path, expression }, r4));
  }
  return compiled.get(key);
}

function elements(type) {
  if (!elementsOf.has(type)) {
    const found = definitionOf.get(type)?.snapshot.element ?? [];
    elementsOf.set(type, new Map(found.map((one) => [one.path, one])));
  }
  return elementsOf.get(type);
}

// The definition of a property, and the type its value has.
function childOf(type, path, property) {
  const known = elements(type);
  const exact = known.get(`${path}.${property}`);
  if (exact) return [exact, exact.type?.[0]?.code];
  for (const { code } of [...known.values()].flatMap((one) => one.type ?? [])) {
    const ending = code[0].toUpperCase() + code.slice(1);
    const choice = property.endsWith(ending) && known.get(`${path}.${property.slice(0, -ending.length)}[x]`);
    if (choice) return [choice, code];
  }
  return [undefined, undefined];
}

function* nodes(node, type, path, at, rootResource) {
  yield [node, elements(type).get(path), path, at, rootResource];
  for (const [property, value] of Object.entries(node)) {
    const [element, code] = childOf(type, path, property);
    if (!element) continue;
    const list = Array.isArray(value) ? value : [value];
    for (const [index, child] of list.entries()) {
      if (child === null || typeof child !== 'object') continue;
      const where = `${at}.${property}${Array.isArray(value) ? `[${index}]` : ''}`;
      if (element.contentReference) {
        yield* nodes(child, type, element.contentReference.slice(1), where, rootResource);
      } else if (code === 'BackboneElement' || code === 'Element') {
        yield* nodes(child, type, element.path, where, rootResource);
      } else if (code === 'Resource') {
        const inside = property === 'contained' ? rootResource : child;
        yield* nodes(child, child.resourceType, child.resourceType, where, inside);
      } else if (definitionOf.has(code)) {
        yield* nodes(child, code, code, where, rootResource);
      }
    }
  }
}

export const name = 'invariants';

export function check(resource) {
  const problems = [];
  const type = resource.resourceType;
  for (const [node, element, path, at, rootResource] of nodes(resource, type, type, type, resource)) {
    for (const { key, severity, expression, human } of element?.constraint ?? []) {
      if (severity !== 'error' || !expression || LEFT_OUT.has(key)) continue;
      try {
        const [holds] = expressionOf(path, expression)(node, { resource: rootResource, rootResource });
        if (holds === false) problems.push(`${at} ${key}: ${human}`);
      } catch (error) {
        problems.push(`${at} ${key} cannot be evaluated: ${error.message}`);
      }
    }
  }
  return problems;
}
