package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.postbrake.streams.DetectorTopology;
import io.postbrake.wire.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicAclsCommandTest {

    private static final Path PAGE = Path.of("../../docs/security.md");
    private static final String BEGIN = "<!-- least rights -->\n";
    private static final String END = "<!-- end -->";

    /** {@code -Dgolden.update=true} writes the table anew; look at the difference. */
    @Test
    void thePageHasTheRightsThatArePrinted() throws IOException {
        var rows = new ArrayList<>(List.of("| role | on | name | rights |", "|---|---|---|---|"));
        for (Role role : Role.values()) {
            TopicAclsCommand.rows(role, new Role.Scope("postbrake-detector", null, false, false))
                    .forEach(row -> rows.add(
                            "| " + role.id() + " | " + row.on() + " | `" + row.name() + "` | " + row.rights() + " |"));
        }
        String table = String.join("\n", rows) + "\n";
        String page = Files.readString(PAGE);
        int begin = page.indexOf(BEGIN) + BEGIN.length();
        int end = page.indexOf(END, begin);
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(PAGE, page.substring(0, begin) + table + page.substring(end));
            return;
        }

        assertThat(page.substring(begin, end)).isEqualTo(table);
    }

    @Test
    void aPrincipalsRightsAreCommandsOfKafka() {
        LiveCluster.Said said =
                acls("--role", "enforcer", "--principal", "User:CN=mx1,O=Example Ltd", "--host-id", "mx1");

        assertThat(said.out().lines())
                .contains("kafka-acls --bootstrap-server \"$BROKERS\" --command-config \"$ADMIN\" --add"
                        + " --allow-principal 'User:CN=mx1,O=Example Ltd' --operation Read"
                        + " --group connect-policy-sink-mx1")
                .allMatch(line -> line.startsWith("kafka-acls "))
                .noneMatch(line -> line.contains("prefixed") || line.contains("mail.events.v1"));
    }

    @Test
    void programsReadOperationsAndSubjects() throws IOException {
        JsonNode rights =
                new ObjectMapper().readTree(acls("--role", "shipper", "--json").out());

        assertThat(rights.at("/shipper/brokers")).hasSize(1);
        assertThat(rights.at("/shipper/brokers/0/name").asText()).isEqualTo("mail.events.v1");
        assertThat(rights.at("/shipper/brokers/0/operation").asText()).isEqualTo("WRITE");
        assertThat(rights.at("/shipper/registry/looksUp/0").asText()).isEqualTo("mail.events.v1-value");
        assertThat(rights.at("/shipper/registry/registers")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--role postman",
                "--principal User:mx1",
                "--apply",
                "--role enforcer --apply",
                "--role enforcer --apply --principal mx1",
                "--role enforcer --apply --principal User:",
                "--role enforcer --apply --principal User:*",
                "--role enforcer --principal User:x';reboot;'",
                "--role enforcer --host-id a;b",
                "--application-id $(x)"
            })
    void whatIsWrongIsSaidAndNothingGranted(String words) {
        LiveCluster.Said said = acls(words.split(" "));

        assertThat(said.status()).isEqualTo(ExitCodes.WRONG_CALL);
        assertThat(said.out()).isEmpty();
        assertThat(said.err()).containsPattern("(--role|--principal|(host|application) id) is ");
    }

    @Test
    void theDetectorsMemoryIsCalledAsItsTopologyCallsIt() {
        assertThat(acls("--role", "operator", "--application-id", "own").out())
                .contains("own-" + DetectorTopology.SUBJECT_STATES + "-changelog");
    }

    private static LiveCluster.Said acls(String... words) {
        return LiveCluster.says(
                Stream.concat(Stream.of("topics", "acls"), Stream.of(words)).toArray(String[]::new));
    }
}
