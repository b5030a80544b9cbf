/** Real parts for tests and the demo: a Postfix on a private directory and the SMTP sessions that talk to it. */
package io.postbrake.testkit;
