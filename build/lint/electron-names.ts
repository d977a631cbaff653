/**
 * @file What of Electron nobody takes, as an oxlint rule: what hands an address or a path to the operating system to open. With text from a
 * server, a file or a link that starts whatever program is registered for it. Nothing here needs it; what comes to need it gets one module
 * that checks the address against a list, and that module's path here.
 */
import { relative, sep } from 'node:path';

interface Named { type: string; imported?: { name?: string; value?: string } }
interface Import { source: { value?: unknown }; specifiers?: Named[] }
interface Member { computed?: boolean; property: { type: string; name?: string; value?: unknown } }
interface RuleContext { cwd: string; filename: string; report(problem: { node: unknown; message: string }): void }

const allowed: Record<string, string[]> = { shell: [] };
const opening = ['openExternal', 'openPath'];
const why = 'Nothing is given to the operating system to open: see docs/security.md.';

export const electronNames = {
  create(context: RuleContext) {
    const file = relative(context.cwd, context.filename).split(sep).join('/');
    return {
      ImportDeclaration(node: Import): void {
        if (node.source.value !== 'electron') return;
        for (const { type, imported } of node.specifiers ?? []) {
          const name = imported?.name ?? imported?.value ?? '';
          if (type !== 'ImportSpecifier') context.report({ node, message: 'Take from Electron by name what is used, so that it can be seen.' });
          else if (allowed[name] && !allowed[name].includes(file)) context.report({ node, message: why });
        }
      },
      MemberExpression(node: Member): void {
        const name = node.computed ? node.property.value : node.property.name;
        if (typeof name === 'string' && opening.includes(name) && !allowed.shell!.includes(file)) context.report({ node, message: why });
      },
    };
  },
};
