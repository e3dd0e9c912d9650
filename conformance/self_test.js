// Can the checkers fail at all? fixtures/expected.csv says which of them must complain about which altered resource;
// every invalid one must be caught by at least one, and none may complain about what HL7 itself published as examples.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { examplesOf, readJson } from './definitions.js';
import * as house from './checkers/house.js';
import * as invariants from './checkers/invariants.js';
import * as lantana from './checkers/lantana.js';
import * as medplum from './checkers/medplum.js';
import * as schema from './checkers/schema.js';
import { readProfiles } from './profiles.js';

const CHECKERS = [medplum, lantana, schema, invariants, house];
const here = (name) => new URL(`fixtures/${name}`, import.meta.url);
const [header, ...rows] = fs.readFileSync(here('expected.csv'), 'utf8').trim().split('\n').map((line) => line.split(','));

for (const row of rows) {
  const expected = Object.fromEntries(header.map((key, index) => [key, row[index]]));
  test(expected.file, () => {
    const resource = readJson(here(expected.file));
    const said = Object.fromEntries(CHECKERS.map(({ name, check }) => [name, check(resource).length ? 'error' : 'ok']));
    assert.deepEqual(said, Object.fromEntries(CHECKERS.map(({ name }) => [name, expected[name]])));
    assert.equal(Object.values(said).includes('error'), expected.valid === 'no');
  });
}

// medrx0301 names a Practitioner as dispenser, which R4 does not allow: the example is wrong.
const WRONG_EXAMPLES = new Set(['MedicationRequest-medrx0301.json']);

for (const type of ['DetectedIssue', 'CommunicationRequest', 'MedicationRequest', 'GuidanceResponse', 'OperationOutcome']) {
  test(`HL7 examples of ${type}`, () => {
    for (const [file, resource] of examplesOf(type)) {
      if (WRONG_EXAMPLES.has(file)) continue;
      for (const { name, check } of CHECKERS) assert.deepEqual(check(resource), [], `${file} ${name}`);
    }
  });
}

test('our profile of DetectedIssue asks for the code of the rule', () => {
  const folder = fileURLToPath(new URL('../fhir_profiles', import.meta.url));
  const profile = [...readProfiles(folder).values()].find(({ type }) => type === 'DetectedIssue');
  const issue = readJson(here('di_00_valid.json'));
  assert.notDeepEqual(medplum.check(issue, profile), []);
  issue.code.coding.push({ system: 'https://baclofen-safety.example/fhir/CodeSystem/baclofen-issue', code: 'BAC-RENAL-01' });
  assert.deepEqual(medplum.check(issue, profile), []);
});
