/**
 * @file The same inputs in every run of the tests: what fails here today fails everywhere. New inputs are looked for by
 * `npm run test:fuzz`, which names the seed with which what it found is found again.
 */
import fc from 'fast-check';

if (process.env.FUZZ_RUNS === undefined) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 20_261_122 });
