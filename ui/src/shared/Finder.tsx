import { type ReactNode, type Ref, useId, useState } from 'react';

/** One line of a finder's list. */
export interface Option {
  id: string;
  content: ReactNode;
  testId?: string;
  /** Heading above the first of its kind. */
  group?: string;
}

/**
 * A text field over a list (ARIA combobox with an always-open listbox): arrows move, Enter chooses, Escape clears or leaves.
 * Focus stays in the field.
 */
export function Finder({
  label,
  placeholder,
  query,
  change,
  options,
  choose,
  leave,
  inputRef,
  inputTestId,
  listTestId,
  className,
  below,
  autoFocus = false,
}: {
  label: string;
  placeholder: string;
  query: string;
  change: (query: string) => void;
  options: readonly Option[];
  choose: (id: string) => void;
  leave: () => void;
  inputRef?: Ref<HTMLInputElement>;
  inputTestId: string;
  listTestId?: string;
  className?: string;
  /** Between field and list: counts, failures. */
  below?: ReactNode;
  autoFocus?: boolean;
}) {
  const list = useId();
  const [at, setAt] = useState<string>();
  const found = options.findIndex(({ id }) => id === at);
  const active = found < 0 ? 0 : found;
  const idOf = (index: number) => `${list}-${index}`;

  const goTo = (index: number) => {
    const option = options[Math.max(0, Math.min(options.length - 1, index))];
    if (option === undefined) return;
    setAt(option.id);
    document.getElementById(idOf(options.indexOf(option)))?.scrollIntoView({ block: 'nearest' });
  };

  return (
    <div className={className === undefined ? 'finder' : `finder ${className}`}>
      <input
        ref={inputRef}
        className="input"
        role="combobox"
        type="text"
        aria-label={label}
        aria-expanded={options.length > 0}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={options.length > 0 ? idOf(active) : undefined}
        placeholder={placeholder}
        value={query}
        autoComplete="off"
        autoCorrect="off"
        spellCheck={false}
        dir="auto"
        autoFocus={autoFocus}
        data-testid={inputTestId}
        onChange={(event) => {
          setAt(undefined);
          change(event.target.value);
        }}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          const steps: Record<string, () => void> = {
            ArrowDown: () => goTo(active + 1),
            ArrowUp: () => goTo(active - 1),
            PageDown: () => goTo(active + 8),
            PageUp: () => goTo(active - 8),
            Enter: () => {
              const option = options[active];
              if (option !== undefined) choose(option.id);
            },
            Escape: leave,
          };
          const step = steps[event.key];
          if (step === undefined) return;
          event.preventDefault();
          event.stopPropagation();
          step();
        }}
      />
      {below}
      <div id={list} role="listbox" aria-label={label} className="finder-list" data-testid={listTestId} hidden={options.length === 0}>
        {options.map((option, index) => (
          <div key={option.id} role="presentation">
            {option.group !== undefined && option.group !== options[index - 1]?.group ? (
              <div role="presentation" className="finder-group">
                {option.group}
              </div>
            ) : null}
            <div
              id={idOf(index)}
              role="option"
              aria-selected={index === active}
              className="finder-option"
              data-testid={option.testId}
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => choose(option.id)}
            >
              {option.content}
            </div>
          </div>
        ))}
      </div>
    </div>
  );
}
