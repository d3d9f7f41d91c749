/** For every code: what happened, what is safe, what to do. */
export const errors = {
  'error.reference': 'Reference {id}',

  'error.locked.what': 'Satchel is locked.',
  'error.locked.safe': 'Drafts and open charts are kept.',
  'error.locked.do': 'Unlock with your passphrase to go on.',

  'error.wrong_passphrase.what': 'That passphrase does not open this workstation.',
  'error.wrong_passphrase.safe': 'Nothing was opened or changed.',
  'error.wrong_passphrase.do': 'Check Caps Lock and the keyboard layout, and that the right name is chosen. Then try again.',

  'error.soft_locked.what': 'Too many wrong passphrases.',
  'error.soft_locked.safe': 'Nothing was opened or changed. Your data stays sealed.',
  'error.soft_locked.do': 'Wait for the countdown, then try again.',

  'error.weak_passphrase.what': 'This passphrase is too easy to guess.',
  'error.weak_passphrase.safe': 'Nothing was created yet.',
  'error.weak_passphrase.do': 'Make it longer: four or more unrelated words, more if your hospital asks for more characters. Names, dates and repeated characters count little.',

  'error.keyring_absent.what': 'This computer’s session offers no keyring.',
  'error.keyring_absent.safe':
    'Nothing was deleted and nothing is created anew. The charts are on disk, sealed, and half of their key lies in the keyring.',
  'error.keyring_absent.do':
    'Log out of the computer and in again with your computer password. If the message stays, ask IT to start the keyring service (GNOME Keyring or KWallet) for this account.',

  'error.keyring_locked.what': 'This computer’s keyring is locked.',
  'error.keyring_locked.safe': 'Nothing was deleted and nothing is created anew. The keyring still holds this workstation’s secret.',
  'error.keyring_locked.do':
    'Unlock the keyring when the computer asks, usually with the computer’s login password, then try again here.',

  'error.keyring_emptied.what': 'The keyring no longer holds this workstation’s secret.',
  'error.keyring_emptied.safe':
    'Satchel has deleted nothing and creates nothing anew. The charts are on disk, sealed. What was signed but not yet sent is among them.',
  'error.keyring_emptied.do':
    'Do not set this workstation up anew. Call IT: the secret can come back from a backup of the keyring, and the organisation’s recovery key can free entries not yet sent. Chart in the EHR directly until then.',

  'error.token_absent.what': 'The security token that keeps this workstation’s secret is not there.',
  'error.token_absent.safe':
    'Nothing was deleted and nothing is created anew. The charts are on disk, sealed, and half of their key lies in the token.',
  'error.token_absent.do':
    'Insert the card or key and try again. If the message stays, call IT. Chart in the EHR directly until then.',

  'error.token_module.what': 'The security token’s driver is missing, does not work, or may be changed by others.',
  'error.token_module.safe': 'It was not started. Nothing was deleted and nothing is created anew; the charts are on disk, sealed.',
  'error.token_module.do':
    'Call IT: the check of this workstation (satchel-cli doctor) tells them which. Chart in the EHR directly until then.',

  'error.pin_needed.what': 'The security token needs its PIN.',
  'error.pin_needed.safe': 'Nothing was opened or changed, and the token counted no wrong PIN.',
  'error.pin_needed.do': 'Try again and type the token’s PIN when asked.',

  'error.wrong_pin.what': 'The security token refused the PIN.',
  'error.wrong_pin.safe': 'Nothing was opened or changed.',
  'error.wrong_pin.do': 'Try again with care: after a few wrong PINs the token locks itself. It wants its own PIN, not your passphrase.',

  'error.wrong_pin_last_try.what': 'The security token refused the PIN. One more wrong PIN locks it.',
  'error.wrong_pin_last_try.safe': 'Nothing was opened or changed.',
  'error.wrong_pin_last_try.do': 'Do not guess. If you are not sure of the PIN, call IT before you try again.',

  'error.pin_locked.what': 'The security token has locked itself after too many wrong PINs.',
  'error.pin_locked.safe': 'Nothing was deleted and nothing is created anew. The token still holds what opens this workstation’s secret.',
  'error.pin_locked.do':
    'Call IT: whoever manages the tokens can unlock it. Do not have it reset, that would erase its key. Chart in the EHR directly until then.',

  'error.not_enrolled.what': 'This workstation is not set up yet.',
  'error.not_enrolled.safe': 'There is nothing here that could be lost.',
  'error.not_enrolled.do': 'Choose the EHR and sign in.',

  'error.already_enrolled.what': 'This workstation is set up already.',
  'error.already_enrolled.safe': 'What is on it was not touched.',
  'error.already_enrolled.do': 'Close this page and unlock with your passphrase.',

  'error.enrolment_refused.what': 'This workstation does not meet your hospital’s rules for new clinicians.',
  'error.enrolment_refused.safe': 'Nothing was created or changed. Whoever is set up here already can go on working.',
  'error.enrolment_refused.do': 'Call IT: the check of this workstation (satchel-cli doctor) tells them why. Chart in the EHR directly until then.',

  'error.clinician_disabled.what': 'Your place on this workstation is disabled.',
  'error.clinician_disabled.safe': 'Your notes, drafts and tabs are kept.',
  'error.clinician_disabled.do': 'Ask whoever looks after this workstation to enable you. In an emergency, use another workstation or the EHR itself.',

  'error.security_key_needed.what': 'Your security key is part of unlocking.',
  'error.security_key_needed.safe': 'Nothing was opened or changed.',
  'error.security_key_needed.do': 'Plug in your security key and try again.',

  'error.passphrase_needed.what': 'Your hospital asks for your passphrase here.',
  'error.passphrase_needed.safe': 'Nothing was done yet.',
  'error.passphrase_needed.do': 'Give your passphrase and confirm once more.',

  'error.security_key_absent.what': 'No security key is plugged in.',
  'error.security_key_absent.safe': 'Nothing was opened or changed.',
  'error.security_key_absent.do': 'Plug in your security key and try again.',

  'error.security_key_several.what': 'Several security keys are plugged in.',
  'error.security_key_several.safe': 'Nothing was opened or changed.',
  'error.security_key_several.do': 'Leave the one you mean, take the others out, and try again.',

  'error.security_key_wrong_pin.what': 'The security key refused the PIN.',
  'error.security_key_wrong_pin.safe': 'Nothing was opened or changed.',
  'error.security_key_wrong_pin.do': 'Try again with care. It wants the key’s own PIN, not your passphrase.',

  'error.security_key_replug.what': 'The security key refused three PINs in a row.',
  'error.security_key_replug.safe': 'Nothing was opened or changed.',
  'error.security_key_replug.do': 'Take the key out, put it in again, and try with care.',

  'error.security_key_pin_locked.what': 'The security key has locked itself for good after too many wrong PINs.',
  'error.security_key_pin_locked.safe': 'Your charts and notes are kept.',
  'error.security_key_pin_locked.do':
    'Use another of your keys. If you have none, ask whoever looks after this workstation to enrol you anew.',

  'error.security_key_other.what': 'This is not one of your security keys.',
  'error.security_key_other.safe': 'Nothing was opened or changed.',
  'error.security_key_other.do': 'Plug in your own key and try again.',

  'error.security_key_enrolled.what': 'This security key is one of yours already.',
  'error.security_key_enrolled.safe': 'Nothing was changed.',
  'error.security_key_enrolled.do': 'Put the new key in, and take this one out.',

  'error.security_key_unsuitable.what': 'This security key cannot be used here: it has no PIN or fingerprint set, or cannot take part in unlocking.',
  'error.security_key_unsuitable.safe': 'Nothing was opened or changed.',
  'error.security_key_unsuitable.do': 'Set a PIN on it with the maker’s program, or use a FIDO2 key that your hospital supports.',

  'error.security_key_cancelled.what': 'The security key was not used.',
  'error.security_key_cancelled.safe': 'Nothing was opened or changed.',
  'error.security_key_cancelled.do': 'Try again when you are ready.',

  'error.security_key_timed_out.what': 'Nobody touched the security key in time.',
  'error.security_key_timed_out.safe': 'Nothing was opened or changed.',
  'error.security_key_timed_out.do': 'Try again, and touch the key when it blinks.',

  'error.security_key_cloned.what': 'There may be a second copy of this security key.',
  'error.security_key_cloned.safe': 'Nothing was opened or signed, and this is in the audit trail.',
  'error.security_key_cloned.do': 'Tell the security officer now. Use another of your keys, or the EHR itself, until then.',

  'error.security_key_failed.what': 'The security key did not answer as it should.',
  'error.security_key_failed.safe': 'Nothing was opened or changed.',
  'error.security_key_failed.do': 'Take it out, put it in again, and try once more. If it stays, give IT the reference.',

  'error.unsent_work.what': 'Something entered here has not reached the EHR.',
  'error.unsent_work.safe': 'Nothing was removed.',
  'error.unsent_work.do': 'Sync first: whoever entered it unlocks and waits until the outbox is empty and every note is signed or discarded. Then try again.',

  'error.recovery_code.what': 'That is not the recovery code of this workstation.',
  'error.recovery_code.safe': 'Nothing was opened or changed.',
  'error.recovery_code.do': 'Compare it with the printed code, group by group. The letters I, L, O and U do not occur in it.',

  'error.vault_unreadable.what': 'The encrypted store cannot be read.',
  'error.vault_unreadable.safe': 'Nothing was changed and nothing is created anew. Entries the EHR acknowledged are there.',
  'error.vault_unreadable.do': 'Restart the computer and try again. If the message stays, call IT and give them the reference; work in the EHR directly until then.',

  'error.vault_in_use.what': 'Another Satchel is running on this computer and holds the store.',
  'error.vault_in_use.safe': 'Nothing was changed.',
  'error.vault_in_use.do': 'Go to the other window, or close it and try again. Another computer account may have it open.',

  'error.disk_full.what': 'This computer’s disk is full.',
  'error.disk_full.safe': 'What you typed is still on this screen, but not yet on disk. Do not close Satchel.',
  'error.disk_full.do': 'Free some space (empty the waste bin, close large programs) and try again. Copy a long note elsewhere first if you must leave.',

  'error.lease_expired.what': 'This workstation has been away from the EHR too long to open without it.',
  'error.lease_expired.safe': 'Everything is kept, also what was not sent yet.',
  'error.lease_expired.do': 'Connect to the network and sign in to the EHR. In an emergency without network, use the EHR’s downtime procedure.',

  'error.sign_in_failed.what': 'The sign-in did not finish.',
  'error.sign_in_failed.safe': 'Nothing was changed.',
  'error.sign_in_failed.do': 'Start the sign-in again, and finish it in the web browser within a few minutes.',

  'error.sign_in_cancelled.what': 'The sign-in was cancelled.',
  'error.sign_in_cancelled.safe': 'Nothing was changed.',
  'error.sign_in_cancelled.do': 'Start it again when you are ready.',

  'error.sign_in_other_person.what': 'Somebody else signed in than the person set up here.',
  'error.sign_in_other_person.safe': 'Nothing was opened for them, and nothing was sent.',
  'error.sign_in_other_person.do': 'Sign out in the web browser, then sign in as yourself.',

  'error.sign_in_needed.what': 'The EHR wants a fresh sign-in.',
  'error.sign_in_needed.safe': 'You can go on working. What you enter is kept here and sent after the sign-in.',
  'error.sign_in_needed.do': 'Choose “Sign in again” at the top when you have a moment.',

  'error.ehr_unreachable.what': 'The EHR does not answer.',
  'error.ehr_unreachable.safe': 'Everything you enter is kept on this workstation and sent when the EHR answers again.',
  'error.ehr_unreachable.do': 'Check the network. Satchel keeps trying by itself.',

  'error.ehr_not_supported.what': 'There is no FHIR R4 server with SMART sign-in at this address.',
  'error.ehr_not_supported.safe': 'Nothing was sent and nothing was created.',
  'error.ehr_not_supported.do': 'Check the address for typing errors, or ask IT for the FHIR base address.',

  'error.ehr_not_trusted.what': 'The EHR’s certificate is not trusted.',
  'error.ehr_not_trusted.safe': 'Nothing was sent: someone could be between this workstation and the EHR.',
  'error.ehr_not_trusted.do': 'Check the address. On a hospital network, ask IT whether their certificate is installed here.',

  'error.ehr_tls_too_old.what': 'The EHR’s encryption is older than is allowed here.',
  'error.ehr_tls_too_old.safe': 'Nothing was sent. What you entered is kept here.',
  'error.ehr_tls_too_old.do': 'Tell IT: the EHR must speak TLS 1.3, or the hospital’s policy must allow TLS 1.2.',

  'error.ehr_refused.what': 'The EHR refused this.',
  'error.ehr_refused.safe': 'What you entered is kept here.',
  'error.ehr_refused.do': 'Try once more. If it is refused again, give IT the reference.',

  'error.ehr_bad_answer.what': 'The EHR sent something that is no valid answer.',
  'error.ehr_bad_answer.safe': 'It was not taken over. What you entered is kept here.',
  'error.ehr_bad_answer.do': 'Try again later. If it happens again, give IT the reference.',

  'error.forbidden.what': 'Your role does not permit this.',
  'error.forbidden.safe': 'Nothing was opened or changed. The attempt is in the audit trail.',
  'error.forbidden.do': 'Ask a colleague whose role permits it, or IT if yours should.',

  'error.break_glass_required.what': 'This chart is outside your ordinary access.',
  'error.break_glass_required.safe': 'Nothing was opened.',
  'error.break_glass_required.do': 'If the patient needs you, open it by emergency access and say why.',

  'error.step_up_required.what': 'More charts than usual were asked for, or one close to you. Please confirm that it is you.',
  'error.step_up_required.safe': 'The chart was not shown. What you have written is kept, and emergency access is never held up.',
  'error.step_up_required.do': 'Give your passphrase once more, or lock and unlock, then open the chart again.',

  'error.access_suspended.what': 'Charts of patients you are not tied to stay closed for now, because of unusual access.',
  'error.access_suspended.safe': 'Nothing was opened. Your own patients open as ever, and emergency access is never held up.',
  'error.access_suspended.do': 'If the patient needs you now, use emergency access. Otherwise ask the privacy officer.',

  'error.break_glass_reason.what': 'Emergency access needs a reason.',
  'error.break_glass_reason.safe': 'Nothing was opened.',
  'error.break_glass_reason.do': 'Choose a reason and write a few words.',

  'error.wrong_patient.what': 'Stopped: this would have mixed two patients.',
  'error.wrong_patient.safe': 'Nothing was written into any chart.',
  'error.wrong_patient.do': 'Close this chart, open it again, and check the name before you go on. Please report the reference.',

  'error.not_found.what': 'This is not on this workstation.',
  'error.not_found.safe': 'Nothing was changed. It may exist on the EHR.',
  'error.not_found.do': 'Sync and try again, or look in the EHR.',

  'error.draft_conflict.what': 'This draft was changed elsewhere since you opened it.',
  'error.draft_conflict.safe': 'Both texts are kept: yours on this screen, the other on disk.',
  'error.draft_conflict.do': 'Keep yours as a draft of its own, then compare the two.',

  'error.empty_note.what': 'A note without text cannot be signed.',
  'error.empty_note.safe': 'The draft is kept.',
  'error.empty_note.do': 'Write something, or discard the draft.',

  'error.sync_running.what': 'A sync is running already.',
  'error.sync_running.safe': 'What you entered is part of it.',
  'error.sync_running.do': 'Nothing: wait for it to finish.',

  'error.audit_broken.what': 'The audit trail of this workstation does not verify.',
  'error.audit_broken.safe': 'Charts and notes are not affected, and you can go on caring for patients.',
  'error.audit_broken.do': 'Tell the privacy officer now, with the reference. Do not reinstall or clean up anything.',

  'error.review_changed.what': 'This review was changed since you read it, or is closed.',
  'error.review_changed.safe': 'Your judgement was not entered. The other one stands.',
  'error.review_changed.do': 'Refresh the list, read it again, and judge it if it is still open.',

  'error.invalid_request.what': 'Satchel asked itself for something it does not understand.',
  'error.invalid_request.safe': 'Nothing was changed.',
  'error.invalid_request.do': 'Check what you entered and try again. If it stays, report the reference.',

  'error.internal.what': 'Something went wrong inside Satchel.',
  'error.internal.safe': 'What was saved before is safe. What is still on this screen may not be on disk.',
  'error.internal.do': 'Try again. If it stays, lock and unlock, and report the reference.',
} as const;
