import { type InputHTMLAttributes, type ReactNode, useId } from 'react';

/** A line of text with its label above and its hint below; never kept by the browser's form memory. */
export function TextField({
  label,
  hint,
  change,
  testId,
  after,
  ...input
}: Omit<InputHTMLAttributes<HTMLInputElement>, 'id' | 'onChange'> & {
  label: string;
  hint: ReactNode;
  change: (value: string) => void;
  testId: string;
  /** Stands beside the line. */
  after?: ReactNode;
}) {
  const id = useId();
  const field = (
    <input
      autoComplete="off"
      autoCorrect="off"
      spellCheck={false}
      {...input}
      id={id}
      className="input"
      onChange={({ target }) => change(target.value)}
      aria-describedby={`${id}-hint`}
      data-testid={testId}
    />
  );
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {after === undefined ? (
        field
      ) : (
        <div className="field-line">
          {field}
          {after}
        </div>
      )}
      <p id={`${id}-hint`} className="soft">
        {hint}
      </p>
    </div>
  );
}
