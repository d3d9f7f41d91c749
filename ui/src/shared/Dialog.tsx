import { type ReactNode, useId } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { t } from '../words';
import { Button } from './Button';

/** A modal dialog: focus stays inside, Escape closes it (unless `insistent`), focus returns to where it was. */
export function Dialog({
  title,
  close,
  children,
  testId,
  insistent = false,
  wide = false,
  role = 'dialog',
}: {
  title: string;
  close: () => void;
  children: ReactNode;
  testId?: string;
  insistent?: boolean;
  wide?: boolean;
  role?: 'dialog' | 'alertdialog';
}) {
  const id = useId();
  return (
    <ModalOverlay
      className="overlay"
      isOpen
      isDismissable={!insistent}
      isKeyboardDismissDisabled={insistent}
      onOpenChange={(open) => {
        if (!open) close();
      }}
    >
      <Modal className="dialog-frame">
        <AriaDialog
          className="dialog"
          data-width={wide ? 'wide' : 'normal'}
          role={role}
          aria-labelledby={id}
          data-testid={testId}
        >
          <Heading slot="title" level={2} id={id}>
            {title}
          </Heading>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

/** The one way on from a dialog that only says something. */
export function DialogClose({ close }: { close: () => void }) {
  return (
    <div className="dialog-actions">
      <Button kind="primary" autoFocus onPress={close}>
        {t('common.close')}
      </Button>
    </div>
  );
}
