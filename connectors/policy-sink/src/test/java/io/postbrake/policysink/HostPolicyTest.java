package io.postbrake.policysink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the tables of a host tell together. */
class HostPolicyTest {

    @TempDir
    private Path dir;

    private final List<String> ranges = new ArrayList<>();
    private Path file;
    private HostPolicy policy;

    @BeforeEach
    void open() throws IOException {
        Map<String, String> settings = new HashMap<>();
        settings.put("policy.map.path", dir.resolve("blocks.lmdb").toString());
        settings.put("policy.bootstrap.servers", "127.0.0.1:1");
        settings.put("policy.postfix.config.directories", "");
        var config = new PolicySinkConfig(settings);
        file = config.rangesPath();
        policy = HostPolicy.open(config, Clock.systemUTC(), task -> {});
        policy.caughtUp();
        policy.onChanged(new Enforcement.Told() {
            @Override
            public void followed(String recordKey, Wanted word, String keptOutOrNull) {
                try {
                    ranges.add(recordKey + " " + word.verb() + "\n" + Files.readString(file));
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            }
        });
    }

    @AfterEach
    void close() {
        policy.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"client_ip:192.0.2.7", "client_ip:192.0.2.100", "client_ip:2001:db8::7"})
    void anAllowedAddressIsConfirmedWhenTheBlockedRangeLetsItThrough(String address) throws IOException {
        said("client_net:192.0.2.0/25", "block");
        said("client_net:2001:db8::/48", "block");
        policy.write();
        ranges.clear();

        said(address, "allow");
        policy.write();

        assertThat(ranges)
                .singleElement()
                .asString()
                .startsWith(address + " allow\n")
                .containsPattern(address.substring("client_ip:".length()) + "(/\\d+)? +DUNNO");
    }

    @Test
    void anAccountsWordDoesNotWaitForTheTablesOfClients() throws IOException {
        Files.deleteIfExists(file);
        Files.createDirectories(file.resolve("in-the-way"));
        said("sasl_user:bob@my-domain.net", "block");
        said("client_net:192.0.2.0/25", "block");
        List<String> followed = new ArrayList<>();
        policy.onChanged(new Enforcement.Told() {
            @Override
            public void followed(String recordKey, Wanted word, String keptOutOrNull) {
                followed.add(recordKey);
            }
        });

        Throwable refused = org.assertj.core.api.Assertions.catchThrowable(policy::write);

        assertThat(refused).isInstanceOf(IOException.class);
        assertThat(followed).containsExactly("sasl_user:bob@my-domain.net");
    }

    private void said(String key, String verb) throws IOException {
        policy.word(
                key,
                new Wanted(verb, verb.equals("block") ? "reject" : null, null, null, Instant.now(), null, null, null));
    }
}
