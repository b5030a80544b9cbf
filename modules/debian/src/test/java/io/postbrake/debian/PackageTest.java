package io.postbrake.debian;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is in the Debian package, by its bytes. */
class PackageTest {

    private static final String LIBRARIES = "/usr/share/postbrake/lib/";
    private static final String UNITS = "/usr/lib/systemd/system/";

    private static DebFile deb;

    @TempDir
    private Path dir;

    @BeforeAll
    static void read() throws IOException {
        deb = DebFile.read(DebFile.path());
    }

    @Test
    void dependsOnAnyJavaFrom17OnAndIsOlderThanTheRelease() {
        assertThat(deb.field("Package")).isEqualTo("postbrake");
        assertThat(deb.field("Architecture")).isEqualTo("all");
        assertThat(deb.field("Version")).matches("0\\.1\\.0~[0-9a-z]+");
        assertThat(deb.field("Depends"))
                .contains(
                        "default-jre-headless (>= 2:1.17) | java-runtime-headless (>= 17) | java17-runtime-headless",
                        "adduser");
        assertThat(deb.field("Recommends")).contains("postfix-lmdb");
    }

    @Test
    void rootOwnsAllAndNobodyElseMayWrite() {
        Map<String, Integer> wrong = new TreeMap<>();
        deb.files().forEach((path, entry) -> {
            int right = 0644;
            if (path.endsWith("/") || path.startsWith("/usr/share/postbrake/bin/")) {
                right = 0755;
            } else if (path.startsWith("/etc/postbrake/")) {
                right = 0640;
            }
            if (entry.link().isEmpty()
                    && (entry.mode() != right || !entry.owner().equals("root:root"))) {
                wrong.put(path + " " + entry.owner(), entry.mode());
            }
        });

        assertThat(wrong).isEmpty();
    }

    @Test
    void whatAnOperatorChangesIsKeptAtAnUpgrade() {
        List<String> configuration = deb.files().keySet().stream()
                .filter(path -> path.startsWith("/etc/") && !path.endsWith("/"))
                .toList();

        assertThat(configuration)
                .containsExactlyInAnyOrder(
                        "/etc/postbrake/postbrake.yaml", "/etc/postbrake/agent.yaml", "/etc/postbrake/detector.yaml");
        assertThat(deb.control().get("/conffiles").text().lines().toList())
                .containsExactlyInAnyOrderElementsOf(configuration);
    }

    @Test
    void itsConfigurationWatchesAndEnforcesNothing() {
        assertThat(deb.files().get("/etc/postbrake/postbrake.yaml").text().lines())
                .contains("log: /var/log/mail.log", "watch: 7d")
                .noneMatch(line -> line.startsWith("map:"));
    }

    /** Such as the library of an earlier build beside its successor: which of them a class came from would be chance. */
    @Test
    void eachLibraryIsThereOnce() {
        Map<String, List<String>> byName = deb.files().keySet().stream()
                .filter(path -> path.startsWith(LIBRARIES) && path.endsWith(".jar"))
                .map(path -> path.substring(LIBRARIES.length()))
                .collect(Collectors.groupingBy(jar -> jar.replaceFirst("-[0-9][^-]*(-SNAPSHOT|-jre|-GA)?\\.jar$", "")));

        assertThat(byName).hasSizeGreaterThan(100).containsKeys("postbrake-cli", "postbrake-agent", "rocksdbjni");
        assertThat(byName.values()).allMatch(versions -> versions.size() == 1);
    }

    /** They are most of the package, and each is for one system. */
    @Test
    void librariesHaveNativeCodeForDebiansMachinesAndForNoOtherSystems() throws IOException {
        List<String> code = new ArrayList<>();
        for (String jar : List.of("rocksdbjni", "zstd-jni")) {
            try (Stream<Path> libraries = Files.list(Path.of("target/lib"))) {
                Path library = libraries
                        .filter(file -> file.getFileName().toString().startsWith(jar + "-"))
                        .findFirst()
                        .orElseThrow();
                try (var file = new JarFile(library.toFile())) {
                    file.stream()
                            .map(ZipEntry::getName)
                            .filter(name -> name.matches(".*\\.(so|dll|jnilib|dylib)"))
                            .forEach(code::add);
                }
            }
        }

        assertThat(code)
                .contains("librocksdbjni-linux64.so", "librocksdbjni-linux-aarch64.so")
                .anyMatch(name -> name.startsWith("linux/amd64/"))
                .noneMatch(name -> name.contains("musl"))
                .allMatch(name -> name.contains("linux"));
    }

    @Test
    void theCommandIsALinkToTheLauncherBesideItsLibraries() {
        assertThat(deb.files().get("/usr/bin/postbrake").link()).isEqualTo("../share/postbrake/bin/postbrake");
        assertThat(deb.files()).containsKey("/usr/share/postbrake/bin/postbrake");
    }

    @ParameterizedTest
    @ValueSource(strings = {"postbrake", "postbrake-agent", "postbrake-detector", "postbrake-report"})
    void systemdUnderstandsEachUnitAndFindsItWellConfined(String name) throws Exception {
        String text = deb.files().get(UNITS + name + ".service").text();
        assertThat(text).contains("ExecStart=/usr/bin/postbrake ").doesNotContain("/opt/");
        String here = text.replaceFirst("(?m)^ExecStart=\\S+", "ExecStart=/bin/true")
                .replaceAll("(?m)^Documentation=.*\n", "");
        Path unit = Files.writeString(dir.resolve(name + ".service"), here);

        String complaints = run("systemd-analyze", "verify", unit.toString());
        String exposure =
                run("systemd-analyze", "security", "--offline=true", "--threshold=30", "--no-pager", unit.toString());

        // Of the machine's own units it may complain as well.
        assertThat(complaints.lines().filter(line -> !line.matches("(/usr)?/lib/systemd/.*")))
                .isEmpty();
        assertThat(exposure).contains("Overall exposure level");
    }

    @Test
    void eachCommandHasItsPageAndBashCompletesThem() {
        assertThat(deb.files())
                .containsKeys(
                        "/usr/share/man/man1/postbrake.1.gz",
                        "/usr/share/man/man1/postbrake-up.1.gz",
                        "/usr/share/man/man1/postbrake-queue-list.1.gz");
        assertThat(deb.files()
                        .get("/usr/share/bash-completion/completions/postbrake")
                        .text())
                .contains("complete -F _complete_postbrake");
    }

    /** The shell that Debian's maintainer scripts run in. */
    @ParameterizedTest
    @ValueSource(strings = {"postinst", "prerm", "postrm"})
    void everyScriptOfThePackageIsAShellsAndStopsAtAFailure(String name) throws Exception {
        DebFile.Entry script = deb.control().get("/" + name);
        Path file = Files.writeString(dir.resolve(name), script.text());

        assertThat(run("dash", "-n", file.toString())).isEmpty();
        assertThat(script.mode()).isEqualTo(0755);
        assertThat(script.text()).startsWith("#!/bin/sh\nset -e\n");
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(new ArrayList<>(List.of(command)))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
