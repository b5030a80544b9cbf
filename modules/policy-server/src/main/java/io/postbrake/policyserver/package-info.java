/**
 * Answers Postfix's questions while mail is being handed in (policy delegation, check_policy_service), and counts what each
 * login, domain, client and sender hands in against ceilings.
 */
@NullMarked
package io.postbrake.policyserver;

import org.jspecify.annotations.NullMarked;
