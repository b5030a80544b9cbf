package io.postbrake.cli;

import io.postbrake.block.Block;
import io.postbrake.block.OperatorOverride;
import io.postbrake.detection.config.AllowList;
import io.postbrake.detection.config.RuntimeConfig;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.subject.IpNetwork;
import io.postbrake.subject.Logins;
import io.postbrake.subject.RelaySender;
import io.postbrake.wire.OperatorNotes;
import io.postbrake.wire.OverrideProducer;
import io.postbrake.wire.Topics;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.BiPredicate;

/** Puts an operator's word on the overrides topic. */
final class OverrideWriter {

    private static final String ACCOUNT = "sasl_user";
    private static final Duration PATIENCE = Duration.ofMillis(Long.parseLong(ClusterOptions.PATIENCE_MS));

    private final ClusterOptions cluster;

    OverrideWriter(ClusterOptions cluster) {
        this.cluster = cluster;
    }

    /**
     * Says {@code verb} of the account, address or network and returns when the brokers have it.
     *
     * @param duration how long it stands; null until changed
     * @throws IllegalArgumentException when an address or network is none that hosts would enforce
     */
    OperatorOverride say(String verb, String action, String subject, String reason, Duration duration)
            throws IOException, InterruptedException, ExecutionException {
        return say(verb, action, subject, reason, duration, Actor.here(null));
    }

    /** Whom a word is about, as records name it. */
    record Target(String type, String name) {
        static final String DOMAIN = "domain";
        private static final String LOCAL_USER = SubjectKeys.LOCAL_USER;
        private static final String RELAY_SENDER = SubjectKeys.RELAY_SENDER;

        /**
         * Reads what a person types: a login, an address, a network or a domain, or a subject as topics and links show it.
         * So a login that looks like something else is {@code sasl_user:192.0.2.7}, and one that begins with
         * {@code sasl_user:} is {@code sasl_user:sasl_user:...}.
         *
         * @throws IllegalArgumentException when an address or network is none that hosts would enforce
         */
        static Target of(String subject) {
            String text = subject.strip();
            if (text.startsWith(ACCOUNT + ":")) {
                return account(text.substring(ACCOUNT.length() + 1), subject);
            }
            if (text.startsWith("client_ip:") || text.startsWith("client_net:")) {
                return client(text.substring(text.indexOf(':') + 1));
            }
            if (text.startsWith(LOCAL_USER + ":")) {
                return localUser(text.substring(LOCAL_USER.length() + 1), subject);
            }
            if (text.startsWith(RELAY_SENDER + ":")) {
                return relaySender(text.substring(RELAY_SENDER.length() + 1), subject);
            }
            if (text.startsWith("@")) {
                return new Target(DOMAIN, Logins.fold(text));
            }
            return looksLikeClient(text) ? client(text) : account(text, subject);
        }

        private static Target account(String login, String typed) {
            if (login.isBlank()) {
                throw new IllegalArgumentException("SUBJECT is '" + Text.plain(typed) + "': give a login");
            }
            return new Target(ACCOUNT, Logins.fold(login));
        }

        private static Target localUser(String name, String typed) {
            if (!name.matches("(0|[1-9]\\d{0,9})@\\S+")) {
                throw new IllegalArgumentException("SUBJECT is '" + Text.plain(typed)
                        + "': a user of a mail host's own is local_user:UID@HOST, such as local_user:33@mx1");
            }
            return new Target(LOCAL_USER, name);
        }

        private static Target relaySender(String name, String typed) {
            Optional<String> client = RelaySender.of(name)
                    .flatMap(named -> IpNetwork.parse(named.client()))
                    .map(IpNetwork::octets);
            RelaySender named = RelaySender.of(name).orElse(null);
            if (client.isEmpty() || named.sender().isBlank() || !named.host().matches("\\S+")) {
                throw new IllegalArgumentException("SUBJECT is '" + Text.plain(typed)
                        + "': a sender that a client relays without a login is 'relay_sender:SENDER from CLIENT on HOST', such as"
                        + " 'relay_sender:tickets@example.com from 192.168.7.9 on mx1'");
            }
            return new Target(RELAY_SENDER, new RelaySender(named.sender(), client.get(), named.host()).name());
        }

        private static Target client(String text) {
            IpNetwork net = OverrideWriter.client(text);
            return net.single() ? new Target("client_ip", net.octets()) : new Target("client_net", net.cidr());
        }

        boolean isAccount() {
            return type.equals(ACCOUNT);
        }

        /** Whether it is somebody who sends without a login. */
        boolean withoutLogin() {
            return type.equals(LOCAL_USER) || type.equals(RELAY_SENDER);
        }

        String key() {
            return type + ":" + name;
        }
    }

    /** As above, in the name of {@code actor}. */
    OperatorOverride say(String verb, String action, String subject, String reason, Duration duration, String actor)
            throws IOException, InterruptedException, ExecutionException {
        Target target = Target.of(subject);
        String name = target.name();
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        Instant until = duration == null ? null : now.plus(duration);
        if (target.type().equals(Target.DOMAIN)) {
            control(verb, "domains", name, reason, until, actor);
            return word(name, Target.DOMAIN, verb, reason, actor, now)
                    .setAction(action)
                    .setEndsAt(until)
                    .build();
        }
        OperatorOverride word = word(name, target.type(), verb, reason, actor, now)
                .setAction(action)
                .setEndsAt(until)
                .build();
        write(target.key(), word);
        if (target.type().equals("client_net") && !verb.equals("block")) {
            control(verb, "networks", name, reason, until, actor);
        }
        return word;
    }

