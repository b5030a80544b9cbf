package io.postbrake.policysink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Nobody but the owner and Postfix can open a table, for whoever can read it can hold its lock. */
class TableAccessTest {

    @TempDir
    private Path dir;

    private Path map;

    @BeforeEach
    void everybodyMayLookIntoTheDirectory() throws IOException {
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
        map = dir.resolve("blocks.lmdb");
    }

    @Test
    void aNewMapIsNobodyElses() throws IOException {
        try (PolicyMap table = PolicyMap.open(map, 1 << 20)) {
            table.rebuild(to -> {});

            assertClosed(map);
            assertClosed(dir.resolve("blocks.lmdb.owner"));
        }
    }

    @Test
    void aMapOfAnEarlierVersionIsClosedWhenItIsOpened() throws IOException {
        try (PolicyMap table = PolicyMap.open(map, 1 << 20)) {
            table.rebuild(to -> {});
        }
        Files.setPosixFilePermissions(map, PosixFilePermissions.fromString("rw-r--r--"));

        try (PolicyMap table = PolicyMap.open(map, 1 << 20)) {
            table.apply(Map.of("bob", new Entry("REJECT", Entry.NEVER)));

            assertClosed(map);
            assertThat(table.get("bob")).isEqualTo("REJECT");
            assertThat(table.lockFailures()).isZero();
        }
    }

    @Test
    void rangesAreTheSame() throws IOException {
        Path ranges = dir.resolve("blocks-ranges.cidr");

        TextTable.ranges(ranges).rebuild(to -> to.accept("192.0.2.0/25", new Entry("REJECT", Entry.NEVER)));

        assertClosed(ranges);
    }

    @Test
    void anotherUserOfTheMachineCannotHoldTheLock() throws IOException {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "only root may become another user");
        try (PolicyMap table = PolicyMap.open(map, 1 << 20)) {
            table.rebuild(to -> {});
            Files.setPosixFilePermissions(map, PosixFilePermissions.fromString("rw-r--r--"));
            Assumptions.assumeTrue(opensAsNobody(), "the directory is closed to others");
            TableAccess.settle(map);

            assertThat(opensAsNobody()).isFalse();
        }
    }

    /** In a pod there is no group of Postfix's name; its group is the one that the process has. */
    @ParameterizedTest
    @CsvSource({
        "false, rw-r--r--, rw-r-----",
        "false, rw-------, rw-r-----",
        "false, rw-r-----, rw-r-----",
        "true, rw-r--r--, rw-------"
    })
    void whereNoGroupIsKnownTheFilesOwnMayReadUnlessTheOwnerIsRoot(boolean root, String before, String after)
            throws IOException {
        Files.createFile(map);
        Files.setPosixFilePermissions(map, PosixFilePermissions.fromString(before));

        TableAccess.settle(map, "no-such-group-here", root);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(map)))
                .isEqualTo(after);
    }

    @Test
    void aTableOfAnEarlierGroupGetsThatOfItsDirectory() throws IOException {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "only root may give files away");
        Files.createFile(map);
        Files.setAttribute(dir, "unix:gid", 4242);
        Files.setAttribute(map, "unix:gid", 4241);

        TableAccess.settle(map, "no-such-group-here", false);

        assertThat(Files.getAttribute(map, "unix:gid")).isEqualTo(4242);
    }

    private boolean opensAsNobody() throws IOException {
        return PostfixCommands.output(
                                List.of("setpriv", "--reuid=65534", "--clear-groups", "dd", "if=" + map, "count=0"), "")
                        .status()
                == 0;
    }

    private static void assertClosed(Path file) throws IOException {
        var attributes = Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        String mode = PosixFilePermissions.toString(attributes.permissions());
        assertThat(mode).isIn("rw-r-----", "rw-------");
        if (attributes.group().getName().equals("postfix") && !file.toString().endsWith(".owner")) {
            assertThat(mode).isEqualTo("rw-r-----");
        }
    }
}
