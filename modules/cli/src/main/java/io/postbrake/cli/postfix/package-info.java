/** What a mail host's Postfix must have in its configuration so that blocks are enforced. Nothing here changes any. */
package io.postbrake.cli.postfix;
