package io.postbrake.geo;

import java.time.Instant;

/**
 * That an address is on a list.
 *
 * @param list the list's name
 * @param kind what it lists: {@link ListKind}'s word
 * @param since since when, as the list says of the address, or else the day of the list itself; null when neither is known
 */
public record Listing(String list, String kind, Instant since) {}
