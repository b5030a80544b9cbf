package io.postbrake.detection;

import io.postbrake.block.OperatorOverride;
import io.postbrake.event.MailEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Some days of a small fleet made from a seed: people, a newsletter, thieves, guessers, on hosts of their own logs. */
final class Traffic {
    private static final Instant START = Instant.parse("2026-03-02T00:00:00Z");
    private static final List<String> HOSTS = List.of("mx1", "mx2", "mx3");
    private static final List<String> PLACES = List.of(World.HOME, World.SPAIN, World.BRAZIL);

    /** An event or a word as the detector gets it. */
    record Arrival(Instant at, MailEvent event, OperatorOverride word) {}

    private final Random random;
    private final Random delays;
    private final Random readers;
    private final List<MailEvent.Builder> events = new ArrayList<>();
    private int queue;

    Traffic(long seed) {
        random = new Random(seed);
        delays = new Random(~seed);
        int days = 3 + random.nextInt(4);
        for (int person = 0; person < 4; person++) {
            person("person" + person, days);
        }
        for (int day = 0; day < days; day++) {
            burst("newsletter", World.HOME, START.plusSeconds(86_400L * day + 36_000), 20, 3);
        }
        Instant end = START.plusSeconds(86_400L * days);
        for (int thief = 0; thief < 2; thief++) {
            Instant at = end.minusSeconds(random.nextInt(40_000));
            burst("person" + random.nextInt(5), place(), at, 5 + random.nextInt(80), 1 + random.nextInt(30));
        }
        guess(end.minusSeconds(random.nextInt(40_000)));
        guess(end.minusSeconds(random.nextInt(40_000)));
        readers = new Random(seed ^ 0x5EED);
        for (int person = 0; person < 4; person++) {
            reads("person" + person, days);
        }
        guessesAtDovecot(end.minusSeconds(readers.nextInt(40_000)));
    }

    /** Logins without mail, now and then from elsewhere. */
    private void reads(String login, int days) {
        for (int day = 0; day < days; day++) {
            for (int i = 0; i < readers.nextInt(15); i++) {
                String ip = readers.nextInt(20) == 0 ? PLACES.get(readers.nextInt(PLACES.size())) : World.HOME;
                event(
                                HOSTS.get(readers.nextInt(HOSTS.size())),
                                "login",
                                START.plusSeconds(86_400L * day + readers.nextInt(86_400)))
                        .setService("imap-login")
                        .setSaslMethod("PLAIN")
                        .setSession("in" + readers.nextInt())
                        .setClientIp(ip)
                        .setSaslUsername(login);
            }
        }
    }

    /** A proxy and its backend tell of some connections both. */
    private void guessesAtDovecot(Instant from) {
        Instant at = from;
        for (int i = 0; i < 12; i++) {
            String session = "failed" + readers.nextInt();
            for (int told = 0; told <= readers.nextInt(2); told++) {
                event(HOSTS.get(told), "login_failed", at)
                        .setService("imap-login")
                        .setSaslMethod("PLAIN")
                        .setReason("auth failed")
                        .setAttempts(1L)
                        .setSession(session)
                        .setClientIp("203.0.113.78")
                        .setSaslUsername("person" + i % 5);
            }
            at = at.plusMillis(1 + readers.nextInt(15_000));
        }
    }

    private void person(String login, int days) {
        for (int day = 0; day < days; day++) {
            int mails = random.nextInt(12);
            for (int i = 0; i < mails; i++) {
                Instant at = START.plusSeconds(86_400L * day + random.nextInt(86_400));
                boolean abroad = random.nextInt(40) == 0;
                burst(login, abroad ? place() : World.HOME, at, 1 + random.nextInt(3), 1 + random.nextInt(20));
            }
        }
    }

    private void burst(String login, String ip, Instant from, int messages, int seconds) {
        Instant at = from;
        for (int i = 0; i < messages; i++) {
            String host = HOSTS.get(random.nextInt(HOSTS.size()));
            String id = "Q" + ++queue;
            event(host, "client", at)
                    .setQueueId(id)
                    .setClientIp(ip)
                    .setSaslMethod(ip.equals(World.HOME) && random.nextInt(30) > 0 ? "PLAIN" : "LOGIN")
                    .setSaslUsername(login);
            event(host, "queued", at.plusMillis(200 + random.nextInt(800)))
                    .setQueueId(id)
                    .setNrcpt(1L + random.nextInt(4));
            at = at.plusMillis(1 + random.nextInt(seconds * 1000));
        }
    }

    private void guess(Instant from) {
        String ip = random.nextBoolean() ? World.BRAZIL : "203.0.113.77";
        Instant at = from;
        int tries = 2 + random.nextInt(14);
        for (int i = 0; i < tries; i++) {
            // Every fourth is not answered, as an address that failed is made to wait.
            event(HOSTS.get(random.nextInt(3)), i % 4 == 3 ? "auth_unanswered" : "auth_failed", at)
                    .setClientIp(ip)
                    .setSaslUsername(random.nextInt(4) == 0 ? null : "person" + random.nextInt(5));
            at = at.plusMillis(1 + random.nextInt(15_000));
        }
        if (random.nextBoolean()) {
            burst("person" + random.nextInt(5), ip, at, 1 + random.nextInt(3), 10);
        }
    }

    private MailEvent.Builder event(String host, String kind, Instant at) {
        MailEvent.Builder event = MailEvent.newBuilder()
                .setKind(kind)
                .setHostId(host)
                .setSourceId("log of " + host)
                .setGeneration(0)
                .setPosition(0)
                .setOccurredAt(at)
                .setReadAt(at);
        events.add(event);
        return event;
    }

    private String place() {
        return PLACES.get(random.nextInt(PLACES.size()));
    }

    /** All events in order of arrival: each host's log in its own order, hosts apart by up to {@code lateness}. */
    List<Arrival> arrivals(Duration lateness, boolean words) {
        List<MailEvent.Builder> ordered = new ArrayList<>(events);
        ordered.sort(Comparator.comparing(MailEvent.Builder::getOccurredAt));
        Map<String, Instant> lastOf = new HashMap<>();
        Map<String, Integer> positions = new HashMap<>();
        List<Arrival> arrivals = new ArrayList<>();
        Map<String, Long> lag = new HashMap<>();
        for (MailEvent.Builder event : ordered) {
            String host = event.getHostId();
            if (delays.nextInt(5) == 0) {
                lag.put(host, (long) delays.nextInt(1001));
            }
            Instant at = event.getOccurredAt().plusMillis(lateness.toMillis() * lag.getOrDefault(host, 0L) / 1000);
            at = at.isBefore(lastOf.getOrDefault(host, at)) ? lastOf.get(host) : at;
            lastOf.put(host, at);
            int position = positions.merge(host, 1, Integer::sum);
            arrivals.add(new Arrival(
                    at, MailEvent.newBuilder(event).setPosition(position).build(), null));
        }
        for (int i = 0; words && i < 6; i++) {
            Instant at = ordered.get(random.nextInt(ordered.size())).getOccurredAt();
            String verb = List.of("unblock", "allow", "block").get(random.nextInt(3));
            arrivals.add(new Arrival(
                    at,
                    null,
                    new OperatorOverride(
                            "person" + i % 5, "sasl_user", verb, null, "op", "seen", at, at.plusSeconds(9000))));
        }
        arrivals.sort(Comparator.comparing(Arrival::at));
        return arrivals;
    }
}