    /**
     * Says {@code verb} of the mail of an account, or of a sender that a client relays, that hosts hold, beside what stands of the
     * subject itself; returns up to when it must have been held.
     */
    Instant onQueue(String verb, String subject, String reason)
            throws IOException, InterruptedException, ExecutionException {
        Target target = Target.of(subject);
        if (!target.isAccount() && !target.type().equals(SubjectKeys.RELAY_SENDER)) {
            throw new IllegalArgumentException("ACCOUNT is '" + Text.plain(subject)
                    + "': give a login, one that looks like an address or a domain as sasl_user:LOGIN, or"
                    + " 'relay_sender:SENDER from CLIENT on HOST'");
        }
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        write(
                OperatorNotes.queueKey(target.key()),
                word(target.name(), target.type(), verb, reason, Actor.here(null), now)
                        .build());
        return now;
    }

    /**
     * Has all forgotten that is known of {@code target}: what was learnt of old logs, what operators said and noted, and the
     * detector's memory.
     */
    OperatorOverride forget(Target target, String reason, String actor)
            throws IOException, InterruptedException, ExecutionException {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        OperatorOverride word =
                word(target.name(), target.type(), "forget", reason, actor, now).build();
        Map<String, OperatorOverride> notes = withoutNotes((subject, note) -> subject.equals(target.key()));
        try (var producer = new OverrideProducer(cluster.kafka(), cluster.registry(), PATIENCE)) {
            producer.say(notes);
            producer.forget(target.key(), SubjectKeys.forgetting(target.key()), word);
        } catch (TimeoutException e) {
            throw new IOException("the brokers did not take the word within " + PATIENCE.toSeconds() + " s", e);
        }
        return word;
    }

    /**
     * Notes something of a subject, beside all that was noted before, and removes notes that are older than they are kept; returns
     * the note when the brokers have it.
     */
    OperatorOverride note(String verb, Target target, String text, String actor)
            throws IOException, InterruptedException, ExecutionException {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        OperatorOverride note =
                word(target.name(), target.type(), verb, text, actor, now).build();
        Map<String, OperatorOverride> records =
                withoutNotes((subject, old) -> old.getAt().isBefore(now.minus(OperatorNotes.KEEP)));
        records.put(OperatorNotes.key(target.key(), now), note);
        write(records);
        return note;
    }

    /** Tombstones of the notes that are meant, of their subject's key and themselves. */
    private Map<String, OperatorOverride> withoutNotes(BiPredicate<String, OperatorOverride> meant) throws IOException {
        Map<String, OperatorOverride> tombstones = new LinkedHashMap<>();
        TopicReader.newest(cluster.kafka(), cluster.registry(), Topics.OVERRIDES)
                .forEach((key, note) -> OperatorNotes.subject(key)
                        .filter(subject -> meant.test(subject, note))
                        .ifPresent(subject -> tombstones.put(key, null)));
        return tombstones;
    }

    /** Lifts blocks of the detector, all of them as of now; returns when the brokers have every word. */
    List<OperatorOverride> unblock(List<Block> blocks, String reason, String actor)
            throws IOException, InterruptedException, ExecutionException {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        Map<String, OperatorOverride> words = new LinkedHashMap<>();
        for (Block block : blocks) {
            words.put(
                    block.getSubjectType() + ":" + block.getSubject(),
                    word(block.getSubject(), block.getSubjectType(), "unblock", reason, actor, now)
                            .build());
        }
        write(words);
        return List.copyOf(words.values());
    }

    private static OperatorOverride.Builder word(
            String name, String type, String verb, String reason, String actor, Instant now) {
        return OperatorOverride.newBuilder()
                .setSubject(name)
                .setSubjectType(type)
                .setVerb(verb)
                .setActor(actor)
                .setReason(reason)
                .setAt(now);
    }

    private void write(String key, OperatorOverride word) throws IOException, InterruptedException, ExecutionException {
        write(Map.of(key, word));
    }

    private void write(Map<String, OperatorOverride> words)
            throws IOException, InterruptedException, ExecutionException {
        try (var producer = new OverrideProducer(cluster.kafka(), cluster.registry(), PATIENCE)) {
            producer.say(words);
        } catch (TimeoutException e) {
            throw new IOException("the brokers did not take the word within " + PATIENCE.toSeconds() + " s", e);
        }
    }

    /** What concerns many subjects at once, the detectors must hear as well as the hosts. */
    private void control(String verb, String type, String subject, String reason, Instant until, String actor)
            throws IOException, InterruptedException, ExecutionException {
        if (verb.equals("block")) {
            throw new IllegalArgumentException("SUBJECT is '" + Text.plain(subject)
                    + "': hosts do not know domains; block its accounts, or give an address or a network");
        }
        AllowList.Entry entry = AllowList.Entry.of(type, subject, reason, until);
        var topic = new ControlTopic(cluster);
        if (verb.equals("allow")) {
            topic.allow(entry, actor);
        } else {
            topic.withdraw(RuntimeConfig.key(entry));
        }
    }

    private static IpNetwork client(String subject) {
        IpNetwork net = IpNetwork.parse(subject.strip())
                .orElseThrow(() -> new IllegalArgumentException("SUBJECT is '" + Text.plain(subject)
                        + "': give a login, an address, or a network without bits behind its prefix (192.0.2.0/24)"));
        if (net.tooWide()) {
            throw new IllegalArgumentException("SUBJECT is '" + Text.plain(subject)
                    + "': hosts enforce networks from /8 on (IPv6: /19); give narrower ones");
        }
        return net;
    }

    private static boolean looksLikeClient(String subject) {
        return subject.matches("[0-9.]+(/.*)?") || (!subject.contains("@") && subject.matches(".*[:/].*"));
    }
}
