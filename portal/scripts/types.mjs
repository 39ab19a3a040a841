// Makes src/api/contract.ts, the types of the API, from the committed contract. It runs before every build, check and test, so that
// a change of the contract that the portal does not follow fails to compile; the file itself is not kept.
import { readFileSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';

const contract = JSON.parse(readFileSync(new URL('../../openapi/openapi.json', import.meta.url), 'utf8'));
const target = new URL('../src/api/contract.ts', import.meta.url);

/** Takes out what is there for readers: examples alone are nine tenths of the contract. */
function slim(part) {
    if (Array.isArray(part)) return part.map(slim);
    if (part === null || typeof part !== 'object') return part;
    const kept = Object.entries(part).filter(
        ([key, value]) =>
            !(['example', 'examples'].includes(key) || (key === 'description' && typeof value === 'string')),
    );
    return Object.fromEntries(kept.map(([key, value]) => [key, slim(value)]));
}

const whole = slim(contract);
for (const item of Object.values(whole.paths)) {
    for (const operation of Object.values(item)) {
        const answers = Object.entries(operation.responses);
        const refusal = answers.find(([status]) => /^[45]/.test(status));
        // Every refusal has the one form of a problem.
        operation.responses = {
            ...Object.fromEntries(answers.filter(([status]) => !/^[45]/.test(status))),
            ...(refusal && { default: refusal[1] }),
        };
        // Descriptions of answers are required by the generator.
        for (const answer of Object.values(operation.responses)) {
            answer.description = '';
            delete answer.headers;
            // Documents are downloaded as they are; what is read is JSON.
            if (answer.content?.['application/json'])
                answer.content = { 'application/json': answer.content['application/json'] };
        }
        // The client writes these headers by itself; a parameter that is referred to is one of them.
        operation.parameters = operation.parameters?.filter(
            (parameter) => !parameter.$ref && parameter.in !== 'header',
        );
    }
}

writeFileSync(
    target,
    `// Made from openapi/openapi.json by scripts/types.mjs.
${astToString(await openapiTS(whole))}`,
);
