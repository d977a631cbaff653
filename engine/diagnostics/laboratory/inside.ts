/** @file Runs inside a network namespace: looks at the targets that it is given and prints what it saw, as one line of JSON. */
import { laboratoryEnvironment, look } from './fault.ts';
import type { Targets } from './internet.ts';

const { controls, ...given } = JSON.parse(process.argv[2] ?? '{}') as Targets;
const seen = await look(laboratoryEnvironment({ ...given, controls: () => controls ?? {} }));
process.stdout.write(`${JSON.stringify(seen)}\n`);
// A look-up that the system has not given up on would keep the process for seconds.
process.exit(0);
