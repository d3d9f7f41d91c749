import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useEffectEvent, useRef, useState } from 'react';
import './rows.css';

/** A column: its heading, its share of the width, and what stands in it. */
export interface Column<T> {
  id: string;
  name: string;
  /** CSS grid track, "2fr", "7rem", "minmax(8rem, 1fr)". */
  width: string;
  cell: (row: T) => ReactNode;
  numeric?: boolean;
}

/** More rows than this are drawn only where they are seen. */
const ALL_AT_ONCE = 60;

/**
 * A grid of records. Arrows, J and K move between rows, Home and End to the ends, Enter opens. With many rows, only those near the
 * visible part of `scroller` exist; the counts said to assistive technology are always the whole.
 */
export function Rows<T>({
  label,
  columns,
  rows,
  keyOf,
  open,
  expanded,
  scroller,
  testId,
  rowTestId,
  dim,
  focused: onFocused,
  stacks = true,
  below,
}: {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string;
  open?: ((row: T) => void) | undefined;
  /** Whether an opened row stands open. */
  expanded?: (row: T) => boolean;
  scroller: RefObject<HTMLElement | null>;
  testId?: string;
  rowTestId?: (row: T) => string;
  /** Rows that are over: resolved, stopped. */
  dim?: (row: T) => boolean;
  /** In a narrow place, cells stand under one another with their headings before them. */
  stacks?: boolean;
  /** Told which row has the focus. */
  focused?: (row: T) => void;
  /** What an opened row shows beneath itself. */
  below?: (row: T) => ReactNode;
}) {
  const grid = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(0);
  /** Where this grid begins in its scroller. */
  const [{ scroller: outer, offset }, setPlace] = useState<{ scroller: HTMLElement | null; offset: number }>({
    scroller: null,
    offset: 0,
  });
  const virtual = rows.length > ALL_AT_ONCE;
  const focused = Math.min(at, rows.length - 1);

  // The scroller is an ancestor: its ref is set only after the effects of layout, so this waits for the ordinary ones.
  useEffect(() => {
    const found = scroller.current;
    const inner = found?.firstElementChild;
    if (!virtual || found === null || inner == null) return;
    const measure = () => {
      if (grid.current === null) return;
      const top = grid.current.getBoundingClientRect().top - found.getBoundingClientRect().top;
      setPlace({ scroller: found, offset: top + found.scrollTop });
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(inner);
    return () => observer.disconnect();
  }, [virtual, scroller]);

  // eslint-disable-next-line react-hooks/incompatible-library -- its functions stay in this component
  const virtualizer = useVirtualizer({
    count: virtual ? rows.length : 0,
    getScrollElement: () => outer,
    estimateSize: () => 32,
    scrollMargin: offset,
    overscan: 12,
    getItemKey: (index) => keyOf(rows[index] as T),
  });

  const focusRow = (index: number) => {
    const to = Math.max(0, Math.min(rows.length - 1, index));
    setAt(to);
    if (virtual) virtualizer.scrollToIndex(to);
    requestAnimationFrame(() => {
      grid.current?.querySelector<HTMLElement>(`[data-index="${to}"]`)?.focus();
    });
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !(event.target as HTMLElement).matches('[role=row]')) return;
    const steps: Record<string, () => void> = {
      ArrowDown: () => focusRow(focused + 1),
      j: () => focusRow(focused + 1),
      ArrowUp: () => focusRow(focused - 1),
      k: () => focusRow(focused - 1),
      PageDown: () => focusRow(focused + 15),
      PageUp: () => focusRow(focused - 15),
      Home: () => focusRow(0),
      End: () => focusRow(rows.length - 1),
      Enter: () => {
        const row = rows[focused];
        if (row !== undefined) open?.(row);
      },
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    step();
  };

  // Whoever stood in a row that is gone goes on from the one in its place; in a long list it may only be out of sight.
  const held = useRef(false);
  const goOn = useEffectEvent(() => {
    if (held.current && !virtual && document.activeElement === document.body) focusRow(focused);
  });
  useEffect(() => goOn(), [rows]);

  const items = virtualizer.getVirtualItems();
  const first = items[0];
  const last = items[items.length - 1];
  const tabStop = virtual && !items.some((item) => item.index === focused) ? (first?.index ?? 0) : focused;

  const row = (record: T, index: number, ref?: (element: HTMLDivElement | null) => void) => (
    <div
      key={keyOf(record)}
      ref={ref}
      role="row"
      aria-rowindex={index + 2}
      aria-expanded={expanded?.(record)}
      data-index={index}
      tabIndex={index === tabStop ? 0 : -1}
      className="rows-row"
      data-dim={dim?.(record) ?? false}
      data-opens={open !== undefined}
      data-testid={rowTestId?.(record)}
      onFocus={(event) => {
        setAt(index);
        if (event.target === event.currentTarget) onFocused?.(record);
      }}
      onClick={
        open === undefined
          ? undefined
          : (event) => {
              if ((event.target as HTMLElement).closest('button, a, .rows-below') === null) open(record);
            }
      }
    >
      {columns.map((column) => (
        <div
          key={column.id}
          role="gridcell"
          className="rows-cell"
          data-name={column.name}
          data-numeric={column.numeric ?? false}
          dir="auto"
        >
          {column.cell(record)}
        </div>
      ))}
      <Below>{below?.(record)}</Below>
    </div>
  );

  return (
    <div
      ref={grid}
      role={expanded === undefined ? 'grid' : 'treegrid'}
      aria-label={label}
      aria-rowcount={rows.length + 1}
      className="rows"
      data-stacks={stacks}
      data-testid={testId}
      style={{ '--columns': columns.map(({ width }) => width).join(' ') }}
      onKeyDown={onKeyDown}
      onFocus={() => {
        held.current = true;
      }}
      onBlur={() => {
        held.current = false;
      }}
    >
      <div role="row" aria-rowindex={1} className="rows-head">
        {columns.map((column) => (
          <div key={column.id} role="columnheader" className="rows-cell" data-numeric={column.numeric ?? false}>
            {column.name}
          </div>
        ))}
      </div>
      {virtual ? (
        <>
          <div role="presentation" style={{ blockSize: first === undefined ? 0 : first.start - offset }} />
          {items.map((item) => row(rows[item.index] as T, item.index, virtualizer.measureElement))}
          <div
            role="presentation"
            style={{ blockSize: last === undefined ? virtualizer.getTotalSize() : virtualizer.getTotalSize() - (last.end - offset) }}
          />
        </>
      ) : (
        rows.map((record, index) => row(record, index))
      )}
    </div>
  );
}

function Below({ children }: { children: ReactNode }) {
  if (children === null || children === undefined) return null;
  return (
    <div role="gridcell" className="rows-below">
      {children}
    </div>
  );
}
