/** Texts of Dovecot's lines about logins to the fields of an event. Nothing is null that does not say so. */
@NullMarked
package io.postbrake.dovecotlog;

import org.jspecify.annotations.NullMarked;
