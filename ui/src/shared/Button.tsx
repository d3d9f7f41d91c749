import { Button as AriaButton, type ButtonProps } from 'react-aria-components';

/** A push button. `testId` becomes `data-testid`. */
export function Button({
  kind = 'plain',
  size = 'normal',
  testId,
  className,
  ...props
}: Omit<ButtonProps, 'className'> & {
  kind?: 'plain' | 'primary' | 'danger' | 'quiet';
  size?: 'normal' | 'large';
  testId?: string | undefined;
  className?: string;
}) {
  return (
    <AriaButton
      {...props}
      className={className === undefined ? 'button' : `button ${className}`}
      data-kind={kind}
      data-size={size}
      data-testid={testId}
    />
  );
}
