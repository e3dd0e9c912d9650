// node check.js ANSWERS PROFILES [MORE]: every answer, published artifact and example through every checker.
// Prints each problem as "file  place  checker: message", then counts. Exit 1 on any problem, 2 when nothing was checked.
import fs from 'node:fs';
import path from 'node:path';
import { readJson } from './definitions.js';
import * as house from './checkers/house.js';
import * as invariants from './checkers/invariants.js';
import * as lantana from './checkers/lantana.js';
import * as medplum from './checkers/medplum.js';
import * as schema from './checkers/schema.js';
import { readProfiles, readPublished } from './profiles.js';

const CHECKERS = [medplum, lantana, schema, invariants, house];
const OURS = 'https://baclofen-safety.example/';

const [answersFolder, profilesFolder, ...moreFolders] = process.argv.slice(2);
if (!answersFolder || !profilesFolder) {
  console.error('usage: node check.js ANSWERS PROFILES [MORE]');
  process.exit(2);
}

const jsonFiles = (folder) =>
  fs
    .readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => path.join(folder, name));

// A Bundle is checked as a whole, and each resource in it by itself: no checker can be trusted to look inside.
function* resourcesOf(resource, at) {
  yield [resource, at];
  if (resource.resourceType !== 'Bundle') return;
  for (const [index, entry] of (resource.entry ?? []).entries()) {
    if (entry.resource) yield* resourcesOf(entry.resource, `${at}.entry[${index}]`);
  }
}

const profiles = readProfiles(profilesFolder);
const published = readPublished(profilesFolder);
const answers = fs.existsSync(answersFolder) ? jsonFiles(answersFolder) : [];
const NO_RESOURCES = ['package.json', '.index.json'];
const artifacts = [profilesFolder, ...moreFolders]
  .flatMap(jsonFiles)
  .filter((name) => !NO_RESOURCES.includes(path.basename(name)));
const counts = new Map(CHECKERS.map((checker) => [checker.name, { checked: 0, problems: 0 }]));
const used = new Map([...profiles.values()].map(({ id }) => [id, 0]));
const types = new Map();

function report(checker, file, at, messages) {
  const count = counts.get(checker.name);
  count.checked += 1;
  count.problems += messages.length;
  for (const message of messages) console.log(`${file}  ${at}  ${checker.name}: ${message}`);
}

// An answer is held to the profile of its type whether it claims it or not; anything else to what it claims.
const profilesOf = (resource, answered) =>
  [...profiles.values()].filter(({ url, type }) =>
    resource.meta?.profile?.includes(url) || (answered && type === resource.resourceType));

function checkOne(file, resource, at, answered) {
  types.set(resource.resourceType, (types.get(resource.resourceType) ?? 0) + 1);
  for (const checker of CHECKERS) {
    report(checker, file, at, checker.check(resource, undefined, published, OURS));
  }
  for (const profile of profilesOf(resource, answered)) {
    used.set(profile.id, used.get(profile.id) + 1);
    report(medplum, file, `${at} as ${profile.id}`, medplum.check(resource, profile));
  }
}

// A file that is no resource at all becomes a problem of its own, told by the JSON Schema checker.
function parsed(file) {
  try {
    return readJson(file);
  } catch (error) {
    return { resourceType: `no JSON (${error.message})` };
  }
}

let resources = 0;
for (const file of [...answers, ...artifacts]) {
  const content = parsed(file);
  for (const [resource, at] of resourcesOf(content, content.resourceType)) {
    checkOne(file, resource, at, answers.includes(file));
    resources += 1;
  }
}

function table(title, rows) {
  console.log(`\n${title}`);
  for (const [key, ...numbers] of rows) {
    console.log(`  ${key.padEnd(40)}${numbers.map((one) => String(one).padStart(9)).join('')}`);
  }
}

table('resources', [...types].sort());
table('checked against our profiles', [...used]);
table('checker: checked, problems', [...counts].map(([key, { checked, problems }]) => [key, checked, problems]));

const problems = [...counts.values()].reduce((sum, one) => sum + one.problems, 0);
console.log(`\n${answers.length} answers, ${artifacts.length} published files: ` +
  `${resources} resources, ${CHECKERS.length} checkers, ${problems} problems`);
if (answers.length === 0) console.log('no answers were there to check');
process.exit(problems ? 1 : answers.length === 0 ? 2 : 0);
