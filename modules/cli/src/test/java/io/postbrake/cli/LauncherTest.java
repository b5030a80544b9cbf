package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher of archive and package, with a Java that only says how it was called. */
class LauncherTest {

    private static final String SAYS = "#!/bin/sh\necho NAME \"$@\"\n";

    @TempDir
    private Path dir;

    private Path launcher;

    @BeforeEach
    void anInstallation() throws IOException {
        launcher = dir.resolve("share/bin/postbrake");
        Files.createDirectories(launcher.getParent());
        Files.copy(Path.of("src/dist/bin/postbrake"), launcher);
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
        Files.createDirectories(dir.resolve("share/lib"));
    }

    @Test
    void aRecentJavaOfThePathIsTaken() throws Exception {
        Path java = java("recent", "21.0.4");

        assertThat(run(launcher, java, "list", "--json"))
                .startsWith("recent ")
                .contains("-cp " + dir.resolve("share/lib") + "/* io.postbrake.cli.Main list --json");
    }

    @Test
    void anOldJavaOfThePathIsPassedOver() throws Exception {
        assertThat(run(launcher, java("eleven", "11.0.2"), "list")).doesNotContain("eleven");
        assertThat(run(launcher, java("eight", "1.8.0_392"), "list")).doesNotContain("eight");
    }

    @Test
    void javaHomeStandsOverThePath() throws Exception {
        Path chosen = java("chosen", "17.0.1");

        assertThat(run(launcher, java("other", "21"), Map.of("JAVA_HOME", chosen.toString()), "list"))
                .startsWith("chosen ");
    }

    @Test
    void aLinkToItFindsItsLibraries() throws Exception {
        Path link = Files.createSymbolicLink(dir.resolve("postbrake"), Path.of("share/bin/postbrake"));

        assertThat(run(link, java("recent", "17"), "list")).contains("-cp " + dir.resolve("share/lib") + "/* ");
    }

    @Test
    void anArchiveOfClassesIsUsedWhereThereIsOne() throws Exception {
        Path java = java("recent", "17");
        assertThat(run(launcher, java, "list")).doesNotContain("SharedArchiveFile");

        Path archive = Files.createDirectories(dir.resolve("share/archive")).resolve("postbrake.jsa");
        Files.writeString(archive, "classes");

        assertThat(run(launcher, java, "list")).contains("-XX:SharedArchiveFile=" + archive + " -Xshare:auto");
    }

    @Test
    void servicesLiveInABoundedHeap() throws Exception {
        Path java = java("recent", "17");

        assertThat(run(launcher, java, "up", "--config", "f")).contains("-Xmx512m -XX:+ExitOnOutOfMemoryError");
        assertThat(run(launcher, java, "agent", "--config", "f")).contains("-Xmx64m", "-XX:MaxMetaspaceSize=96m");
        assertThat(run(launcher, java, Map.of("JAVA_OPTS", "-Xmx1g"), "up"))
                .contains("-Xmx1g")
                .doesNotContain("-Xmx512m");
    }

    /** A directory as a Java is installed in, which says its version in a file. */
    private Path java(String name, String version) throws IOException {
        Path home = Files.createDirectories(dir.resolve("jvm-" + name));
        Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
        Files.writeString(java, SAYS.replace("NAME", name));
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwx------"));
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"Debian\"\nJAVA_VERSION=\"" + version + "\"\n");
        return home;
    }

    private String run(Path command, Path inPath, String... arguments) throws Exception {
        return run(command, inPath, Map.of(), arguments);
    }

    private String run(Path command, Path inPath, Map<String, String> environment, String... arguments)
            throws Exception {
        var all = new ArrayList<>(List.of(command.toString()));
        all.addAll(List.of(arguments));
        var builder = new ProcessBuilder(all).redirectErrorStream(true);
        builder.environment().remove("JAVA_HOME");
        builder.environment().remove("JAVA_OPTS");
        builder.environment().put("PATH", inPath.resolve("bin") + ":/usr/bin:/bin");
        builder.environment().putAll(environment);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return said;
    }
}
