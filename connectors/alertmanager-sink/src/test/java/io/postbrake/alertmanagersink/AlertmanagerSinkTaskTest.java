package io.postbrake.alertmanagersink;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The sink against a receiver that answers as Alertmanager does. */
class AlertmanagerSinkTaskTest {

    private final Topic topic = new Topic();
    private Receiver alertmanager;
    private TaskDriver sink;

    @BeforeEach
    void start() throws IOException {
        alertmanager = new Receiver();
        sink = new TaskDriver(Map.of("alertmanager.urls", alertmanager.url()));
    }

    @AfterEach
    void stop() {
        sink.close();
        alertmanager.close();
    }

    @Test
    void anOpenIncidentIsToldAndToldAgainBeforeItWouldEnd() throws Exception {
        sink.appended(topic.firing("ann"));
        sink.starts();

        sink.until("it was told three times", () -> alertmanager.taken().size() >= 3);

        assertThat(alertmanager.taken())
                .allSatisfy(post -> assertThat(post.path()).isEqualTo("/api/v2/alerts"));
        JsonNode alert = alerts().get(0);
        assertThat(alert.path("labels").path("incident").asText()).isEqualTo(Topic.id("ann"));
        assertThat(endOf(alert)).isAfter(Instant.now().plusSeconds(1500));
        sink.until("it is committed", () -> sink.commits() == 1);
    }

    @ParameterizedTest
    @CsvSource({
        "sasl_user, PostbrakeStolenAccount",
        "client_ip, PostbrakeAbusiveClient",
        "client_net, PostbrakeAbusiveClient",
        "local_user, PostbrakeSenderWithoutLogin",
        "relay_sender, PostbrakeSenderWithoutLogin",
        "auth_server, PostbrakeLoginsFail",
        "front_end, PostbrakeClientsHidden",
        "fleet, PostbrakeFleet",
        "host, PostbrakeHost"
    })
    void theNameOfAnAlertIsThatOfItsKindOfSubject(String subjectType, String name) throws Exception {
        sink.appended(topic.record(
                "ann",
                Topic.alert("ann", "FIRING", 1).setSubjectType(subjectType).build()));
        sink.starts();

        sink.until("it was told", () -> !alertmanager.taken().isEmpty());

        assertThat(last().path("labels").path("alertname").asText()).isEqualTo(name);
    }

    @Test
    void whatChangesIsInAnnotationsSoThatItStaysOneAlert() throws Exception {
        sink.appended(topic.firing("ann"));
        sink.starts();

        sink.appended(topic.updated("ann", 2));

        sink.until("the update was told", () -> last().path("annotations").has("hosts_confirmed"));
        assertThat(alerts().stream().map(a -> a.path("labels")).distinct()).hasSize(1);
        assertThat(last().path("annotations").path("severity").asText()).isEqualTo("critical");
    }

    @Test
    void anEndIsToldAtOnceAndRepeated() throws Exception {
        sink.appended(topic.firing("ann"));
        sink.starts();
        sink.until("it was told", () -> !alertmanager.taken().isEmpty());

        sink.appended(topic.resolved("ann", Topic.NOW));

        sink.until("the end was told twice", () -> ends().size() >= 2);
        assertThat(ends()).allSatisfy(end -> assertThat(end).isBeforeOrEqualTo(Instant.now()));
        assertThat(ends().stream().distinct()).hasSize(1);
    }

    @Test
    void aBadAlertIsKeptAsideAndTheGoodOnesOfItsBatchAreTold() throws Exception {
        alertmanager.answer = body -> body.contains("bad@") ? 400 : 200;
        for (String account : List.of("ann", "bad@example.org", "chris")) {
            sink.appended(topic.firing(account));
        }

        sink.starts();
        sink.until("the good ones were told again", () -> alertmanager.taken().size() >= 4);

        assertThat(sink.reported).extracting(r -> r.kafkaOffset()).containsExactly(1L);
        assertThat(alertmanager.posts.stream().filter(p -> p.body().contains("bad@")))
                .as("once in the batch, once alone")
                .hasSize(2);
        sink.until("all is committed", () -> sink.commits() == 3);
    }

    @Test
    void nothingIsLostWhileAlertmanagerIsAwayAndNoOffsetRunsAhead() throws Exception {
        alertmanager.answer = body -> 503;
        sink.appended(topic.firing("ann"));
        sink.starts();
        sink.until("it was tried", () -> alertmanager.posts.size() >= 2);
        assertThat(sink.commits()).isZero();

        alertmanager.answer = body -> 200;

        sink.until("it was told", () -> !alertmanager.taken().isEmpty());
        sink.until("it is committed", () -> sink.commits() == 1);
    }

