package io.postbrake.replay;

import java.nio.charset.StandardCharsets;

/**
 * One line of one host's log.
 *
 * @param hostId configured id of the mail host
 * @param bytes the line without its end; not changed and not kept
 */
public record HostLine(String hostId, byte[] bytes) {

    /** A line from its text. */
    public static HostLine of(String hostId, String text) {
        return new HostLine(hostId, text.getBytes(StandardCharsets.UTF_8));
    }
}
