package io.postbrake.debian;

import static io.postbrake.debian.Service.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.testkit.FreePort;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The package on a Debian without Java, beside a real Postfix; its services run by hand, with the user and the rights of their units. */
@Tag("soak")
class InstalledPackageIT {

    private static final String CONFIGURATION = "/etc/postbrake/postbrake.yaml";

    @TempDir
    private Path dir;

    @BeforeAll
    static void needsDebootstrap() {
        DebianMachine.missing().ifPresent(why -> Assumptions.assumeTrue(false, why));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bookworm", "trixie"})
    void installingStartsNothingAndAnUpgradeKeepsWhatAnOperatorChanged(String suite) throws Exception {
        try (var machine = DebianMachine.create(suite)) {
            install(machine, earlier());
            String mine = "host: mine\nlog: /var/log/mail.log\n";
            Files.writeString(machine.path(CONFIGURATION), mine);

            String said = install(machine, DebFile.path());

            assertThat(said).doesNotContain("nothing was started");
            assertThat(machine.shell("dpkg-query -W -f '${Version}' postbrake"))
                    .isEqualTo(DebFile.read(DebFile.path()).field("Version"));
            assertThat(Files.readString(machine.path(CONFIGURATION))).isEqualTo(mine);
            assertThat(Files.readString(machine.path("/etc/postbrake/agent.yaml")))
                    .as("nobody changed it")
                    .doesNotContain("an earlier default");
            assertThat(machine.shell("stat -c '%a %U:%G' /etc/postbrake/*.yaml /var/lib/postbrake /var/log/postbrake")
                            .lines()
                            .distinct())
                    .containsExactly("640 root:postbrake", "711 root:root");
            assertThat(machine.shell("postbrake config check " + CONFIGURATION)).contains("is right, as a file of up");
            assertThat(machine.path("/var/cache/postbrake/postbrake.jsa")).isNotEmptyFile();
            assertThat(machine.shell("systemd-analyze verify /usr/lib/systemd/system/postbrake*.service"))
                    .as("its manual pages are there, too")
                    .isEmpty();
            assertThat(machine.shell("man --warnings postbrake-block 2>&1 > /dev/null"))
                    .isEmpty();
            DebianMachine.Outcome doctor = machine.attempt("postbrake doctor");
            assertThat(doctor.status()).isEqualTo(1);
            assertThat(doctor.said()).contains("fail  log", "log: journal", "warn  map", "Postbrake only watches");
            assertThat(machine.shell("ls /var/lib/postbrake")).isEmpty();
        }
    }

    /** The archive of classes is of one Java: another one makes it anew, and whatever a JVM thinks of it, no command prints it. */
    @Test
    void anotherJavaThatIsNewerServesAsWell() throws Exception {
        try (var machine = DebianMachine.create("trixie")) {
            machine.shell("apt-get install -y --no-install-recommends openjdk-25-jre-headless");
            install(machine, DebFile.path());
            Path archive = machine.path("/var/cache/postbrake/postbrake.jsa");

            assertThat(machine.shell("ls /usr/lib/jvm"))
                    .as("no other is needed")
                    .doesNotContain("java-21");
            assertThat(archive).isNotEmptyFile();
            assertThat(machine.shell("postbrake --version")).isEqualTo("0.1.0\n");
            Files.delete(archive);
            machine.shell("apt-get install -y --no-install-recommends --reinstall openjdk-25-jre-headless");
            assertThat(archive).as("made anew").isNotEmptyFile();
            assertThat(machine.shell("postbrake doctor --json; true")).startsWith("{");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bookworm", "trixie"})
    void aThiefIsRefusedAndNeitherRemovalNorPurgeStopsMailWhilePostfixAsksTheTables(String suite) throws Exception {
        try (var machine = DebianMachine.create(suite)) {
            MailServer postfix = MailServer.start(machine);
            String said = install(machine, DebFile.path());
            assertThat(said).contains("nothing was started, and nothing of Postfix changed");
            configure(machine);
            try (Service up = Service.start(machine, "postbrake.service", dir)) {
                await("the tables are there", () -> Files.exists(tables(machine).resolve("blocked-ranges.cidr")));
                postfix.wire(machine.shell("postbrake postfix print"));
                assertThat(machine.shell("postbrake postfix check")).contains("blocks are enforced by");
                assertThat(postfix.sends("bob")).startsWith("250");
                assertThat(machine.shell("postbrake doctor"))
                        .contains(
                                "ok    log",
                                "ok    zone",
                                "ok    map",
                                "ok    postfix",
                                "ok    service",
                                "ok    ports");
                assertThat(machine.shell("postbrake status")).contains("nothing is blocked before");
                machine.shell("postbrake enforce");
                await("the thief is refused", () -> !postfix.sends("thief").startsWith("250"));
                assertThat(postfix.sends("bob")).startsWith("250");
                assertThat(machine.shell("postbrake list --config " + CONFIGURATION))
                        .contains("thief@my-domain.net");
                assertThat(up.said()).doesNotContain("cannot be written", "is not held here");
            }

            String relay = "lmdb:/var/lib/postbrake/blocked-relay";
            machine.shell("echo '192.0.2.9 postbrake_relay_1' | postmap -i " + relay);

            String removed = machine.shell("apt-get remove -y postbrake");

            assertThat(removed).contains("nobody is refused by them", "-o {");
            assertThat(machine.shell("postmap -s " + relay))
                    .as("a client whose senders were refused")
                    .isEmpty();
            assertThat(postfix.sends("thief"))
                    .as("nothing would end the block any more")
                    .startsWith("250");
            machine.shell("dpkg --purge postbrake");
            assertThat(machine.shell("find /var/lib/postbrake -type f | sort").lines())
                    .as("only what Postfix asks for")
                    .containsExactly(
                            "/var/lib/postbrake/blocked-clients.lmdb",
                            "/var/lib/postbrake/blocked-ranges.cidr",
                            "/var/lib/postbrake/blocked-relay.lmdb",
                            "/var/lib/postbrake/blocked.lmdb");
            machine.shell("postfix reload && sleep 1");
            assertThat(postfix.sends("bob")).startsWith("250");
            machine.shell("rm -r /var/lib/postbrake && postfix reload && sleep 1");
            assertThat(postfix.sends("bob")).as("why they stay").startsWith("451 4.3.");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bookworm", "trixie"})
    void aPurgeTakesAllDataOnceNothingAsksTheTables(String suite) throws Exception {
        try (var machine = DebianMachine.create(suite)) {
            MailServer postfix = MailServer.start(machine);
            install(machine, DebFile.path());
            configure(machine);
            try (Service up = Service.start(machine, "postbrake.service", dir)) {
                await("the tables are there", () -> Files.exists(tables(machine).resolve("blocked-ranges.cidr")));
                postfix.wire(machine.shell("postbrake postfix print"));
            }
            postfix.unwire();

            machine.shell("apt-get purge -y postbrake");

            assertThat(machine.shell("ls -d /var/lib/postbrake /var/log/postbrake /var/cache/postbrake /etc/postbrake"
                            + " /usr/share/postbrake 2>/dev/null || true"))
                    .isEmpty();
            assertThat(postfix.sends("bob")).startsWith("250");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bookworm"})
    void aBackupThatIsPutBackKnowsBlocksAndWords(String suite) throws Exception {
        try (var machine = DebianMachine.create(suite)) {
            MailServer.start(machine);
            install(machine, DebFile.path());
            configure(machine);
            String list = "postbrake list --config " + CONFIGURATION;
            try (Service up = Service.start(machine, "postbrake.service", dir)) {
                await("it is up", () -> up.said().contains("up: broker"));
                machine.shell("postbrake block thief@my-domain.net --force --reason 'by hand' --wait 60s --config "
                        + CONFIGURATION);
            }
            machine.shell("tar -C /var/lib -cf /srv/backup.tar postbrake && rm -r /var/lib/postbrake"
                    + " && tar -C /var/lib --same-owner -xpf /srv/backup.tar && rm /var/lib/postbrake/blocked*");

            try (Service up = Service.start(machine, "postbrake.service", dir)) {
                await("it is up", () -> up.said().contains("up: broker"));
                await(
                        "the table is made anew",
                        () -> machine.attempt("postmap -q thief@my-domain.net lmdb:/var/lib/postbrake/blocked")
                                .said()
                                .startsWith("REJECT"));
                assertThat(machine.shell(list)).contains("thief@my-domain.net", "by hand");
            }
        }
    }

    @Test
    void itIsTheSameBytesEachTime() throws IOException {
        Path again = DebFile.path().resolveSibling("again.deb");
        Assumptions.assumeTrue(Files.exists(again), "made by the profile soak only");

        assertThat(Files.mismatch(DebFile.path(), again)).isEqualTo(-1);
    }

    @Test
    void lintianFindsNothing() throws Exception {
        Assumptions.assumeTrue(Files.exists(Path.of("/usr/bin/lintian")), "no lintian here");

        run(
                "lintian",
                "--allow-root",
                "--fail-on",
                "error,warning",
                DebFile.path().toString());
    }

    /** Nobody answers where the shipped files say that the cluster is; that they say so is how far they come. */
    @ParameterizedTest
    @ValueSource(strings = {"postbrake-agent.service", "postbrake-detector.service"})
    void theServicesOfAFleetRunByTheirUnitsRights(String unit) throws Exception {
        try (var machine = DebianMachine.create("bookworm")) {
            MailServer.start(machine);
            install(machine, DebFile.path());
            Path file =
                    machine.path(unit.contains("agent") ? "/etc/postbrake/agent.yaml" : "/etc/postbrake/detector.yaml");
            Files.writeString(
                    file,
                    Files.readString(file)
                            .replace("kafka:9092", "127.0.0.1:1")
                            .replace("registry:8081", "127.0.0.1:1")
                            .replaceFirst("http.port: \\d+", "http.port: " + FreePort.next()));

            try (Service service = Service.start(machine, unit, dir)) {
                await("it waits for the cluster", () -> service.said().contains("127.0.0.1:1"));
                Thread.sleep(3000);
                assertThat(service.said()).doesNotContain("denied", "cannot be", "Permission");
                assertThat(service.isAlive()).isTrue();
            }
        }
    }

    static String install(DebianMachine machine, Path deb) throws IOException, InterruptedException {
        Path there = machine.path("/srv/" + deb.getFileName());
        Files.copy(deb, there, StandardCopyOption.REPLACE_EXISTING);
        return machine.shell("apt-get install -y /srv/" + deb.getFileName());
    }

    /** The same package as an earlier build would have made it: an older version, one default another. */
    private Path earlier() throws IOException, InterruptedException {
        Path tree = dir.resolve("earlier");
        run("dpkg-deb", "-R", DebFile.path().toString(), tree.toString());
        Path control = tree.resolve("DEBIAN/control");
        Files.writeString(control, Files.readString(control).replaceFirst("(?m)^Version: .*", "Version: 0.0.9"));
        Path agent = tree.resolve("etc/postbrake/agent.yaml");
        Files.writeString(agent, Files.readString(agent) + "# an earlier default\n");
        Path deb = dir.resolve("postbrake_0.0.9_all.deb");
        run("dpkg-deb", "--root-owner-group", "-Znone", "-b", tree.toString(), deb.toString());
        return deb;
    }

    /** What an operator writes into the shipped file to enforce, and ports that nobody else here has. */
    static void configure(DebianMachine machine) throws IOException {
        Path file = machine.path(CONFIGURATION);
        String text = Files.readString(file).replace("#map:", "map:")
                + "broker.port: %d%nregistry.port: %d%nhttp.port: %d%nconsole: {port: %d}%n"
                        .formatted(FreePort.next(), FreePort.next(), FreePort.next(), FreePort.next());
        Files.writeString(file, text);
    }

    private static Path tables(DebianMachine machine) {
        return machine.path("/var/lib/postbrake");
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }
}
