// Lantana's "fhir": the one that knows the codes of required value sets. Its warnings (bindings it cannot expand)
// and informations are left out; an unexpected element is an error.
import { createRequire } from 'node:module';

const { Fhir } = createRequire(import.meta.url)('fhir');
const fhir = new Fhir();

// It takes `false` for a value that is not there.
const FALSE_IS_MISSING = 'substitution.allowed[x] Missing property';

export const name = 'lantana';

export function check(resource) {
  const { messages } = fhir.validate(structuredClone(resource), { errorOnUnexpected: true });
  return messages
    .filter((one) => one.severity === 'error' || one.severity === 'fatal')
    .map((one) => `${one.location} ${one.message}`)
    .filter((one) => !(one.endsWith(FALSE_IS_MISSING) && resource.substitution?.allowedBoolean === false));
}
