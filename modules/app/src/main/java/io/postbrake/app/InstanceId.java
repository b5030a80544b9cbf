package io.postbrake.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.streams.StreamsConfig;

/** By what name an instance takes its place in the group again when it comes back. */
final class InstanceId {

    static final String RIGHT =
            "a name that no other instance of this application.id has, of at most 200 letters, digits, '.', '_' and '-'";

    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");
    private static final Pattern NAME = Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9._-]{1,200}");
    private static final String KEY = ConsumerConfig.GROUP_INSTANCE_ID_CONFIG;

    private InstanceId() {}

    /**
     * The same name when it is one.
     *
     * @throws IllegalArgumentException when the brokers would not take it
     */
    static String checked(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(name);
        }
        return name;
    }

    /** The name of this host, which is the pod's in Kubernetes. */
    static String ofHost() {
        try {
            String name = Files.isReadable(HOST_NAME)
                    ? Files.readString(HOST_NAME).strip()
                    : InetAddress.getLocalHost().getHostName();
            return checked(name.replaceAll("[^A-Za-z0-9._-]", "-"));
        } catch (IOException e) {
            throw new UncheckedIOException("instance.id is missing, and this host has no name: give " + RIGHT, e);
        }
    }

    /** Adds it to client settings, unless they have one already. */
    static void put(Map<String, String> kafka, String id) {
        if (of(kafka) == null) {
            kafka.put(StreamsConfig.MAIN_CONSUMER_PREFIX + KEY, id);
        }
    }

    /** The id in client settings; null without one. */
    static String of(Map<String, String> kafka) {
        return Stream.of(StreamsConfig.MAIN_CONSUMER_PREFIX, StreamsConfig.CONSUMER_PREFIX, "")
                .map(prefix -> kafka.get(prefix + KEY))
                .filter(id -> id != null && !id.isEmpty())
                .findFirst()
                .orElse(null);
    }
}
