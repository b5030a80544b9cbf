package io.postbrake.policysink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postbrake.testkit.PostfixHost;
import io.postbrake.testkit.SmtpSession;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A disk that is full or read-only, a lock that somebody holds, a writer that is killed: beside a real Postfix. */
@Timeout(120)
class MapFailuresIT {

    private static final String ALICE = "alice@my-domain.net";
    private static final String BOB = "bob@my-domain.net";

    private PostfixHost postfix;
    private Path disk;

    @BeforeEach
    void aliceIsBlockedByAMapOnASmallDisk() throws Exception {
        var missing = PostfixHost.missing();
        Assumptions.assumeTrue(missing.isEmpty(), () -> "no real Postfix here: " + missing.orElseThrow());
        postfix = PostfixHost.create();
        disk = postfix.map().getParent();
        PostfixCommands.run(List.of("mount", "-t", "tmpfs", "-o", "size=4m,mode=755", "tmpfs", disk.toString()), "");
        postfix.account("alice", "secret");
        postfix.account("bob", "secret");
        try (PolicyMap map = open()) {
            map.rebuild(Map.of(ALICE, reply("REJECT 5.7.1 no [pb:first]"))::forEach);
        }
        postfix.start();
    }

    @AfterEach
    void stop() throws IOException {
        if (postfix != null) {
            postfix.stop();
            PostfixCommands.run(List.of("umount", "-l", disk.toString()), "");
            postfix.close();
        }
    }

    @Test
    void aFullDiskIsAnErrorThatLiftsNoBlockAndIsMadeGood() throws Exception {
        try (PolicyMap map = open()) {
            Enforcement enforcement = EnforcementTest.enforcement(map, Clock.systemUTC());
            enforcement.block("sasl_user:" + ALICE, block("first"));
            enforcement.caughtUp();
            Path ballast = disk.resolve("ballast");
            fill(ballast);

            assertThatThrownBy(() -> deliver(enforcement)).isInstanceOf(IOException.class);
            assertThat(send(ALICE)).endsWith("[pb:first]");
            assertThat(send(BOB)).as("everybody else still sends").startsWith("250");

            Files.delete(ballast);
            deliver(enforcement); // As Connect does until it is taken.
            assertThat(send(BOB)).endsWith("[pb:later]");
            assertThat(map.count()).isEqualTo(3002);
        }
    }

    private static void deliver(Enforcement enforcement) throws IOException {
        for (int i = 0; i < 3000; i++) {
            enforcement.block("sasl_user:user" + i + "@my-domain.net", block("x" + i));
        }
        enforcement.block("sasl_user:" + BOB, block("later"));
        enforcement.write();
    }

    @Test
    void onAReadOnlyDiskTheEnforcerDoesNotStartAndTheMapStays() throws Exception {
        remount("ro");
        assertThatThrownBy(this::open).isInstanceOf(IOException.class);
        assertThat(send(ALICE)).endsWith("[pb:first]");
        assertThat(send(BOB)).startsWith("250");

        remount("rw");
        try (PolicyMap map = open()) {
            assertThat(map.get(ALICE)).endsWith("[pb:first]");
        }
    }

    @Test
    void aLockThatSomebodyHoldsIsAnErrorAndNoHang() throws Exception {
        Process holder = elsewhere(LockHolder.class);
        try (PolicyMap map = open()) {
            assertThat(holder.getInputStream().read()).isEqualTo('+');

            long from = System.nanoTime();
            assertThatThrownBy(() -> map.apply(Map.of(BOB, reply("REJECT"))))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("somebody else holds the lock");
            assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - from)).isBetween(4L, 20L);

            holder.destroyForcibly().waitFor();
            map.apply(Map.of(BOB, reply("REJECT 5.7.1 no [pb:after]")));
            assertThat(send(BOB)).endsWith("[pb:after]");
        } finally {
            holder.destroyForcibly();
        }
    }

    @Test
    void aWriterThatIsKilledLeavesAWholeMap() throws Exception {
        for (int trial = 0; trial < 4; trial++) {
            Process writer = elsewhere(BusyWriter.class);
            assertThat(writer.getInputStream().read()).isEqualTo('+');
            TimeUnit.MILLISECONDS.sleep(100 + 37L * trial);
            writer.destroyForcibly().waitFor();

            assertThat(send(ALICE)).endsWith("[pb:first]");
            assertThat(send(BOB)).startsWith("250");
            try (PolicyMap map = open()) {
                assertThat(map.lost()).isFalse();
                assertThat(map.get(ALICE)).endsWith("[pb:first]");
            }
        }
    }

    /** Holds the lock that readers and writers take, until killed: the map's file. */
    static final class LockHolder {
        public static void main(String[] args) throws Exception {
            try (FileChannel file = FileChannel.open(Path.of(args[0]), StandardOpenOption.WRITE);
                    var lock = file.lock()) {
                System.out.print(lock.isValid() ? '+' : '-');
                System.out.flush();
                Thread.currentThread().join();
            }
        }
    }

    /** Blocks and unblocks others until killed: the map's file. */
    static final class BusyWriter {
        public static void main(String[] args) throws Exception {
            try (PolicyMap map = PolicyMap.open(Path.of(args[0]), 16 << 20)) {
                for (int i = 0; ; i++) {
                    map.apply(Map.of("user" + i % 50 + "@my-domain.net", reply("REJECT 5.7.1 " + i)));
                    if (i == 10) {
                        System.out.print('+');
                        System.out.flush();
                    }
                }
            }
        }
    }

    private Process elsewhere(Class<?> main) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-opens=java.base/java.nio=ALL-UNNAMED",
                        "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        main.getName(),
                        postfix.map().toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private void remount(String how) throws IOException {
        PostfixCommands.run(List.of("mount", "-o", "remount," + how, disk.toString()), "");
    }

    private static void fill(Path file) throws IOException {
        try (var out = Files.newOutputStream(file)) {
            byte[] some = new byte[4096];
            for (; ; ) {
                out.write(some);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left");
        }
    }

    private PolicyMap open() throws IOException {
        return PolicyMap.open(postfix.map(), 16 << 20);
    }

    private String send(String account) throws IOException {
        try (SmtpSession session = postfix.login(account, "secret")) {
            return session.send(account, "x@example.com");
        }
    }

    private static Entry reply(String text) {
        return new Entry(text, Entry.NEVER);
    }

    private static Wanted block(String reference) {
        Instant now = Instant.now();
        return new Wanted("block", "reject", "no", reference, now, now, now.plusSeconds(600), null);
    }
}
