package io.postbrake.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.postbrake.testkit.FreePort;
import io.postbrake.testkit.MmdbWriter;
import io.postbrake.testkit.PostfixHost;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command beside a real Postfix, with a service that answers as it does, and without one. */
class DoctorCommandIT {

    @TempDir
    private Path dir;

    private PostfixHost postfix;
    private HttpServer service;
    private int http;
    private int broker;

    private record Said(int exit, String text) {}

    @BeforeEach
    void aWellInstallation() throws Exception {
        var missing = PostfixHost.missing();
        Assumptions.assumeTrue(missing.isEmpty(), () -> "no real Postfix here: " + missing.orElseThrow());
        postfix = PostfixHost.create();
        postfix.setting(
                "smtpd_client_restrictions",
                "check_client_access lmdb:%1$s-clients, check_client_access cidr:%1$s-ranges.cidr".formatted(base()));
        for (String table : new String[] {base(), base() + "-clients"}) {
            Files.writeString(Path.of(table), "");
            run("postmap", "-c", postfix.configuration().toString(), "lmdb:" + table);
            Files.setPosixFilePermissions(Path.of(table + ".lmdb"), PosixFilePermissions.fromString("rw-r-----"));
        }
        Files.writeString(Path.of(base() + "-ranges.cidr"), "");
        Files.writeString(
                dir.resolve("mail.log"),
                Instant.now().truncatedTo(ChronoUnit.SECONDS)
                        + " mx1 postfix/smtpd[12]: connect from unknown[192.0.2.7]\n");
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwx--x--x"));
        http = FreePort.next();
        broker = FreePort.next();
        configure("");
    }

    @AfterEach
    void stop() throws IOException {
        if (postfix != null) {
            postfix.close();
        }
        if (service != null) {
            service.stop(0);
        }
    }

    @Test
    void whatIsWellIsSaidSoAndEndsWith0() throws Exception {
        serve(200, "RUNNING");

        Said said = doctor();

        assertThat(said.exit()).as(said.text()).isZero();
        assertThat(said.text())
                .contains(
                        "ok    java",
                        "ok    log",
                        "ok    zone",
                        "ok    map",
                        "ok    postfix  blocks are enforced by",
                        "ok    service  it runs, and says: RUNNING",
                        "ok    heap     64 of 512 MiB in use",
                        "ok    disk",
                        "ok    data")
                .doesNotContain("fail ");
    }

    @Test
    void aPostfixThatDoesNotAskIsAFailureWithTheLineToAdd() throws Exception {
        postfix.setting("smtpd_recipient_restrictions", "permit_sasl_authenticated, reject");
        serve(200, "RUNNING");

        Said said = doctor();

        assertThat(said.exit()).isEqualTo(1);
        assertThat(said.text())
                .contains("fail  postfix", "a blocked account goes on sending")
                .contains("do: smtpd_recipient_restrictions = check_sasl_access lmdb:" + base());
    }

    @Test
    void aTableThatIsGoneIsAFailure() throws Exception {
        Files.delete(Path.of(base() + ".lmdb"));
        serve(200, "RUNNING");

        assertThat(doctor().text()).contains("fail  map", "everybody is answered 451");
    }

    @Test
    void aServiceThatIsNotAtWorkSaysWhy() throws Exception {
        serve(503, "restoring state: 7 records in 1 partitions to go");

        Said said = doctor();

        assertThat(said.exit()).isEqualTo(1);
        assertThat(said.text()).contains("fail  service  it runs and is not at work: restoring state: 7 records");
    }

