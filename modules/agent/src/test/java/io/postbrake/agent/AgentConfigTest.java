package io.postbrake.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentConfigTest {

    private static final String CLUSTER = """
        kafka: {bootstrap.servers: "k:9093", security.protocol: SASL_SSL, sasl.jaas.config: the-secret}
        registry: {url: "https://r:8081", basic.auth.user.info: "me:the-secret"}
        """;

    @TempDir
    private Path dir;

    @Test
    void securityReachesEveryClient() throws IOException {
        AgentConfig config = read(CLUSTER + "host.id: mx1\nenforcer: {policy.map.path: /m/blocked.lmdb}\n", null);

        assertThat(config.worker())
                .containsEntry("security.protocol", "SASL_SSL")
                .containsEntry("producer.sasl.jaas.config", "the-secret")
                .containsEntry("consumer.sasl.jaas.config", "the-secret")
                .containsEntry("admin.sasl.jaas.config", "the-secret")
                .containsEntry("value.converter.basic.auth.user.info", "me:the-secret");
        assertThat(config.sinkConnector()).containsEntry("policy.consumer.sasl.jaas.config", "the-secret");
        assertThat(config).asString().doesNotContain("the-secret");
    }

    @Test
    void theHostsNameOnTheCommandLineStands() throws IOException {
        AgentConfig config = read(CLUSTER + "host.id: any\nsource: {log.paths: [/l]}\n", "mx7");

        assertThat(config.sourceConnector())
                .containsEntry("host.id", "mx7")
                .containsEntry("name", "postfix-source-mx7");
    }

    @Test
    void settingsOfTheConnectorsAreTheirsButForTheirIdentity() throws IOException {
        AgentConfig config = read(CLUSTER + """
            host.id: mx1
            source: {log.paths: [/l], topic: other, host.id: forged}
            """, null);

        assertThat(config.sourceConnector()).containsEntry("topic", "other").containsEntry("host.id", "mx1");
    }

    /** A log that is shipped and not watched would confirm no refusal, and hold no waiting mail. */
    @Test
    void theEnforcerReadsTheLogsAsTheShipperDoesUnlessItIsToldOtherwise() throws IOException {
        AgentConfig config = read(CLUSTER + """
            host.id: mx1
            source:
              log.paths: [journal, /srv/*/mail.log]
              log.zone: UTC
              log.envelopes: docker-json
              journal.match: CONTAINER_NAME=mx
              journal.uids: [0-999, 100103]
              journal.container.tags: [mx, relay]
            enforcer: {policy.map.path: /m/blocked.lmdb, policy.log.zone: Europe/Berlin}
            """, null);

        assertThat(config.sinkConnector())
                .containsEntry("policy.log.paths", "journal,/srv/*/mail.log")
                .containsEntry("policy.log.envelopes", "docker-json")
                .containsEntry("policy.journal.match", "CONTAINER_NAME=mx")
                .containsEntry("policy.journal.uids", "0-999,100103")
                .containsEntry("policy.journal.container.tags", "mx,relay")
                .containsEntry("policy.log.zone", "Europe/Berlin");
    }

    @Test
    void anAgentThatReadsPodsTellsOfThemAndEnforcesNothing() throws IOException {
        String pods = CLUSTER + "host.id: n1\nsource: {log.paths: [pods], pods.match: [mail/*/postfix]}\n";

        AgentConfig config = read(pods, null);

        assertThat(config.sourceConnector()).containsEntry("report.topic", "abuse.enforcement.v1");
        assertThatThrownBy(() -> read(pods + "enforcer: {policy.map.path: /m/blocked.lmdb}\n", null))
                .hasMessageContaining("ships only");
    }

    @Test
    void whatIsSecretMayLieElsewhere() throws IOException {
        Files.writeString(dir.resolve("token"), "of-a-file\n");
        Files.writeString(dir.resolve("some.properties"), "password=of-properties\n");

        AgentConfig config = read(CLUSTER + """
            host.id: mx1
            receivers:
              chat:
                webhook.url: https://chat.example.org/
                http.bearer.token: ${directory:%1$s:token}
                consumer.override.sasl.jaas.config: 'password="${file:%1$s/some.properties:password}";'
            """.formatted(dir), null);

        assertThat(config.alertConnector("chat"))
                .containsEntry("http.bearer.token", "of-a-file")
                .containsEntry("consumer.override.sasl.jaas.config", "password=\"of-properties\";");
        assertThat(config).asString().doesNotContain("of-a-file");
    }

    @Test
    void aSecretThatIsNotWhereItIsToBeIsSaid() {
        assertThatThrownBy(() -> read(CLUSTER + """
                host.id: mx1
                alerts:
                  alertmanager.urls: ["${env:PATH}"]
                  http.bearer.token: ${directory:%s:token}
                """.formatted(dir), null))
                .hasMessageContaining("alerts.http.bearer.token is '${directory:" + dir + ":token}': there is nothing")
                .hasMessageContaining("alerts.alertmanager.urls is '${env:PATH}', but holds no secret");
    }

    @Test
    void anAgentWithNothingToDoIsRefused() {
        assertThatThrownBy(() -> read(CLUSTER + "host.id: mx1\n", null)).hasMessageContaining("source.log.paths");
    }

    @Test
    void whatIsWrongWithQuotasIsSaidAllAtOnce() {
        assertThatThrownBy(() -> read(CLUSTER + """
                host.id: mx1
                quotas:
                  listen: /var/spool/postfix/x
                  answer: MAYBE
                  limit: {}
                  mynetworks: [192.0.2.1/24]
                  limits: {login.messages: "50 an hour", logins.recipients: 1/1h}
                  groups:
                    a: {members: [news@example.net], login.messages: 1/1h}
                    b: {members: [news@example.net]}
                """, null))
                .hasMessageContaining("quotas.listen is '/var/spool/postfix/x': give unix:/PATH")
                .hasMessageContaining("quotas.answer is 'MAYBE': give DEFER_IF_PERMIT")
                .hasMessageContaining("unknown key 'quotas.limit': did you mean limits?")
                .hasMessageContaining("quotas.mynetworks has '192.0.2.1/24': give")
                .hasMessageContaining("quotas.limits.login.messages is '50 an hour': give a number")
                .hasMessageContaining("unknown key 'quotas.limits.logins.recipients': did you mean login.recipients?")
                .hasMessageContaining("quotas.groups.b has no limits")
                .hasMessageContaining("quotas.groups.b.members has 'news@example.net', which another group has too");
    }

    @Test
    void quotasAloneAreEnoughForAnAgent() throws IOException {
        AgentConfig config = read(CLUSTER + "host.id: mx1\nquotas: {limits: {login.messages: 50/1h}}\n", null);

        assertThat(config.quotas().where()).isEqualTo("unix:/var/spool/postfix/postbrake/policy");
    }

    @Test
    void aHostWithoutANameIsRefused() {
        assertThatThrownBy(() -> read(CLUSTER + "source: {log.paths: [/l]}\n", null))
                .hasMessageContaining("host.id is missing");
    }

    @Test
    void aMisspeltKeyIsRefused() {
        assertThatThrownBy(() -> read(CLUSTER + "host.id: mx1\nsources: {log.paths: [/l]}\n", null))
                .hasMessageContaining("unknown key 'sources'");
    }

    private AgentConfig read(String text, String hostId) throws IOException {
        return AgentConfig.read(Files.writeString(dir.resolve("agent.yaml"), text), hostId);
    }
}
