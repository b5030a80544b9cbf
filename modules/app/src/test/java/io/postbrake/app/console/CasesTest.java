package io.postbrake.app.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.postbrake.streams.OpenIncidentIndex.Case;
import io.postbrake.streams.OpenIncidentIndex.Origin;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which open cases a list shows, in which order, and what they have in common. */
class CasesTest {

    private static final Instant NIGHT = Instant.parse("2026-12-01T02:10:00Z");

    private static final OpenCase ANNA = incident(
            "sasl_user:anna@a.example",
            "critical",
            "reject",
            0,
            0.99,
            "203.0.113.9",
            List.of("velocity-ceiling", "new-country"));
    private static final OpenCase BEN =
            incident("sasl_user:ben@b.example", "warning", "hold", 5, 0.8, "203.0.113.77", List.of("velocity-ceiling"));
    private static final OpenCase GUESSER = incident(
            "client_ip:198.51.100.7", "warning", null, 65, 0.7, "198.51.100.7", List.of("guessing-by-address"));
    private static final OpenCase ALLOWED =
            new OpenCase("sasl_user:dora@a.example", new Case(null, null, "allow", null, 0, List.of(), null), false);
    private static final OpenCase TAKEN = new OpenCase("sasl_user:emil@a.example", ANNA.open(), true);
    private static final List<OpenCase> ALL = List.of(ANNA, BEN, GUESSER, ALLOWED, TAKEN);

    private static OpenCase incident(
            String key, String severity, String action, int minutes, double score, String ip, List<String> detectors) {
        var origin = new Origin(ip, null, null);
        return new OpenCase(
                key,
                new Case(severity, action, null, NIGHT.plusSeconds(60L * minutes), score, detectors, origin),
                false);
    }

    private static List<String> taken(String query) {
        CaseFilter filter = CaseFilter.of(Query.of(query));
        CasePage page = CasePage.of(Query.of(query));
        return ALL.stream()
                .filter(filter::takes)
                .sorted(Comparator.comparing(CaseOrder::of, page.comparator()))
                .skip(page.from())
                .limit(page.size())
                .map(one -> one.key().replaceAll(".*:|@.*", ""))
                .toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "what=incidents                          | anna emil 198.51.100.7 ben",
                "what=incidents&sort=oldest              | anna emil ben 198.51.100.7",
                "what=incidents&sort=name&page=2&size=1  | anna",
                "what=incidents&sort=risk&size=1         | anna",
                "what=blocks&sort=name                   | anna ben emil",
                "what=words                              | dora",
                "sort=oldest&kind=sasl_user              | anna emil ben dora",
                "severity=warning                        | 198.51.100.7 ben",
                "state=fresh                               | anna 198.51.100.7 ben",
                "state=acknowledged                      | emil",
                "what=incidents&state=unblocked          | 198.51.100.7",
                "domain=a.example&what=incidents         | anna emil",
                "detector=new-country&state=fresh          | anna",
                "network=203.0.113.0/24&sort=name        | anna ben emil",
                "hour=2026-12-01T03:00:00Z               | 198.51.100.7",
                "text=Anna%40A                           | anna",
                "text=sasl_user                          | ",
            })
    void aFilterTakesAndASortOrders(String query, String names) {
        assertThat(taken(query)).isEqualTo(names == null ? List.of() : List.of(names.split(" ")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "severity=bad  | severity is 'bad': give one of critical, warning, info",
                "sort=up       | sort is 'up': give one of severity, newest, oldest, risk, name",
                "size=1000     | size is '1000': give 1 to 200",
                "page=101      | page is '101': give 1 to 100",
                "by=owner      | by is 'owner': give some of network, domain, detector, hour, kind, once each, with commas between",
                "by=detector,detector | by is 'detector,detector': give some of network, domain, detector, hour, kind, once each, with commas between",
            })
    void whatCannotBeAskedIsRefusedWithWhatCan(String query, String problem) {
        assertThatThrownBy(() -> taken(query))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(problem);
    }

    @Test
    void casesOfOneEventAreOneGroup() {
        JsonNode largest = CaseGroups.of(ALL, List.of("network", "hour")).get(0);

        assertThat(largest.path("of").toString())
                .isEqualTo("{\"network\":\"203.0.113.0/24\",\"hour\":\"2026-12-01T02:00:00Z\"}");
        assertThat(largest.path("total").asInt()).isEqualTo(3);
        assertThat(largest.path("critical").asInt()).isEqualTo(2);
        assertThat(largest.path("fresh").asInt()).isEqualTo(2);
    }

    @Test
    void aCaseWithTwoDetectorsIsInTheGroupsOfBoth() {
        assertThat(CaseGroups.of(List.of(ANNA), List.of("detector"))).hasSize(2);
    }

    @Test
    void partsOfSeveralInstancesAddUpToTheWhole() {
        var by = List.of("domain");
        var page = CasePage.of(Query.of("page=2&size=1&sort=name&by=domain"));
        ObjectNode one = answer(List.of(ANNA, GUESSER), by);
        ObjectNode two = answer(List.of(BEN, TAKEN), by);
        List<OpenCase> all = List.of(ANNA, GUESSER, BEN, TAKEN);

        ObjectNode joined = CaseList.joined(one, List.of(two), page);

        assertThat(joined.path("total").asInt()).isEqualTo(4);
        assertThat(joined.path("counts")).isEqualTo(CaseCounts.of(all));
        assertThat(joined.path("groups")).isEqualTo(CaseGroups.of(all, by));
        assertThat(joined.path("subjects")).hasSize(1);
        assertThat(joined.path("subjects").get(0).path("key").asText()).isEqualTo("sasl_user:anna@a.example");
    }

    private static ObjectNode answer(List<OpenCase> cases, List<String> by) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        Stream.of(cases)
                .flatMap(List::stream)
                .forEach(one -> answer.withArray("/subjects").addObject().put("key", one.key()));
        answer.put("total", cases.size());
        answer.set("counts", CaseCounts.of(cases));
        answer.set("groups", CaseGroups.of(cases, by));
        return answer;
    }
}