    @Test
    void anIncidentThatWasOverBeforeAlertmanagerCameBackIsShownForAWhile() throws Exception {
        alertmanager.answer = body -> 503;
        sink.starts();
        sink.appended(topic.firing("ann"));
        sink.until("it was tried", () -> !alertmanager.posts.isEmpty());
        sink.appended(topic.resolved("ann", Topic.NOW));

        alertmanager.answer = body -> 200;

        sink.until("it was told", () -> !alertmanager.taken().isEmpty());
        sink.goesOnFor(1000);
        assertThat(alertmanager.taken()).hasSize(1);
        assertThat(endOf(last())).isAfter(Instant.now().plusSeconds(20));
    }

    @Test
    void afterARestartWhatIsOpenIsToldOnAndWhatWasOverIsNotMentioned() throws Exception {
        sink.appended(topic.firing("ann"), topic.firing("ben"), topic.resolved("ben", Topic.NOW));
        sink.starts();
        sink.until("both were told", () -> alerts().size() >= 2);
        sink.until("all is committed", () -> sink.commits() == 3);
        sink.stops();
        alertmanager.posts.clear();

        sink.starts();

        sink.until("it was told on", () -> alerts().size() >= 2);
        assertThat(alerts())
                .extracting(a -> a.path("labels").path("subject").asText())
                .containsOnly("ann");
        sink.until("all is committed", () -> sink.commits() == 3);
    }

    @Test
    void whatEndedWhileTheSinkWasDownEndsInAlertmanagerToo() throws Exception {
        sink.appended(topic.firing("ann"));
        sink.starts();
        sink.until("it was told", () -> sink.commits() == 1);
        sink.stops();
        alertmanager.posts.clear();

        sink.appended(topic.resolved("ann", Topic.NOW));
        sink.starts();

        sink.until("the end was told", () -> !ends().isEmpty());
        assertThat(alerts()).hasSameSizeAs(ends());
    }

    @Test
    void everyReplicaIsToldAndOneThatIsAwayHoldsUpNobody() throws Exception {
        sink.close();
        try (var second = new Receiver()) {
            sink = new TaskDriver(
                    Map.of("alertmanager.urls", "http://127.0.0.1:1," + second.url() + "," + alertmanager.url()));
            sink.starts();

            sink.appended(topic.firing("ann"));

            sink.until(
                    "both that are there were told",
                    () -> !second.taken().isEmpty() && !alertmanager.taken().isEmpty());
            sink.until("it is committed", () -> sink.commits() == 1);
        }
    }

    @Test
    void aRecordThatIsNoIncidentIsKeptAside() throws Exception {
        sink.appended(topic.garbage("bad"), topic.firing("ann"));

        sink.starts();

        sink.until("the good one was told", () -> !alertmanager.taken().isEmpty());
        assertThat(sink.reported).extracting(r -> r.kafkaOffset()).containsExactly(0L);
        sink.until("all is committed", () -> sink.commits() == 2);
    }

    @Test
    void aTombstoneEndsNothingThatIsNotToldYet() throws Exception {
        alertmanager.answer = body -> 503;
        sink.starts();
        sink.appended(topic.firing("ann"));
        sink.until("it was tried", () -> !alertmanager.posts.isEmpty());
        sink.appended(topic.resolved("ann", Topic.NOW), topic.forgotten("ann"));

        alertmanager.answer = body -> 200;

        sink.until("it was told", () -> !alertmanager.taken().isEmpty());
    }

    private List<JsonNode> alerts() {
        List<JsonNode> result = new ArrayList<>();
        alertmanager.taken().forEach(post -> post.json().forEach(result::add));
        return result;
    }

    private List<Instant> ends() {
        return alerts().stream()
                .map(AlertmanagerSinkTaskTest::endOf)
                .filter(end -> !end.isAfter(Instant.now()))
                .toList();
    }

    private JsonNode last() {
        List<JsonNode> all = alerts();
        return all.isEmpty() ? MissingNode.getInstance() : all.get(all.size() - 1);
    }

    private static Instant endOf(JsonNode alert) {
        return Instant.parse(alert.path("endsAt").asText());
    }
}
