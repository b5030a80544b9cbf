package io.postbrake.report;

import io.postbrake.event.Submission;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What one account sent, told in order of time: small, since there may be many. */
final class Activity {

    private static final int MOST_PLACES = 32;
    private static final int MOST_SENDERS = 64;
    /** As many networks within an hour as one person with a desk and a telephone has not. */
    static final int CROWD = 3;

    private final ZoneId zone;
    private final long[] hoursOfDay = new long[24];
    private final Map<String, Long> places = new HashMap<>();
    private final Set<Integer> networks = new HashSet<>();
    /** Day of the first message by hash of the sender. */
    private final Map<Integer, Long> senders = new HashMap<>();
    /** Those that were used on another day too: a thief's come once. */
    private final Set<Integer> lastingSenders = new HashSet<>();

    private final Set<Integer> networksThisHour = new HashSet<>();
    private final List<DayOf> days = new ArrayList<>();
    private int[] hourMessages = new int[4];
    private int[] hourRecipients = new int[4];
    private int hours;
    private long hour = Long.MIN_VALUE;
    private long messages;
    private long recipients;
    private int crowdedHours;
    private int stops;
    private long overLimits;
    private long stopped;

    /** One day's mail. */
    record DayOf(long epochDay, long messages, long recipients) {}

    Activity(ZoneId zone) {
        this.zone = zone;
    }

    /** A message of the account, {@code normal} unless it was probably not its owner's. */
    void add(Submission s, boolean normal) {
        long to = s.getRecipients() == null ? 1 : Math.max(1, s.getRecipients());
        messages++;
        recipients += to;
        if (!normal) {
            return;
        }
        ZonedDateTime at = s.getOccurredAt().atZone(zone);
        hoursOfDay[at.getHour()]++;
        hour(s.getOccurredAt().getEpochSecond() / 3600, to);
        day(at.toLocalDate().toEpochDay(), to);
        from(s);
        if (s.getFrom() != null) {
            sender(s.getFrom().hashCode(), at.toLocalDate().toEpochDay());
        }
    }

    private void sender(int hash, long epochDay) {
        Long first = senders.get(hash);
        if (first != null && first != epochDay) {
            lastingSenders.add(hash);
        } else if (first == null && senders.size() < MOST_SENDERS) {
            senders.put(hash, epochDay);
        }
    }

    private void hour(long index, long to) {
        if (index != hour) {
            hour = index;
            networksThisHour.clear();
            if (hours == hourMessages.length) {
                hourMessages = Arrays.copyOf(hourMessages, 2 * hours);
                hourRecipients = Arrays.copyOf(hourRecipients, 2 * hours);
            }
            hours++;
        }
        hourMessages[hours - 1]++;
        hourRecipients[hours - 1] = (int) Math.min(Integer.MAX_VALUE, hourRecipients[hours - 1] + to);
    }

    private void day(long epochDay, long to) {
        int last = days.size() - 1;
        if (last >= 0 && days.get(last).epochDay() == epochDay) {
            DayOf d = days.get(last);
            days.set(last, new DayOf(epochDay, d.messages() + 1, d.recipients() + to));
        } else {
            days.add(new DayOf(epochDay, 1, to));
        }
    }

    private void from(Submission s) {
        String place =
                s.getCountry() != null ? s.getCountry() : s.getNetwork() != null ? s.getNetwork() : s.getClientIp();
        if (place != null && (places.containsKey(place) || places.size() < MOST_PLACES)) {
            places.merge(place, 1L, Long::sum);
        }
        String ip = s.getClientIp();
        if (ip == null) {
            return;
        }
        int network = neighbourhood(ip).hashCode();
        if (networks.size() < MOST_SENDERS) {
            networks.add(network);
        }
        if (networksThisHour.size() < CROWD && networksThisHour.add(network) && networksThisHour.size() == CROWD) {
            crowdedHours++;
        }
    }

    /** As the profile's neighbourhoods: 24 bits of an IPv4 address, 48 of an IPv6 address. */
    private static String neighbourhood(String ip) {
        int dot = ip.lastIndexOf('.');
        if (dot > 0 && ip.indexOf(':') < 0) {
            return ip.substring(0, dot);
        }
        String[] groups = ip.split(":", 5);
        return String.join(":", Arrays.asList(groups).subList(0, Math.min(3, groups.length)));
    }

    void wouldBeStopped() {
        stops++;
    }

    void whileStopped() {
        stopped++;
    }

    void overLimits() {
        overLimits++;
    }

    long messages() {
        return messages;
    }

    long recipients() {
        return recipients;
    }

    int stops() {
        return stops;
    }

    long stopped() {
        return stopped;
    }

    long messagesOverLimits() {
        return overLimits;
    }

    int crowdedHours() {
        return crowdedHours;
    }

    int senders() {
        return lastingSenders.size();
    }

    int networks() {
        return networks.size();
    }

    List<DayOf> days() {
        return days;
    }

    /** How many of the day's 24 hours it ever sent in. */
    int hoursUsed() {
        return (int) Arrays.stream(hoursOfDay).filter(count -> count > 0).count();
    }

    Report.Account of(String account) {
        return new Report.Account(
                account,
                messages,
                recipients,
                days.size(),
                quantiles(Arrays.stream(hourMessages, 0, hours).asLongStream().toArray()),
                quantiles(days.stream().mapToLong(DayOf::messages).toArray()),
                quantiles(Arrays.stream(hourRecipients, 0, hours).asLongStream().toArray()),
                quantiles(days.stream().mapToLong(DayOf::recipients).toArray()),
                Arrays.stream(hoursOfDay).boxed().toList(),
                places.entrySet().stream()
                        .sorted(Map.Entry.<String, Long>comparingByValue()
                                .reversed()
                                .thenComparing(Map.Entry.comparingByKey()))
                        .map(Map.Entry::getKey)
                        .limit(5)
                        .toList(),
                networks.size(),
                lastingSenders.size(),
                stops,
                overLimits);
    }

    /** By nearest rank; the values are sorted in place. */
    static Report.Quantiles quantiles(long[] values) {
        if (values.length == 0) {
            return new Report.Quantiles(0, 0, 0);
        }
        Arrays.sort(values);
        return new Report.Quantiles(rank(values, 0.5), rank(values, 0.95), values[values.length - 1]);
    }

    private static long rank(long[] sorted, double share) {
        return sorted[(int) Math.ceil(share * sorted.length) - 1];
    }
}
