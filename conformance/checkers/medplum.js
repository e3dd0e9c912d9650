// @medplum/core on HL7's definitions: shape, cardinality, choices, targets; with a profile also patterns and fixed
// values. Errors are thrown, warnings returned; both count. It knows no terminology.
import { indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import { structureDefinitions } from '../definitions.js';

indexStructureDefinitionBundle(structureDefinitions);

const told = (issue) => `${issue.expression?.join(', ') ?? ''} ${issue.details?.text ?? issue.code}`.trim();

// False alarms: an absolute reference is taken for one of type "https:", and bdl-8 fails where there is no fullUrl
// (invariants.js holds bdl-8).
const FALSE_ALARM = /Invalid reference: got "(?:https?|urn):|Constraint bdl-8 not met/;

export const name = 'medplum';

export function check(resource, profile) {
  try {
    return validateResource(resource, profile && { profile }).map(told).filter((one) => !FALSE_ALARM.test(one));
  } catch (error) {
    if (!error.outcome) throw error;
    return error.outcome.issue.map(told).filter((one) => !FALSE_ALARM.test(one));
  }
}
