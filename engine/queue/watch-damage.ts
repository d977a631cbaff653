import { DatabaseError } from './database-error.ts';

/**
 * The same store; `onDamaged` is told the first time that the file turns out to be damaged.
 * A large database is not read whole at every start, so its damage may show only when the page is needed.
 */
export function watchDamage<Store extends object>(store: Store, onDamaged: () => void): Store {
  let told = false;
  return Object.fromEntries(Object.entries(store).map(([name, method]) => [name, (...inputs: unknown[]): unknown => {
    try {
      return (method as (...values: unknown[]) => unknown)(...inputs);
    } catch (error) {
      if (!told && error instanceof DatabaseError && error.reason === 'damaged') {
        told = true;
        onDamaged();
      }
      throw error;
    }
  }])) as Store;
}
