/**
 * Threads on which Node reads files, looks names up and flushes disks, in a process that runs the engine: its own four are too few, see
 * [Note: a card that hangs]. It counts only when it stands in the environment (`UV_THREADPOOL_SIZE`) before the pool is first used.
 */
export const threadPoolSize = 16;
