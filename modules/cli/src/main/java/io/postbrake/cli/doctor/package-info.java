/** What {@code postbrake doctor} looks at, a class for each part of an installation. It changes nothing. */
package io.postbrake.cli.doctor;
