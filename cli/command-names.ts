/**
 * The first words that name a command. By themselves, so that the installed app, when it starts, need not load all commands to see that its
 * arguments are none. Without `sandbox`, which does not come with it.
 */
export const commandNames: ReadonlySet<string> = new Set([
  'config', 'login', 'logout', 'people', 'patients', 'add', 'sync', 'status', 'pause', 'resume', 'retry', 'cancel', 'own-keys', 'network', 'doctor', 'bundle', 'recover', 'help',
]);
