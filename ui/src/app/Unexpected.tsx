import { Component, type ReactNode } from 'react';
import { CommandFailed } from '../platform/failure';
import { FailureNotice } from '../shared/FailureNotice';

/** Where drawing fails, says so in place of what could not be drawn. Nothing of the error is shown or logged: it may quote a chart. */
export class Unexpected extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return <FailureNotice failure={new CommandFailed('internal')} again={() => this.setState({ failed: false })} />;
  }
}
