/** The HTTP server that all parts share: the JDK's, made safe against clients that send or read slowly. */
package io.postbrake.http;
