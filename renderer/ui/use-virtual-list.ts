import { useVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import type { RefObject } from 'react';

interface VirtualListOptions {
  count: number;
  scroller: RefObject<HTMLDivElement | null>;
  /** Of every row alike, in pixels. */
  rowHeight: number;
}

/** Which rows of a long list are in sight, and where. */
export function useVirtualList({ count, scroller, rowHeight }: VirtualListOptions): Virtualizer<HTMLDivElement, Element> {
  // The rule is for the React compiler, which does not touch this code.
  // oxlint-disable-next-line react/incompatible-library
  return useVirtualizer({ count, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 8 });
}