    @Test
    void whereNothingRunsAPortThatAnotherProgramHasIsAFailure() throws Exception {
        try (var other = new java.net.ServerSocket()) {
            other.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), broker));

            Said said = doctor();

            assertThat(said.exit()).isEqualTo(1);
            assertThat(said.text())
                    .contains("fail  ports    another program listens at broker.port " + broker)
                    .contains("warn  service", "it does not run");
        }
    }

    @Test
    void programsReadTheSameAsJson() throws Exception {
        Path places = dir.resolve("places.mmdb");
        MmdbWriter.write(places, "Test-City", Map.of("192.0.2.0/24", Map.of("country", Map.of("iso_code", "DE"))));
        configure("geo.files: [" + places + "]\n");

        Said said = doctor("--json");

        JsonNode checks = new ObjectMapper().readTree(said.text()).path("checks");
        assertThat(checks.findValuesAsText("check"))
                .contains("java", "config", "log", "map", "postfix", "geo", "disk", "memory");
        for (JsonNode check : checks) {
            assertThat(check.path("state").asText()).isIn("ok", "warn", "fail");
            assertThat(check.path("do").asText().isEmpty())
                    .as(check.toString())
                    .isEqualTo(check.path("state").asText().equals("ok"));
            if (check.path("check").asText().equals("geo")) {
                assertThat(check.path("seen").asText()).contains("was built", "days ago");
            }
        }
    }

    @Test
    void whoIsToldOfIncidentsIsNamed() throws Exception {
        assertThat(doctor().text()).contains("warn  alerts", "nobody is told", "receivers: {postmaster:");

        configure("receivers: {chat: {webhook.url: 'http://127.0.0.1:1/'}}\n");

        assertThat(doctor().text()).contains("ok    alerts   incidents are told to chat");
    }

    @Test
    void whatIsWrongWithTheFileIsSaidBesideAllOfTheRest() throws Exception {
        configure("broker.prot: 1\n");

        Said said = doctor();

        assertThat(said.exit()).isEqualTo(1);
        assertThat(said.text()).contains("fail  config", "broker.prot", "ok    log");
    }

    @Test
    void withoutAFileItSaysWhichToGive() {
        var err = new StringWriter();
        int exit = new CommandLine(new DoctorCommand())
                .setExecutionExceptionHandler((e, command, result) -> {
                    err.write(e.getMessage());
                    return 2;
                })
                .execute("--config", dir.resolve("none.yaml").toString());

        assertThat(exit).isEqualTo(2);
        assertThat(err.toString()).contains("none.yaml is not there", "--config");
    }

    private void configure(String more) throws IOException {
        Files.writeString(
                dir.resolve("up.yaml"), """
            host: mx1
            log: %1$s/mail.log
            map: %2$s.lmdb
            postfix: %3$s
            data: %1$s
            broker.port: %4$d
            registry.url: http://127.0.0.1:1
            http.port: %5$d
            console: {port: -1}
            """.formatted(dir, base(), postfix.configuration(), broker, http) + more);
    }

    /** As the service answers, and a socket where its broker listens. */
    private void serve(int status, String sentence) throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        service = HttpServer.create(new InetSocketAddress(loopback, http), 0);
        answer("/health", status, sentence);
        answer("/metrics", 200, """
            # TYPE jvm_memory_used_bytes gauge
            jvm_memory_used_bytes{area="heap",id="Eden Space"} 6.7108864E7
            jvm_memory_used_bytes{area="nonheap",id="Metaspace"} 9.0E8
            jvm_memory_max_bytes{area="heap",id="Eden Space"} 5.36870912E8
            jvm_memory_max_bytes{area="nonheap",id="Metaspace"} -1.0
            """);
        service.start();
        configure("");
        Files.writeString(
                dir.resolve("up.yaml"),
                Files.readString(dir.resolve("up.yaml")).replace("broker.port: " + broker, "broker.port: 0"));
    }

    private void answer(String path, int status, String text) {
        service.createContext(path, exchange -> {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
    }

    private Said doctor(String... more) {
        var out = new StringWriter();
        String[] arguments = new String[more.length + 2];
        arguments[0] = "--config";
        arguments[1] = dir.resolve("up.yaml").toString();
        System.arraycopy(more, 0, arguments, 2, more.length);
        int exit = new CommandLine(new DoctorCommand())
                .setOut(new PrintWriter(out))
                .execute(arguments);
        return new Said(exit, out.toString());
    }

    private String base() {
        return postfix.map().toString().replaceFirst("\\.lmdb$", "");
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }
}
