/** What Dovecot's configuration must have for blocks to count at its services. */
package io.postbrake.cli.dovecot;
