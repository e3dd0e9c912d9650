// What no other checker sees: contained but not referenced (dom-3), empty arrays, narrative that is more than text,
// and a profile of ours that is claimed but not published.
const TAGS =
  'a|abbr|b|blockquote|br|caption|code|col|colgroup|dd|div|dl|dt|em|h[1-6]|hr|i|li|ol|p|pre|small|span|strong|' +
  'sub|sup|table|tbody|td|tfoot|th|thead|tr|ul';
const NARRATIVE = new RegExp(`<(?!/?(?:${TAGS})[\\s/>])`, 'i');
const ACTIVE = /\son\w+\s*=|javascript:/i;

export const name = 'house';

function* walk(node, at) {
  yield [node, at];
  for (const [key, child] of Object.entries(node)) {
    if (child !== null && typeof child === 'object') {
      yield* walk(child, Array.isArray(node) ? `${at}[${key}]` : `${at}.${key}`);
    }
  }
}

export function check(resource, profile, published = new Set(), ours = undefined) {
  const problems = [];
  const references = new Set();
  for (const [node, at] of walk(resource, resource.resourceType)) {
    if (Array.isArray(node) && node.length === 0) problems.push(`${at} is an empty array`);
    for (const text of Object.values(node)) if (typeof text === 'string' && text[0] === '#') references.add(text);
    if (typeof node.div === 'string' && (NARRATIVE.test(node.div) || ACTIVE.test(node.div))) {
      problems.push(`${at}.div holds more than text`);
    }
  }
  for (const one of resource.contained ?? []) {
    const pointsOut = [...walk(one, '')].some(([node]) => node.reference === '#');
    if (!references.has(`#${one.id}`) && !pointsOut) problems.push(`contained ${one.id} is not referenced`);
  }
  for (const url of resource.meta?.profile ?? []) {
    if (ours && url.startsWith(ours) && !published.has(url)) problems.push(`claims ${url}, which is not published`);
  }
  return problems;
}
